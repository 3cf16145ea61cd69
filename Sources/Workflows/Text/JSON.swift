import Foundation

/// A JSON value whose objects keep the order in which they are written, so that the same result is the same text.
package enum JSON: Sendable {
  case null
  case bool(Bool)
  case number(UInt64)
  case integer(Int)
  case double(Double)
  case text(String)
  case array([JSON])
  case object([(key: String, value: JSON)])

  /// The text, or null.
  package init(_ text: String?) { self = text.map(JSON.text) ?? .null }

  /// The number, or null.
  package init(_ number: UInt64?) { self = number.map(JSON.number) ?? .null }

  /// The number, or null.
  package init(_ number: Double?) { self = number.map(JSON.double) ?? .null }

  /// The truth value, or null.
  package init(_ value: Bool?) { self = value.map(JSON.bool) ?? .null }

  /// The object with `fields` after those that it has; anything else stays as it is.
  package func adding(_ fields: KeyValuePairs<String, JSON>) -> JSON {
    guard case .object(let own) = self else { return self }
    return .object(own + fields.map { ($0.key, $0.value) })
  }

  /// The value on one line.
  package var line: String {
    var text = ""
    append(to: &text)
    return text
  }

  private func append(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .number(let value): text += String(value)
    case .integer(let value): text += String(value)
    // JSON has no word for what is not finite.
    case .double(let value): text += value.isFinite ? String(format: "%.3f", value) : "null"
    case .text(let value): JSON.append(quoted: value, to: &text)
    case .array(let items):
      text += "["
      for (number, item) in items.enumerated() {
        if number > 0 { text += "," }
        item.append(to: &text)
      }
      text += "]"
    case .object(let fields):
      text += "{"
      for (number, field) in fields.enumerated() {
        if number > 0 { text += "," }
        JSON.append(quoted: field.key, to: &text)
        text += ":"
        field.value.append(to: &text)
      }
      text += "}"
    }
  }

  private static func append(quoted value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      // U+2028 and U+2029 are line ends to some readers of lines.
      case "\0"..<" ", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
  package init(dictionaryLiteral fields: (String, JSON)...) { self = .object(fields.map { ($0.0, $0.1) }) }

  package init(stringLiteral text: String) { self = .text(text) }

  package init(booleanLiteral value: Bool) { self = .bool(value) }
}
