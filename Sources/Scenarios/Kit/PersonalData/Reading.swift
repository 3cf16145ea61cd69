extension PersonalData {
  /// What a character is to the search.
  package enum Symbol: Hashable, Sendable {
    case digit(UInt8)
    /// X or x.
    case x
    /// A letter of hexadecimal numbers, a to f in either case.
    case hex
    case separator
    /// A full stop or a low line, which parts the groups of a number, and as well the parts of an address, a version or a name.
    case mark
    case other

    package init(ascii byte: UInt8) {
      self =
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): .digit(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "x"), UInt8(ascii: "X"): .x
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): .hex
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"),
          UInt8(ascii: "-"), UInt8(ascii: "("), UInt8(ascii: ")"):
          .separator
        case UInt8(ascii: "."), UInt8(ascii: "_"): .mark
        default: .other
        }
    }

    /// What a scalar beyond ASCII is, after NFKC.
    package static func of(_ scalar: UInt32) -> [Symbol] {
      if isSeparator(scalar) { return separators }
      if isMark(scalar) { return marks }
      return CompatibilityDigits.symbols(of: scalar) ?? others
    }

    private static let separators: [Symbol] = [.separator]
    private static let marks: [Symbol] = [.mark]
    private static let others: [Symbol] = [.other]

    /// Whether a scalar beyond ASCII has full stops or low lines as its NFKC form.
    package static func isMark(_ scalar: UInt32) -> Bool {
      switch scalar {
      case 0x2024...0x2026, 0xfe19, 0xfe30, 0xfe33, 0xfe34, 0xfe4d...0xfe4f, 0xfe52, 0xff0e, 0xff3f: true
      default: false
      }
    }

    /// Whether a scalar beyond ASCII is a separator: Zs, Pd, Cf, the minus sign, brackets, middle dots, variation selectors.
    package static func isSeparator(_ scalar: UInt32) -> Bool {
      switch scalar {
      case 0x00a0, 0x1680, 0x2000...0x200a, 0x202f, 0x205f, 0x3000: true
      case 0x058a, 0x05be, 0x1400, 0x1806, 0x2010...0x2015, 0x2e17, 0x2e1a, 0x2e3a, 0x2e3b, 0x2e40, 0x2e5d,
        0x301c, 0x3030, 0x30a0, 0xfe31, 0xfe32, 0xfe58, 0xfe63, 0xff0d, 0x10d6e, 0x10ead:
        true
      case 0x00b7, 0x0387, 0x2022, 0x2027, 0x2219, 0x22c5, 0x2e31, 0x2e33, 0x30fb, 0xff65: true
      case 0x2028, 0x2029, 0x207b, 0x208b, 0x2212: true
      case 0x207d, 0x207e, 0x208d, 0x208e, 0xfe35, 0xfe36, 0xfe59, 0xfe5a, 0xff08, 0xff09: true
      case 0x00ad, 0x0600...0x0605, 0x061c, 0x06dd, 0x070f, 0x0890, 0x0891, 0x08e2, 0x180e,
        0x200b...0x200f, 0x202a...0x202e, 0x2060...0x2064, 0x2066...0x206f, 0xfeff, 0xfff9...0xfffb,
        0x110bd, 0x110cd, 0x13430...0x1343f, 0x1bca0...0x1bca3, 0x1d173...0x1d17a, 0xe0001,
        0xe0020...0xe007f:
        true
      case 0x180b...0x180d, 0x180f, 0xfe00...0xfe0f, 0xe0100...0xe01ef: true
      default: false
      }
    }
  }

  /// One way of reading the digits of a text, symbol by symbol.
  struct Reading {
    /// What does not end a run of digits.
    enum Way {
      /// Nothing but digits.
      case asWritten
      /// Separators.
      case stripped
      /// Marks, which then part groups.
      case grouped
    }

    private let way: Way
    /// How long a hexadecimal word with a letter is at least, whose digits don't count.
    private let hexWordCount: Int

    /// The first digits of the present run.
    private var digits = InlineArray<17, UInt8>(repeating: 0)
    /// How many digits it has, or 0.
    private var count = 0
    /// The last digit.
    private var last: UInt8 = 0
    /// Whether an X has come as the eighteenth character.
    private var endsWithX = false
    /// Bit n for a mark between n digits and those that follow.
    private var marks: UInt32 = 0
    /// Whether the last symbol was a mark.
    private var isBehindMark = false
    /// What the present hexadecimal word holds, if it turns out to be no digest.
    private var found: Finding?
    /// The length of that word, and whether it has a letter.
    private var wordCount = 0
    private var hasLetter = false

    init(_ way: Way) {
      self.way = way
      hexWordCount = way == .asWritten ? 1 : 32
    }

    /// Takes the next symbol. At the end of a text an `other` comes.
    ///
    /// - Returns: the number that a word which ends here holds.
    mutating func take(_ symbol: Symbol) -> Finding? {
      switch symbol {
      case .digit(let digit):
        // A digit behind an X makes the run longer than any number; it does not begin a new one.
        if endsWithX { (count, endsWithX) = (18, false) }
        if isBehindMark, (1...17).contains(count) { marks |= 1 << UInt32(count) }
        if count < 17 { digits[count] = digit }
        (count, last, wordCount, isBehindMark) = (count + 1, digit, wordCount + 1, false)
        return nil
      case .separator where way == .stripped: return nil
      case .mark where way == .grouped:
        isBehindMark = true
        return nil
      case .x where count == 17 && !endsWithX:
        endsWithX = true
        return nil
      case .hex:
        endRun()
        (wordCount, hasLetter) = (wordCount + 1, true)
        return nil
      case .separator, .mark, .x, .other:
        endRun()
        defer { (found, wordCount, hasLetter) = (nil, 0, false) }
        return hasLetter && wordCount >= hexWordCount ? nil : found
      }
    }

    private mutating func endRun() {
      found = found ?? number
      (count, endsWithX, marks, isBehindMark) = (0, false, 0, false)
    }

    /// What the run that ends here is.
    private var number: Finding? {
      switch count {
      case 11: isMobile(at: 0) ? .mobileNumber : nil
      case 13: digits[0] == 8 && digits[1] == 6 && isMobile(at: 2) ? .mobileNumber : nil
      case 15:
        if digits[0] == 0 && digits[1] == 0 && digits[2] == 8 && digits[3] == 6 && isMobile(at: 4) {
          .mobileNumber
        } else {
          isOldIdentity ? .identityNumber : nil
        }
      case 17: endsWithX && isIdentity(check: 10) ? .identityNumber : nil
      case 18: isIdentity(check: Int(last)) ? .identityNumber : nil
      default: nil
      }
    }

    private func isMobile(at place: Int) -> Bool {
      guard digits[place] == 1, digits[place + 1] >= 3 else { return false }
      guard way == .grouped else { return true }
      // 138.1234.5678: in any other groups it may be an address, a version, an amount.
      return marks & ~(1 << UInt32(place)) == 1 << UInt32(place + 3) | 1 << UInt32(place + 7)
    }

    private func number(_ range: Range<Int>) -> Int {
      var number = 0
      for place in range { number = number * 10 + Int(digits[place]) }
      return number
    }

    /// Whether the first 17 digits and the check digit, 10 for X, are an identity number (ISO 7064 MOD 11-2).
    private func isIdentity(check: Int) -> Bool {
      let year = number(6..<10)
      guard (1800...2099).contains(year), Reading.isDate(year, number(10..<12), number(12..<14)) else {
        return false
      }
      var sum = check
      for place in 0..<17 {
        // The weight of the character at place i, from the left, is 2^(17 − i) mod 11.
        sum += Int(digits[place]) * ((1 << (17 - place)) % 11)
      }
      return sum % 11 == 1
    }

    /// Whether the 15 digits are an identity number of before 1999: a province, and a date of the twentieth century.
    private var isOldIdentity: Bool {
      guard way != .grouped || marks & ~(1 << 6 | 1 << 12) == 0 else { return false }
      switch number(0..<2) {
      case 11...15, 21...23, 31...37, 41...46, 50...54, 61...65, 71, 81...83: break
      default: return false
      }
      return Reading.isDate(1900 + number(6..<8), number(8..<10), number(10..<12))
    }

    private static func isDate(_ year: Int, _ month: Int, _ day: Int) -> Bool {
      let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
      switch month {
      case 2: return (1...(isLeap ? 29 : 28)).contains(day)
      case 4, 6, 9, 11: return (1...30).contains(day)
      case 1...12: return (1...31).contains(day)
      default: return false
      }
    }
  }
}
