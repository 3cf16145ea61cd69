import LedgerCrypto
import Scenarios

/// A parameter of a query or a path: what it is called, what its values may be, and how often it may come.
struct QueryParameter: Sendable {
  /// What a value may be.
  enum Form: Sendable {
    /// An unsigned number of 64 bits, in digits without a leading zero.
    case number
    /// The same between bounds.
    case count(ClosedRange<UInt64>)
    /// Bytes, at least one, in lower-case hex.
    case bytes(most: Int)
    /// A SHA-256 in lower-case hex.
    case digest
    /// UTF-8 of at least a byte, and none that is zero.
    case text(most: Int)
    /// A moment by RFC 3339, or in ms since the epoch.
    case moment
    /// One of these.
    case word([String])
  }

  let name: String
  let form: Form
  /// Whether it must come.
  let isRequired: Bool
  /// How often it may come.
  let most: Int
  /// What it asks for, in a sentence.
  let meaning: String

  init(_ name: String, _ form: Form, isRequired: Bool = false, most: Int = 1, _ meaning: String) {
    (self.name, self.form, self.isRequired, self.most, self.meaning) = (name, form, isRequired, most, meaning)
  }
}

/// The query of a request (RFC 3986 §3.4): names and values with `=` between them and `&` between two, percent-encoded UTF-8; a `+` is a
/// plus.
struct Query: Sendable {
  private enum Value: Sendable {
    case number(UInt64)
    case bytes([UInt8])
    case text(String)
    case moment(ClosedRange<UInt64>)
  }

  private var values: [String: [Value]] = [:]

  /// The query `raw`, of a route that knows `parameters`.
  ///
  /// - Throws: `malformed` for a parameter that it does not know, that comes too often or lacks, and for a value that is none.
  init(_ raw: String?, _ parameters: [QueryParameter]) throws(NodeProblem) {
    for part in (raw ?? "").split(separator: "&", omittingEmptySubsequences: raw?.isEmpty ?? true) {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let parameter = parameters.first(where: { $0.name == pair[0] }) else {
        let known = parameters.map(\.name).joined(separator: ", ")
        throw Query.wrong("of a query this route knows \(known.isEmpty ? "nothing" : known)")
      }
      try add(pair.count == 2 ? pair[1] : nil, parameter)
    }
    for parameter in parameters where parameter.isRequired && values[parameter.name] == nil {
      throw Query.wrong("\(parameter.name) is missing: \(parameter.form.words)")
    }
  }

  /// What the parts of a path are, which are percent-encoded too.
  ///
  /// - Throws: `malformed` for a part that is no value of its parameter.
  init(parts: [(parameter: QueryParameter, text: String)]) throws(NodeProblem) {
    for (parameter, text) in parts { try add(text[...], parameter) }
  }

  private mutating func add(_ encoded: Substring?, _ parameter: QueryParameter) throws(NodeProblem) {
    guard let text = encoded.flatMap({ PercentEncoding.decode($0) }),
      let value = Query.value(text, parameter.form)
    else { throw Query.wrong("\(parameter.name) is not \(parameter.form.words)") }
    values[parameter.name, default: []].append(value)
    guard values[parameter.name, default: []].count <= parameter.most else {
      let most = parameter.most == 1 ? "once" : "\(parameter.most) times"
      throw Query.wrong("\(parameter.name) comes more than \(most)")
    }
  }

  static func wrong(_ detail: String) -> NodeProblem { NodeProblem(.badRequest, "malformed", detail) }

  private static func value(_ text: String, _ form: QueryParameter.Form) -> Value? {
    switch form {
    case .number: number(text).map(Value.number)
    case .count(let range): number(text).flatMap { range.contains($0) ? .number($0) : nil }
    case .bytes(let most):
      text.isEmpty || text.utf8.count > 2 * most ? nil : Hex.decode(text).map(Value.bytes)
    case .digest: Digest(hex: text).map { .bytes($0.bytes) }
    case .text(let most):
      text.isEmpty || text.utf8.count > most || text.utf8.contains(0) ? nil : .text(text)
    case .moment: (number(text).map { $0...$0 } ?? Timestamp.range(text)).map(Value.moment)
    case .word(let words): words.contains(text) ? .text(text) : nil
    }
  }

  /// The number that `text` is in its only spelling: no sign, no leading zero.
  static func number(_ text: some StringProtocol) -> UInt64? {
    guard text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let number = UInt64(text),
      String(number) == text
    else { return nil }
    return number
  }

  /// What is asked for.
  var names: Set<String> { Set(values.keys) }

  /// Whether `name` is there.
  func has(_ name: String) -> Bool { values[name] != nil }

  /// The number called `name`.
  func number(_ name: String) -> UInt64? {
    if case .number(let number) = values[name]?.first { number } else { nil }
  }

  /// Every number called `name`.
  func numbers(_ name: String) -> [UInt64] {
    (values[name] ?? []).compactMap { if case .number(let number) = $0 { number } else { nil } }
  }

  /// Every value called `name`, of bytes.
  func bytes(_ name: String) -> [[UInt8]] {
    (values[name] ?? []).compactMap { if case .bytes(let bytes) = $0 { bytes } else { nil } }
  }

  /// The digest called `name`.
  func digest(_ name: String) -> Digest? { bytes(name).first.flatMap { Digest($0) } }

  /// The value called `name` as it was spelled, without percent-encoding.
  func spelled(_ name: String) -> String? {
    switch values[name]?.first {
    case .number(let number): String(number)
    case .bytes(let bytes): Hex.encode(bytes)
    case .text(let text): text
    case .moment, nil: nil
    }
  }

  /// The text called `name`.
  func text(_ name: String) -> String? { texts(name).first }

  /// Every text called `name`.
  func texts(_ name: String) -> [String] {
    (values[name] ?? []).compactMap { if case .text(let text) = $0 { text } else { nil } }
  }

  /// The first and the last ms of the moment called `name`.
  func moment(_ name: String) -> ClosedRange<UInt64>? {
    if case .moment(let range) = values[name]?.first { range } else { nil }
  }
}

extension QueryParameter.Form {
  /// What it is, in words.
  var words: String {
    switch self {
    case .number: "a number"
    case .count(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
    case .bytes(let most): "1 to \(most) bytes in lower-case hex"
    case .digest: "a SHA-256 of 64 lower-case hex digits"
    case .text(let most): "percent-encoded UTF-8 of 1 to \(most) bytes, none of them zero"
    case .moment: "a moment by RFC 3339 or in ms since the epoch"
    case .word(let words): words.joined(separator: " or ")
    }
  }
}

/// Percent-encoding (RFC 3986 §2.1).
enum PercentEncoding {
  /// `text` with everything but unreserved characters encoded.
  static func encode(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default: encoded += "%\(Hex.encode([byte]).uppercased())"
      }
    }
    return encoded
  }

  /// The text that `encoded` is of; nil where it is not UTF-8, or a `%` is not followed by two hex digits.
  static func decode(_ encoded: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(encoded.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self).lowercased()
      guard rest.count >= 2, let decoded = Hex.decode(digits) else { return nil }
      bytes += decoded
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
