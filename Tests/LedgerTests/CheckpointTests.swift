import Ledger
import LedgerCrypto
import TestKit
import Testing
import TransparencyLog

@Suite("Stored checkpoints")
struct CheckpointTests {
  let consortium: Consortium

  init() throws { consortium = try Consortium(members: 2, validators: 4, quorum: 3) }

  func audit(_ how: Misbehaviour) throws -> [String] {
    var chain = try Chain(consortium)
    try chain.add([chain.statement().entry], how)
    try chain.add([chain.statement().entry])
    return chain.audit().places
  }

  @Test(
    "as many validators as the quorum must cosign, whoever they are",
    arguments: [(1, 1), (2, 2), (2, 3), (3, 3), (3, 4), (5, 7)])
  func quorum(k: Int, n: Int) throws {
    var chain = try Chain(Consortium(members: 2, validators: n, quorum: k))
    let blocks = chain.blocks
    for subset in 0..<(1 << n) where n < 7 || subset % 9 == 0 {
      var chain = chain
      var how = Misbehaviour()
      how.cosigners = (0..<n).filter { subset >> $0 & 1 == 1 }
      let block = try chain.add([], how)
      let places = chain.audit(blocks + [block]).places
      #expect(places == (subset.nonzeroBitCount >= k ? [] : ["quorum 1/-"]))
    }
    try chain.add([])
  }

  @Test("cosignatures stand in roster order, each once")
  func order() throws {
    for (cosigners, expected) in [
      ([0, 1, 3], []), ([1, 2, 3], []), ([1, 0, 2], ["malformed-checkpoint 1/-", "quorum 1/-"]),
      ([0, 1, 1, 2], ["malformed-checkpoint 1/-"]), ([0, 1, 2, 0], ["malformed-checkpoint 1/-"]),
      ([3, 2, 1, 0], Array(repeating: "malformed-checkpoint 1/-", count: 3) + ["quorum 1/-"]),
    ] as [([Int], [String])] {
      var how = Misbehaviour()
      how.cosigners = cosigners
      #expect(try audit(how) == expected)
    }
  }

  @Test("whoever proposed, the ledger's one log key signs the checkpoint, and no other")
  func proposer() throws {
    var how = Misbehaviour()
    how.proposer = 2
    #expect(try audit(how) == [])
    how.checkpointSigner = try .log(Consortium.origin)
    #expect(try audit(how) == ["unknown-signer 1/-"])
  }

  @Test("what the validators signed must be this ledger's tree at this size")
  func body() throws {
    var how = Misbehaviour()
    how.checkpoint = { try Checkpoint(origin: "other.example", size: $0.size, root: $0.root).text }
    #expect(try audit(how) == ["wrong-ledger 1/-"])
    how.checkpoint = { try Checkpoint(origin: $0.origin, size: $0.size + 1, root: $0.root).text }
    #expect(try audit(how) == ["broken-chain 1/-"])
    how.checkpoint = { try Checkpoint(origin: $0.origin, size: $0.size, root: .zero).text }
    #expect(try audit(how) == ["root-mismatch 1/-"])
  }

  /// The faults of a note with these lines under the text of block 1.
  func check(_ lines: (String) throws -> [NoteSignature]) throws -> [Fault.Code] {
    var chain = try Chain(consortium)
    let stored = try chain.add([]).checkpoint
    let text = try SignedNote(parsing: stored.span).text
    let bytes = try SignedNote(text: text, signatures: lines(text)).bytes
    let checkpoint = try StoredCheckpoint(parsing: bytes.span)
    return checkpoint.check(consortium.roster, height: 1).faults.map(\.code)
  }

  @Test("the log key's line comes first, and every line is known and holds")
  func lines() throws {
    let validators = consortium.validators
    let (log, strange) = (consortium.log, try NoteSigner.log(Consortium.origin))
    let stranger = try TestValidator("stranger")
    func cosignatures(_ text: String) throws -> [NoteSignature] {
      try validators.map { try $0.cosigner.cosign(text, time: 5) }
    }
    #expect(try check { try [log.sign($0)] + cosignatures($0) } == [])
    #expect(try check { try cosignatures($0) } == [.unknownSigner])
    #expect(
      try check { try cosignatures($0) + [log.sign($0)] } == [.unknownSigner, .unknownSigner])
    #expect(try check { try [strange.sign($0)] + cosignatures($0) } == [.unknownSigner])
    #expect(
      try check {
        try [log.sign($0)] + cosignatures($0) + [stranger.cosigner.cosign($0, time: 5)]
      }
        == [.unknownSigner])
    #expect(
      try check { try [log.sign($0), log.sign($0)] + cosignatures($0) }
        == [.unknownSigner])
    #expect(try check { try [log.sign($0 + "x\n")] + cosignatures($0) } == [.badSignature])
    #expect(
      try check { try [log.sign($0)] + cosignatures($0).dropLast(2) } == [.quorum])
    #expect(
      try check {
        let other = try Checkpoint(origin: Consortium.origin, size: 9, root: .zero).text
        return try [log.sign($0)] + cosignatures($0).dropLast()
          + [validators[3].cosigner.cosign(other, time: 5)]
      } == [.badSignature])
    #expect(try check { try [log.sign($0)] } == [.quorum])
  }

  @Test("an extension line, base64 with padding bits, or a second spelling is no stored checkpoint")
  func form() throws {
    var chain = try Chain(consortium)
    let good = try chain.add([]).checkpoint
    let text = String(decoding: good, as: UTF8.self)
    let again = try StoredCheckpoint(parsing: good.span)
    #expect(again.note.bytes == good)
    let extended = try Checkpoint(
      origin: Consortium.origin, size: 4, root: .zero, extensions: ["more"])
    let note = try SignedNote(
      text: extended.text, signatures: [consortium.log.sign(extended.text)])
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    func replacing(_ line: Int, _ change: (String) -> String) -> [UInt8] {
      var lines = lines
      lines[line] = change(lines[line])
      return Array(lines.joined(separator: "\n").utf8)
    }
    let bad: [[UInt8]] = [
      note.bytes, [], Array(text.dropLast().utf8), Array((text + "\n").utf8), Array(text.utf8) + [0xff],
      replacing(1) { "0" + $0 }, replacing(1) { "+" + $0 }, replacing(1) { $0 + " " },
      replacing(2) { _ in "AAAA" },
      replacing(2) { String($0.dropLast()) }, replacing(2) { $0.dropLast(2) + "B=" },
      replacing(2) { $0 + "\r" },
      replacing(4) { $0 + "=" }, replacing(4) { $0 + " " }, replacing(4) { "-" + $0.dropFirst() },
      replacing(5) { $0.replacingOccurrences("=", "") },
    ]
    for bytes in bad where bytes != good {
      #expect(throws: LogError.self) { try StoredCheckpoint(parsing: bytes.span) }
    }
  }

  @Test("each byte of a checkpoint flipped is a fault, or no checkpoint at all")
  func flips() throws {
    var chain = try Chain(Consortium(members: 2, validators: 2))
    try chain.add([chain.statement().entry])
    for place in chain.blocks[1].checkpoint.indices {
      for bit: UInt8 in [0x01, 0x20, 0x80] {
        var blocks = chain.blocks
        blocks[1].checkpoint[place] ^= bit
        let flipped = blocks[1].checkpoint
        guard (try? StoredCheckpoint(parsing: flipped.span)) != nil else { continue }
        let report = chain.audit(blocks)
        #expect(!report.faults.isEmpty && report.faults.allSatisfy { $0.block == 1 }, "byte \(place)")
        // A root that is not signed is not held against the entries.
        #expect(!report.outcomes[1].isSigned && report.outcomes[1].canGoOn, "byte \(place)")
      }
    }
  }

  @Test("the lag is the quorum's: the k-th smallest of the cosignatures' times after the block's")
  func lag() throws {
    var chain = try Chain(consortium)
    var how = Misbehaviour()
    let after: [Int64] = [50, 1, 900, 3]
    how.cosignedAfter = { after[$0] }
    try chain.add([], how)
    how.cosigners = [0, 2]
    try chain.add([], how)
    let report = chain.audit()
    #expect(report.outcomes.map(\.lag) == [1, 50, nil])
    #expect(report.places == ["quorum 2/-"])
  }

  @Test(
    "T, the quorum-th smallest of the cosignatures' times, may lie 60 s before the block's time and no more")
  func cosignedBefore() throws {
    for (after, expected) in [
      ([-60, -60, -60, -60], []), ([-61, -61, -60, -60], []), ([-61, -61, -61, -61], ["time 1/-"]),
      // Fewer than a quorum whose clocks are off, or that lie, spoil nothing.
      ([0, 0, 0, -300], []), ([-300, -100_000, 5, 5], []), ([-300, -100, 5, -61], ["time 1/-"]),
    ] as [([Int64], [String])] {
      var how = Misbehaviour()
      how.cosignedAfter = { after[$0] }
      #expect(try audit(how) == expected)
    }
    var latest = Misbehaviour()
    latest.cosignedAfter = { _ in Int64.max / 2 }
    #expect(try audit(latest) == [])
  }
}

extension String {
  fileprivate func replacingOccurrences(_ one: Character, _ other: String) -> String {
    map { $0 == one ? other : String($0) }.joined()
  }
}
