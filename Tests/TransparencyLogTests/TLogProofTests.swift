import LedgerCrypto
import TestKit
import Testing
import TransparencyLog

@Suite("Proof files")
struct TLogProofTests {
  static let leaf: Digest = {
    var hasher = TreeHasher()
    return hasher.leaf(hex("40414243").span)
  }()

  @Test("a proof that OpenSSL and Python made is verified, and written as it was")
  func verified() throws {
    let proof = try TLogProof(Fixture.proof)
    #expect(proof.bytes == Array(Fixture.proof.utf8))
    #expect(proof.extra == Array("what openssl signed".utf8))
    #expect(proof.index == 5)
    #expect(proof.path.count == 3)
    let policy = try PolicyEvaluationTests.policy("group g 2 w1 w2 w3\nquorum g\n")
    let (checkpoint, verdict) = try proof.verify(leaf: Self.leaf, policy: policy)
    #expect(checkpoint.root.hex == RFC6962VectorTests.roots[8])
    #expect(verdict.time == Fixture.times[1])
    let made = try TLogProof(
      extra: proof.extra, index: proof.index, path: proof.path, checkpoint: proof.checkpoint)
    #expect(made == proof)
  }

  @Test("every leaf's proof of a signed tree holds, and at no other index, leaf or path")
  func everyLeaf() throws {
    var hasher = TreeHasher()
    let leaves = leafHashes(33)
    let tree = MemoryTree(leaves: leaves, using: &hasher)
    let log = try NoteSigner(name: "log", type: .ed25519, key: PrivateKey(generating: .ed25519))
    let text = try Checkpoint(origin: "log", size: 33, root: Merkle.root(of: leaves, using: &hasher)).text
    let note = try SignedNote(text: text, signatures: [log.sign(text)])
    let policy = try Policy("log \(log.verifierKey)\nquorum none\n")
    for index in 0..<33 {
      let path = try InclusionProof(index: UInt64(index), size: 33, from: tree, using: &hasher).path
      let proof = try TLogProof(extra: nil, index: UInt64(index), path: path, checkpoint: note)
      let again = try TLogProof(String(decoding: proof.bytes, as: UTF8.self))
      #expect(again == proof)
      _ = try again.verify(leaf: leaves[index], policy: policy)
      #expect(refusal { _ = try again.verify(leaf: leaves[(index + 1) % 33], policy: policy) } == .inclusion)
      let moved = try TLogProof(extra: nil, index: UInt64(index ^ 1), path: path, checkpoint: note)
      #expect(refusal { _ = try moved.verify(leaf: leaves[index], policy: policy) } != nil)
      let short = try TLogProof(extra: nil, index: UInt64(index), path: path.dropLast(), checkpoint: note)
      #expect(refusal { _ = try short.verify(leaf: leaves[index], policy: policy) } == .malformedProof)
    }
    let beyond = try TLogProof(extra: nil, index: 33, path: [], checkpoint: note)
    #expect(refusal { _ = try beyond.verify(leaf: leaves[0], policy: policy) } == .malformedProof)
  }

  @Test("a proof is refused where its checkpoint does not satisfy the policy")
  func policies() throws {
    let proof = try TLogProof(Fixture.proof)
    let other = try PolicyEvaluationTests.policy("quorum w1\n", log: Keys.logs[0].description)
    #expect(refusal { _ = try proof.verify(leaf: Self.leaf, policy: other) } == .unknownKey)
    let unmet = try PolicyEvaluationTests.policy("witness x \(Keys.witnesses[0])\nquorum x\n")
    #expect(refusal { _ = try proof.verify(leaf: Self.leaf, policy: unmet) } == .quorum)
  }

  /// The fixture with one part exchanged; the part must be there.
  static func changed(_ part: String, _ replacement: String) -> String {
    let text = Fixture.proof.replacing(part, with: replacement, maxReplacements: 1)
    precondition(text != Fixture.proof, "nothing to replace")
    return text
  }

  static let extraLine = "extra d2hhdCBvcGVuc3NsIHNpZ25lZA==\n"
  static let lastHash = "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc="

  static let refusedTexts: [String] = [
    "", "\n", "c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v1\nindex 0\n",
    "c2sp.org/tlog-proof@v1\nindex 0", changed("@v1", "@v2"), changed("c2sp", " c2sp"),
    changed("c2sp", "\nc2sp"),
    changed("@v1\n", "@v1\r\n"), changed("@v1\n", "@v1 \n"), changed(extraLine, "extra \n"),
    changed(extraLine, "extra\n"),
    changed(extraLine, "extra  d2hhdCBvcGVuc3NsIHNpZ25lZA==\n"), changed(extraLine, extraLine + extraLine),
    changed("ZA==\n", "ZB==\n"), changed("ZA==\n", "ZA=\n"), changed("ZA==\n", "ZA\n"),
    changed("ZA==\n", "ZA== \n"),
    changed("extra", "Extra"), changed(extraLine + "index 5\n", "index 5\n" + extraLine),
    changed("index 5\n", ""),
    changed("index 5\n", "index\n"), changed("index 5\n", "index \n"), changed("index 5\n", "index  5\n"),
    changed("index 5\n", "index 05\n"), changed("index 5\n", "index -5\n"),
    changed("index 5\n", "index +5\n"),
    changed("index 5\n", "index 5 \n"), changed("index 5\n", "index 5\nindex 5\n"),
    changed("index 5\n", "index five\n"),
    changed("index 5\n", "index 18446744073709551616\n"), changed("index 5\n", "index 5\r\n"),
    changed("index 5\n", "index:5\n"),
    changed("index 5\n", "Index 5\n"), changed(lastHash, lastHash.dropLast() + ""),
    changed(lastHash, lastHash + "="),
    changed(lastHash, " " + lastHash), changed(lastHash, lastHash + " "), changed(lastHash, lastHash + "\r"),
    changed("FLc=", "FLd="), changed(lastHash, "AAAA"), changed(lastHash, "AAAA" + lastHash),
    changed(lastHash, "not base64"),
    changed(lastHash + "\n\n", lastHash + "\n"),
    changed(lastHash + "\n", String(repeating: lastHash + "\n", count: 64)),
  ]

  @Test("what is not a proof is refused", arguments: refusedTexts)
  func refused(text: String) {
    #expect(refusal { _ = try TLogProof(text) } == .malformedProof)
  }

  @Test("what follows the empty line must be a note, and that a checkpoint")
  func innerRefusals() throws {
    #expect(refusal { _ = try TLogProof("c2sp.org/tlog-proof@v1\nindex 0\n\n") } == .malformedNote)
    #expect(
      refusal { _ = try TLogProof("c2sp.org/tlog-proof@v1\nindex 0\n\ntest checkpoint\n") } == .malformedNote)
    #expect(refusal { _ = try TLogProof(Fixture.proof + "\n") } == .malformedNote)
    #expect(refusal { _ = try TLogProof(Fixture.proof + "x") } == .malformedNote)
    #expect(refusal { _ = try TLogProof(String(Fixture.proof.dropLast())) } == .malformedNote)
    let note = "c2sp.org/tlog-proof@v1\nindex 0\n\n" + SignedNoteTests.example
    #expect(refusal { _ = try TLogProof(note) } == .malformedCheckpoint)
    let example = try SignedNote(SignedNoteTests.example)
    #expect(
      refusal { _ = try TLogProof(extra: nil, index: 0, path: [], checkpoint: example) }
        == .malformedCheckpoint)
    #expect(refusal { _ = try TLogProof(Self.changed("\n\nlog", "\n\n\nlog")) } == .malformedCheckpoint)
  }

  @Test("64 hashes and 4 MiB are accepted, one more is not")
  func bounds() throws {
    let path = [Digest](repeating: .zero, count: 65)
    let note = try SignedNote(Fixture.checkpoint)
    let longest = try TLogProof(extra: nil, index: .max, path: Array(path.dropLast()), checkpoint: note)
    #expect(try TLogProof(parsing: longest.bytes.span) == longest)
    #expect(
      refusal { _ = try TLogProof(extra: nil, index: 0, path: path, checkpoint: note) } == .malformedProof)
    #expect(refusal { _ = try TLogProof(extra: [], index: 0, path: [], checkpoint: note) } == .malformedProof)

    let bare = try TLogProof(extra: nil, index: 0, path: [], checkpoint: note).bytes.count
    let groups = (TLogProof.maximumByteCount - bare - "extra \n".utf8.count) / 4
    let extra = [UInt8](repeating: 1, count: 3 * groups)
    let largest = try TLogProof(extra: extra, index: 0, path: [], checkpoint: note)
    #expect(largest.bytes.count <= TLogProof.maximumByteCount)
    #expect(try TLogProof(parsing: largest.bytes.span) == largest)
    #expect(
      refusal { _ = try TLogProof(extra: extra + [1], index: 0, path: [], checkpoint: note) }
        == .malformedProof)
    let tooLarge = [UInt8](repeating: 0x0a, count: TLogProof.maximumByteCount + 1)
    #expect(refusal { _ = try TLogProof(parsing: tooLarge.span) } == .malformedProof)
  }

  @Test("without extra data, and without a path, a proof is still one")
  func smallest() throws {
    let text = Self.changed(Self.extraLine, "")
    #expect(try TLogProof(text).extra == nil)
    #expect(try TLogProof(text).bytes == Array(text.utf8))
    var hasher = TreeHasher()
    let leaf = hasher.leaf([1].span)
    let log = try NoteSigner(name: "log", type: .ed25519, key: PrivateKey(generating: .ed25519))
    let checkpoint = try Checkpoint(origin: "log", size: 1, root: leaf).text
    let proof = try TLogProof(
      extra: nil, index: 0, path: [],
      checkpoint: SignedNote(text: checkpoint, signatures: [log.sign(checkpoint)]))
    let read = try TLogProof(parsing: proof.bytes.span)
    _ = try read.verify(leaf: leaf, policy: Policy("log \(log.verifierKey)\nquorum none\n"))
  }
}
