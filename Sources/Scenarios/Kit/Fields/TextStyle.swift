/// What a text may hold, and when it is searched for personal data.
///
/// No style allows control characters. Evidence searches as it reads. Data sharing takes only tidy texts, and searches them
/// once the statement's subject is known to be right (`SharingPayload.refusePersonalData`).
public struct TextStyle: Hashable, Sendable {
  let spaces: Spaces
  let mayHoldNewlines: Bool
  let search: Search

  /// An id: no spaces.
  public static let id = TextStyle(spaces: .nowhere, mayHoldNewlines: false, search: .later)
  /// One line that neither begins nor ends with a space.
  public static let line = TextStyle(spaces: .within, mayHoldNewlines: false, search: .later)
  /// As a line, and line feeds within.
  public static let prose = TextStyle(spaces: .within, mayHoldNewlines: true, search: .later)

  /// One line with spaces anywhere; searched.
  public static let searchedLine = TextStyle(spaces: .anywhere, mayHoldNewlines: false, search: .asRead)
  /// Any number of lines with spaces anywhere; searched.
  public static let searchedProse = TextStyle(spaces: .anywhere, mayHoldNewlines: true, search: .asRead)
  /// One line of what needs no search: a word out of a list, the name of a member, or what was searched before it was stored.
  public static let plain = TextStyle(spaces: .anywhere, mayHoldNewlines: false, search: .never)

  /// These bytes as text; nil unless they are UTF-8 of this style.
  func text(_ bytes: Span<UInt8>) -> String? {
    guard let text = bytes.checkedText(mayHoldNewlines: mayHoldNewlines), spaces.areRight(in: bytes) else {
      return nil
    }
    return text
  }

  /// What a text of this style is, as errors say it.
  var rule: String {
    let lines = mayHoldNewlines ? " (line feeds apart)" : ""
    return switch spaces {
    case .nowhere: "UTF-8 without spaces and control characters"
    case .within: "UTF-8 without control characters\(lines), spaces before and spaces after"
    case .anywhere: "UTF-8 without control characters\(lines)"
    }
  }

  /// When a text is searched.
  enum Search: Hashable {
    case never
    /// By the reader.
    case asRead
    /// When the subject is known to be right, with `TextSearch`; never in a record.
    case later
  }

  /// Where spaces may be.
  enum Spaces: Hashable {
    case anywhere
    /// Neither first nor last. The wide space (U+3000) is one of them, and the line feed.
    case within
    /// The no-break space (U+00A0) and the wide one are spaces too.
    case nowhere

    /// - Parameter bytes: UTF-8, in which neither E3 nor C2 is ever a continuation byte.
    func areRight(in bytes: Span<UInt8>) -> Bool {
      switch self {
      case .anywhere: true
      case .within:
        bytes.isEmpty
          || bytes[0] > 0x20 && !Spaces.isWide(0, bytes)
            && bytes[bytes.count - 1] > 0x20 && !Spaces.isWide(bytes.count - 3, bytes)
      case .nowhere:
        bytes.indices.allSatisfy { index in
          bytes[index] != 0x20 && !Spaces.isWide(index, bytes)
            && !(bytes[index] == 0xc2 && bytes[index + 1] == 0xa0)
        }
      }
    }

    private static func isWide(_ index: Int, _ bytes: Span<UInt8>) -> Bool {
      index >= 0 && bytes[index] == 0xe3 && bytes[index + 1] == 0x80 && bytes[index + 2] == 0x80
    }
  }
}

extension Span<UInt8> {
  /// These bytes as text; nil unless they are UTF-8 without control characters (Unicode category Cc), newlines apart where they
  /// are allowed.
  func checkedText(mayHoldNewlines: Bool) -> String? {
    for index in indices {
      let byte = self[index]
      if byte < 0x20 || byte == 0x7f {
        guard mayHoldNewlines, byte == 0x0a else { return nil }
      }
      // U+0080...U+009F are C2 80...C2 9F, and C2 is never a continuation byte.
      if byte == 0xc2, index + 1 < count, self[index + 1] < 0xa0 { return nil }
    }
    return unsafe withUnsafeBufferPointer { buffer in unsafe String(validating: buffer, as: UTF8.self) }
  }
}
