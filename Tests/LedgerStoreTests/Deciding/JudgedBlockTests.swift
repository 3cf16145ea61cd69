import Foundation
import Ledger
import LedgerCrypto
import Statements
import Testing
import TransparencyLog

@testable import LedgerStore

@Suite("Blocks that several validators decide")
struct JudgedBlockTests {
  private let checkers = EntryCheckers()

  private func judge(_ block: JudgedBlock, _ writer: LedgerWriter) throws -> JudgedBlock {
    try writer.judge(block.bytes, by: checkers)
  }

  @Test(
    "a block that one drafts, the others judge and all commit gives four ledgers with one root, and no fault")
  func fourRoots() throws {
    let four = try FourValidators()
    do {
      let writers = try (0..<4).map { try four.writer($0) }
      for height in 1...5 {
        let leader = height % 4
        let block = try four.draft(3 * height, writers[leader], "block \(height)")
        #expect(block.height == UInt64(height) && block.statementCount == 3 * height)
        #expect(block.proposer.name == FourValidators.name(leader))
        for writer in writers {
          let judged = try judge(block, writer)
          #expect(judged.digest == block.digest && judged.checkpoint == block.checkpoint)
          #expect(judged.bytes == block.bytes)
          #expect(writer.state.height == UInt64(height), "nothing is committed before it is decided")
          let reader = try writer.commit(judged, four.note(judged.checkpoint))
          #expect(try reader.state().height == UInt64(height) + 1)
          #expect(reader.size == block.size)
        }
        var hasher = TreeHasher()
        let roots = writers.map { $0.state.frontier.root(using: &hasher) }
        #expect(Set(roots) == [block.root])
      }
    }
    for folder in four.folders {
      let report = try LedgerAudit.run(folder)
      #expect(report.faults == [] && report.notes == [])
    }
  }

  @Test(
    "what is drafted and judged changes nothing: another block of the height is judged and committed all the same"
  )
  func nothingChanges() throws {
    let four = try FourValidators()
    do {
      let (one, other) = (try four.writer(0), try four.writer(1))
      for height in 1...3 {
        for number in 0..<3 { _ = try four.draft(number + 1, one, "never decided \(height) \(number)") }
        _ = try one.judgeWaiting(four.candidates(4, one, "waits \(height)")[...]) { [] }
        _ = try judge(four.draft(2, other, "never decided either \(height)"), one)
        let decided = try four.draft(2, other, "decided \(height)")
        let judged = try judge(decided, one)
        _ = try one.commit(judged, four.note(judged.checkpoint))
        _ = try other.commit(decided, four.note(decided.checkpoint))
      }
    }
    for folder in four.folders.prefix(2) { #expect(try LedgerAudit.run(folder).faults == []) }
    // What is stored of the state is that of the blocks that were decided.
    let writer = try four.writer(0)
    #expect(writer.notes == [])
  }

  @Test(
    "a block that breaks a rule is refused with its fault, and a good one of the same height is judged after it"
  )
  func invalid() throws {
    let four = try FourValidators()
    let (leader, voter) = (try four.writer(0), try four.writer(1))
    let first = try four.draft(2, leader, "first")
    for writer in [leader, voter] { _ = try writer.commit(judge(first, writer), four.note(first.checkpoint)) }
    let block = try four.draft(3, leader)
    func fault(_ bytes: [UInt8]) -> Fault? {
      #expect(throws: Fault.self) { _ = try voter.judge(bytes, by: checkers) }
    }

    #expect(try fault(four.altered(block) { $0.with(state: .zero) })?.code == .stateMismatch)
    #expect(try fault(four.altered(block) { $0.with(root: .zero) })?.code == .rootMismatch)
    #expect(try fault(four.altered(block) { $0.with(size: $0.size + 1) })?.code == .brokenChain)
    // Somebody else's key, which is no validator's.
    var entries: [UInt8] = []
    for entry in block.entries { EntryBundle.append(entry.span, to: &entries) }
    let stranger = try block.header.signed(by: PrivateKey(generating: .ed25519))
    EntryBundle.append(stranger.span, to: &entries)
    #expect(fault(entries)?.code == .unknownSigner)

    var bad = block.entries
    bad[1][bad[1].count - 1] ^= 1
    let badSignature = try fault(four.altered(block, entries: bad))
    #expect(badSignature?.code == .badSignature && badSignature?.entry == block.header.first + 1)
    let again = try fault(four.altered(block, entries: block.entries + [first.entries[0]]))
    #expect(again?.code == .refused && again?.refusal == .duplicate)
    let twice = try fault(four.altered(block, entries: block.entries + [block.entries[0]]))
    #expect(twice?.refusal == .duplicate)

    #expect(fault(Array(block.bytes.dropLast()))?.code == .malformedEntry)
    #expect(fault(block.bytes + [0])?.code == .malformedEntry)
    #expect(fault([])?.code == .malformedEntry)
    #expect(fault(Array(block.bytes[..<(block.run.ranges[2].upperBound)]))?.code == .malformedEntry)
    #expect(fault(first.bytes)?.code == .brokenChain, "it continues another block")

    let judged = try judge(block, voter)
    _ = try voter.commit(judged, four.note(judged.checkpoint))
    #expect(voter.state.height == 3)
  }

  @Test("more statements than the roster allows make no block")
  func tooMany() throws {
    let four = try FourValidators(parameters: ["block-records": 3])
    let (leader, voter) = (try four.writer(0), try four.writer(1))
    let candidates = try four.candidates(5, leader)
    let block = try #require(try leader.draft(candidates[...], byteCount: 1 << 20))
    #expect(block.entries == candidates.prefix(3).map(\.entry), "as many as have room, in their order")
    let more = candidates.map(\.entry)
    #expect(throws: Fault.self) { try voter.judge(four.altered(block, entries: more), by: checkers) }
    _ = try judge(block, voter)
  }

  @Test("a draft has no more bytes than it may, the header among them, and there is none of nothing")
  func byteLimit() throws {
    let four = try FourValidators()
    let writer = try four.writer(0)
    let candidates = try four.candidates(20, writer)
    let whole = try #require(try writer.draft(candidates[...], byteCount: 1 << 20))
    #expect(whole.statementCount == 20)
    for byteCount in stride(from: whole.bytes.count, to: 0, by: -97) {
      let block = try writer.draft(candidates[...], byteCount: byteCount)
      #expect((block?.bytes.count ?? 0) <= byteCount)
      if let block { #expect(block.entries == candidates.prefix(block.statementCount).map(\.entry)) }
      let room = byteCount - BlockHeader.maximumEntryByteCount - 2
      #expect((block == nil) == (room < candidates[0].byteCount + 2))
    }
    #expect(try writer.draft([], byteCount: 1 << 20) == nil)
    let bad = four.ledger.candidate(try four.ledger.statement([1], at: 1), writer)
    #expect(try writer.draft([bad], byteCount: 1 << 20) == nil, "nothing good waits")
  }

  @Test("a block's time is a minute from the voter's clock at most, or its parent's, where that is ahead")
  func time() throws {
    let four = try FourValidators()
    let now = UInt64(Date().timeIntervalSince1970) * 1000
    var options = four.options(0)
    options.now = { .now(wall: now + 120_000) }
    let writer = try LedgerWriter(four.folders[0], options)
    let ahead = try four.draft(1, writer)
    #expect(ahead.time == now + 120_000)
    for (distance, isTimely) in [(0, true), (60_000, true), (60_001, false)] as [(UInt64, Bool)] {
      #expect(ahead.isTimely(at: ahead.time + distance) == isTimely)
      #expect(ahead.isTimely(at: ahead.time - distance) == isTimely)
    }
    // The core judges a block by its own time: what q validators have looked at is not looked at again.
    let other = try four.writer(1)
    let judged = try judge(ahead, other)
    #expect(!judged.isTimely(at: now))
    _ = try other.commit(judged, four.note(judged.checkpoint))
    // Behind a parent that is ahead time stands still.
    let standing = try four.draft(1, other, "next")
    #expect(standing.time == ahead.time && standing.isTimely(at: now))
    #expect(!standing.isTimely(at: standing.time + 60_001))
  }

  @Test("a block is committed with the checkpoint of its own that a quorum has cosigned, and with no other")
  func checkpoint() throws {
    let four = try FourValidators()
    let writer = try four.writer(0)
    let (block, other) = (try four.draft(1, writer, "one"), try four.draft(1, writer, "other"))
    func fault(_ block: JudgedBlock, _ note: SignedNote) -> Fault? {
      #expect(throws: Fault.self) { _ = try writer.commit(block, note) }
    }
    #expect(try fault(block, four.note(block.checkpoint, by: [0, 2]))?.code == .quorum)
    #expect(try fault(block, four.note(block.checkpoint, by: [0, 0, 2]))?.code == .malformedCheckpoint)
    #expect(try fault(block, four.note(block.checkpoint, by: [2, 1, 0]))?.code == .malformedCheckpoint)
    #expect(try fault(block, four.note(other.checkpoint))?.code == .rootMismatch)
    #expect(writer.state.height == 1)
    _ = try writer.commit(block, four.note(block.checkpoint, by: [0, 1, 2, 3]))
    // It was judged upon a block that is not the newest any more.
    #expect(try fault(other, four.note(other.checkpoint))?.code == .brokenChain)
    #expect(writer.state.height == 2)
  }

  @Test(
    "a crash at any step of a commit leaves a ledger that opens, and the block is committed again or is there",
    arguments: CommitStep.allCases)
  func crash(_ step: CommitStep) throws {
    let four = try FourValidators()
    let block: JudgedBlock
    do {
      var options = four.options(2)
      options.faults = { $0 == step ? .fails(EIO) : nil }
      let writer = try LedgerWriter(four.folders[2], options)
      block = try four.draft(3, writer)
      let note = try four.note(block.checkpoint)
      if step == .writeDerived {
        _ = try writer.commit(block, note)
      } else {
        #expect(throws: Failure.self) { try writer.commit(block, note) }
        #expect(throws: Failure.self, "nothing is judged any more") { try four.draft(1, writer) }
      }
    }
    do {
      let writer = try four.writer(2)
      if writer.state.height == 1 {
        _ = try writer.commit(judge(block, writer), four.note(block.checkpoint))
      }
      #expect(writer.state.parent == block.digest)
      let next = try four.draft(1, writer, "next")
      _ = try writer.commit(next, four.note(next.checkpoint))
    }
    #expect(try LedgerAudit.run(four.folders[2]).faults == [])
  }

  @Test("what was checked of an entry before is believed by its leaf hash, and not checked again")
  func known() throws {
    let four = try FourValidators()
    let (leader, voter) = (try four.writer(0), try four.writer(1))
    let block = try four.draft(2, leader)
    var bad = block.entries
    bad[0][bad[0].count - 1] ^= 1
    let altered = try four.altered(block, entries: bad)
    #expect(throws: Fault.self) { try voter.judge(altered, by: checkers) }
    // The signature is taken for good, so that the tree is what shows it.
    var checker = EntryChecker()
    let first = bad[0]
    let checked = checker.trust(first.span)
    let fault = #expect(throws: Fault.self) {
      try voter.judge(altered, by: checkers) { $0 == checked.leaf ? checked : nil }
    }
    #expect(fault?.code == .rootMismatch)
  }

  @Test("where what is stored of the state is spoilt it is made anew, whatever is being judged or committed")
  func spoilt() throws {
    let four = try FourValidators()
    let values = URL(filePath: four.folders[0].path + "/state/values")
    func spoil() throws { try Data(count: try Data(contentsOf: values).count).write(to: values) }
    do {
      let (writer, other) = (try four.writer(0), try four.writer(1))
      let old = try four.candidates(2, other)
      let first = try #require(try other.draft(old[...], byteCount: 1 << 20))
      for writer in [writer, other] {
        _ = try writer.commit(judge(first, writer), four.note(first.checkpoint))
      }
      // The newest block's statements are in memory.
      let second = try four.draft(1, other, "second")
      for writer in [writer, other] {
        _ = try writer.commit(judge(second, writer), four.note(second.checkpoint))
      }
      try spoil()
      let drafted = try writer.draft((old + four.candidates(1, writer, "new"))[...], byteCount: 1 << 20)
      #expect(drafted?.statementCount == 1, "the others are records already")
      #expect(writer.notes.count == 1 && writer.notes[0].contains("made anew"))
      try spoil()
      let verdicts = try writer.judgeWaiting(old[...]) { [] }
      guard case .duplicate(let receipt) = verdicts.candidates[0] else {
        Issue.record("\(verdicts)")
        return
      }
      #expect(receipt.index == 2)
      // Of the same payloads, so that their lists are read.
      let block = try four.draft(2, other)
      try spoil()
      let judged = try judge(block, writer)
      try spoil()
      _ = try writer.commit(judged, four.note(judged.checkpoint))
      #expect(writer.notes.count == 4)
    }
    #expect(try LedgerAudit.run(four.folders[0]).faults == [])
  }

  @Test("a validator whose clock is in doubt dates nothing, and what others have decided makes it no better")
  func doubt() throws {
    let four = try FourValidators()
    var options = four.options(0)
    // After a restart there is nothing but the last block's time to compare with.
    options.now = {
      .init(boot: "another", uptime: 1000, wall: UInt64(Date().timeIntervalSince1970 * 1000) + 7_200_000)
    }
    let (writer, other) = (try LedgerWriter(four.folders[0], options), try four.writer(1))
    for number in 1...2 {
      let refusal = #expect(throws: Refusal.self) { try four.draft(1, writer) }
      #expect(refusal?.code == .clockJump)
      #expect(throws: Refusal.self) { try writer.judgeWaiting(four.candidates(1, writer)[...]) { [] } }
      let block = try four.draft(1, other, "block \(number)")
      #expect(try !judge(block, writer).isTimely(at: options.now().wall))
      for writer in [writer, other] {
        _ = try writer.commit(judge(block, writer), four.note(block.checkpoint))
      }
    }
    #expect(writer.state.height == 3)
  }
}
