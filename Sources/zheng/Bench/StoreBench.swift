import ArgumentParser
import Foundation
import GRDBSQLite
import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import Synchronization

/// `zheng bench store`.
struct StoreBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "store", abstract: "Measure the store alone, without signatures, against SQLite.",
    discussion: """
      Entries of 256 B are judged, put into blocks, and each block is on the disk before the next is begun; that their \
      signatures are good is taken for granted. SQLite puts the same bytes into a table, with synchronous=FULL and a \
      write-ahead log, as many rows to a transaction as a block has. Both on the same disk, in turns. The index, from which \
      nothing but searches are answered, follows beside the commits; the second figure waits for it.

        zheng bench store
        zheng bench store --folder /mnt/disk --blocks 200
      """)
  static let title = "The store alone against SQLite"

  @Option(help: "How many blocks are written in a turn.") var blocks = 50
  @Option(help: "How many entries a block has, and rows a transaction.") var block = 1000
  @Option(help: "A folder on the disk to measure.", completion: .directory) var folder: String?
  @OptionGroup var measuring: MeasureOptions

  /// What an entry has, with its signature and claims.
  private static let entryByteCount = 256

  func validate() throws {
    guard (1...10_000).contains(blocks) else { throw ValidationError("--blocks may be 1 to 10000") }
    guard (1...4096).contains(block) else { throw ValidationError("--block may be 1 to 4096") }
  }

  func measure(_ tell: (Measure) throws -> Void) throws {
    try ScratchFolder.with(in: folder) { path in
      let consortium = try BenchConsortium(members: 16)
      let id = try consortium.found(at: "\(path)/ledger")
      let mill = try StoreBench.mill(consortium, id)
      let folder = LedgerFolder("\(path)/ledger", rules: Scenarios.rules)
      let writer = try LedgerWriter(folder, .measured(folder))
      let database = try SQLiteYardstick("\(path)/yardstick.sqlite")
      let count = blocks * block
      var (committed, indexed, sqlite): ([Double], [Double], [Double]) = ([], [], [])
      // A round before the first that counts: files, caches and the allocator have grown then.
      for round in 0...measuring.rounds {
        let entries = try mill.signed(round * count..<(round + 1) * count)
        let candidates = StoreBench.trusted(entries)
        let start = ContinuousClock.now
        try append(candidates, to: writer)
        let commits = ContinuousClock.now - start
        try writer.flush()
        let whole = ContinuousClock.now - start
        let rows = try Turns.wallSeconds { try database.insert(entries, transaction: block) }
        guard round > 0 else { continue }
        committed.append(Double(count) / (commits / .seconds(1)))
        indexed.append(Double(count) / (whole / .seconds(1)))
        sqlite.append(Double(count) / rows)
      }
      let yardstick = (
        "SQLite \(SQLiteYardstick.version), synchronous=FULL, WAL, \(block) rows a transaction", sqlite
      )
      try tell(
        Measure(
          "store", "commits of \(block) entries of \(StoreBench.entryByteCount) B", unit: "entries/s",
          committed,
          against: yardstick, goal: .atLeast(1, aim: 2)))
      try tell(
        Measure(
          "store-indexed", "the same, waiting for the index", unit: "entries/s", indexed, against: yardstick))
    }
  }

  /// What makes entries of about `entryByteCount` bytes: some have no subject, and there are two content types.
  private static func mill(_ consortium: BenchConsortium, _ id: Digest) throws -> RecordMill {
    let bare = try RecordMill(consortium: consortium, ledgerID: id, payloadByteCount: 0).signed(0..<48)
    let around = bare.reduce(0) { $0 + $1.count } / bare.count
    return RecordMill(
      consortium: consortium, ledgerID: id, payloadByteCount: max(0, entryByteCount - around))
  }

  private static func trusted(_ entries: [[UInt8]]) -> [LedgerWriter.Candidate] {
    var checker = EntryChecker()
    var candidates: [LedgerWriter.Candidate] = []
    candidates.reserveCapacity(entries.count)
    for entry in entries {
      candidates.append(LedgerWriter.Candidate(entry: entry, checked: checker.trust(entry.span)))
    }
    return candidates
  }

  private func append(_ candidates: [LedgerWriter.Candidate], to writer: LedgerWriter) throws {
    let failure = Mutex<(any Error)?>(nil)
    let size = block
    for start in stride(from: 0, to: candidates.count, by: block) {
      _ = try writer.beginBlock(candidates[start..<start + block]) { verdicts, outcome in
        let found = Result { () throws in
          _ = try outcome.get()
          for case .refused(let refusal) in verdicts { throw refusal }
          guard verdicts.count == size else {
            throw CommandError.usage("--block \(size) is more than a block of the ledger holds")
          }
        }
        if case .failure(let error) = found { failure.withLock { $0 = $0 ?? error } }
      }
    }
    writer.settle()
    if let failure = failure.withLock({ $0 }) { throw failure }
  }
}

/// A table of SQLite's into which entries are put, by the C library's own calls.
private final class SQLiteYardstick {
  private let database: OpaquePointer
  private let statement: OpaquePointer

  static var version: String { String(cString: sqlite3_libversion()) }

  init(_ path: String) throws {
    var opened: OpaquePointer?
    guard sqlite3_open(path, &opened) == SQLITE_OK, let opened else {
      sqlite3_close(opened)
      throw CommandError.cannotCreate("\(path): SQLite can't open it")
    }
    var prepared: OpaquePointer?
    let set = """
      PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
      CREATE TABLE entries (number INTEGER PRIMARY KEY, entry BLOB NOT NULL)
      """
    guard sqlite3_exec(opened, set, nil, nil, nil) == SQLITE_OK,
      sqlite3_prepare_v2(opened, "INSERT INTO entries (entry) VALUES (?)", -1, &prepared, nil) == SQLITE_OK,
      let prepared
    else {
      let error = SQLiteYardstick.failure(opened)
      sqlite3_close(opened)
      throw error
    }
    (database, statement) = (opened, prepared)
  }

  deinit {
    sqlite3_finalize(statement)
    sqlite3_close(database)
  }

  /// Inserts a row for each of `entries`, `count` of them in a transaction.
  func insert(_ entries: [[UInt8]], transaction count: Int) throws {
    for start in stride(from: 0, to: entries.count, by: count) {
      try execute("BEGIN")
      for entry in entries[start..<min(start + count, entries.count)] {
        // Neither kept nor changed beyond the call, so that it need not be copied.
        let isDone = entry.withUnsafeBytes { bytes in
          sqlite3_bind_blob(statement, 1, bytes.baseAddress, Int32(bytes.count), nil) == SQLITE_OK
            && sqlite3_step(statement) == SQLITE_DONE && sqlite3_reset(statement) == SQLITE_OK
        }
        guard isDone else { throw SQLiteYardstick.failure(database) }
      }
      try execute("COMMIT")
    }
  }

  private func execute(_ sql: String) throws {
    guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else {
      throw SQLiteYardstick.failure(database)
    }
  }

  private static func failure(_ database: OpaquePointer) -> CommandError {
    CommandError(.inputOutput, "io", "SQLite: \(String(cString: sqlite3_errmsg(database)))")
  }
}
