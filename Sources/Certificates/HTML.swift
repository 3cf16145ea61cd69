/// A piece of an HTML document.
///
/// Literals are markup, written here; whatever is interpolated as text is escaped by its type, so that no value can
/// become markup, in an element or in a quoted attribute:
///
///     let name = "<b>"
///     let cell: HTML = "<td title=\"\(name)\">\(name)</td>"  // <td title="&lt;b&gt;">&lt;b&gt;</td>
package struct HTML: ExpressibleByStringInterpolation, Sendable {
  /// The markup.
  package private(set) var text: String

  /// Markup that is written here.
  package init(stringLiteral markup: StringLiteralType) { text = markup }

  package init(stringInterpolation interpolation: StringInterpolation) { text = interpolation.text }

  /// `markup` as it is: for what the program itself is made of.
  package init(trusted markup: String) { text = markup }

  package static func += (left: inout HTML, right: HTML) { left.text += right.text }

  package static func + (left: HTML, right: HTML) -> HTML { HTML(trusted: left.text + right.text) }

  /// What literals and values are put together by.
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    package init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity * 2) }

    package mutating func appendLiteral(_ literal: String) { text += literal }

    /// A value: escaped.
    package mutating func appendInterpolation(_ value: String) { text += HTML.escaped(value) }

    /// A piece: as it is.
    package mutating func appendInterpolation(_ piece: HTML) { text += piece.text }

    /// A number.
    package mutating func appendInterpolation(_ value: UInt64) { text += String(value) }

    /// A number.
    package mutating func appendInterpolation(_ value: Int) { text += String(value) }
  }

  /// `value` with the five characters that mean something in HTML written as references.
  package static func escaped(_ value: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(value.utf8.count)
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "&"): bytes += "&amp;".utf8
      case UInt8(ascii: "<"): bytes += "&lt;".utf8
      case UInt8(ascii: ">"): bytes += "&gt;".utf8
      case UInt8(ascii: "\""): bytes += "&quot;".utf8
      case UInt8(ascii: "'"): bytes += "&#39;".utf8
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The bytes whose `escaped` text is `text`, or nil where it is no such text.
  ///
  /// - Parameter isOurs: whether it is markup of ours, in which quotation marks need not be escaped.
  package static func unescaped(_ text: ArraySlice<UInt8>, isOurs: Bool = false) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var rest = text
    while let byte = rest.first {
      switch byte {
      case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"):
        guard isOurs else { return nil }
        bytes.append(byte)
        rest = rest.dropFirst()
      case UInt8(ascii: "&"):
        guard let (reference, meaning) = references.first(where: { rest.starts(with: $0.0) }) else {
          return nil
        }
        bytes.append(meaning)
        rest = rest.dropFirst(reference.count)
      default:
        bytes.append(byte)
        rest = rest.dropFirst()
      }
    }
    return bytes
  }

  private static let references: [([UInt8], UInt8)] = [
    (Array("&amp;".utf8), UInt8(ascii: "&")), (Array("&lt;".utf8), UInt8(ascii: "<")),
    (Array("&gt;".utf8), UInt8(ascii: ">")), (Array("&quot;".utf8), UInt8(ascii: "\"")),
    (Array("&#39;".utf8), UInt8(ascii: "'")),
  ]
}
