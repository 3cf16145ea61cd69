import Foundation
import GRDB
import Ledger
import LedgerCrypto
import Synchronization
import TestKit
import Testing

@testable import LedgerIndex
@testable import LedgerStore

/// What is done while something else is still being written.
@Suite("Ahead of the disk and of the index", .timeLimit(.minutes(30)))
struct AheadTests {
  /// Keeps the disk at one step of the first block until the second is being judged.
  private final class Overlap: Sendable {
    private let isArmed = Mutex(false)
    private let judging = DispatchSemaphore(value: 0)
    /// Whether the second was judged while the first was being written.
    let hasOverlapped = Mutex(false)
    let fault: CommitFault?

    init(_ fault: CommitFault? = nil) { self.fault = fault }

    func arm() { isArmed.withLock { $0 = true } }

    var options: LedgerWriter.Options {
      var options = LedgerWriter.Options.inTests
      let (now, calls) = (options.now, Shared(0))
      options.faults = { [self] step in
        let isFirst = isArmed.withLock { armed in
          guard armed, step == .syncEntries else { return false }
          armed = false
          return true
        }
        guard isFirst else { return nil }
        let isJudged = judging.wait(timeout: .now() + 600) == .success
        hasOverlapped.withLock { $0 = isJudged }
        return fault
      }
      // The clock is looked at when a block is judged: once for each.
      options.now = { [self] in
        if calls.increment() == 2 { judging.signal() }
        return now()
      }
      return options
    }

    private final class Shared: Sendable {
      private let value: Mutex<Int>

      init(_ value: Int) { self.value = Mutex(value) }

      func increment() -> Int {
        value.withLock {
          $0 += 1
          return $0
        }
      }
    }
  }

  private final class Outcomes: Sendable {
    private let all = Mutex<[([Verdict], Result<LedgerReader, any Error>)]>([])

    func add(_ verdicts: [Verdict], _ outcome: Result<LedgerReader, any Error>) {
      all.withLock { $0.append((verdicts, outcome)) }
    }

    var list: [([Verdict], Result<LedgerReader, any Error>)] { all.withLock { $0 } }
  }

  @Test("a block is judged while the disk has the one before, and knows what stands in it")
  func overlap() async throws {
    try await OwnThread.run {
      let overlap = Overlap()
      let ledger = try TestConsortium().found()
      let writer = try LedgerWriter(ledger.folder, overlap.options)
      let statements = try (0..<4).map { try ledger.statement([UInt8($0)]) }
      let candidates = statements.map { ledger.candidate($0, writer) }
      let outcomes = Outcomes()
      overlap.arm()
      #expect(try writer.beginBlock(candidates[0..<2]) { outcomes.add($0, $1) } == 2)
      let second = [candidates[1], candidates[2], candidates[2], candidates[0], candidates[3]]
      #expect(try writer.beginBlock(second[...]) { outcomes.add($0, $1) } == 5)
      #expect(writer.state.height == 3)
      #expect(overlap.hasOverlapped.withLock { $0 })
      let places = outcomes.list.map { verdicts, _ in
        verdicts.map { verdict -> [UInt64] in
          switch verdict {
          case .accepted(let receipt): [receipt.block, receipt.index]
          case .duplicate(let receipt): [receipt.block, receipt.index, 0]
          case .refused: []
          }
        }
      }
      // Entries 0 and 1 are the founding block, 4 is the header of the first here.
      #expect(places == [[[1, 2], [1, 3]], [[1, 3, 0], [2, 5], [2, 5, 0], [1, 2, 0], [2, 6]]])
      #expect(try outcomes.list.map { try $0.1.get().size } == [5, 8])
      // Asked when all of it is committed, it says the same.
      let again = try writer.appendBlock(candidates[...])
      #expect(again.allSatisfy { if case .duplicate = $0 { true } else { false } })
      try writer.flush()
      #expect(try ledger.audit().faults == [])
      #expect(try ledger.audit().notes == [])
    }
  }

  @Test("when the disk fails a block, the one judged upon it is not written, and nothing is acknowledged")
  func failure() async throws {
    try await OwnThread.run {
      let overlap = Overlap(.fails(EIO))
      let ledger = try TestConsortium().found()
      let statements = try (0..<3).map { try ledger.statement([UInt8($0)]) }
      let outcomes = Outcomes()
      do {
        let writer = try LedgerWriter(ledger.folder, overlap.options)
        let candidates = statements.map { ledger.candidate($0, writer) }
        overlap.arm()
        _ = try writer.beginBlock(candidates[0..<1]) { outcomes.add($0, $1) }
        #expect(throws: Failure.self) {
          try writer.beginBlock(candidates[1..<2]) { outcomes.add($0, $1) }
        }
        #expect(overlap.hasOverlapped.withLock { $0 })
        #expect(outcomes.list.count == 1)
        #expect(throws: Failure.self) { try outcomes.list[0].1.get() }
        #expect(throws: Failure.self) { try writer.appendBlock(candidates[2..<3]) }
        #expect(writer.state.height == 1)
      }
      #expect(try ledger.audit().faults == [])
      let writer = try LedgerWriter(ledger.folder, .inTests)
      let verdicts = try writer.appendBlock(statements.map { ledger.candidate($0, writer) }[...])
      // What may have reached the disk is there or not; the others surely are not.
      for verdict in verdicts.dropFirst() {
        guard case .accepted = verdict else { throw Refusal(.malformed, "\(verdict)") }
      }
      #expect(try ledger.audit().faults == [])
    }
  }

  @Test("a block in which nothing is new is answered behind the one that is being written")
  func nothingNew() async throws {
    try await OwnThread.run {
      let overlap = Overlap()
      let ledger = try TestConsortium().found()
      let writer = try LedgerWriter(ledger.folder, overlap.options)
      let candidates = [ledger.candidate(try ledger.statement([1]), writer)]
      let outcomes = Outcomes()
      overlap.arm()
      _ = try writer.beginBlock(candidates[...]) { outcomes.add($0, $1) }
      _ = try writer.beginBlock(candidates[...]) { outcomes.add($0, $1) }
      #expect(writer.state.height == 2)
      #expect(overlap.hasOverlapped.withLock { $0 })
      guard case .accepted(let first)? = outcomes.list.first?.0.first,
        case .duplicate(let again)? = outcomes.list.last?.0.first
      else { throw Refusal(.malformed, "\(outcomes.list.map(\.0))") }
      #expect(first.index == again.index && first.block == again.block)
    }
  }

  @Test("a reader beside a writer finds at once what was committed before it was opened")
  func readerBeside() throws {
    let ledger = try TestConsortium().found()
    let writer = try LedgerWriter(ledger.folder, .inTests)
    for number in 0..<5 {
      let statement = try ledger.statement([UInt8(number)])
      _ = try writer.appendBlock([ledger.candidate(statement, writer)])
      // The lock tells it that somebody writes, as it would another process.
      let reader = try LedgerReader(ledger.folder)
      #expect(reader.unindexed == 0)
      #expect(try reader.entryIndex(of: statement.id) == UInt64(2 + 2 * number))
      #expect(try reader.state().height == UInt64(2 + number))
    }
  }

  // MARK: The index

  @Test("ids and digests that begin alike are told apart, and no look-up reads the whole table")
  func fingerprints() throws {
    let ledger = try TestConsortium().found()
    do { try ledger.appendBlock(20, try LedgerWriter(ledger.folder, .inTests)) }
    let index = try SQLiteIndex(in: Directory(ledger.folder.path), writing: true)
    let ids = try (0..<3).map { number in
      try #require(Digest([UInt8](repeating: 7, count: 31) + [UInt8(number)]))
    }
    try index.write { db in
      for (number, id) in ids.enumerated() {
        try db.execute(
          sql: """
            INSERT INTO records (entry, block, id, issuer, type, issued, bytes, digest)
            VALUES (?, 1, ?, 'member-0', 'text/plain', 1, 1, ?)
            """, arguments: [100 + number, Data(id.bytes), Data(id.bytes)])
      }
    }
    for (number, id) in ids.enumerated() {
      #expect(try index.entry(of: id) == UInt64(100 + number))
      var query = SearchQuery()
      query.digest = id
      #expect(try index.search(query, from: 0, limit: 10).map(\.index) == [UInt64(100 + number)])
    }
    #expect(try index.entry(of: .zero) == nil)
    let plans = try index.read { db in
      try [
        "SELECT entry FROM records WHERE substr(id, 1, 8) = substr(?1, 1, 8) AND id = ?1",
        "SELECT entry FROM listed WHERE path = ?1",
        "SELECT entry FROM records WHERE substr(digest, 1, 8) = ?1 AND digest = ?1",
      ].map { try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \($0)", arguments: [Data()]).description }
    }
    #expect(plans[0].contains("USING INDEX records_id"))
    #expect(plans[1].contains("USING PRIMARY KEY"))
    #expect(plans[2].contains("USING INDEX records_digest"))
  }
}
