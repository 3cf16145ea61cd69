import Foundation
import Testing

@testable import TransparencyLog

@Suite("Base64 and numbers with one spelling")
struct TextTests {
  @Test(
    "the examples of RFC 4648 §10 go both ways",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
      ("foobar", "Zm9vYmFy"),
    ])
  func examples(plain: String, text: String) {
    #expect(Base64.encode(Array(plain.utf8)) == text)
    #expect(Base64.decode(text) == Array(plain.utf8))
  }

  @Test("encoding agrees with Foundation's and is read back, for all lengths up to 200")
  func againstFoundation() {
    for count in 0...200 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ count) }
      let text = Base64.encode(bytes)
      #expect(text == Data(bytes).base64EncodedString())
      #expect(Base64.decode(text) == bytes)
    }
  }

  @Test("of all texts of one group, exactly those are read that encode back to themselves")
  func exhaustiveEndings() {
    let alphabet = Array("ABQgwxz019+/=-_ \n".utf8)
    for a in alphabet {
      for b in alphabet {
        for c in alphabet {
          for d in alphabet {
            let text = [a, b, c, d]
            let isCanonical =
              Data(base64Encoded: Data(text))?.base64EncodedString() == String(decoding: text, as: UTF8.self)
            if (Base64.decode(text.span) != nil) != isCanonical { Issue.record("\(text)") }
          }
        }
      }
    }
  }

  @Test(
    "a second spelling is refused",
    arguments: [
      "Zg", "Zg=", "Zh==", "Zm9=", "Zm8", "Zm9vYg", "=", "==", "===", "====", "Z===", "Zg==Zg==", "Zm=v",
      "Zg==\n", " Zg==",
      "Zm9v\n", "Zm9-", "Zm9_", "Zm9v====", "Zé==",
    ])
  func refused(text: String) {
    #expect(Base64.decode(text) == nil)
  }

  @Test("numbers have no sign, space, leading zero or more than 64 bits")
  func decimals() {
    #expect(Decimal.parse("0".utf8) == 0)
    #expect(Decimal.parse("1234567890".utf8) == 1_234_567_890)
    #expect(Decimal.parse("18446744073709551615".utf8) == .max)
    let wrong = [
      "", "00", "01", "-1", "+1", " 1", "1 ", "1_000", "18446744073709551616", "99999999999999999999",
      "100000000000000000000", "0x10", "１",
    ]
    for text in wrong { #expect(Decimal.parse(text.utf8) == nil, "\(text)") }
  }

  @Test("white space is what Unicode says it is")
  func spaces() {
    for value in 0...UInt32(0x10ffff) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      if NoteRules.isSpace(scalar) != scalar.properties.isWhitespace {
        Issue.record("U+\(String(value, radix: 16))")
      }
    }
  }

  @Test("texts that String calls equal are told apart by their bytes")
  func exactText() {
    #expect("K" == "\u{212a}")
    #expect(ExactText("K") != ExactText("\u{212a}"))
    #expect(Set([ExactText("K"), ExactText("\u{212a}"), ExactText("K")]).count == 2)
    #expect("é".hasSameBytes(as: "e\u{301}") == false)
  }
}
