import LedgerCrypto
import TestKit
import Testing

@Suite("Digests by name", .timeLimit(.minutes(30)))
struct MessageDigestTests {
  @Test(
    "each is what the openssl command computes, whatever the parts",
    arguments: ["MD5", "SM3", "SHA1", "SHA2-256", "SHA2-384", "SHA2-512", "SHA3-256", "SHA3-512"])
  func asOpenSSL(_ name: String) async throws {
    let message = [UInt8]("电子存证, a message in parts".utf8)
    let digest = try MessageDigest(name)
    let bytes = message.span
    for part in [0..<7, 7..<7, 7..<message.count] { try digest.update(bytes.extracting(part)) }
    let found = Hex.encode(try digest.finalize())
    let expected = try await Shell.run("openssl", ["dgst", "-\(name)", "-r"], input: message)
    #expect(expected.text.hasPrefix(found + " "), "\(expected.text)\(expected.errorText)")
  }

  @Test("SM3 is that of GB/T 32905, appendix A.1")
  func standard() throws {
    let (message, digest) = (Array("abc".utf8), try MessageDigest("SM3"))
    try digest.update(message.span)
    #expect(
      Hex.encode(try digest.finalize()) == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")
  }

  @Test("an unknown name is a failure that names it")
  func unknown() {
    let error = #expect(throws: CryptoError.self) { _ = try MessageDigest("SHA-0815") }
    #expect(error?.description.hasPrefix("looking for the digest SHA-0815") == true)
  }
}
