import LedgerCrypto
import TestKit
import Testing

@Suite("Keys")
struct KeyTests {
  @Test(
    "a generated key comes back from its PEM and signs for the same public key",
    arguments: KeyAlgorithm.allCases)
  func generated(algorithm: KeyAlgorithm) throws {
    let key = try PrivateKey(generating: algorithm)
    #expect(key.publicKey.algorithm == algorithm)
    #expect(key.publicKey.rawBytes.count == algorithm.publicKeyByteCount)
    let again = try PrivateKey(pem: key.pem())
    #expect(again.publicKey == key.publicKey)
    #expect(try again.pem() == key.pem())
    let message = Array("statement".utf8)
    let signature = try again.signature(over: message)
    #expect(signature.count == signatureByteCount)
    #expect(key.publicKey.accepts(signature, over: message))
    #expect(try PrivateKey(generating: algorithm).publicKey != key.publicKey)
    #expect(CryptoError.drainQueue() == [])
  }

  @Test("a public key comes back from its bytes and from its PEM", arguments: KeyAlgorithm.allCases)
  func publicForms(algorithm: KeyAlgorithm) throws {
    let key = try PrivateKey(generating: algorithm).publicKey
    let others = try [PublicKey(algorithm, rawBytes: key.rawBytes), PublicKey(pem: key.pem())]
    for other in others {
      #expect(other == key)
      #expect(Set([other, key]).count == 1)
      #expect(other.rawBytes == key.rawBytes)
      #expect(try other.pem() == key.pem())
    }
  }

  @Test("keys that openssl wrote have the bytes that openssl shows, and are written as openssl writes them")
  func fixtures() throws {
    let p256 = try PrivateKey(pem: Fixtures.p256)
    #expect(p256.publicKey.algorithm == .es256)
    #expect(
      Hex.encode(p256.publicKey.rawBytes)
        == "b8f81bc01f442dfa2dcc688ccf09a70ca71e45bbf11adefc9edd4cd8b71c71df"
        + "63ad1bebd95ac51d6dae4838c090c9de21d1f002d4986f68f80a38e6f0800381")
    #expect(try p256.pem() == Fixtures.p256)
    #expect(try p256.publicKey.pem() == Fixtures.p256Public)
    #expect(try PublicKey(pem: Fixtures.p256Public) == p256.publicKey)
    // As `openssl ecparam -genkey` writes it, with the curve's name before it and without (-noout).
    let name = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    for sec1 in [Fixtures.p256SEC1, name + Fixtures.p256SEC1, "\r\n " + name + Fixtures.p256SEC1] {
      #expect(try PrivateKey(pem: sec1).pem() == Fixtures.p256)
    }

    let ed25519 = try PrivateKey(pem: Fixtures.ed25519)
    #expect(ed25519.publicKey.algorithm == .ed25519)
    #expect(
      Hex.encode(ed25519.publicKey.rawBytes)
        == "0874e11fc3ef2adce0977539e02761d8534d1b6585c5df96e88b08d0e7639c43")
    #expect(try ed25519.pem() == Fixtures.ed25519)
    #expect(try ed25519.publicKey.pem() == Fixtures.ed25519Public)
    #expect(try PublicKey(pem: Fixtures.ed25519Public) == ed25519.publicKey)
  }

  @Test("line ends of other systems and white space around a PEM are not a fault")
  func whiteSpace() throws {
    let key = try PublicKey(pem: Fixtures.p256Public)
    let windows = Fixtures.p256Public.split(separator: "\n").joined(separator: "\r\n") + "\r\n"
    let indented = Fixtures.p256Public.split(separator: "\n").map { "  \($0)\t" }.joined(separator: "\n")
    for text in [
      windows, indented, "\n\n \(Fixtures.p256Public)\n \n", String(Fixtures.p256Public.dropLast()),
    ] {
      #expect(try PublicKey(pem: text) == key)
    }
    #expect(try PrivateKey(pem: "\n" + Fixtures.p256 + "\r\n\r\n").publicKey == key)
  }

  @Test("a compressed and a hybrid point are the same key as the plain one, and are written plain")
  func pointForms() throws {
    let key = try PublicKey(pem: Fixtures.p256Public)
    for text in [Fixtures.p256Compressed, Fixtures.p256Hybrid] {
      #expect(try PublicKey(pem: text) == key)
      #expect(try PublicKey(pem: text).pem() == Fixtures.p256Public)
    }
  }

  @Test("P-256 by explicit parameters is P-256, and is written by its name")
  func explicitParameters() throws {
    let key = try PrivateKey(pem: Fixtures.explicit)
    let publicKey = try PublicKey(pem: Fixtures.explicitPublic)
    #expect(key.publicKey == publicKey)
    #expect(try PublicKey(.es256, rawBytes: publicKey.rawBytes) == publicKey)
    let namedByteCount = PEMText.der(Fixtures.p256).count
    #expect(try PEMText.der(key.pem()).count == namedByteCount)
    #expect(try PEMText.der(key.publicKey.pem()).count == PEMText.der(Fixtures.p256Public).count)
    #expect(try PrivateKey(pem: key.pem()).publicKey == publicKey)
    let signature = try key.signature(over: [1, 2, 3])
    #expect(publicKey.accepts(signature, over: [1, 2, 3]))
  }

  @Test("random bytes are as many as asked for, and not the same twice")
  func random() throws {
    for count in [0, 1, 16, 32, 1000] { #expect(try randomBytes(count).count == count) }
    #expect(try randomBytes(32) != randomBytes(32))
  }
}
