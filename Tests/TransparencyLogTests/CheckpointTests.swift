import LedgerCrypto
import TestKit
import Testing
import TransparencyLog

@Suite("Checkpoints")
struct CheckpointTests {
  static let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

  @Test("the specification's example is read and written")
  func example() throws {
    let checkpoint = try Checkpoint(parsing: Self.text)
    #expect(checkpoint.origin == "example.com/behind-the-sofa")
    #expect(checkpoint.size == 20_852_163)
    #expect(checkpoint.root.bytes == Base64.decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="))
    #expect(checkpoint.extensions.isEmpty)
    #expect(checkpoint.text == Self.text)
  }

  @Test(
    "what the rules allow is read and written as it was",
    arguments: [
      text + "extension\n", text + "one\ntwo — three\n20852163\n", text.replacing("20852163", with: "1"),
      text.replacing("20852163", with: "18446744073709551615"),
      text.replacing("example", with: "go.sum database 树"),
      "o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
    ])
  func accepted(text: String) throws {
    let checkpoint = try Checkpoint(parsing: text)
    #expect(checkpoint.text == text)
    let again = try Checkpoint(
      origin: checkpoint.origin, size: checkpoint.size, root: checkpoint.root,
      extensions: checkpoint.extensions)
    #expect(again == checkpoint)
  }

  static let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

  @Test(
    "what is not a checkpoint is refused",
    arguments: [
      "", "\n", "\n\n\n", "o\n", "o\n1\n", "o\n1\n\(root)", "\n1\n\(root)\n", "o\n\n\(root)\n", "o\n1\n\n",
      "o\n1\n\(root)\n\n",
      "o\n1\n\(root)\n\nx\n", "o\n1\n\(root)\nx\n\n", "o\n01\n\(root)\n", "o\n00\n\(root)\n",
      "o\n+1\n\(root)\n", "o\n-1\n\(root)\n",
      "o\n 1\n\(root)\n", "o\n1 \n\(root)\n", "o\n1_0\n\(root)\n", "o\n0x1\n\(root)\n",
      "o\n18446744073709551616\n\(root)\n",
      "o\n3438945738945739845734895735\n\(root)\n", "o\nbananas\n\(root)\n", "o\n1\nThisIsn'tBase64\n",
      "o\n1\nYmFuYW5hcw==\n",
      "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
      "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
      "o\n1\n\(root) \n", "o\n1\n \(root)\n", "o\r\n1\n\(root)\n", "o\n1\r\n\(root)\n", "o\n1\n\(root)\r\n",
      "o\t\n1\n\(root)\n",
      "o\u{0}\n1\n\(root)\n", "o\n1\n\(root)\nx\u{1b}\n", "o\n0\n\(root)\n", "o\n１\n\(root)\n",
      "o\n1\n\(root)\nx",
      "o\n1\nAAAACsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    ])
  func refused(text: String) {
    #expect(refusal { _ = try Checkpoint(parsing: text) } == .malformedCheckpoint)
  }

  @Test("parts that would not be read back make no checkpoint")
  func refusedParts() {
    for (origin, extensions) in [
      ("", []), ("a\nb", []), ("a\tb", []), ("a", [""]), ("a", ["x\ny"]), ("a", ["x", "\u{0}"]),
    ] {
      #expect(
        refusal { _ = try Checkpoint(origin: origin, size: 1, root: .zero, extensions: extensions) }
          == .malformedCheckpoint)
    }
    #expect(refusal { _ = try Checkpoint(origin: "a", size: 0, root: .zero) } == .malformedCheckpoint)
    #expect(refusal { _ = try Checkpoint(origin: "a", size: 0, root: Merkle.emptyRoot) } == nil)
  }

  @Test("origins that String calls equal are different checkpoints")
  func kelvin() throws {
    #expect(
      try Checkpoint(origin: "K", size: 1, root: .zero)
        != Checkpoint(origin: "\u{212a}", size: 1, root: .zero))
  }
}

@Suite("Cosignatures")
struct CosignatureTests {
  static let text = try! SignedNote(Fixture.checkpoint).text

  @Test("the message is that of the specification")
  func message() {
    let expected = "cosignature/v1\ntime 1679315147\n" + CheckpointTests.text
    #expect(Cosignature.message(timestamp: 1_679_315_147, text: CheckpointTests.text) == Array(expected.utf8))
  }

  @Test("the specification's example carries the time of its message")
  func example() throws {
    let note = try SignedNote(
      CheckpointTests.text + """

        — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
        — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==

        """)
    #expect(note.signatures.map(\.name) == ["example.com/behind-the-sofa", "witness.example.com/w1"])
    let blob = note.signatures[1].signature
    let cosignature = try Cosignature(parsing: blob.span)
    #expect(cosignature.timestamp == 1_679_315_147)
    #expect(cosignature.bytes == blob)
  }

  @Test("cosignatures that OpenSSL made are verified, with their times")
  func verified() throws {
    let note = try SignedNote(Fixture.checkpoint)
    let keys = try Fixture.witnessVerifierKeys.map { try NoteVerifierKey($0) }
    let verified = try note.verified(by: keys)
    #expect(verified.map(\.key) == keys)
    #expect(verified.map(\.timestamp) == Fixture.times)
  }

  @Test("a changed byte of a cosignature, its time among them, or of the text is refused")
  func changed() throws {
    let note = try SignedNote(Fixture.checkpoint)
    let key = try NoteVerifierKey(Fixture.witnessVerifierKeys[0])
    let line = note.signatures[1]
    for position in line.signature.indices {
      var bytes = line.signature
      bytes[position] ^= 1
      let changed = try NoteSignature(name: line.name, keyID: line.keyID, signature: bytes)
      let forged = try SignedNote(text: note.text, signatures: [changed])
      #expect(refusal { _ = try forged.verified(by: [key]) } == .badSignature)
    }
    let other = try SignedNote(text: note.text.replacing("\n8\n", with: "\n9\n"), signatures: note.signatures)
    #expect(refusal { _ = try other.verified(by: [key]) } == .badSignature)
    let extended = try SignedNote(text: note.text + "extension\n", signatures: note.signatures)
    #expect(refusal { _ = try extended.verified(by: [key]) } == .badSignature)
  }

  @Test("bytes that are no cosignature are refused")
  func malformed() throws {
    for count in [0, 8, 64, 71, 73] {
      let bytes = [UInt8](repeating: 0, count: count)
      #expect(refusal { _ = try Cosignature(parsing: bytes.span) } == .malformedSignature)
    }
    var bytes = [UInt8](repeating: 0, count: 72)
    bytes[0] = 0x80
    #expect(refusal { _ = try Cosignature(parsing: bytes.span) } == .malformedSignature)
    bytes.replaceSubrange(0..<8, with: [0x7f] + Array(repeating: 0xff, count: 7))
    let latest = try Cosignature(parsing: bytes.span)
    #expect(latest.timestamp == Cosignature.latestTimestamp)
    #expect(refusal { _ = try Cosignature(timestamp: 0, signature: [1]) } == .malformedSignature)
  }

  @Test("a time above 2^63 - 1 is refused although its signature holds")
  func lateTime() throws {
    let key = try PrivateKey(generating: .ed25519)
    let verifierKey = try NoteVerifierKey(name: "w", type: .cosignature, publicKey: key.publicKey)
    for (time, code) in [(1 << 63 - 1, nil), (1 << 63, .badSignature), (.max, .badSignature)]
      as [(UInt64, LogError.Code?)]
    {
      let signature = try key.signature(over: Cosignature.message(timestamp: time, text: Self.text))
      let blob =
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: time >> UInt64($0)) } + signature
      let line = try NoteSignature(name: "w", keyID: verifierKey.keyID, signature: blob)
      let note = try SignedNote(text: Self.text, signatures: [line])
      #expect(refusal { _ = try note.verified(by: [verifierKey]) } == code)
    }
  }

  @Test("a cosignature over a text that is no checkpoint is refused although its signature holds")
  func notACheckpoint() throws {
    let key = try PrivateKey(generating: .ed25519)
    let verifierKey = try NoteVerifierKey(name: "w", type: .cosignature, publicKey: key.publicKey)
    let signature = try key.signature(over: Cosignature.message(timestamp: 1, text: "hello\n"))
    let line = try NoteSignature(
      name: "w", keyID: verifierKey.keyID, signature: Cosignature(timestamp: 1, signature: signature).bytes)
    let note = try SignedNote(text: "hello\n", signatures: [line])
    #expect(refusal { _ = try note.verified(by: [verifierKey]) } == .badSignature)
  }

  @Test("a plain signature does not pass for a cosignature, nor one of these for a plain one")
  func typesAreApart() throws {
    let key = try PrivateKey(generating: .ed25519)
    let plain = try NoteSigner(name: "w", type: .ed25519, key: key)
    let cosigner = try NoteSigner(name: "w", type: .cosignature, key: key)
    #expect(plain.verifierKey.keyID != cosigner.verifierKey.keyID)
    let swapped = [
      try NoteSignature(
        name: "w", keyID: cosigner.verifierKey.keyID, signature: plain.sign(Self.text).signature),
      try NoteSignature(
        name: "w", keyID: plain.verifierKey.keyID, signature: cosigner.cosign(Self.text, time: 1).signature),
    ]
    for line in swapped {
      let note = try SignedNote(text: Self.text, signatures: [line])
      #expect(
        refusal { _ = try note.verified(by: [plain.verifierKey, cosigner.verifierKey]) } == .badSignature)
    }
  }
}
