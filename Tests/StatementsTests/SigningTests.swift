import LedgerCrypto
import Statements
import TestKit
import Testing

@Suite("Statements: signing and verifying")
struct SigningTests {
  static let claims = Claims(
    issuer: "data-bureau", subject: "案件 2026-001", audience: Digest(Array(repeating: UInt8(0xab), count: 32)),
    issuedAt: 1_764_000_000, tokenID: Array(0..<16))

  static let draft = StatementDraft(
    contentType: "text/plain; charset=utf-8", claims: claims, payload: Array("第一条记录".utf8))

  /// Made with OpenSSL 3.0 and a CBOR writer of a few lines of Python.
  static let foreign: [(pem: String, keyID: String, id: String, entry: String)] = [
    (
      """
      -----BEGIN PUBLIC KEY-----
      MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEtptyZlr5AZgb5PJ7SVWVWozq+7Ox
      THu96UQwlKlbcV+sy+D0wkHVonF+njOGd3SP7xILdrQSDQVaJO3WRDzKwg==
      -----END PUBLIC KEY-----
      """,
      "8ee9c4779a72fbfbdbcdec5a5c3c245d2b7c71622de1ddbaa1b35d92418081be",
      "fbecc14db1f480336740d07789415257fc6b7e67641019d4d1db9669620cb476",
      """
      d28458bda40126037819746578742f706c61696e3b20636861727365743d7574662d380458208ee9c4779a72fbfbdbcd
      ec5a5c3c245d2b7c71622de1ddbaa1b35d92418081be0fa5016b646174612d627572656175026fe6a188e4bbb6203230
      32362d303031037840616261626162616261626162616261626162616261626162616261626162616261626162616261
      62616261626162616261626162616261626162616261626162061a692481000750000102030405060708090a0b0c0d0e
      0fa04fe7acace4b880e69da1e8aeb0e5bd9558409ba8e8520150ce9ccaa3f533659edef471bc709398b0eb21998d7698
      ec502e6741383325a96704d25e95b5bd227b3bbacefff7b58aa6a0ff5cd0dc9f0dee404b
      """
    ),
    (
      """
      -----BEGIN PUBLIC KEY-----
      MCowBQYDK2VwAyEAobK4KfAhCD7c7E8N4epX79SIDw7PZC1/VDxKW6MXtRI=
      -----END PUBLIC KEY-----
      """,
      "d7120fe5fba8fb2bb43951c450c01a1703b3ea27e12ede0b4e0ed0556c312703",
      "6e6e2a6ce4f6c6535d0f66582eb002fb6df6d745ef859928947e80f73aea5a39",
      """
      d28458bda40127037819746578742f706c61696e3b20636861727365743d7574662d38045820d7120fe5fba8fb2bb439
      51c450c01a1703b3ea27e12ede0b4e0ed0556c3127030fa5016b646174612d627572656175026fe6a188e4bbb6203230
      32362d303031037840616261626162616261626162616261626162616261626162616261626162616261626162616261
      62616261626162616261626162616261626162616261626162061a692481000750000102030405060708090a0b0c0d0e
      0fa04fe7acace4b880e69da1e8aeb0e5bd9558400e21f458aca0213977b0342096f13ef7d7d76824001167396f08ab39
      4a79843b27946609935b9b6e085fbfdb23689bcbc964d436d36f7478ed575b67fcf1eb04
      """
    ),
  ]

  @Test("statements that OpenSSL signed are read, identified and verified", arguments: [0, 1])
  func foreignStatements(at: Int) throws {
    let (pem, keyID, id, entry) = Self.foreign[at]
    let key = try PublicKey(pem: pem)
    let statement = try SignedStatement(decoding: hex(entry))
    #expect(statement.algorithm == (at == 0 ? .es256 : .edDSA))
    #expect(statement.keyID.hex == keyID)
    #expect(key.thumbprint.hex == keyID)
    #expect(statement.id.hex == id)
    #expect(statement.contentType == Self.draft.contentType)
    #expect(statement.claims == Self.claims)
    #expect(statement.payload == Self.draft.payload)
    #expect(statement.isSigned(by: key))
    #expect(!statement.isSigned(by: try PublicKey(pem: Self.foreign[1 - at].pem)))
    #expect(!statement.isSigned(by: try PrivateKey(generating: key.algorithm).publicKey))
  }

  @Test("of the two s of an ES256 signature the higher is refused, and says by what it is to be replaced")
  func highS() throws {
    let key = try PrivateKey(generating: .es256)
    var sequence: [UInt8] = []
    var low: [UInt8] = []
    for algorithm in [SignatureAlgorithm.es256, .esp256] {
      // Our own signer gives the lower one, always.
      for _ in 0..<32 {
        let statement = try Self.draft.signed(by: key, as: algorithm, keyID: key.publicKey.thumbprint)
        let high = HighS.exchanging(statement.entry)
        #expect(statement.isSigned(by: key.publicKey))
        do throws(StatementError) {
          _ = try SignedStatement(decoding: high)
          Issue.record("a high s was taken")
        } catch {
          #expect(error.code == .malformed && error.description.contains("replace s by n − s"))
        }
        sequence += high + statement.entry
        low += statement.entry + statement.entry
      }
    }
    // What a foreign signer made becomes what the ledger takes, with the same ids.
    #expect(EntrySequence.withLowS(sequence) == low)
    #expect(EntrySequence.withLowS(low) == low)
    #expect(EntrySequence.withLowS(sequence + [0]) == low + [0])
    #expect(EntrySequence.withLowS([]) == [])
    // An Ed25519 signature has no other form.
    let other = try Self.draft.signed(by: PrivateKey(generating: .ed25519))
    #expect(EntrySequence.withLowS(other.entry) == other.entry)
  }

  @Test("a draft becomes the bytes that the other encoder makes", arguments: KeyAlgorithm.allCases)
  func encoding(algorithm: KeyAlgorithm) throws {
    let key = try PrivateKey(generating: algorithm)
    let statement = try Self.draft.signed(by: key)
    let made = HandMadeEntry {
      $0.algorithm = [0x01, algorithm == .es256 ? 0x26 : 0x27]
      $0.contentType = [0x03] + Hand.text("text/plain; charset=utf-8")
      $0.keyID = [0x04] + Hand.bytes(key.publicKey.thumbprint.bytes)
      $0.claims =
        [0x0f, 0xa5, 0x01] + Hand.text("data-bureau") + [0x02] + Hand.text("案件 2026-001") + [0x03]
        + Hand.text(String(repeating: "ab", count: 32)) + hex("061a69248100") + [0x07]
        + Hand.bytes(Array(0..<16))
      $0.payload = Hand.bytes(Array("第一条记录".utf8))
      $0.signature = Hand.bytes(statement.signature)
    }
    #expect(statement.entry == made.bytes)
    #expect(statement.isSigned(by: key.publicKey))
    #expect(try SignedStatement(decoding: statement.entry) == statement)
    #expect(statement.claims == Self.claims)
  }

  @Test("a draft without claims, subject or audience is signed too", arguments: KeyAlgorithm.allCases)
  func absentParts(algorithm: KeyAlgorithm) throws {
    let key = try PrivateKey(generating: algorithm)
    for claims in [
      nil, Claims(issuer: "a", audience: nil, issuedAt: 0, tokenID: Array(repeating: 0, count: 16)),
      Claims(
        issuer: "a", subject: "b", audience: nil, issuedAt: 1 << 40, tokenID: Array(repeating: 0, count: 16)),
      Claims(issuer: "a", audience: .zero, issuedAt: 0, tokenID: Array(repeating: 0, count: 16)),
    ] {
      let statement = try StatementDraft(contentType: "a/b", claims: claims, payload: []).signed(by: key)
      #expect(statement.claims == claims)
      #expect(statement.payload == [])
      #expect(statement.isSigned(by: key.publicKey))
    }
  }

  @Test("an algorithm that does not fit the key does not verify, and either id of one that fits does")
  func algorithms() throws {
    for keyAlgorithm in KeyAlgorithm.allCases {
      let key = try PrivateKey(generating: keyAlgorithm)
      for algorithm in SignatureAlgorithm.allCases {
        let statement = try Self.draft.signed(by: key, as: algorithm, keyID: key.publicKey.thumbprint)
        #expect(statement.algorithm == algorithm)
        #expect(statement.isSigned(by: key.publicKey) == (algorithm.keyAlgorithm == keyAlgorithm))
      }
      let statement = try Self.draft.signed(by: key, as: SignatureAlgorithm(for: keyAlgorithm), keyID: .zero)
      #expect(statement.keyID == .zero)
      #expect(statement.isSigned(by: key.publicKey), "whose the kid is, is for the caller to see to")
    }
  }

  @Test("the same draft signed twice is the same statement, with whatever signature")
  func sameID() throws {
    let key = try PrivateKey(generating: .es256)
    let (first, second) = (try Self.draft.signed(by: key), try Self.draft.signed(by: key))
    #expect(first.id == second.id)
    #expect(first.signature != second.signature, "OpenSSL draws a nonce for each")
    #expect(second.isSigned(by: key.publicKey))
    var other = Self.draft
    other.payload.append(0)
    #expect(try other.signed(by: key).id != first.id)
  }

  @Test(
    "any bit of an entry flipped: refused, or something else whose signature fails",
    arguments: KeyAlgorithm.allCases)
  func flips(algorithm: KeyAlgorithm) throws {
    let key = try PrivateKey(generating: algorithm)
    let statement = try Self.draft.signed(by: key)
    var decoded = 0
    for index in statement.entry.indices {
      for bit in 0..<8 {
        var entry = statement.entry
        entry[index] ^= 1 << UInt8(bit)
        guard let other = try? SignedStatement(decoding: entry) else { continue }
        decoded += 1
        #expect(other != statement)
        #expect(!other.isSigned(by: key.publicKey), "bit \(bit) of byte \(index)")
        #expect((other.id == statement.id) == statement.view.signature.contains(index))
      }
    }
    // Payload, signature and kid decode with any bit flipped: 15, 64 and 32 bytes.
    #expect(decoded > 111 * 8)
  }

  @Test("each byte of an entry set to each value: refused, or encodes back to the same bytes")
  func everyByte() throws {
    let entry = hex(Self.foreign[0].entry)
    let signature = try SignedStatement(decoding: entry).view.signature
    for index in 0..<signature.lowerBound {
      var changed = entry
      for byte in UInt8.min ... .max {
        changed[index] = byte
        guard let other = try? SignedStatement(decoding: changed) else { continue }
        #expect(reencoded(other) == changed)
      }
    }
  }

  @Test("an entry fits up to its last byte, and one that does not says what to do instead")
  func tooLarge() throws {
    let key = try PrivateKey(generating: .ed25519)
    func draft(_ count: Int) -> StatementDraft {
      StatementDraft(contentType: "a/b", claims: nil, payload: Array(repeating: 7, count: count))
    }
    let around = try draft(60_000).signed(by: key).entry.count - 60_000
    let largest = 65_535 - around
    #expect(try draft(largest).signed(by: key).entry.count == 65_535)
    for count in [largest + 1, 65_535, 65_536, 1_000_000] {
      do {
        _ = try draft(count).signed(by: key)
        Issue.record("signed \(count) bytes")
      } catch let error as StatementError {
        #expect(error.code == .tooLarge)
        #expect(error.description.contains("deposit the file's digest instead"))
        let size = count + around + (count > 65_535 ? 2 : 0)
        #expect(error.description.contains("\(size) bytes"))
      }
    }
  }

  @Test("nothing is signed that the ledger would refuse by its shape")
  func badDrafts() throws {
    let key = try PrivateKey(generating: .ed25519)
    func claims(
      _ issuer: String = "a", _ subject: String? = "b", _ issuedAt: UInt64 = 1, _ tokenByteCount: Int = 16
    ) -> Claims {
      Claims(
        issuer: issuer, subject: subject, audience: .zero, issuedAt: issuedAt,
        tokenID: Array(repeating: 0, count: tokenByteCount))
    }
    let bad: [(String, Claims?)] = [
      ("", nil), ("text", nil), ("text/plain\n", nil), ("文/本", nil),
      (String(repeating: "a", count: 300), nil),
      ("a/b", claims("")), ("a/b", claims(String(repeating: "a", count: 65))), ("a/b", claims("a\n")),
      ("a/b", claims("a", "")), ("a/b", claims("a", String(repeating: "a", count: 256))),
      ("a/b", claims("a", "\u{7f}")),
      ("a/b", claims("a", "b", 1 << 40 + 1)), ("a/b", claims("a", "b", 1, 15)),
      ("a/b", claims("a", "b", 1, 17)),
    ]
    for (contentType, claims) in bad {
      #expect(throws: StatementError(.malformed, "")) {
        try StatementDraft(contentType: contentType, claims: claims, payload: []).signed(by: key)
      }
    }
    _ = try StatementDraft(contentType: "a/b", claims: claims(), payload: []).signed(by: key)
  }

  @Test("errors are equal by code and show their sentence")
  func errors() {
    #expect(StatementError(.malformed, "a") == StatementError(.malformed, "b"))
    #expect(StatementError(.malformed, "a") != StatementError(.tooLarge, "a"))
    #expect(Set([StatementError(.malformed, "a"), StatementError(.malformed, "b")]).count == 1)
    #expect("\(StatementError(.tooLarge, "a sentence"))" == "a sentence")
    #expect(
      StatementError.Code.allCases.map(\.rawValue) == ["malformed", "too-large", "unsupported-algorithm"])
  }
}
