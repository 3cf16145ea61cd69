import Consortium
import Ledger
import LedgerCrypto
import TestKit
import Testing
import TransparencyLog

@Suite("Misconduct")
struct MisconductTests {
  let council: Council
  let one = Council.digest(1)
  let other = Council.digest(2)

  init() throws { council = try Council() }

  private func tree(_ size: UInt64, _ root: Digest) throws -> Ballot {
    .cosign(CosignedTree(size: size, root: root, decision: try council.certificate(.confirm, one)))
  }

  /// Pairs that no honest validator signs both of.
  private func pairs() throws -> [(Ballot, Ballot)] {
    func propose(_ digest: Digest) -> Ballot {
      .propose(Proposal(digest: digest, size: 9, justification: nil), height: 5, round: 0)
    }
    let confirm = { (digest: Digest) in try Ballot.confirm(council.certificate(.vote, digest)) }
    return [
      (propose(one), propose(other)), (.vote(one, height: 5, round: 0), .vote(other, height: 5, round: 0)),
      (try confirm(one), try confirm(other)), (try confirm(one), .skip(height: 5, round: 0)),
      (try tree(9, one), try tree(9, other)),
    ]
  }

  @Test("Each contradiction makes a file that is judged offline, in either order")
  func files() throws {
    for (first, second) in try pairs() {
      for (first, second) in [(first, second), (second, first)] {
        let misconduct = try #require(Misconduct(council.message(1, first), council.message(1, second)))
        let file = try MisconductFile(misconduct, in: council.committee)
        let read = try MisconductFile(decoding: file.bytes)
        #expect(read.bytes == file.bytes)
        #expect(read.seat == council.committee.seats[1] && read.concerns(council.committee))
        #expect(try !read.concerns(Council().committee))
      }
    }
  }

  @Test("What an honest validator may sign is no misconduct, and two validators contradict each other freely")
  func innocent() throws {
    let votes = try council.certificate(.vote, one)
    let ballots: [(Ballot, Ballot)] = [
      (.vote(one, height: 5, round: 0), .vote(other, height: 5, round: 1)),
      (.vote(one, height: 5, round: 0), .vote(other, height: 6, round: 0)),
      (.vote(one, height: 5, round: 0), .skip(height: 5, round: 0)),
      (.confirm(votes), .skip(height: 5, round: 1)),
      (.vote(other, height: 5, round: 0), .confirm(votes)), (try tree(9, one), try tree(10, other)),
      (.confirm(votes), .confirm(try council.certificate(.vote, one, by: [1, 2, 3]))),
    ]
    for (first, second) in ballots {
      #expect(try Misconduct(council.message(1, first), council.message(1, second)) == nil)
    }
    for (first, second) in try pairs() {
      #expect(try Misconduct(council.message(1, first), council.message(2, second)) == nil)
      #expect(try Misconduct(council.message(1, first), council.message(1, first)) == nil)
    }
  }

  @Test("A file with a forged signature, or of what is no misconduct, is refused")
  func forged() throws {
    let (first, second) = try (pairs()[1].0, pairs()[1].1)
    let mine = try council.message(1, first)
    let forged = Message(sender: 1, ballot: second, signature: try council.message(2, second).signature)
    let misconduct = try #require(Misconduct(mine, forged))
    #expect(throws: ConsortiumError(.badSignature, "")) {
      _ = try MisconductFile(misconduct, in: council.committee)
    }
    let file = try MisconductFile(
      #require(Misconduct(mine, council.message(1, second))), in: council.committee)
    for place in file.bytes.indices {
      var changed = file.bytes
      changed[place] ^= 2
      #expect(throws: ConsortiumError.self) {
        let read = try MisconductFile(decoding: changed)
        // Another name, and another name's cosigner key, are whose they are by the roster alone.
        if !read.concerns(council.committee) { throw ConsortiumError(.badSignature, "") }
      }
    }
  }

  /// A tree of so many leaves that ends with a header of `height`, and the path from there.
  private func tree(
    height: UInt64, leaves: Int
  ) throws -> (size: UInt64, root: Digest, proof: HeaderProof) {
    let entry = try BlockHeader(
      height: height, previous: .zero, first: 0, size: UInt64(leaves - 1), root: .zero, state: .zero, time: 1,
      roster: .zero
    ).signed(by: PrivateKey(generating: .ed25519))
    var hasher = TreeHasher()
    let leaf = hasher.leaf(entry.span)
    let root = leaves == 1 ? leaf : hasher.node(one, leaf)
    let path = leaves == 1 ? [] : [one]
    return (UInt64(leaves), root, try HeaderProof(entry: entry, path: path, size: UInt64(leaves), root: root))
  }

  @Test("Two cosignatures of one height with trees of two sizes are proven by the headers that end them")
  func height() throws {
    func testimony(height: UInt64, leaves: Int, isProven: Bool = true) throws -> Misconduct.Testimony {
      let (size, root, proof) = try tree(height: height, leaves: leaves)
      let cosignature = try council.keys[1].cosignature(
        size: size, root: root, time: 9, for: council.committee)
      return .init(.tree(size: size, root: root, header: isProven ? proof : nil), signature: cosignature)
    }
    let first = try testimony(height: 5, leaves: 1)
    let misconduct = try #require(Misconduct(validator: 1, first, testimony(height: 5, leaves: 2)))
    let file = try MisconductFile(misconduct, in: council.committee)
    #expect(try MisconductFile(decoding: file.bytes).bytes == file.bytes)
    #expect(try Misconduct(validator: 1, first, testimony(height: 6, leaves: 2)) == nil)
    #expect(try Misconduct(validator: 1, first, testimony(height: 5, leaves: 2, isProven: false)) == nil)
    let (size, _, proof) = try tree(height: 5, leaves: 2)
    #expect(throws: ConsortiumError(.malformed, "")) {
      _ = try HeaderProof(entry: proof.entry, path: proof.path, size: size, root: other)
    }
    let vote = try council.message(1, .vote(one, height: 5, round: 0)).bytes
    #expect(throws: ConsortiumError(.malformed, "")) {
      _ = try HeaderProof(entry: vote, path: [], size: 1, root: one)
    }
  }

  @Test("A decision and an SC of one round, or two of one round, name more than a third")
  func certificates() throws {
    let decision = try council.certificate(.confirm, one)
    for against in [
      try council.certificate(.skip, by: [1, 2, 3]), try council.certificate(.confirm, other, by: [1, 2, 3]),
    ] {
      let named = Misconduct.between(decision, against)
      #expect(named.map(\.validator) == [1, 2])
      for misconduct in named { _ = try MisconductFile(misconduct, in: council.committee) }
    }
    #expect(try Misconduct.between(decision, council.certificate(.skip, round: 1)).isEmpty)
  }
}

@Suite("Final checkpoints and boards")
struct FinalTests {
  @Test("A checkpoint is put together from cosignatures, and its T is the k-th smallest")
  func checkpoint() throws {
    let council = try Council()
    let decision = try council.certificate(.confirm, Council.digest(1))
    let tree = CosignedTree(size: 9, root: Council.digest(2), decision: decision)
    let messages = try zip([3, 0, 1, 2], [40, 10, 30, 20]).map {
      try council.message($0, .cosign(tree), time: UInt64($1))
    }
    let final = try FinalCheckpoint(messages, of: council.committee)
    #expect(final.time == 30)
    #expect(try FinalCheckpoint(Array(messages[..<3]), of: council.committee).time == 40)
    #expect(throws: ConsortiumError(.quorum, "")) {
      _ = try FinalCheckpoint(Array(messages[..<2]) + [messages[0]], of: council.committee)
    }
    let note = try final.note(signedBy: council.logKey)
    #expect(note.signatures.map(\.name).dropFirst() == council.committee.seats.map(\.cosignerKey.name)[...])
    let read = try FinalCheckpoint(note, logKey: council.logKey.verifierKey, of: council.committee)
    #expect(read.cosignatures == final.cosignatures && read.checkpoint == final.checkpoint)
    try read.check(size: 9, root: Council.digest(2), height: 5)
    #expect(throws: ConsortiumError(.refusedFinal, "")) {
      try read.check(size: 9, root: Council.digest(3), height: 5)
    }
    #expect(throws: ConsortiumError.self) {
      _ = try FinalCheckpoint(note, logKey: council.logKey.verifierKey, of: Council().committee)
    }
  }

  @Test("A board keeps what was first in a place, shows heights apart, and tells followers")
  func board() async throws {
    let council = try Council()
    let board = MemoryBulletin()
    let changes = await board.changes()
    let first = try council.message(1, .vote(Council.digest(1), height: 5, round: 0))
    let second = try council.message(1, .vote(Council.digest(2), height: 5, round: 0))
    let later = try council.message(1, .skip(height: 6, round: 0))
    for message in [first, second, later] { await board.post(message) }
    #expect(await board.read(height: 5) == [first.bytes])
    #expect(await board.read(height: 6) == [later.bytes])
    var seen: [[UInt8]] = []
    for await bytes in changes {
      seen.append(bytes)
      if seen.count == 2 { break }
    }
    #expect(seen == [first.bytes, later.bytes])
    await board.forget(below: 6)
    #expect(await board.read(height: 5) == [])
  }
}
