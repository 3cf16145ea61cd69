public import Ledger

/// Finds obvious identity and mobile numbers in text. No statement of a scenario may contain them, because an append-only ledger
/// cannot take a leak back.
///
/// - An *identity number* has 18 characters by GB 11643-1999: 17 digits, of which the seventh to the fourteenth are a date from
///   1800 to 2099, and a check digit, which may be X or x. One issued before 1999 has 15: the first two are a province, the
///   seventh to the twelfth a date of the twentieth century, and there is no check digit.
/// - A *mobile number* has 11 digits, of which the first is 1 and the second 3 to 9; or the same behind 86 or 0086.
///
/// The text is read in its NFKC form, so that full-width, circled and mathematical digits count as digits. What counts
/// is a *run* of digits of exactly the length, so that longer numbers (cards, timestamps in ms, serials) are none of these. A run
/// is read three times, since people write a number in groups and also write two numbers side by side:
///
/// 1. as written: any other character ends it. A run that touches one of the letters a to f is part of a hexadecimal word and
///    does not count;
/// 2. with separators stripped. Then hexadecimal words of 32 characters or more (digests, UUIDs) with a letter in them don't count.
/// 3. with full stops and low lines between groups. Then a mobile number counts only in its groups of 3, 4 and 4, behind 86 or 0086
///    or not, and an identity number of 15 digits only in groups of 6, 6 and 3: in other groups such digits are an address
///    (192.168.100.12), a version (138.0.7204.157), an amount or a file's name.
///
/// **Separators** are what people put inside one number when they write it down, and what they can't see: space characters
/// (category Zs), tab and line break; hyphens and dashes (category Pd, and the minus sign); middle dots; round brackets, also
/// full-width; and what is invisible (category Cf and variation selectors: soft hyphen, zero-width space and joiners, direction
/// marks). Comma, semicolon, `、`, slash and colon are not separators, because they come between numbers, in dates and times. `+` is none
/// either: before 86 nothing needs to be stripped.
///
/// It finds numbers written down carelessly, not numbers hidden on purpose.
public enum PersonalData {
  /// What was found.
  public enum Finding: String, Sendable {
    /// An identity number of 18 characters, or of 15.
    case identityNumber = "an identity number"
    /// A mobile number of 11 digits.
    case mobileNumber = "a mobile number"

    /// The refusal of a text that holds it. It does not quote the number.
    ///
    /// - Parameter name: what the text is, for the sentence.
    func refusal(in name: String) -> Refusal {
      Refusal(
        .personalData,
        "\(name) holds what looks like \(rawValue); put a reference or a salted commitment there")
    }
  }

  /// Refuses texts that hold an identity or mobile number.
  ///
  /// - Parameter name: what the texts are, for the sentence.
  /// - Throws: `personal-data`.
  public static func refuse(in texts: String..., as name: String = "a text") throws(Refusal) {
    for text in texts {
      if let found = find(in: text) { throw found.refusal(in: name) }
    }
  }

  /// The first identity or mobile number in `text`; nil if there is none.
  public static func find(in text: String) -> Finding? {
    var text = text
    return text.withUTF8 { unsafe find(in: $0.span) }
  }

  /// The same for text in UTF-8.
  public static func find(in text: Span<UInt8>) -> Finding? {
    mayHoldNumber(text) ? search(text) : nil
  }

  /// Whether `text`, in UTF-8, holds as many digits as the shorter of the two: one pass that most texts end with.
  ///
  /// Counts too many rather than too few: what the NFKC forms of the scalars beginning with these bytes hold at most.
  package static func mayHoldNumber(_ text: Span<UInt8>) -> Bool {
    var digits = 0
    var index = 0
    let count = text.count
    while index < count {
      let byte = text[index]
      if byte < 0x80 {
        if byte &- 0x30 < 10 { digits += 1 }
        index += 1
        continue
      }
      let next = index + 1 < count ? text[index + 1] : 0
      // What a text in Chinese is mostly made of adds nothing: ideographs, 。、 and quotation marks.
      switch byte {
      case 0xc2: digits += 3  // U+0080: superscripts, fractions
      case 0xe2: if next != 0x80 { digits += 3 }  // U+2040: fractions, circled
      case 0xe3: if (0x88...0x8f).contains(next) { digits += 2 }  // U+3200: enclosed, telegraph symbols
      case 0xef: if next == 0xbc { digits += 1 }  // U+FF00: full-width
      case 0xf0: digits += 1
      default: break
      }
      index += 1
    }
    return digits >= mobileDigitCount
  }

  static let mobileDigitCount = 11

  /// The search itself, over every scalar.
  package static func search(_ text: Span<UInt8>) -> Finding? {
    var (asWritten, stripped, grouped) = (Reading(.asWritten), Reading(.stripped), Reading(.grouped))
    func take(_ symbol: Symbol) -> Finding? {
      // Each reading takes every symbol.
      let found = (asWritten.take(symbol), stripped.take(symbol), grouped.take(symbol))
      return found.0 ?? found.1 ?? found.2
    }
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte < 0x80 {
        index += 1
        let symbol = Symbol(ascii: byte)
        if let found = take(symbol) { return found }
        continue
      }
      let (scalar, length) = text.scalar(at: index)
      index += length
      for symbol in Symbol.of(scalar) {
        if let found = take(symbol) { return found }
      }
    }
    return take(.other)
  }
}

extension Span<UInt8> {
  /// The scalar that begins at `index`, and its length in bytes; what is not UTF-8 gives a scalar that means nothing here.
  fileprivate func scalar(at index: Int) -> (scalar: UInt32, length: Int) {
    let lead = self[index]
    let length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1
    guard length > 1, index + length <= count else { return (0xfffd, 1) }
    var scalar = UInt32(lead & (0x7f >> UInt8(length)))
    for place in index + 1..<index + length { scalar = scalar << 6 | UInt32(self[place] & 0x3f) }
    return (scalar, length)
  }
}
