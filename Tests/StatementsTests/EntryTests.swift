import LedgerCrypto
import Statements
import TestKit
import Testing

@Suite("Entry: the shape of a COSE_Sign1")
struct EntryTests {
  @Test("a header or claims whose map is not in deterministic order are refused with words that say so")
  func order() throws {
    let header = HandMadeEntry { ($0.algorithm, $0.contentType) = ($0.contentType, $0.algorithm) }
    let claims = HandMadeEntry(claims: { ($0.issuer, $0.subject) = ($0.subject, $0.issuer) })
    let twice = HandMadeEntry { $0.contentType = $0.algorithm }
    for made in [header, claims, twice] {
      let error = #expect(throws: StatementError.self) { try SignedStatement(decoding: made.bytes) }
      #expect(error?.code == .malformed)
      #expect(
        error?.description.contains("not in deterministic order") == true, "\(String(describing: error))")
    }
    // What is in order is told as before.
    let error = #expect(throws: StatementError.self) {
      try SignedStatement(decoding: HandMadeEntry { $0.keyID = [] }.bytes)
    }
    #expect(error?.description.contains("deterministic") == false)
  }

  @Test("every part of an entry that was made by hand is found where it lies")
  func parts() throws {
    let made = HandMadeEntry()
    let bytes = made.bytes
    let view = try EntryView(reading: bytes)
    #expect(view.algorithm == .es256)
    #expect(view.keyID.bytes == Array(repeating: 0x5a, count: 32))
    #expect(Array(bytes[view.contentType]) == Array("text/plain".utf8))
    #expect(Array(bytes[view.protected]) == made.protected)
    #expect(Array(bytes[view.payload]) == [1, 2, 3])
    #expect(Array(bytes[view.signature]) == Array(repeating: 0x77, count: 64))
    let claims = try #require(view.claims)
    #expect(Array(bytes[claims.issuer]) == Array("data-bureau".utf8))
    #expect(claims.subject.map { Array(bytes[$0]) } == Array("case 2026-001".utf8))
    #expect(claims.audience?.hex == String(repeating: "0a", count: 32))
    #expect(claims.issuedAt == 0x6924_8100)
    #expect(Array(bytes[claims.tokenID]) == Array(repeating: 0x5a, count: 16))

    let statement = try SignedStatement(decoding: bytes)
    #expect(statement.entry == bytes)
    #expect(statement.view == view)
    #expect(statement.algorithm == .es256)
    #expect(statement.keyID == view.keyID)
    #expect(statement.contentType == "text/plain")
    #expect(statement.payload == [1, 2, 3])
    #expect(statement.signature == Array(repeating: 0x77, count: 64))
    #expect(
      statement.claims
        == Claims(
          issuer: "data-bureau", subject: "case 2026-001", audience: claims.audience, issuedAt: 0x6924_8100,
          tokenID: Array(repeating: 0x5a, count: 16)))
  }

  @Test("the Sig_structure is RFC 9052's, and its hash the statement id")
  func sigStructure() throws {
    for payloadCount in [0, 23, 24, 255, 256, 60_000] {
      let made = HandMadeEntry { $0.payload = Hand.bytes(count: payloadCount) }
      let bytes = made.bytes
      let expected = [0x84] + Hand.text("Signature1") + Hand.bytes(made.protected) + [0x40] + made.payload
      let view = try EntryView(reading: bytes)
      var buffer: [UInt8] = [9, 9]
      view.appendSigStructure(of: bytes.span, to: &buffer)
      #expect(buffer == [9, 9] + expected)
      var hasher = SHA256()
      #expect(view.statementID(of: bytes.span, using: &hasher) == SHA256.digest(of: expected))
      // The hasher is left ready for the next.
      #expect(view.statementID(of: bytes.span, using: &hasher) == SHA256.digest(of: expected))
      let statement = try SignedStatement(decoding: bytes)
      #expect(statement.sigStructure == expected)
      #expect(statement.id == SHA256.digest(of: expected))
    }
  }

  @Test("the id does not depend on the signature, and depends on all else")
  func statementID() throws {
    func id(_ change: (inout HandMadeEntry) -> Void) throws -> Digest {
      try SignedStatement(decoding: HandMadeEntry(change).bytes).id
    }
    let first = try id { _ in }
    #expect(try id { $0.signature = Hand.bytes(count: 64, of: 0x00) } == first)
    #expect(try id { $0.signature = Hand.bytes(count: 64, of: 0x7e) } == first)
    let others = try [
      id { $0.algorithm = [0x01, 0x27] }, id { $0.algorithm = [0x01, 0x28] },
      id { $0.algorithm = [0x01, 0x32] },
      id { $0.contentType = [0x03] + Hand.text("text/html") },
      id { $0.keyID = [0x04] + Hand.bytes(count: 32, of: 1) }, id { $0.claims = [] },
      id { $0.payload = Hand.bytes([]) }, id { $0.payload = Hand.bytes([1, 2, 4]) },
    ]
    #expect(Set(others + [first]).count == 9)
    let (one, other) = (
      try SignedStatement(decoding: HandMadeEntry().bytes),
      try SignedStatement(decoding: HandMadeEntry { $0.signature = Hand.bytes(count: 64, of: 0) }.bytes)
    )
    #expect(one != other)
    #expect(one == (try SignedStatement(decoding: one.entry)))
    #expect(Set([one, other, one]).count == 2)
  }

  @Test("the four known algorithms are read, each other integer is unsupported, and text is malformed")
  func algorithms() throws {
    let known: [([UInt8], SignatureAlgorithm, KeyAlgorithm)] = [
      ([0x26], .es256, .es256), ([0x27], .edDSA, .ed25519), ([0x28], .esp256, .es256),
      ([0x32], .ed25519, .ed25519),
    ]
    #expect(Set(known.map(\.1)) == Set(SignatureAlgorithm.allCases))
    for (bytes, algorithm, keyAlgorithm) in known {
      let entry = HandMadeEntry { $0.algorithm = [0x01] + bytes }.bytes
      #expect(try EntryView(reading: entry).algorithm == algorithm)
      #expect(algorithm.keyAlgorithm == keyAlgorithm)
      #expect(bytes == CBOR(algorithm.rawValue).encoded)
    }
    #expect(SignatureAlgorithm(for: .es256).rawValue == -7)
    #expect(SignatureAlgorithm(for: .ed25519).rawValue == -8)
    // Every one-byte integer, ES384 and ES512, RS256, Ed448, −999, and the ends of the range.
    let oneByte = (0x00...0x17).map { [UInt8($0)] } + (0x20...0x37).map { [UInt8($0)] }
    let others = [
      "3822", "3823", "390100", "3834", "3903e6", "1903e6", "3bffffffffffffffff", "1bffffffffffffffff",
    ]
    for bytes in oneByte + others.map({ hex($0) }) where !known.contains(where: { $0.0 == bytes }) {
      #expect(HandMadeEntry { $0.algorithm = [0x01] + bytes }.refusal == .unsupportedAlgorithm, "\(bytes)")
    }
    for bytes in [
      Hand.text("ES256"), Hand.bytes([0x26]), [0xf6], [0x80], [0xa0], [0xd2, 0x26], [0x38, 0x06],
    ] {
      #expect(HandMadeEntry { $0.algorithm = [0x01] + bytes }.refusal == .malformed, "\(bytes)")
    }
  }

  @Test("an entry has tag 18, an array of four, an empty unprotected header and a signature of 64 bytes")
  func outerShape() {
    let wrong: [(String, (inout HandMadeEntry) -> Void)] = [
      ("no tag", { $0.opening = [0x84] }),
      ("another tag", { $0.opening = [0xd1, 0x84] }),
      ("COSE_Sign's tag", { $0.opening = [0xd8, 0x62, 0x84] }),
      ("a long tag", { $0.opening = [0xd8, 0x12, 0x84] }),
      ("the tag twice", { $0.opening = [0xd2, 0xd2, 0x84] }),
      ("the self-described tag before it", { $0.opening = [0xd9, 0xd9, 0xf7, 0xd2, 0x84] }),
      ("an array of three", { $0.opening = [0xd2, 0x83] }),
      (
        "an array of five",
        {
          $0.opening = [0xd2, 0x85]; $0.after = [0xf6]
        }
      ),
      ("a long array", { $0.opening = [0xd2, 0x98, 0x04] }),
      (
        "an indefinite array",
        {
          $0.opening = [0xd2, 0x9f]; $0.after = [0xff]
        }
      ),
      ("a map", { $0.opening = [0xd2, 0xa2] }),
      ("something unprotected", { $0.unprotected = [0xa1, 0x04, 0x41, 0x31] }),
      ("an unprotected array", { $0.unprotected = [0x80] }),
      ("unprotected null", { $0.unprotected = [0xf6] }),
      ("unprotected bytes", { $0.unprotected = [0x40] }),
      ("a long empty map", { $0.unprotected = [0xb8, 0x00] }),
      ("an indefinite map", { $0.unprotected = [0xbf, 0xff] }),
      ("a detached payload", { $0.payload = [0xf6] }),
      ("a payload of text", { $0.payload = Hand.text("abc") }),
      ("a long payload head", { $0.payload = [0x58, 0x03, 1, 2, 3] }),
      ("an indefinite payload", { $0.payload = [0x5f, 0x43, 1, 2, 3, 0xff] }),
      ("a signature of 63", { $0.signature = Hand.bytes(count: 63) }),
      ("a signature of 65", { $0.signature = Hand.bytes(count: 65) }),
      ("an empty signature", { $0.signature = [0x40] }),
      ("no signature", { $0.signature = [] }),
      ("a signature of text", { $0.signature = Hand.text(String(repeating: "s", count: 64)) }),
      ("a null signature", { $0.signature = [0xf6] }),
      ("a long signature head", { $0.signature = [0x59, 0x00, 0x40] + Array(repeating: 0, count: 64) }),
      ("a byte after", { $0.after = [0x00] }),
      ("a null after", { $0.after = [0xf6] }),
    ]
    for (what, change) in wrong { #expect(HandMadeEntry(change).refusal == .malformed, "\(what)") }
    #expect(HandMadeEntry().isAccepted)
    #expect(HandMadeEntry { $0.payload = [0x40] }.isAccepted)
    expectMalformed { () throws(StatementError) in _ = try EntryView(reading: ([] as [UInt8])) }
  }

  @Test("the protected labels are 1, 3, 4 and maybe 15, and nothing else")
  func protectedLabels() {
    let more: [UInt8] = [0x0f] + HandMadeClaims().bytes
    let wrong: [(String, (inout HandMadeEntry) -> Void)] = [
      ("no alg", { $0.algorithm = [] }),
      ("no content type", { $0.contentType = [] }),
      ("no kid", { $0.keyID = [] }),
      (
        "no claims, one label less counted",
        {
          $0.claims = []; $0.parameterCount = 4
        }
      ),
      ("claims that are not counted", { $0.parameterCount = 3 }),
      ("one label more counted", { $0.parameterCount = 5 }),
      (
        "two labels more counted, and no claims",
        {
          $0.claims = []
          $0.parameterCount = 5
        }
      ),
      (
        "two labels counted, and no claims",
        {
          $0.claims = []
          $0.parameterCount = 2
        }
      ),
      ("crit", { $0.algorithm += [0x02, 0x81, 0x0f] }),
      ("an IV", { $0.claims = [0x05, 0x41, 0x00] }),
      (
        "an IV too",
        {
          $0.keyID += [0x05, 0x41, 0x00]; $0.parameterCount = 5
        }
      ),
      (
        "x5chain",
        {
          $0.otherParameters = [0x18, 0x21, 0x41, 0x00]; $0.parameterCount = 5
        }
      ),
      ("x5chain in place of claims", { $0.claims = [0x18, 0x21, 0x41, 0x00] }),
      (
        "a text label",
        {
          $0.otherParameters = [0x61, 0x61, 0x00]; $0.parameterCount = 5
        }
      ),
      ("a negative label", { $0.claims = [0x20, 0x00] }),
      (
        "claims twice",
        {
          $0.otherParameters = more; $0.parameterCount = 5
        }
      ),
      (
        "alg twice",
        {
          $0.algorithm += [0x01, 0x26]; $0.parameterCount = 5
        }
      ),
      ("kid before the content type", { swap(&$0.contentType, &$0.keyID) }),
      ("the content type before alg", { swap(&$0.contentType, &$0.algorithm) }),
      ("claims before kid", { swap(&$0.claims, &$0.keyID) }),
      ("a byte after the map", { $0.otherParameters = [0xf6] }),
      ("a long label", { $0.algorithm = [0x18, 0x01, 0x26] }),
    ]
    for (what, change) in wrong { #expect(HandMadeEntry(change).refusal == .malformed, "\(what)") }
    #expect(HandMadeEntry { $0.claims = [] }.isAccepted)
    // An empty protected header, an empty map in it, and one that is no map or not in bytes.
    let outer = HandMadeEntry()
    for protected in [
      [0x40], [0x41, 0xa0], [0x41, 0x80], [0x41, 0xf6], [0xa0], Hand.text(outer.protected),
    ] {
      let bytes = outer.opening + protected + outer.unprotected + outer.payload + outer.signature
      expectMalformed { () throws(StatementError) in _ = try EntryView(reading: bytes) }
    }
    let indefinite = [0xbf] + outer.protected.dropFirst() + [0xff]
    let bytes = outer.opening + Hand.bytes(indefinite) + outer.unprotected + outer.payload + outer.signature
    expectMalformed { () throws(StatementError) in _ = try EntryView(reading: bytes) }
  }

  @Test("a kid has 32 bytes")
  func keyIDs() {
    for count in [0, 1, 31, 32, 33, 64] {
      #expect(HandMadeEntry { $0.keyID = [0x04] + Hand.bytes(count: count) }.isAccepted == (count == 32))
    }
    #expect(!HandMadeEntry { $0.keyID = [0x04] + Hand.text(String(repeating: "k", count: 32)) }.isAccepted)
    #expect(!HandMadeEntry { $0.keyID = [0x04, 0xf6] }.isAccepted)
  }

  @Test("an entry may have 65,535 bytes and not one more")
  func size() {
    let around = HandMadeEntry { $0.payload = [] }.bytes.count + 3
    for (count, refusal) in [
      (65_534, nil), (65_535, nil), (65_536, .tooLarge), (65_537, .tooLarge), (200_000, .tooLarge),
    ] as [(Int, StatementError.Code?)] {
      let payload = count - around - (count - around > 65_535 ? 2 : 0)
      let made = HandMadeEntry { $0.payload = Hand.bytes(count: payload) }
      #expect(made.bytes.count == count)
      #expect(made.refusal == refusal)
    }
    #expect(EntryView.maximumEntryByteCount == 65_535)
    #expect(StatementDraft.maximumEntryByteCount == 65_535)
  }

  @Test(
    "a huge declared length is refused",
    arguments: ["5b7fffffffffffffff", "5bffffffffffffffff", "5affffffff", "59ffff", "58ff"])
  func hugeLengths(head: String) {
    expectMalformed { () throws(StatementError) in
      _ = try EntryView(reading: hex("d284" + head + "00"))
    }
    #expect(!HandMadeEntry { $0.payload = hex(head) + [0x00] }.isAccepted)
    #expect(!HandMadeEntry { $0.signature = hex(head) + Array(repeating: 0, count: 64) }.isAccepted)
    #expect(!HandMadeEntry { $0.keyID = [0x04] + hex(head) + Array(repeating: 0, count: 32) }.isAccepted)
  }

  @Test("an entry cut short anywhere is refused")
  func cutShort() {
    let bytes = HandMadeEntry().bytes
    for count in 0..<bytes.count {
      expectMalformed("cut to \(count)") { () throws(StatementError) in
        _ = try EntryView(reading: Array(bytes[..<count]))
      }
    }
  }

  @Test("the protected header cut short anywhere is refused, though the entry around it is whole")
  func headerCutShort() {
    let made = HandMadeEntry()
    for count in 0..<made.protected.count {
      let bytes =
        made.opening + Hand.bytes(Array(made.protected[..<count])) + made.unprotected + made.payload
        + made.signature
      expectMalformed("cut to \(count)") { () throws(StatementError) in
        _ = try EntryView(reading: bytes)
      }
    }
  }
}
