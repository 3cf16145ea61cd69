import Foundation
import Ledger
import LedgerCrypto
import Statements
import Testing

@testable import LedgerStore

@Suite("The committer", .timeLimit(.minutes(30))) struct CommitterTests {
  private func committer(
    _ ledger: TestLedger, _ options: LedgerWriter.Options = .inTests, _ settings: Committer.Settings = .init()
  ) throws -> Committer {
    try Committer(LedgerWriter(ledger.folder, options), settings)
  }

  @Test("many submitters share blocks, and each gets its own place")
  func sharing() async throws {
    let ledger = try TestLedger()
    let committer = try committer(ledger)
    let indices = try await withThrowingTaskGroup(of: UInt64.self) { group in
      for number in 0..<300 {
        let entry = try ledger.entry([UInt8(number & 0xff)], by: number % 3)
        group.addTask {
          let commitment = try await committer.submit(entry)
          #expect(commitment.isNew)
          #expect(try commitment.reader.entry(commitment.receipt.index) == entry)
          return commitment.receipt.index
        }
      }
      return try await group.reduce(into: Set<UInt64>()) { $0.insert($1) }
    }
    #expect(indices.count == 300)
    let height = try committer.reader.state().height
    #expect(height < 250)
    try await committer.stop()
    #expect(try LedgerReader(ledger.folder).size == 300 + 1 + height)
  }

  @Test("who comes alone does not wait for others, however long the delay")
  func alone() async throws {
    let ledger = try TestLedger(parameters: ["block-delay-ms": 60_000])
    var settings = Committer.Settings()
    settings.blockDelay = .seconds(86_400)
    let committer = try committer(ledger, .inTests, settings)
    for number in 1...3 {
      #expect(try await committer.submit(ledger.entry([1])).receipt.block == UInt64(number))
    }
    try await committer.stop()
  }

  @Test("of single statements that are verified together only the bad ones are refused")
  func oneBadAmongMany() async throws {
    let ledger = try TestLedger()
    let committer = try committer(ledger)
    let good = try (0..<60).map { try ledger.entry([UInt8($0)], by: $0 % 3) }
    var flipped = try ledger.entry([60])
    flipped[flipped.count - 1] ^= 1
    let bad: [(entry: [UInt8], code: Refusal.Code)] = [
      (flipped, .badSignature), (Array("hello".utf8), .malformed),
      (try ledger.entry([1], ledger: .zero), .wrongLedger),
    ]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (number, entry) in good.enumerated() {
        group.addTask {
          let commitment = try await committer.submit(entry)
          #expect(try commitment.reader.entry(commitment.receipt.index) == entry)
        }
        guard number.isMultiple(of: 20) else { continue }
        let (entry, code) = bad[number / 20]
        group.addTask {
          do {
            _ = try await committer.submit(entry)
            Issue.record("it was recorded")
          } catch { #expect((error as? Refusal)?.code == code) }
        }
      }
      try await group.waitForAll()
    }
    #expect(committer.condition.statementCount == 0)
    try await committer.stop()
    let reader = try LedgerReader(ledger.folder)
    #expect(try reader.size == 60 + 1 + reader.state().height)
  }

  @Test("what comes while a block is being written shares the next, and who stays away is not waited for")
  func company() async throws {
    let ledger = try TestLedger()
    let gate = Gate()
    var options = LedgerWriter.Options.inTests
    options.faults = { gate.pass($0) }
    var settings = Committer.Settings()
    let conditions = settings.conditions()
    let committer = try committer(ledger, options, settings)
    gate.shut()
    let first = try ledger.entry([0])
    async let opening = committer.submit(first)
    await gate.arrival()
    try await withThrowingTaskGroup(of: UInt64.self) { group in
      for number in 0..<20 {
        let entry = try ledger.entry([UInt8(number)])
        group.addTask { try await committer.submit(entry).receipt.block }
      }
      await conditions.reach { $0.queuedCount == 20 }
      gate.open()
      for try await block in group { #expect(block == 2) }
    }
    #expect(try await opening.receipt.block == 1)
    // Nineteen of twenty stay away.
    for number in 3...5 {
      #expect(try await committer.submit(ledger.entry([1])).receipt.block == UInt64(number))
    }
    try await committer.stop()
  }

  @Test(
    "however many come, alone or after a large block, nobody waits for those who stay away")
  func stayingAway() async throws {
    let ledger = try TestLedger(parameters: ["block-delay-ms": 60_000, "block-records": 4096])
    let gate = Gate()
    var options = LedgerWriter.Options.inTests
    options.faults = { gate.pass($0) }
    var settings = Committer.Settings()
    settings.blockDelay = .seconds(86_400)
    let conditions = settings.conditions()
    let committer = try committer(ledger, options, settings)

    // A large block, with many in it who came alone.
    gate.shut()
    let first = try ledger.entry([0])
    async let opening = committer.submit(first)
    await gate.arrival()
    let sequence = try (0..<1100).map { try ledger.entry([UInt8($0 & 0xff)]) }
    async let many = SequenceTests.submit(sequence, to: committer)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<100 {
        let entry = try ledger.entry([UInt8(number)])
        let next = try ledger.entry([UInt8(number), 1])
        group.addTask {
          _ = try await committer.submit(entry)
          // One comes again at once.
          if number == 0 { _ = try await committer.submit(next) }
        }
      }
      await conditions.reach { $0.statementCount == 1201 }
      gate.open()
      try await group.waitForAll()
    }
    #expect(await many.verdicts.count == 1100)
    _ = try await opening

    // Each time as many as those before, more, or fewer.
    for round in 0..<60 {
      let entries = try (0..<(round * 7 % 41 + 1)).map { try ledger.entry([UInt8($0)]) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for entry in entries { group.addTask { _ = try await committer.submit(entry) } }
        try await group.waitForAll()
      }
    }
    try await committer.stop()
  }

  @Test("blocks, records and syncs are counted, and what is no new record is not")
  func counts() async throws {
    let ledger = try TestLedger()
    let committer = try committer(ledger)
    for number in 0..<3 { _ = try await committer.submit(ledger.entry([UInt8(number)])) }
    let entry = try ledger.entry([9])
    for _ in 0..<2 { _ = try await committer.submit(entry) }
    let counts = committer.condition.counts
    #expect((counts.blocks, counts.records, counts.waits, counts.syncs) == (4, 4, 0, 8))
    try await committer.stop()
  }

  @Test("block-records ends a block, however many wait")
  func blockRecords() async throws {
    let ledger = try TestLedger(parameters: ["block-records": 5])
    let gate = Gate()
    var options = LedgerWriter.Options.inTests
    options.faults = { gate.pass($0) }
    var settings = Committer.Settings()
    let conditions = settings.conditions()
    let committer = try committer(ledger, options, settings)
    gate.shut()
    let blocks = try await withThrowingTaskGroup(of: UInt64.self) { group in
      for number in 0..<13 {
        let entry = try ledger.entry([UInt8(number)])
        group.addTask { try await committer.submit(entry).receipt.block }
      }
      await gate.arrival()
      await conditions.reach { $0.statementCount == 13 }
      gate.open()
      return try await group.reduce(into: [UInt64: Int]()) { $0[$1, default: 0] += 1 }
    }
    #expect(blocks.values.allSatisfy { $0 <= 5 })
    #expect(blocks.values.reduce(0, +) == 13)
    try await committer.stop()
  }

  @Test("the same statement many times at once is one record")
  func sameAtOnce() async throws {
    let ledger = try TestLedger()
    let committer = try committer(ledger)
    let entry = try ledger.entry([1])
    let commitments = try await withThrowingTaskGroup(of: Committer.Commitment.self) { group in
      for _ in 0..<20 { group.addTask { try await committer.submit(entry) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(commitments.count(where: \.isNew) == 1)
    #expect(Set(commitments.map(\.receipt.index)) == [2])
    try await committer.stop()
  }

  @Test("a statement whose key leaves the roster between admission and cut is refused at the cut")
  func judgedAtTheCut() async throws {
    let ledger = try TestLedger()
    let gate = Gate()
    var options = LedgerWriter.Options.inTests
    options.faults = { gate.pass($0) }
    var settings = Committer.Settings()
    let conditions = settings.conditions()
    let committer = try committer(ledger, options, settings)
    let roster = try committer.reader.state().roster
    let change = RosterChange(of: roster.root, .removeMember("member-1"))
    let removal = try ledger.entry(change.payload, type: change.contentType)
    let late = try ledger.entry([1], by: 1)
    gate.shut()
    async let removed = committer.submit(removal)
    await gate.arrival()
    async let refused = committer.submit(late)
    await conditions.reach { $0.queuedCount == 1 }
    gate.open()
    #expect(try await removed.isNew)
    do {
      _ = try await refused
      Issue.record("it was recorded")
    } catch { #expect((error as? Refusal)?.code == .keyNotInForce) }
    try await committer.stop()
  }

  @Test("a clock in doubt refuses what waits, and goes on when it is right again")
  func clock() async throws {
    let ledger = try TestLedger()
    let jump = Shared<UInt64>(0)
    var options = LedgerWriter.Options.inTests
    let now = options.now
    options.now = {
      let moment = now()
      return .init(boot: moment.boot, uptime: moment.uptime, wall: moment.wall + jump.withLock { $0 })
    }
    let committer = try committer(ledger, options)
    _ = try await committer.submit(ledger.entry([1]))
    jump.withLock { $0 = 7_200_000 }
    await #expect(throws: Refusal.self) { _ = try await committer.submit(ledger.entry([2])) }
    jump.withLock { $0 = 0 }
    #expect(try await committer.submit(ledger.entry([3])).receipt.index == 4)
    try await committer.stop()
  }

  @Test("once stopped it takes nothing, has given up the lock, and can be stopped again")
  func stopped() async throws {
    let ledger = try TestLedger()
    let committer = try committer(ledger)
    _ = try await committer.submit(ledger.entry([1]))
    try await committer.stop()
    try await committer.stop()
    await #expect(throws: CommitterUnavailable.self) { _ = try await committer.submit(ledger.entry([2])) }
    #expect(try LedgerWriter(ledger.folder, .inTests).state.height == 2)
  }
}
