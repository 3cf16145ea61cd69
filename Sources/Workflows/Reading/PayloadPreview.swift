import LedgerCrypto
import Statements

/// The beginning of a payload, as a person can read it: text, CBOR in diagnostic notation, or hex.
package struct PayloadPreview {
  /// One or more lines.
  package let text: String

  private static let maximumCharacterCount = 1200

  /// - Parameters:
  ///   - lines: how many lines at most.
  ///   - rest: what is said where more would follow.
  package init(_ payload: [UInt8], type: String, lines: Int, rest: String) {
    guard !payload.isEmpty else {
      text = "(empty)"
      return
    }
    let isCBOR = type.lowercased().utf8.prefix { $0 != UInt8(ascii: ";") }.reversed().starts(
      with: "robc".utf8)
    if isCBOR, let value = PayloadPreview.decoded(payload) {
      text = PayloadPreview.shortened(PayloadPreview.diagnostic(value, isOutermost: true), lines, rest)
    } else if let string = String(validating: payload, as: UTF8.self), PayloadPreview.isText(string) {
      text = PayloadPreview.shortened(string.trimmingNewlines, lines, rest)
    } else {
      text = PayloadPreview.hex(payload, rest)
    }
  }

  private static func decoded(_ payload: [UInt8]) -> CBOR? {
    do { return try CBOR(decoding: payload) } catch { return nil }
  }

  private static func isText(_ string: String) -> Bool {
    string.unicodeScalars.allSatisfy {
      $0.properties.generalCategory != .control || $0 == "\n" || $0 == "\r" || $0 == "\t"
    }
  }

  private static func shortened(_ text: String, _ maximumLineCount: Int, _ rest: String) -> String {
    // By scalars: any number of marks is one character.
    let start = text.unicodeScalars.prefix(maximumCharacterCount)
    let lines = Printable.lines(of: String(start))
    var shown = lines.prefix(maximumLineCount).map { line in
      let scalars = line.unicodeScalars
      let ending = scalars.last == "\r" ? scalars.dropLast() : scalars[...]
      return "| " + ending.map { $0 == "\t" ? "    " : Printable.text(String($0)) }.joined()
    }
    if start.endIndex < text.unicodeScalars.endIndex || lines.count > maximumLineCount {
      shown.append("… (\(rest))")
    }
    return shown.joined(separator: "\n")
  }

  private static func hex(_ payload: [UInt8], _ rest: String) -> String {
    var lines = stride(from: 0, to: min(payload.count, 64), by: 32).map {
      "| " + Hex.encode(payload[$0..<min(payload.count, $0 + 32)])
    }
    if payload.count > 64 { lines.append("… (\(rest))") }
    return lines.joined(separator: "\n")
  }

  /// RFC 8949 §8; the outermost map with a line for each key.
  package static func diagnostic(_ value: CBOR, isOutermost: Bool = false) -> String {
    switch value {
    case .unsigned(let number): return String(number)
    case .negative(let number):
      return number < UInt64(Int64.max) ? String(-1 - Int64(number)) : "-1-\(number)"
    case .bytes(let bytes): return "h'\(Hex.encode(bytes))'"
    case .text(let text): return "\"\(text)\""
    case .bool(let value): return String(value)
    case .null: return "null"
    case .tagged(let tag, let item): return "\(tag)(\(diagnostic(item)))"
    case .array(let items): return "[" + items.map { diagnostic($0) }.joined(separator: ", ") + "]"
    case .map(let map):
      let pairs = map.pairs.map { "\(diagnostic($0.key)): \(diagnostic($0.value))" }
      return "{" + pairs.joined(separator: isOutermost ? ",\n " : ", ") + "}"
    }
  }
}
