import Foundation
import Scenarios
import Testing

@Suite("References are compared by either width")
struct FoldedWidthTests {
  @Test("full-width forms and brackets of every kind are one reference; other characters are not")
  func references() {
    let written = [
      "(2026)豫01民初17号", "（2026）豫01民初17号", "〔2026〕豫01民初17号", "［２０２６］豫０１民初１７号", "【2026】豫01民初17号",
      "[2026]豫01民初17号",
    ]
    for one in written {
      for other in written { #expect(one.isSameReference(as: other), "\(one) \(other)") }
      for other in ["(2026)豫01民初18号", "2026豫01民初17号", "(2026)豫01民终17号", "(2026)豫01民初17", ""] {
        #expect(!one.isSameReference(as: other), "\(one) \(other)")
      }
    }
    #expect("A　B".isSameReference(as: "A B") && !"a".isSameReference(as: "A"))
  }

  @Test(
    "what is folded is what NFKC makes of full-width forms, character by character, and nothing else but brackets"
  )
  func nfkc() {
    let brackets: Set<Character> = Set("()（）﹙﹚⁽⁾〔〕﹝﹞[]［］【】〖〗")
    for value in UInt32(0x20)...0xffff {
      guard let scalar = Unicode.Scalar(value), !brackets.contains(Character(scalar)) else { continue }
      let text = String(Character(scalar))
      let isWide = value == 0x3000 || (0xff01...0xff5e).contains(value)
      let expected = isWide ? text.precomposedStringWithCompatibilityMapping : text
      if Array(text.foldedWidth.utf8) != Array(expected.utf8) {
        Issue.record("U+\(String(value, radix: 16)): \(text.foldedWidth)")
      }
    }
  }
}
