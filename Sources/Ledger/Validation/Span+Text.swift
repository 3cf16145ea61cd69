package import Statements

extension Refusal {
  /// The refusal of an entry, or of a payload, that can't be decoded.
  package init(_ error: StatementError) {
    self.init(error.code == .tooLarge ? .tooLarge : .malformed, error.description)
  }
}

extension Span<UInt8> {
  /// The bytes, copied.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    for index in indices { bytes.append(self[index]) }
    return bytes
  }

  /// The text at `range`, which decoding has found to be UTF-8.
  package func text(_ range: Range<Int>) -> String {
    String(decoding: extracting(range).bytes, as: UTF8.self)
  }

  /// Whether the bytes at `range` are those of `text`.
  package func text(_ range: Range<Int>, is text: String) -> Bool {
    guard range.count == text.utf8.count else { return false }
    var place = range.lowerBound
    for byte in text.utf8 {
      guard self[place] == byte else { return false }
      place += 1
    }
    return true
  }
}

extension String {
  /// At most 64 characters of this in quotation marks, without those that do not print: for sentences that quote what a
  /// stranger wrote.
  package var quoted: String {
    var quoted = "\""
    for scalar in unicodeScalars.prefix(64) { quoted.append(visible: scalar) }
    return quoted + (unicodeScalars.count > 64 ? "…\"" : "\"")
  }

  /// Whether it holds a control character (Unicode category Cc: C0, DEL, C1).
  package var hasControlCharacter: Bool {
    unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}
