import Foundation
import Ledger
import LedgerCrypto
import Statements
import Synchronization
import TestKit
import Testing
import TransparencyLog

@testable import LedgerStore

@Suite("The committer of one of several validators", .timeLimit(.minutes(30)))
struct SharedCommitterTests {
  /// A committer, and what it says of statements newly judged good.
  private struct Member: Sendable {
    let committer: Committer
    let news: AsyncStream<[[UInt8]]>

    init(
      _ four: FourValidators, _ number: Int, _ options: LedgerWriter.Options? = nil,
      _ settings: Committer.Settings = .init(), decisionLimit: Duration = .seconds(3600)
    ) throws {
      var settings = settings
      settings.decisionLimit = decisionLimit
      let (news, report) = AsyncStream<[[UInt8]]>.makeStream()
      self.news = news
      let writer = try LedgerWriter(four.folders[number], options ?? four.options(number))
      committer = try Committer(sharing: writer, settings) { report.yield($0) }
    }

    /// Waits until so many statements that came by `submit` were judged good, and gives them in their order.
    func passedOn(_ count: Int) async -> [[UInt8]] {
      var entries: [[UInt8]] = []
      for await some in news {
        entries += some
        if entries.count >= count { break }
      }
      return entries
    }

    /// Waits until statements were judged good, and gives those of them that are to be passed on.
    @discardableResult
    func work() async -> [[UInt8]] {
      for await some in news { return some }
      return []
    }

    func draft(_ byteCount: Int = 1 << 20) async throws -> JudgedBlock? {
      try await OwnThread.run { try committer.draft(byteCount: byteCount) }
    }

    /// Judges `block` and makes it final.
    func commit(_ block: JudgedBlock, _ four: FourValidators) async throws {
      let note = try four.note(block.checkpoint)
      try await OwnThread.run { try committer.commit(committer.judge(block.bytes), note) }
    }

    func take(_ entries: [[UInt8]]) async {
      var bytes: [UInt8] = []
      var ranges: [Range<Int>] = []
      for entry in entries {
        ranges.append(bytes.count..<bytes.count + entry.count)
        bytes += entry
      }
      await committer.take(bytes, at: ranges)
    }
  }

  private func entries(_ count: Int, _ four: FourValidators, _ payload: String = "record") throws -> [[UInt8]]
  {
    try (0..<count).map { try four.ledger.statement(Array("\(payload) \($0)".utf8), by: $0 % 2).entry }
  }

  /// Why nothing became of what `body` does.
  private func reason(_ body: () async throws -> some Any) async -> String? {
    switch await #expect(throws: CommitterUnavailable.self, performing: { _ = try await body() }) {
    case .busy: "busy"
    case .stopping: "stopping"
    case .undecided: "undecided"
    case .failed: "failed"
    case nil: nil
    }
  }

  /// Submits `entries` together, which keeps their order.
  private func submit(_ entries: [[UInt8]], _ member: Member) -> Task<Committer.Outcome, Never> {
    var bytes: [UInt8] = []
    var ranges: [Range<Int>] = []
    for entry in entries {
      ranges.append(bytes.count..<bytes.count + entry.count)
      bytes += entry
    }
    let (all, places) = (bytes, ranges)
    return Task { await member.committer.submit(all, at: places) }
  }

  @Test(
    "what is submitted is judged, passed on, and answered when a block that another validator has made holds it"
  )
  func passedOn() async throws {
    let four = try FourValidators()
    let (one, other) = (try Member(four, 0), try Member(four, 1))
    let entry = try entries(1, four)[0]
    async let commitment = one.committer.submit(entry)
    #expect(await one.passedOn(1) == [entry])
    #expect(one.committer.isWorkWaiting && !other.committer.isWorkWaiting)
    #expect(one.committer.waitingEntries(atMost: 5) == [entry])
    await other.take([entry])
    await other.work()
    #expect(other.committer.isWorkWaiting)
    let block = try #require(try await other.draft())
    #expect(other.committer.isTimely(block))
    for member in [other, one] { try await member.commit(block, four) }
    let made = try await commitment
    #expect(made.isNew && made.receipt == Receipt(index: 2, block: 1, time: block.time))
    #expect(try made.reader.entry(2) == entry)
    for member in [one, other] {
      #expect(!member.committer.isWorkWaiting && member.committer.condition.statementCount == 0)
      #expect(try member.committer.reader.state().parent == block.digest)
      try await member.committer.stop()
    }
  }

  @Test("what was passed on by another validator is not passed on again")
  func notAgain() async throws {
    let four = try FourValidators()
    let member = try Member(four, 0)
    let (foreign, own) = (try entries(2, four, "foreign"), try entries(1, four, "own")[0])
    await member.take(foreign)
    #expect(await member.work() == [])
    async let commitment = member.committer.submit(own)
    #expect(await member.passedOn(1) == [own])
    let block = try #require(try await member.draft())
    #expect(block.entries == foreign + [own])
    try await member.commit(block, four)
    #expect(try await commitment.receipt.index == 4)
    try await member.committer.stop()
  }

  @Test("what fills more than one block waits in its order, and the rest is judged when there is room again")
  func order() async throws {
    let four = try FourValidators(parameters: ["block-records": 2])
    let member = try Member(four, 0)
    let entries = try entries(5, four)
    let outcome = submit(entries, member)
    var recorded: [[UInt8]] = []
    for count in [2, 2, 1] {
      recorded += await member.passedOn(count)
      let block = try #require(try await member.draft())
      #expect(block.entries == recorded.suffix(count))
      try await member.commit(block, four)
    }
    #expect(recorded == entries)
    let places = await outcome.value.verdicts.map { verdict -> UInt64? in
      guard case .accepted(let receipt) = verdict else { return nil }
      return receipt.index
    }
    #expect(places == [2, 3, 5, 6, 8])
    try await member.committer.stop()
  }

  @Test("a block of another validator answers what still waits to be judged, too")
  func unjudged() async throws {
    let four = try FourValidators(parameters: ["block-records": 2])
    let (one, other) = (try Member(four, 0), try Member(four, 1))
    let entries = try entries(4, four)
    let outcome = submit(entries, one)
    _ = await one.passedOn(2)
    await other.take([entries[3]])
    await other.work()
    let block = try #require(try await other.draft())
    for member in [one, other] { try await member.commit(block, four) }
    let next = try #require(try await one.draft())
    #expect(next.entries == [entries[0], entries[1]])
    try await one.commit(next, four)
    _ = await one.passedOn(1)
    let last = try #require(try await one.draft())
    try await one.commit(last, four)
    let places = await outcome.value.verdicts.map { verdict -> UInt64? in
      guard case .accepted(let receipt) = verdict else { return nil }
      return receipt.index
    }
    #expect(places == [4, 5, 7, 2])
    for member in [one, other] { try await member.committer.stop() }
  }

  @Test("the same statement sent again waits with the first, and becomes one record")
  func duplicate() async throws {
    let four = try FourValidators()
    let member = try Member(four, 0)
    let entry = try entries(1, four)[0]
    let outcome = submit([entry, entry], member)
    #expect(await member.passedOn(1) == [entry])
    let block = try #require(try await member.draft())
    #expect(block.entries == [entry])
    try await member.commit(block, four)
    let verdicts = await outcome.value.verdicts
    guard verdicts.count == 2, case .accepted(let first) = verdicts[0],
      case .duplicate(let again) = verdicts[1]
    else {
      Issue.record("\(verdicts)")
      return
    }
    #expect(first.index == 2 && again.index == 2)
    let later = try await member.committer.submit(entry)
    #expect(!later.isNew && later.receipt.index == 2)
    #expect(!member.committer.isWorkWaiting && member.committer.condition.statementCount == 0)
    try await member.committer.stop()
  }

  @Test("what the rules refuse is answered at once, with the block as of which that holds")
  func refused() async throws {
    let four = try FourValidators()
    let member = try Member(four, 0)
    let old = try four.ledger.statement([1], at: 1).entry
    let refusal = await #expect(throws: Refusal.self) { try await member.committer.submit(old) }
    #expect(refusal?.code == .stale && refusal?.reason.hasSuffix("(as of block 0)") == true)
    var bad = try entries(1, four)[0]
    bad[bad.count - 1] ^= 1
    let flipped = bad
    let other = await #expect(throws: Refusal.self) { try await member.committer.submit(flipped) }
    #expect(other?.code == .badSignature)
    // Nobody is told of what another validator has passed on.
    await member.take([old, flipped, Array("rubbish".utf8)])
    try await member.committer.stop()
    #expect(member.committer.condition.statementCount == 0)
  }

  @Test("what waits is judged anew after a block, and refused where that or the time has changed the case")
  func anew() async throws {
    let four = try FourValidators()
    let clock = ManualClock()
    var options = four.options(0)
    options.now = { clock.now }
    let (member, other) = (try Member(four, 0, options), try Member(four, 1))
    let entry = try four.ledger.expiring(at: clock.start, issued: clock.start)
    let waiting = Task { try await member.committer.submit(entry) }
    #expect(await member.passedOn(1) == [entry])
    clock.advance(by: 60_000)
    await other.take(try entries(1, four))
    await other.work()
    let block = try #require(try await other.draft())
    try await member.commit(block, four)
    let refusal = await #expect(throws: Refusal.self) { try await waiting.value }
    #expect(refusal?.code == .stale && refusal?.reason.hasSuffix("(as of block 1)") == true)
    #expect(!member.committer.isWorkWaiting && member.committer.condition.statementCount == 0)
    for member in [member, other] { try await member.committer.stop() }
  }

  @Test("what waits is judged anew by a later time when more comes, without a block")
  func later() async throws {
    let four = try FourValidators()
    let clock = ManualClock()
    var options = four.options(0)
    options.now = { clock.now }
    let member = try Member(four, 0, options)
    let (expiring, other) = (
      try four.ledger.expiring(at: clock.start, issued: clock.start), try entries(1, four)[0]
    )
    let waiting = Task { try await member.committer.submit(expiring) }
    _ = await member.passedOn(1)
    clock.advance(by: 60_000)
    await member.take([other])
    let refusal = await #expect(throws: Refusal.self) { try await waiting.value }
    #expect(refusal?.code == .stale && refusal?.reason.hasSuffix("(as of block 0)") == true)
    await member.work()
    #expect(member.committer.waitingEntries(atMost: 5) == [other])
    try await member.committer.stop()
  }

  @Test(
    "where nothing that waits is good any more, who is to propose a block refuses it, and there is no work")
  func nothingGood() async throws {
    let four = try FourValidators()
    let clock = ManualClock()
    var options = four.options(0)
    options.now = { clock.now }
    let member = try Member(four, 0, options)
    let entry = try four.ledger.expiring(at: clock.start, issued: clock.start)
    let waiting = Task { try await member.committer.submit(entry) }
    _ = await member.passedOn(1)
    #expect(try await member.draft()?.entries == [entry])
    // So short a time that what waits would not be judged anew.
    clock.advance(by: 500)
    let none = try await member.draft()
    #expect(none == nil)
    let refusal = await #expect(throws: Refusal.self) { try await waiting.value }
    #expect(refusal?.code == .stale)
    #expect(!member.committer.isWorkWaiting && member.committer.condition.statementCount == 0)
    try await member.committer.stop()
  }

  @Test("who has waited long enough is told that nothing is decided, and the statement goes on waiting")
  func undecided() async throws {
    let four = try FourValidators()
    let member = try Member(four, 0, decisionLimit: .milliseconds(20))
    let entry = try entries(1, four)[0]
    #expect(await reason { try await member.committer.submit(entry) } == "undecided")
    #expect(await member.passedOn(1) == [entry])
    let block = try #require(try await member.draft())
    #expect(block.entries == [entry])
    try await member.commit(block, four)
    #expect(try member.committer.reader.entry(2) == entry)
    try await member.committer.stop()
  }

  @Test("stopping waits for no decision")
  func stop() async throws {
    let four = try FourValidators()
    let member = try Member(four, 0)
    let entry = try entries(1, four)[0]
    let waiting = Task { try await member.committer.submit(entry) }
    _ = await member.passedOn(1)
    let block = try #require(try await member.draft())
    try await member.committer.stop()
    #expect(await reason { try await waiting.value } == "stopping")
    #expect(await reason { try await member.draft() } == "stopping")
    #expect(await reason { try await member.commit(block, four) } == "stopping")
    #expect(member.committer.condition.statementCount == 0)
  }

  @Test("of what others pass on only so much is kept as there is room for")
  func limit() async throws {
    let four = try FourValidators()
    var settings = Committer.Settings()
    settings.statementLimit = 3
    let member = try Member(four, 0, nil, settings)
    let entries = try entries(5, four)
    await member.take(entries)
    await member.work()
    #expect(member.committer.condition.statementCount == 3)
    let own = try four.ledger.statement([9]).entry
    #expect(await reason { try await member.committer.submit(own) } == "busy")
    let block = try #require(try await member.draft())
    #expect(block.entries == Array(entries.prefix(3)))
    try await member.commit(block, four)
    #expect(member.committer.condition.statementCount == 0)
    try await member.committer.stop()
  }

  @Test("when the disk fails nothing is acknowledged, and nothing is judged any more")
  func disk() async throws {
    let four = try FourValidators()
    var options = four.options(0)
    options.faults = { $0 == .syncCheckpoint ? .fails(EIO) : nil }
    let member = try Member(four, 0, options)
    let entry = try entries(1, four)[0]
    let waiting = Task { try await member.committer.submit(entry) }
    _ = await member.passedOn(1)
    let block = try #require(try await member.draft())
    #expect(await reason { try await member.commit(block, four) } == "failed")
    #expect(await reason { try await waiting.value } == "failed")
    #expect(await reason { try await member.committer.submit(entry) } == "failed")
    #expect(await reason { try await member.draft() } == "failed")
    #expect(member.committer.condition.failure != nil)
    await #expect(throws: Failure.self) { try await member.committer.stop() }
  }

  @Test("a block or a checkpoint that does not hold is refused, and the committer goes on")
  func refusedBlock() async throws {
    let four = try FourValidators()
    let member = try Member(four, 0)
    let entry = try entries(1, four)[0]
    let waiting = Task { try await member.committer.submit(entry) }
    _ = await member.passedOn(1)
    let block = try #require(try await member.draft())
    let altered = try four.altered(block) { $0.with(state: .zero) }
    await #expect(throws: Fault.self) {
      _ = try await OwnThread.run { try member.committer.judge(altered) }
    }
    let note = try four.note(block.checkpoint, by: [0, 1])
    await #expect(throws: Fault.self) {
      try await OwnThread.run { try member.committer.commit(block, note) }
    }
    #expect(member.committer.condition.failure == nil && member.committer.isWorkWaiting)
    try await member.commit(block, four)
    #expect(try await waiting.value.isNew)
    try await member.committer.stop()
  }
}

extension TestLedger {
  /// The entry of a statement of the first member that no block after `end` records; times in s since the epoch.
  fileprivate func expiring(at end: UInt64, issued time: UInt64) throws -> [UInt8] {
    let claims = Claims(
      issuer: consortium.members[0].id, audience: id, expiresAt: end, issuedAt: time, tokenID: freshTokenID())
    return try StatementDraft(contentType: "text/plain", claims: claims, payload: [1])
      .signed(by: consortium.members[0].key).entry
  }
}

/// A clock that stands still unless a test puts it forward.
private final class ManualClock: Sendable {
  /// What it said at first, in s since the epoch: at most a second from now, so that no ledger here is younger.
  let start = UInt64(Date().timeIntervalSince1970) + 1
  private let ahead = Mutex<UInt64>(0)

  var now: ProposalClock.Moment { .now(wall: start * 1000 + ahead.withLock { $0 }) }

  /// - Parameter milliseconds: by how much.
  func advance(by milliseconds: UInt64) { ahead.withLock { $0 += milliseconds } }
}
