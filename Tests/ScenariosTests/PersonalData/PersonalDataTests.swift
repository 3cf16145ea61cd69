import Foundation
import LedgerCrypto
import Ledger
import Scenarios
import TestKit
import Testing

@Suite("Personal data")
struct PersonalDataTests {
  /// Made up, with good check digits: the first is the example of GB 11643 itself.
  static let identities = ["11010519491231002X", "440524188001010014", "410105200002290013"]

  /// The number with its check digit, worked out by the standard's table of weights.
  static func identity(_ first: String) -> String {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(first.utf8, weights).reduce(0) { $0 + Int($1.0 - 0x30) * $1.1 }
    return first + ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum % 11]
  }

  @Test("identity numbers are found, whatever is written around and inside them")
  func identityNumbers() {
    let numbers = [
      Self.identities[0], Self.identities[1], Self.identity("41010520000229001"),
      Self.identity("41010519900307123"),
      Self.identity("81000020991231999"),
    ]
    for number in numbers {
      #expect(PersonalData.find(in: number) == .identityNumber, "\(number)")
      let grouped = number.prefix(6) + " " + number.dropFirst(6).prefix(8) + "-" + number.suffix(4)
      let wide = String(
        String.UnicodeScalarView(number.unicodeScalars.map { Unicode.Scalar($0.value + 0xfee0)! }))
      for text in [
        number.lowercased(), "身份证\(number)号", "ID:\(number)", "<\(number)>", "\(number),\(number)",
        String(grouped), wide,
        "王某（\(number)）", number.map(String.init).joined(separator: "\u{200b}"),
        number.map(String.init).joined(separator: " "), "案号 2025 \(number)", "\(number)\n第二行",
      ] {
        #expect(PersonalData.find(in: text) == .identityNumber, "\(text)")
      }
    }
  }

  @Test("mobile numbers are found, whatever is written around and inside them")
  func mobileNumbers() {
    for text in [
      "13812345678", "19912345678", "电话13812345678。", "tel:13812345678", "138 1234 5678", "138-1234-5678",
      "+8613812345678", "+86 138-1234-5678", "(86)13812345678", "86 138 1234 5678", "008613812345678",
      "0086-13812345678",
      "１３８１２３４５６７８", "①③⑧①②③④⑤⑥⑦⑧", "𝟏𝟑𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖", "138\u{a0}1234\u{3000}5678", "138—1234–5678",
      "138\u{200b}12345678\u{200d}", "13812345678 13912345678", "13812345678,13912345678",
      "13812345678/13912345678",
      "2025-13812345678", "（138）12345678", "联系人 13812345678\n王某", "13812345678x", "no13812345678",
      "\(String(repeating: "ab", count: 32)) 13812345678",
      "13812345678 \(String(repeating: "0a", count: 32))",
    ] {
      #expect(PersonalData.find(in: text) == .mobileNumber, "\(text)")
    }
  }

  @Test("numbers of another length, date or check digit are left alone")
  func others() {
    for text in [
      "", "12345678901", "12812345678", "1381234567", "138123456789", "1381234567890", "8712812345678",
      "8612812345678",
      "110105194912310021", "11010519491331002X", "11010519490231002X", "110105194912310020",
      "1101051949123100",
      "0110105194912310029", "11010519491231002X1",
      Self.identity("41010520010229001"),
      Self.identity("41010520000230001"), Self.identity("41010517991231001"),
      Self.identity("41010521000101001"),
      "6222021381234567890", "1705312345678", "mmexport1705312345678.jpg", "192.168.100.12",
      "2025-01-15T17:30:45.123+08:00",
      "2025-01-15 2025-01-16 2025-01-17", "(2025)豫01民初13812号", "17:30:45 2025/01/15",
      "550e8400-e29b-41d4-a716-446655440000",
      "138，1234，5678", "1381234/5678", "138\u{4e00}12345678",
    ] {
      #expect(PersonalData.find(in: text) == nil, "\(text)")
    }
  }

  @Test("digests and UUIDs do not trip it, even where they hold such a number between letters")
  func digests() {
    var random = SeededGenerator(seed: Fuzzing.seed)
    for count in [16, 20, 32, 48, 64] {
      for _ in 0..<2000 {
        let hex = Hex.encode(random.bytes(count))
        guard hex.contains(where: \.isLetter) else { continue }
        #expect(PersonalData.find(in: hex) == nil, "\(hex)")
        #expect(PersonalData.find(in: "sha-256 \(hex.uppercased()) ok") == nil, "\(hex)")
      }
    }
    let tail = String(repeating: "ab", count: 20)
    #expect(PersonalData.find(in: "a13812345678b\(tail)") == nil)
    #expect(PersonalData.find(in: "\(tail)f13812345678") == nil)
    #expect(PersonalData.find(in: "13812345678a-bcde-4abc-8abc-138123456789") == nil)
    for _ in 0..<20_000 {
      let bytes = random.bytes(16)
      let uuid = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { Hex.encode(bytes[$0]) }.joined(separator: "-")
      guard uuid.contains(where: \.isLetter) else { continue }
      // A group of a UUID that is a mobile number by chance, whole, is one.
      guard !uuid.split(separator: "-").contains(where: { $0.allSatisfy(\.isNumber) && $0.count > 10 }) else {
        continue
      }
      #expect(PersonalData.find(in: uuid) == nil, "\(uuid)")
    }
  }

  /// The symbols of `text` after Foundation's NFKC, runs of what means nothing taken as one.
  private static func symbols(_ text: String) -> [PersonalData.Symbol] {
    collapsed(
      text.precomposedStringWithCompatibilityMapping.unicodeScalars.flatMap { scalar in
        scalar.isASCII
          ? [PersonalData.Symbol(ascii: UInt8(scalar.value))]
          : PersonalData.Symbol.isSeparator(scalar.value)
            ? [.separator] : PersonalData.Symbol.isMark(scalar.value) ? [.mark] : [.other]
      })
  }

  private static func collapsed(_ symbols: [PersonalData.Symbol]) -> [PersonalData.Symbol] {
    // Letters a to f only spare digests, which nobody writes in full-width letters.
    let plain = symbols.map { $0 == .hex ? .other : $0 }
    return plain.enumerated().filter {
      $0.offset == 0 || $0.element != .other || plain[$0.offset - 1] != .other
    }.map(\.element)
  }

  @Test("the table of compatibility digits is NFKC, scalar by scalar")
  func compatibilityTable() {
    var tested = 0
    for value in UInt32(0x80)...0x10_ffff {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let expected = Self.symbols(String(Character(scalar)))
      let holdsNumber = expected.contains { if case .digit = $0 { true } else { $0 == .x } }
      let found = PersonalData.Symbol.of(value)
      if CompatibilityDigits.symbols(of: value) != nil {
        // Those that are newer than Foundation's tables.
        if !holdsNumber && (0x1ccd6...0x1ccf9).contains(value) { continue }
        #expect(Self.collapsed(found) == expected, "U+\(String(value, radix: 16))")
        tested += 1
      } else {
        #expect(!holdsNumber, "U+\(String(value, radix: 16)) is missing: \(expected)")
      }
    }
    #expect(tested >= 337)
  }

  @Test("every space, dash, middle dot and invisible character is a separator, and no letter or digit is")
  func separators() {
    let middleDots: [UInt32] = [0xb7, 0x387, 0x2022, 0x2027, 0x2219, 0x22c5, 0x2e31, 0x2e33, 0x30fb, 0xff65]
    for value in middleDots { #expect(PersonalData.Symbol.isSeparator(value)) }
    for value in UInt32(0x80)...0x10_ffff {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let isSeparator = PersonalData.Symbol.isSeparator(value)
      switch scalar.properties.generalCategory {
      case .spaceSeparator, .dashPunctuation, .format, .lineSeparator, .paragraphSeparator:
        #expect(isSeparator, "U+\(String(value, radix: 16))")
      case .mathSymbol, .openPunctuation, .closePunctuation, .nonspacingMark: break
      case .unassigned: break
      case .otherPunctuation where middleDots.contains(value): break
      default: #expect(!isSeparator, "U+\(String(value, radix: 16))")
      }
    }
  }

  @Test("the quick look never passes over what the search would find")
  func quickLook() {
    var random = SeededGenerator(seed: Fuzzing.seed)
    let forms: [[Unicode.Scalar]] = (0...9).map { digit in
      (UInt32(0x80)...0x1_ffff).compactMap { value in
        CompatibilityDigits.symbols(of: value) == [.digit(UInt8(digit))] ? Unicode.Scalar(value) : nil
      }
    }
    let noise: [Unicode.Scalar] = [" ", "-", "证", "。", "\u{201c}", "\u{3000}", "\u{200b}", "a", "\u{e9}"]
    for number in 0..<20_000 {
      let digits = number.isMultiple(of: 2) ? "13812345678" : "110105194912310029"
      var text = String.UnicodeScalarView()
      for digit in digits.utf8 {
        if Int.random(in: 0..<9, using: &random) == 0 { text.append(noise.randomElement(using: &random)!) }
        let other = forms[Int(digit - 0x30)].randomElement(using: &random)!
        text.append(Bool.random(using: &random) ? Unicode.Scalar(digit) : other)
      }
      let bytes = Array(String(text).utf8)
      let (found, mayHold) = (PersonalData.search(bytes.span), PersonalData.mayHoldNumber(bytes.span))
      #expect(found == nil || mayHold, "\(text)")
    }
  }

  @Test("Fuzz: bytes that are no text do not trap")
  func fuzz() {
    let samples = ["电话１３８１２３４５６７８", "11010519491231002X", "①②③"].map { Array($0.utf8) }
    Fuzzing.run("personal data", samples: samples) { bytes in
      let (found, searched) = (PersonalData.find(in: bytes.span), PersonalData.search(bytes.span))
      // The quick look counts as for text; of what is none it may see less.
      #expect(found == nil || found == searched)
      if let text = String(validating: bytes, as: UTF8.self) {
        #expect(PersonalData.find(in: text) == searched)
      }
    }
  }

  @Test("a refusal names the field and does not repeat the number")
  func sentence() {
    do {
      try PersonalData.refuse(in: "fine", "13812345678", as: "the purpose")
      Issue.record("not refused")
    } catch {
      #expect(error.code == .personalData)
      #expect(error.reason.contains("the purpose") && !error.reason.contains("138"))
    }
  }
}
