import LedgerCrypto
import TestKit
import Testing

@Suite("Hex")
struct HexTests {
  @Test("every byte is two lowercase digits, and comes back")
  func everyByte() {
    let digits = Array("0123456789abcdef")
    for byte in UInt8.min ... .max {
      let text = String([digits[Int(byte / 16)], digits[Int(byte % 16)]])
      #expect(Hex.encode([byte]) == text)
      #expect(Hex.decode(text) == [byte])
    }
    let all = Array(UInt8.min ... .max)
    #expect(Hex.decode(Hex.encode(all)) == all)
    #expect(Hex.encode([]) == "")
    #expect(Hex.decode("") == [])
  }

  @Test("any other character than the sixteen digits is refused, in either place")
  func otherCharacters() {
    let digits = Set("0123456789abcdef".unicodeScalars)
    for value in UInt32(0)..<0x300 {
      let scalar = Unicode.Scalar(value)!
      let isDigit = digits.contains(scalar)
      #expect((Hex.decode("0" + String(scalar)) != nil) == isDigit)
      #expect((Hex.decode(String(scalar) + "0") != nil) == isDigit)
    }
    for text in ["AB", "aB", "0x00", "０0", "٣٣", "a\u{301}", "\u{0}\u{0}"] {
      #expect(Hex.decode(text) == nil, "\(text)")
    }
  }

  @Test("an odd number of digits, and white space anywhere, are refused")
  func shape() {
    for text in ["a", "abc", "ab ", " ab", "a b", "ab\n", "ab cd", "ab:cd"] {
      #expect(Hex.decode(text) == nil, "\(text)")
    }
  }
}
