import LedgerCrypto
import Statements
import Testing

@Suite("Digests that a payload names")
struct NamedDigestsTests {
  private let hex = SHA256.digest(of: [1]).hex
  private let other = SHA256.digest(of: [2]).hex

  private func found(_ text: String) -> Set<String> { Set(NamedDigests.of(Array(text.utf8).span).map(\.hex)) }

  @Test("exactly 64 hex digits are a digest, wherever they stand")
  func runs() {
    #expect(found(hex) == [hex])
    #expect(found(hex.uppercased()) == [hex])
    #expect(found("x\(hex)y\(other)") == [hex, other])
    for count in 0...130 {
      let padding = String(repeating: "-", count: count)
      #expect(found(padding + hex + padding) == [hex])
      #expect(
        found(String(repeating: "a", count: count) + " " + hex + "z")
          == (count == 64 ? [hex, String(repeating: "a", count: 64)] : [hex]))
    }
  }

  @Test("a run of 63, of 65 or of 128 digits is none")
  func otherLengths() {
    #expect(found(String(hex.dropFirst())) == [])
    #expect(found(hex + "0") == [])
    #expect(found(hex + other) == [])
    #expect(found("0" + hex + " " + other) == [other])
  }
}
