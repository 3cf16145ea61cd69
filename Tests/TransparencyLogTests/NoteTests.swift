import LedgerCrypto
import Testing
import TransparencyLog

@Suite("Verifier keys")
struct NoteVerifierKeyTests {
  static let published = [
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop",
    "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    "Wit1+55ee4561+AVhZSmQj9+SoL+p/nN0Hh76xXmF7QcHfytUrI1XfSClk",
  ]

  @Test(
    "keys that others published are read, with the ID that is theirs, and written as they were",
    arguments: published + [Fixture.logVerifierKey] + Fixture.witnessVerifierKeys)
  func publishedKeys(text: String) throws {
    let key = try NoteVerifierKey(text)
    #expect(key.description == text)
    #expect(try NoteVerifierKey(name: key.name, type: key.type, publicKey: key.publicKey) == key)
  }

  @Test("a key is what it says")
  func parts() throws {
    let key = try NoteVerifierKey(Self.published[0])
    #expect(key.name == "example.com/foo")
    #expect(key.keyID == 0x530d_903a)
    #expect(key.type == .ed25519)
    #expect(try NoteVerifierKey(Self.published[4]).type == .cosignature)
  }

  @Test(
    "any other text is refused",
    arguments: [
      "", "+", "++", "example.com/foo", "example.com/foo+530d903a",
      "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/fo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+0530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+0x530d90+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
      "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n",
      " example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+530d903a+",
      "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
      "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ])
  func refused(text: String) {
    #expect(refusal { _ = try NoteVerifierKey(text) } == .malformedKey)
  }

  @Test(
    "signature types of others are refused as such",
    arguments: [
      "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
      "rekor.sigstore.dev+12345678+AwEB",
    ])
  func unsupported(text: String) {
    #expect(refusal { _ = try NoteVerifierKey(text) } == .unsupportedKey)
  }

  @Test("each change of one bit of a key's text is refused or another key")
  func bitFlips() throws {
    let text = Array(Self.published[0].utf8)
    let key = try NoteVerifierKey(Self.published[0])
    for position in text.indices {
      for bit in 0..<8 {
        var changed = text
        changed[position] ^= 1 << bit
        guard let changed = String(validating: changed, as: UTF8.self) else { continue }
        if let other = try? NoteVerifierKey(changed) { #expect(other != key) }
      }
    }
  }

  @Test(
    "a name that a note cannot carry is refused",
    arguments: [
      "", "a b", "a+b", "a\tb", "a\nb", "a\u{a0}b", "a\u{2003}b", "\u{3000}", "a\u{85}", "a\u{0}", "a\u{1f}",
    ])
  func names(name: String) throws {
    let publicKey = try NoteVerifierKey(Self.published[0]).publicKey
    #expect(
      refusal { _ = try NoteVerifierKey(name: name, type: .ed25519, publicKey: publicKey) } == .malformedKey)
    #expect(refusal { _ = try NoteSignature(name: name, keyID: 0, signature: [1]) } == .malformedKey)
  }

  @Test("a key of another kind than Ed25519 makes no verifier key")
  func otherKinds() throws {
    let key = try PrivateKey(pem: Fixture.p256Key)
    #expect(
      refusal { _ = try NoteVerifierKey(name: "a", type: .ed25519, publicKey: key.publicKey) }
        == .unsupportedKey)
    #expect(refusal { _ = try NoteSigner(name: "a", type: .cosignature, key: key) } == .unsupportedKey)
  }

  @Test("names that String calls equal are different keys")
  func kelvin() throws {
    let publicKey = try NoteVerifierKey(Self.published[0]).publicKey
    let plain = try NoteVerifierKey(name: "K", type: .ed25519, publicKey: publicKey)
    let kelvin = try NoteVerifierKey(name: "\u{212a}", type: .ed25519, publicKey: publicKey)
    #expect(plain != kelvin)
    #expect(plain.keyID != kelvin.keyID)
    let line = try NoteSignature(name: "\u{212a}", keyID: plain.keyID, signature: [1])
    #expect(!line.names(plain))
  }
}

@Suite("Signed notes")
struct SignedNoteTests {
  static let example = """
    This is an example message.

    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=

    """
  static let text = """
    If you think cryptography is the answer to your problem,
    then you don't know what your problem is.

    """
  static let peter =
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
  static let enoch =
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
  static let sumDB = """
    go.sum database tree
    6476701
    mb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=

    — sum.golang.org Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPWL+o3GeoWwOoAw=

    """

  static func key(_ position: Int) throws -> NoteVerifierKey {
    try NoteVerifierKey(NoteVerifierKeyTests.published[position])
  }

  @Test(
    "notes that others signed are verified and written as they were",
    arguments: [(example, 0), (text + "\n" + peter, 1), (text + "\n" + enoch, 2), (sumDB, 3)])
  func published(note text: String, key position: Int) throws {
    let note = try SignedNote(text)
    #expect(note.bytes == Array(text.utf8))
    let key = try Self.key(position)
    #expect(try note.verified(by: [key]).map(\.key) == [key])
    #expect(try note.verified(by: [key]).map(\.timestamp) == [nil])
    #expect(try SignedNote(text: note.text, signatures: note.signatures) == note)
  }

  @Test("a note's text is what stands before the last empty line")
  func lastEmptyLine() throws {
    let note = try SignedNote("\n\nfirst\n\nsecond\n\n\n— a AAAAAQE=\n")
    #expect(note.text == "\n\nfirst\n\nsecond\n\n")
    #expect(note.bytes == Array("\n\nfirst\n\nsecond\n\n\n— a AAAAAQE=\n".utf8))
    #expect(try SignedNote("\n\n— a AAAAAQE=\n").text == "\n")
    #expect(note.signatures == [try NoteSignature(name: "a", keyID: 1, signature: [1])])
  }

  @Test("lines of unknown keys are ignored, those too that share a name or an ID")
  func unknownKeys() throws {
    let (peter, enoch) = (try Self.key(1), try Self.key(2))
    let note = try SignedNote(Self.text + "\n" + Self.peter + Self.enoch)
    #expect(try note.verified(by: [peter]).map(\.key) == [peter])
    #expect(try note.verified(by: [enoch]).map(\.key) == [enoch])
    #expect(try note.verified(by: [enoch, peter]).map(\.key) == [peter, enoch])
    #expect(refusal { _ = try note.verified(by: []) } == .unknownKey)
    #expect(refusal { _ = try note.verified(by: [Self.key(0), Self.key(3)]) } == .unknownKey)
    var shared = note
    try shared.append(NoteSignature(name: "PeterNeumann", keyID: 0xc74f_20a4, signature: [1]))
    try shared.append(NoteSignature(name: "PeterNeuman", keyID: peter.keyID, signature: [1]))
    #expect(try shared.verified(by: [peter, enoch]).count == 2)
  }

  @Test("a bad signature of a known key rejects the whole note, wherever its line is")
  func badSignature() throws {
    let (peter, enoch) = (try Self.key(1), try Self.key(2))
    let bad = try NoteSignature(
      name: "PeterNeumann", keyID: peter.keyID, signature: Array(repeating: 1, count: 64))
    let short = try NoteSignature(name: "PeterNeumann", keyID: peter.keyID, signature: [1])
    let good = try SignedNote(Self.text + "\n" + Self.peter + Self.enoch).signatures
    for signatures in [
      [bad], [bad, good[1]], [good[1], bad], [good[0], bad], [good[0], good[1], bad], [good[0], short],
    ] {
      let note = try SignedNote(text: Self.text, signatures: signatures)
      #expect(refusal { _ = try note.verified(by: [peter, enoch]) } == .badSignature)
      #expect(
        refusal { _ = try note.verified(by: [enoch]) } == (signatures.contains(good[1]) ? nil : .unknownKey))
    }
    let other = try SignedNote(text: Self.text + "\n", signatures: good)
    #expect(refusal { _ = try other.verified(by: [peter]) } == .badSignature)
  }

  @Test("a key verifies its own line alone")
  func oneLine() throws {
    let note = try SignedNote(Fixture.checkpoint)
    let keys = try ([Fixture.logVerifierKey] + Fixture.witnessVerifierKeys).map { try NoteVerifierKey($0) }
    for (row, key) in keys.enumerated() {
      for (column, line) in note.signatures.enumerated() {
        let verified = key.verify(line, over: note.text)
        #expect((verified != nil) == (row == column))
        #expect(verified?.timestamp == (row == column && row > 0 ? Fixture.times[row - 1] : nil))
        #expect(line.names(key) == (row == column))
      }
      #expect(key.verify(note.signatures[row], over: note.text + "x\n") == nil)
    }
  }

  @Test("a repeated line is kept, and counts as its key's twice")
  func repeated() throws {
    let note = try SignedNote(Self.text + "\n" + Self.peter + Self.peter)
    #expect(note.signatures.count == 2)
    #expect(try note.verified(by: [Self.key(1)]).count == 2)
  }

  @Test("of two keys with one name and ID, a signature is whose key it holds under")
  func collidingKeys() throws {
    let signers = try Fixture.collidingKeys.map {
      try NoteSigner(name: "collision", type: .ed25519, key: PrivateKey(pem: $0))
    }
    let keys = signers.map(\.verifierKey)
    #expect(keys[0].keyID == keys[1].keyID)
    #expect(keys[0] != keys[1])
    for (signer, other) in [(signers[0], keys[1]), (signers[1], keys[0])] {
      let note = try SignedNote(text: "text\n", signatures: [signer.sign("text\n")])
      for order in [keys, keys.reversed()] {
        #expect(try note.verified(by: order).map(\.key) == [signer.verifierKey])
      }
      // Who knows only the other key must take it for a bad signature.
      #expect(refusal { _ = try note.verified(by: [other]) } == .badSignature)
    }
    let peter = try Self.key(1)
    let note = try SignedNote(Self.text + "\n" + Self.peter)
    #expect(try note.verified(by: [peter, peter]).count == 1)
  }

  static let malformedTexts: [String] = [
    "", "\n", "\n\n", "text", "text\n", "text\n\n", text + "\n", text + peter, text + "\n" + peter.dropLast(),
    "\u{1}" + text + "\n" + peter, text + "\r\n\n" + peter, "a\tb\n\n" + peter, "\u{0}\n\n" + peter,
    text + "\n"
      + "— Bad Name x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
    text + "\n" + peter + "Unexpected line.\n", text + "\n" + "Unexpected line.\n" + peter,
    text + "\n" + peter + "— \n",
    text + "\n— PeterNeumann\n", text + "\n— PeterNeumann \n", text + "\n—  AAAAAQE=\n",
    text + "\n— a+b AAAAAQE=\n",
    text + "\n— a\u{a0}b AAAAAQE=\n", text + "\n— a\tb AAAAAQE=\n", text + "\n— a AAAAAQE= \n",
    text + "\n— a AAAAAQE\n",
    text + "\n— a AAAAAQF=\n", text + "\n— a AAAA\n", text + "\n— a AAAAAA==\n", text + "\n— a  AAAAAQE=\n",
    text + "\n- a AAAAAQE=\n", text + "\n–  a AAAAAQE=\n", text + "\n—a AAAAAQE=\n",
    text + "\n —  a AAAAAQE=\n",
    text + "\n\u{2014}\u{a0}a AAAAAQE=\n", text + "\n— a AAAAAQE=\r\n", text + "\n— a AAAAAQE=\n\n",
    text + "\n— a AAAA AQE=\n",
    text + "\n— a AAAAAQE=", "— a AAAAAQE=\n", "\n— a AAAAAQE=\n", text + "\n— a AAAAAQ-_\n",
    "\u{feff}— a AAAAAQE=\n",
  ]

  @Test("what is not a note is refused", arguments: malformedTexts)
  func malformed(text: String) {
    #expect(refusal { _ = try SignedNote(text) } == .malformedNote)
  }

  @Test(
    "bytes that are not UTF-8 are refused, in the text, a name or a signature",
    arguments: [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x80], [0x80]]
      as [[UInt8]])
  func notUTF8(bytes: [UInt8]) {
    let inputs = [
      bytes + Array((Self.text + "\n" + Self.peter).utf8),
      Array("text\n\n— a".utf8) + bytes + Array("b AAAAAQE=\n".utf8),
      Array("text\n\n— a AAAA".utf8) + bytes + Array("AQE=\n".utf8),
    ]
    for input in inputs { #expect(refusal { _ = try SignedNote(parsing: input.span) } == .malformedNote) }
  }

  @Test("64 signatures and 65,536 bytes are accepted, one more is not")
  func bounds() throws {
    let line = "— a AAAAAQE=\n"
    #expect(try SignedNote("text\n\n" + String(repeating: line, count: 16)).signatures.count == 16)
    var full = try SignedNote("text\n\n" + String(repeating: line, count: 64))
    #expect(refusal { _ = try SignedNote("text\n\n" + String(repeating: line, count: 65)) } == .malformedNote)
    let before = full
    #expect(refusal { try full.append(full.signatures[0]) } == .malformedNote)
    #expect(full == before)

    let ending = "\n\n" + line
    let large = String(repeating: "x", count: 65_536 - ending.utf8.count) + ending
    #expect(try SignedNote(large).bytes.count == 65_536)
    #expect(refusal { _ = try SignedNote("x" + large) } == .malformedNote)
    let note = try SignedNote(large)
    #expect(
      refusal { _ = try SignedNote(text: "x" + note.text, signatures: note.signatures) } == .malformedNote)
    #expect(refusal { _ = try SignedNote(text: "text\n", signatures: []) } == .malformedNote)
    #expect(refusal { _ = try SignedNote(text: "text", signatures: note.signatures) } == .malformedNote)
    #expect(refusal { _ = try SignedNote(text: "", signatures: note.signatures) } == .malformedNote)
    #expect(refusal { _ = try SignedNote(text: "a\u{7}\n", signatures: note.signatures) } == .malformedNote)
    #expect(refusal { _ = try NoteSignature(name: "a", keyID: 1, signature: []) } == .malformedSignature)
  }
}

@Suite("Signing notes")
struct NoteSignerTests {
  @Test("a signer makes the very signatures that OpenSSL makes")
  func likeOpenSSL() throws {
    let note = try SignedNote(Fixture.checkpoint)
    let log = try NoteSigner(
      name: "log.example/fixture", type: .ed25519, key: PrivateKey(pem: Fixture.logKey))
    #expect(log.verifierKey.description == Fixture.logVerifierKey)
    #expect(try log.sign(note.text) == note.signatures[0])
    for (number, pem) in [Fixture.witness1Key, Fixture.witness2Key, Fixture.witness3Key].enumerated() {
      let name = "w\(number + 1).example/witness"
      let witness = try NoteSigner(name: name, type: .cosignature, key: PrivateKey(pem: pem))
      #expect(witness.verifierKey.description == Fixture.witnessVerifierKeys[number])
      #expect(try witness.cosign(note.text, time: Fixture.times[number]) == note.signatures[number + 1])
    }
  }

  @Test("what cannot be a note's text is not signed, and only checkpoints are cosigned")
  func refused() throws {
    let key = try PrivateKey(generating: .ed25519)
    let signer = try NoteSigner(name: "a", type: .ed25519, key: key)
    for text in ["", "text", "a\r\n", "a\u{0}\n", "\n\nx"] {
      #expect(refusal { _ = try signer.sign(text) } == .malformedNote)
    }
    let cosigner = try NoteSigner(name: "a", type: .cosignature, key: key)
    #expect(refusal { _ = try cosigner.cosign("text\n", time: 1) } == .malformedCheckpoint)
    let text = try SignedNote(Fixture.checkpoint).text
    #expect(refusal { _ = try cosigner.cosign(text, time: 1 << 63) } == .malformedSignature)
    #expect(refusal { _ = try cosigner.cosign(text, time: (1 << 63) - 1) } == nil)
  }
}
