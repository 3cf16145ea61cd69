import LedgerCrypto
import TestKit
import Testing

@Suite("Reading keys of any bytes")
struct KeyFuzzTests {
  /// Whatever is read as a key is one: it comes back from its own PEM, and from its bytes.
  private func readPublic(_ text: String) throws {
    defer { #expect(CryptoError.drainQueue() == []) }
    guard let key = try? PublicKey(pem: text) else { return }
    #expect(try PublicKey(pem: key.pem()) == key)
    #expect(try PublicKey(key.algorithm, rawBytes: key.rawBytes) == key)
  }

  /// … and a private key signs what its public half verifies.
  private func readPrivate(_ text: String) throws {
    defer { #expect(CryptoError.drainQueue() == []) }
    guard let key = try? PrivateKey(pem: text) else { return }
    #expect(try PrivateKey(pem: key.pem()).publicKey == key.publicKey)
    let signature = try key.signature(over: [1])
    #expect(key.publicKey.accepts(signature, over: [1]))
  }

  private static let publicKeys = [
    Fixtures.p256Public, Fixtures.ed25519Public, Fixtures.p256Compressed, Fixtures.explicitPublic,
    Fixtures.rsaPublic, Fixtures.p384Public,
  ]
  private static let privateKeys = [
    Fixtures.p256, Fixtures.ed25519, Fixtures.explicit, Fixtures.p256Encrypted, Fixtures.p256SEC1,
    Fixtures.p384,
  ]

  @Test("any text is a key or is refused")
  func text() throws {
    let samples = (Self.publicKeys + Self.privateKeys).map { Array($0.utf8) }
    try Fuzzing.run("PEM text", samples: samples, inputs: Fuzzing.inputs / 2) { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      try readPublic(text)
      try readPrivate(text)
    }
  }

  @Test("any DER of a public key is a key or is refused")
  func publicDER() throws {
    try Fuzzing.run(
      "SubjectPublicKeyInfo", samples: Self.publicKeys.map(PEMText.der), inputs: Fuzzing.inputs / 4
    ) { try readPublic(PEMText.make("PUBLIC KEY", $0)) }
  }

  @Test("any DER of a private key is a key or is refused")
  func privateDER() throws {
    try Fuzzing.run("PKCS#8", samples: Self.privateKeys.map(PEMText.der), inputs: Fuzzing.inputs / 4) {
      try readPrivate(PEMText.make("PRIVATE KEY", $0))
    }
  }
}
