import LedgerCrypto
import Testing

@Suite("Failures")
struct CryptoErrorTests {
  @Test("a failure tells the whole of OpenSSL's queue, and leaves it empty")
  func wholeQueue() throws {
    // A boolean where the algorithm's sequence belongs: the ASN.1 reader reports a line for each level that failed.
    let text = PEMText.make("PUBLIC KEY", [0x30, 0x05, 0x01, 0x01, 0xff, 0x03, 0x00])
    let error = #expect(throws: CryptoError.self) { try PublicKey(pem: text) }
    let description = try #require(error?.description)
    #expect(description.hasPrefix("not the DER of a PUBLIC KEY: error:"))
    #expect(description.split(separator: "error:").count >= 3, "\(description)")
    // What the reader says in addition to the reason.
    #expect(description.contains("(Field=algor, Type=X509_PUBKEY)"), "\(description)")
    #expect(CryptoError.drainQueue() == [])
  }

  @Test("one failure's errors are not told by the next")
  func notTwice() {
    let text = PEMText.make("PUBLIC KEY", [0x30, 0x05, 0x01, 0x01, 0xff, 0x03, 0x00])
    #expect(throws: CryptoError.self) { try PublicKey(pem: text) }
    let error = #expect(throws: CryptoError.self) { try PublicKey(.ed25519, rawBytes: [1]) }
    #expect(error?.description == "a public key of 1 bytes")
  }

  @Test("a signature that does not verify leaves OpenSSL's queue empty")
  func afterVerify() throws {
    for algorithm in KeyAlgorithm.allCases {
      let key = try PrivateKey(generating: algorithm)
      let signature = try key.signature(over: [1])
      for bytes in [
        signature, [UInt8](repeating: 0, count: 64), [UInt8](repeating: 0xff, count: 64), [], [0x30],
        [0x30, 0x80],
      ] {
        #expect(!key.publicKey.accepts(bytes, over: [2]))
        #expect(CryptoError.drainQueue() == [])
        #expect(!key.publicKey.acceptsDER(bytes, over: [2]))
        #expect(CryptoError.drainQueue() == [])
      }
    }
  }

  @Test("failures are equal by their code, whatever they tell")
  func equality() {
    let first = #expect(throws: CryptoError.self) { try PublicKey(pem: "") }
    let second = #expect(throws: CryptoError.self) { try PublicKey(.es256, rawBytes: []) }
    let third = #expect(throws: CryptoError.self) { try PublicKey(pem: Fixtures.rsaPublic) }
    #expect(first?.description != second?.description)
    #expect(first == second && first?.hashValue == second?.hashValue)
    #expect(first != third)
    #expect(CryptoError.Code.malformedKey.rawValue == "malformed-key")
    #expect(CryptoError.Code.unsupportedKey.rawValue == "unsupported-key")
    #expect(CryptoError.Code.libcrypto.rawValue == "libcrypto")
  }
}
