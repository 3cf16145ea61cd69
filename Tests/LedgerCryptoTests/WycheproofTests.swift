import LedgerCrypto
import TestKit
import Testing

/// The public suite of signatures that verifiers have got wrong (C2SP/wycheproof, `testvectors_v1`).
@Suite("Wycheproof", .enabled(if: Vectors.areHere, "the Wycheproof vectors are not on this machine"))
struct WycheproofTests {
  struct Suite: Decodable {
    struct Group: Decodable {
      struct Key: Decodable {
        let uncompressed: String?
        let pk: String?
      }
      struct Case: Decodable {
        let tcId: Int
        let comment: String
        let msg: String
        let sig: String
        let result: String
      }
      let publicKey: Key
      let publicKeyPem: String
      let tests: [Case]
    }
    let numberOfTests: Int
    let testGroups: [Group]
  }

  /// Judges each case of the suite at `path`; returns how many there were.
  ///
  /// Its verdicts are `valid` and `invalid`. `acceptable` (a lenient verifier may take it) occurs in none of the three
  /// suites; were it to come, a ledger takes one encoding only, so the test fails until it is decided.
  private func judge(
    _ path: String, _ algorithm: KeyAlgorithm,
    _ isValid: (PublicKey, _ signature: [UInt8], _ message: [UInt8]) -> Bool
  ) throws -> Int {
    let suite = try Vectors.decode(Suite.self, "wycheproof/" + path)
    var count = 0
    for group in suite.testGroups {
      let bytes =
        try algorithm == .es256
        ? Array(hex(#require(group.publicKey.uncompressed)).dropFirst()) : hex(#require(group.publicKey.pk))
      let key = try PublicKey(algorithm, rawBytes: bytes)
      #expect(try PublicKey(pem: group.publicKeyPem) == key)
      #expect(try key.pem() == group.publicKeyPem)
      for test in group.tests {
        try #require(["valid", "invalid"].contains(test.result), "case \(test.tcId) is \(test.result)")
        #expect(
          isValid(key, hex(test.sig), hex(test.msg)) == (test.result == "valid"),
          "case \(test.tcId): \(test.comment)")
        #expect(CryptoError.drainQueue() == [])
        count += 1
      }
    }
    #expect(count == suite.numberOfTests)
    return count
  }

  @Test("all 484 ECDSA signatures in DER are judged as the suite says")
  func derSignatures() throws {
    let count = try judge("ecdsa_secp256r1_sha256_test.json", .es256) { key, signature, message in
      key.acceptsDER(signature, over: message)
    }
    #expect(count == 484)
  }

  @Test("all 262 ECDSA signatures as r ‖ s are judged as the suite says")
  func rawSignatures() throws {
    let count = try judge("ecdsa_secp256r1_sha256_p1363_test.json", .es256) { key, signature, message in
      key.accepts(signature, over: message)
    }
    #expect(count == 262)
  }

  /// Verdicts by a table of each key of the suite, made for it.
  private func byTable() -> (PublicKey, [UInt8], [UInt8]) -> Bool {
    let known = KnownKeys(expecting: 0, mostTables: .max)
    return { key, signature, message in
      #expect(known.makeTable(for: key))
      var verifier = BatchVerifier(known)
      verifier.add(signature.span, over: message.span, by: key)
      let verdicts = verifier.takeVerdicts()
      #expect(known.counts.ordinary == 0)
      return verdicts == [true]
    }
  }

  @Test("all 262 ECDSA signatures as r ‖ s are judged so by tables of the keys")
  func rawSignaturesByTable() throws {
    let count = try judge("ecdsa_secp256r1_sha256_p1363_test.json", .es256, byTable())
    #expect(count == 262)
  }

  @Test("the ECDSA signatures in DER that can be written as r ‖ s are judged so by tables of the keys")
  func derSignaturesByTable() throws {
    let byTable = byTable()
    var (converted, others) = (0, 0)
    _ = try judge("ecdsa_secp256r1_sha256_test.json", .es256) { key, signature, message in
      guard let raw = SignatureTests.raw(signature) else {
        others += 1
        return key.acceptsDER(signature, over: message)
      }
      converted += 1
      return byTable(key, raw, message)
    }
    #expect(converted + others == 484)
    #expect(converted > 200)
  }

  @Test("all 151 Ed25519 signatures are judged as the suite says")
  func ed25519Signatures() throws {
    let count = try judge("ed25519_test.json", .ed25519) { key, signature, message in
      key.accepts(signature, over: message)
    }
    #expect(count == 151)
  }
}
