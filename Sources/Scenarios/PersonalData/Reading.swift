extension PersonalData {
  /// What a character is to the search.
  package enum Symbol: Hashable, Sendable {
    case digit(UInt8)
    /// X or x.
    case x
    /// A letter of hexadecimal numbers, a to f in either case.
    case hex
    case separator
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
        default: .other
        }
    }

    /// What a scalar beyond ASCII is, after NFKC.
    package static func of(_ scalar: UInt32) -> [Symbol] {
      if isSeparator(scalar) { return separators }
      return CompatibilityDigits.symbols(of: scalar) ?? others
    }

    private static let separators: [Symbol] = [.separator]
    private static let others: [Symbol] = [.other]

    /// Whether a scalar beyond ASCII is a separator: Zs, Pd, Cf, the minus sign, brackets, variation selectors.
    package static func isSeparator(_ scalar: UInt32) -> Bool {
      switch scalar {
      case 0x00a0, 0x1680, 0x2000...0x200a, 0x202f, 0x205f, 0x3000: true
      case 0x058a, 0x05be, 0x1400, 0x1806, 0x2010...0x2015, 0x2e17, 0x2e1a, 0x2e3a, 0x2e3b, 0x2e40, 0x2e5d,
        0x301c, 0x3030, 0x30a0, 0xfe31, 0xfe32, 0xfe58, 0xfe63, 0xff0d, 0x10d6e, 0x10ead:
        true
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
    /// Whether separators are passed over; where they are not, they end a run as any other character does.
    private let stripsSeparators: Bool
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
    /// What the present hexadecimal word holds, if it turns out to be no digest.
    private var found: Finding?
    /// The length of that word, and whether it has a letter.
    private var wordCount = 0
    private var hasLetter = false

    init(stripsSeparators: Bool) {
      self.stripsSeparators = stripsSeparators
      hexWordCount = stripsSeparators ? 32 : 1
    }

    /// Takes the next symbol. At the end of a text an `other` comes.
    ///
    /// - Returns: the number that a word which ends here holds.
    mutating func take(_ symbol: Symbol) -> Finding? {
      switch symbol {
      case .digit(let digit):
        // A digit behind an X makes the run longer than any number; it does not begin a new one.
        if endsWithX { (count, endsWithX) = (18, false) }
        if count < 17 { digits[count] = digit }
        (count, last, wordCount) = (count + 1, digit, wordCount + 1)
        return nil
      case .separator where stripsSeparators: return nil
      case .x where count == 17 && !endsWithX:
        endsWithX = true
        return nil
      case .hex:
        endRun()
        (wordCount, hasLetter) = (wordCount + 1, true)
        return nil
      case .separator, .x, .other:
        endRun()
        defer { (found, wordCount, hasLetter) = (nil, 0, false) }
        return hasLetter && wordCount >= hexWordCount ? nil : found
      }
    }

    private mutating func endRun() {
      found = found ?? number
      (count, endsWithX) = (0, false)
    }

    /// What the run that ends here is.
    private var number: Finding? {
      switch count {
      case 11: isMobile(at: 0) ? .mobileNumber : nil
      case 13: digits[0] == 8 && digits[1] == 6 && isMobile(at: 2) ? .mobileNumber : nil
      case 15:
        digits[0] == 0 && digits[1] == 0 && digits[2] == 8 && digits[3] == 6 && isMobile(at: 4)
          ? .mobileNumber : nil
      case 17: endsWithX && isIdentity(check: 10) ? .identityNumber : nil
      case 18: isIdentity(check: Int(last)) ? .identityNumber : nil
      default: nil
      }
    }

    private func isMobile(at place: Int) -> Bool { digits[place] == 1 && digits[place + 1] >= 3 }

    /// Whether the first 17 digits and the check digit, 10 for X, are an identity number (ISO 7064 MOD 11-2).
    private func isIdentity(check: Int) -> Bool {
      func number(_ range: Range<Int>) -> Int {
        var number = 0
        for place in range { number = number * 10 + Int(digits[place]) }
        return number
      }
      let (year, month, day) = (number(6..<10), number(10..<12), number(12..<14))
      guard (1800...2099).contains(year), (1...12).contains(month), day >= 1 else { return false }
      let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
      let dayCount =
        switch month {
        case 2: isLeap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
      guard day <= dayCount else { return false }
      var sum = check
      for place in 0..<17 {
        // The weight of the character at place i, from the left, is 2^(17 − i) mod 11.
        sum += Int(digits[place]) * ((1 << (17 - place)) % 11)
      }
      return sum % 11 == 1
    }
  }
}
