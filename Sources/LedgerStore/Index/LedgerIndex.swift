import Foundation
import GRDB
import Ledger
import LedgerCrypto
import Statements

/// `index.sqlite`: what is searched, and the rule state as of its last block. Derived: it can be deleted at any time.
///
/// Tables: `blocks(height, first, size, time, checkpoint)`, `records(entry, block, id, issuer, subject, type, issued, bytes,
/// digest)`, `named(digest, entry)`, `fields(entry, name, value)`, `state(key, value)`, `current(key, name, value)`,
/// `rosters(root, height, items)`, `meta(key, value)`. Times of blocks are ms and those of statements s since the epoch; ids
/// and digests are 32-byte blobs. `named` has the digests that a payload names, `fields` the fields of a reserved kind's
/// payload, `state` the rule sets' state and `current` its fields, as `IndexedFields` writes them, by the key's parts with
/// a `/` between two. The views are the rule sets'.
///
/// Ids and digests of records are indexed by their first eight bytes, which take half the time of whole ones and less than half
/// the room: a query by one asks for `substr(id, 1, 8)` as well as for `id`, which tells records apart.
struct LedgerIndex: Sendable {
  /// Changed whenever the tables change; another version is built anew.
  private static let version = 4
  /// Every table.
  static let tables = ["meta", "blocks", "records", "named", "fields", "state", "current", "rosters"]

  private let database: DatabaseQueue
  let path: String

  /// Opens the index at `path`; `writing` makes it where there is none.
  ///
  /// - Parameter views: the views that it has afterwards; nil leaves those that are there.
  /// - Throws: `Failure` where it is not there, not readable or of another version.
  init(_ path: String, writing: Bool, views: [IndexView]? = nil) throws(Failure) {
    self.path = path
    var configuration = Configuration()
    configuration.readonly = !writing
    // A writer does without the index for a while, and is over when it fails.
    configuration.busyMode = .timeout(writing ? 60 : 10)
    configuration.prepareDatabase { db in
      // It is derived: after a power cut it is made anew, so it need not wait for the disk.
      if writing {
        try db.execute(sql: "PRAGMA journal_mode = TRUNCATE")
        try db.execute(sql: "PRAGMA synchronous = OFF")
        // Ids and digests come in no order, each to a page of its own: at most 32 MiB of them are kept at hand.
        try db.execute(sql: "PRAGMA cache_size = -32768")
      }
    }
    do {
      database = try DatabaseQueue(path: path, configuration: configuration)
      if writing { try database.write(LedgerIndex.makeTables) }
      let found = try database.read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
      guard found == LedgerIndex.version else {
        throw Failure("open", path, reason: "an index of another version; `zheng rebuild` makes it anew")
      }
      if writing, let views { try database.write { try LedgerIndex.make(views, in: $0) } }
    } catch let error as Failure {
      throw error
    } catch {
      throw Failure("open", path, reason: "\(error)")
    }
  }

  private static func makeTables(_ db: Database) throws {
    let found = try Int.fetchOne(db, sql: "PRAGMA user_version")
    guard found == 0 else { return }
    try db.execute(
      sql: """
        CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value BLOB) STRICT, WITHOUT ROWID;
        CREATE TABLE blocks (height INTEGER PRIMARY KEY, first INTEGER NOT NULL, size INTEGER NOT NULL,
          time INTEGER NOT NULL, checkpoint INTEGER NOT NULL) STRICT;
        CREATE INDEX blocks_size ON blocks (size);
        CREATE TABLE records (entry INTEGER PRIMARY KEY, block INTEGER NOT NULL, id BLOB NOT NULL, issuer TEXT NOT NULL,
          subject TEXT, type TEXT NOT NULL, issued INTEGER NOT NULL, bytes INTEGER NOT NULL, digest BLOB NOT NULL) STRICT;
        CREATE INDEX records_id ON records (substr(id, 1, 8));
        CREATE INDEX records_issuer ON records (issuer);
        CREATE INDEX records_subject ON records (subject) WHERE subject IS NOT NULL;
        CREATE INDEX records_type ON records (type);
        CREATE INDEX records_digest ON records (substr(digest, 1, 8));
        CREATE TABLE named (digest BLOB NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (digest, entry)) STRICT, WITHOUT ROWID;
        CREATE TABLE fields (entry INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
          PRIMARY KEY (entry, name)) STRICT, WITHOUT ROWID;
        CREATE INDEX fields_value ON fields (name, value);
        CREATE TABLE state (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE current (key TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
          PRIMARY KEY (key, name)) STRICT, WITHOUT ROWID;
        CREATE INDEX current_value ON current (name, value);
        CREATE TABLE rosters (root BLOB PRIMARY KEY NOT NULL, height INTEGER NOT NULL, items BLOB NOT NULL) STRICT, WITHOUT ROWID;
        PRAGMA user_version = \(version);
        """)
  }

  /// Makes the views what they should be, and touches nothing where they are.
  private static func make(_ views: [IndexView], in db: Database) throws {
    let wanted = views.map { "CREATE VIEW \($0.name) AS -- \($0.meaning)\n\($0.query)" }
    let found = try Row.fetchAll(db, sql: "SELECT name, sql FROM sqlite_master WHERE type = 'view'")
    guard Set(found.map { $0[1] as String }) != Set(wanted) else { return }
    for row in found { try db.execute(sql: "DROP VIEW \((row[0] as String).quotedDatabaseIdentifier)") }
    for view in wanted { try db.execute(sql: view) }
  }

  /// Runs `body` in one transaction, with database errors as `Failure`s.
  func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
    do { return try database.write(body) } catch let error as DatabaseError {
      throw Failure("sqlite", path, reason: error.description)
    }
  }

  /// Runs `body` on one state of the database, with database errors as `Failure`s.
  func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
    do { return try database.read(body) } catch let error as DatabaseError {
      throw Failure("sqlite", path, reason: error.description)
    }
  }

  // MARK: Writing

  /// Adds blocks, which continue those that are there, and the state after the last of them.
  func add(_ blocks: [CommittedBlock]) throws {
    guard let last = blocks.last else { return }
    try write { db in
      var hasher = LaneHasher()
      var latest = try LedgerIndex.latestIssued(in: db)
      var roster: Digest?
      for block in blocks {
        if block.state.roster.root != roster { try LedgerIndex.add(rosterAfter: block, to: db) }
        roster = block.state.roster.root
        latest = max(latest, try LedgerIndex.add(block, to: db, using: &hasher))
      }
      try db.execute(
        sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('issued', ?)",
        arguments: [Data(String(latest).utf8)])
      try db.execute(
        sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('state', ?)",
        arguments: [Data(last.state.snapshot)])
      if let moment = last.moment { try LedgerIndex.set(moment, in: db) }
    }
  }

  /// When the last block was proposed, where that is known.
  func lastMoment() throws -> ProposalClock.Moment? { try read(LedgerIndex.lastMoment) }

  /// As `lastMoment()`, of an index of any version; nil also where it can't be read. The truth does not hold it, so who makes an
  /// index anew takes it over.
  static func lastMoment(at path: String) -> ProposalClock.Moment? { peek(path, lastMoment) }

  /// Whether the index at `path` was made by an earlier version of this software: nobody reads it, and the next writer makes it
  /// anew.
  static func isOutdated(at path: String) -> Bool {
    let found = peek(path) { try Int.fetchOne($0, sql: "PRAGMA user_version") } ?? 0
    return (1..<version).contains(found)
  }

  /// What `body` reads from whatever database lies at `path`; nil where it can't.
  private static func peek<Value>(_ path: String, _ body: (Database) throws -> Value?) -> Value? {
    var configuration = Configuration()
    configuration.readonly = true
    do { return try DatabaseQueue(path: path, configuration: configuration).read(body) } catch { return nil }
  }

  private static func lastMoment(in db: Database) throws -> ProposalClock.Moment? {
    try String.fetchOne(db, sql: "SELECT CAST(value AS TEXT) FROM meta WHERE key = 'moment'")
      .flatMap(ProposalClock.Moment.init(text:))
  }

  /// Takes note of when the last block was proposed.
  func set(_ moment: ProposalClock.Moment) throws { try write { try LedgerIndex.set(moment, in: $0) } }

  private static func set(_ moment: ProposalClock.Moment, in db: Database) throws {
    try db.execute(
      sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('moment', ?)",
      arguments: [Data(moment.text.utf8)])
  }

  /// Adds the roster in force after `block`, if it is not there.
  private static func add(rosterAfter block: CommittedBlock, to db: Database) throws {
    let roster = block.state.roster
    try db.cachedStatement(sql: "INSERT OR IGNORE INTO rosters (root, height, items) VALUES (?, ?, ?)")
      .execute(arguments: [
        Data(roster.root.bytes), Int64(block.state.height),
        Data(CBOR.array(roster.items.map(CBOR.bytes)).encoded),
      ])
  }

  /// - Returns: the latest time that one of its statements claims.
  private static func add(
    _ block: CommittedBlock, to db: Database, using hasher: inout LaneHasher
  ) throws -> UInt64 {
    var latest: UInt64 = 0
    let height = Int64(block.header.height)
    try db.cachedStatement(
      sql: "INSERT INTO blocks (height, first, size, time, checkpoint) VALUES (?, ?, ?, ?, ?)"
    ).execute(arguments: [
      height, Int64(block.first), Int64(block.size), Int64(block.header.time), Int64(block.checkpointOffset),
    ])
    let records = try RecordInsertion(in: db)
    let bytes = block.bytes.span
    var payloads: [Range<Int>] = []
    RecordRow.payloads(of: block.ranges[...], block.checked[...], into: &payloads)
    var digests: [Digest] = []
    hasher.hash(bytes, at: payloads[...], appendingTo: &digests)
    for (offset, range) in block.ranges.dropLast().enumerated() {
      let entry = bytes.extracting(range)
      let index = block.first + UInt64(offset)
      guard
        let row = RecordRow(
          index, of: block.header.height, block.checked[offset], payload: digests[offset])
      else { continue }
      latest = max(latest, row.claims.issuedAt)
      try records.insert(row, of: entry)
      for digest in NamedDigests.of(bytes.extracting(payloads[offset])) {
        try db.cachedStatement(sql: "INSERT OR IGNORE INTO named (digest, entry) VALUES (?, ?)")
          .execute(arguments: [Data(digest.bytes), Int64(index)])
      }
      guard Kind.isReserved(row.decoded.view.contentType, of: entry) else { continue }
      for field in IndexedFields.of(bytes.extracting(payloads[offset])) {
        try db.cachedStatement(sql: "INSERT INTO fields (entry, name, value) VALUES (?, ?, ?)")
          .execute(arguments: [Int64(index), field.name, field.value])
      }
    }
    for (key, value) in block.changes.values { try set(value, at: key, in: db) }
    return latest
  }

  private static func set(_ value: [UInt8]?, at key: StateKey, in db: Database) throws {
    let name = IndexedFields.name(of: key)
    try db.cachedStatement(sql: "DELETE FROM current WHERE key = ?").execute(arguments: [name])
    guard let value else {
      return try db.cachedStatement(sql: "DELETE FROM state WHERE key = ?")
        .execute(arguments: [Data(key.bytes)])
    }
    try db.cachedStatement(sql: "INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)")
      .execute(arguments: [Data(key.bytes), Data(value)])
    for field in IndexedFields.of(value.span) {
      try db.cachedStatement(sql: "INSERT INTO current (key, name, value) VALUES (?, ?, ?)")
        .execute(arguments: [name, field.name, field.value])
    }
  }

  // MARK: Reading

  /// What is known of the last indexed block, or nil where the index is empty.
  func head() throws -> BlockRow? {
    try read { try BlockRow.fetch($0, "ORDER BY height DESC LIMIT 1", []) }
  }

  /// The last indexed block and the snapshot of the state after it, as of one moment.
  func headAndSnapshot() throws -> (head: BlockRow, snapshot: [UInt8])? {
    try read { db in
      guard let head = try BlockRow.fetch(db, "ORDER BY height DESC LIMIT 1", []),
        let snapshot = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'state'")
      else { return nil }
      return (head, Array(snapshot))
    }
  }

  /// The snapshot of the state after the last indexed block.
  func snapshot() throws -> [UInt8]? {
    try read { try Data.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'state'").map(Array.init) }
  }

  /// The latest time that a statement claims, in s since the epoch; 0 where there is none.
  func latestIssued() throws -> UInt64 { try read(LedgerIndex.latestIssued) }

  private static func latestIssued(in db: Database) throws -> UInt64 {
    if let text = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'issued'") {
      // Who can't read it must take every statement for one that may be there.
      return UInt64(String(decoding: text, as: UTF8.self)) ?? .max
    }
    return try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM blocks)") == true ? .max : 0
  }

  /// The block at `height`.
  func block(height: UInt64) throws -> BlockRow? {
    try read { try BlockRow.fetch($0, "WHERE height = ?", [Int64(clamping: height)]) }
  }

  /// The block that holds entry `index`.
  func block(of index: UInt64) throws -> BlockRow? {
    try read { try BlockRow.fetch($0, "WHERE size > ? ORDER BY size LIMIT 1", [Int64(clamping: index)]) }
  }

  /// The condition that a row of `records` is that of the statement whose id is parameter 1.
  private static let isRecord = "substr(id, 1, 8) = substr(?1, 1, 8) AND id = ?1"

  /// The index of the entry with the statement id `id`.
  func entry(of id: Digest) throws -> UInt64? {
    try read { db in
      let statement = try RawStatement("SELECT entry FROM records WHERE \(LedgerIndex.isRecord)", in: db)
      defer { statement.reset() }
      try statement.bind(1, id)
      return try statement.step() ? statement.number(0) : nil
    }
  }

  /// Where those of the statements `ids` stand that are in the index.
  func places(of ids: [Digest]) throws -> [Digest: Indexer.Place] {
    try read { db in
      let statement = try RawStatement(
        "SELECT entry, block FROM records WHERE \(LedgerIndex.isRecord)", in: db)
      var places: [Digest: Indexer.Place] = [:]
      for id in ids {
        try statement.bind(1, id)
        if try statement.step() {
          places[id] = .init(index: statement.number(0), block: statement.number(1))
        }
        statement.reset()
      }
      return places
    }
  }

  /// The items of the roster with this root.
  func rosterItems(_ root: Digest) throws -> [UInt8]? {
    try read { db in
      try Data.fetchOne(db, sql: "SELECT items FROM rosters WHERE root = ?", arguments: [Data(root.bytes)])
        .map(Array.init)
    }
  }
}

/// A row of `blocks`.
public struct BlockRow: Hashable, Sendable {
  /// The block's height.
  public let height: UInt64
  /// The index of its first entry.
  public let first: UInt64
  /// The tree size after it; its header is entry `size - 1`.
  public let size: UInt64
  /// Its time, in ms since the epoch.
  public let time: UInt64
  /// Where its checkpoint's frame lies.
  let checkpoint: UInt64

  static func fetch(_ db: Database, _ clause: String, _ arguments: StatementArguments) throws -> BlockRow? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT height, first, size, time, checkpoint FROM blocks \(clause)"),
      arguments: arguments
    ).map(BlockRow.init)
  }

  init(height: UInt64, first: UInt64, size: UInt64, time: UInt64, checkpoint: UInt64) {
    (self.height, self.first, self.size, self.time, self.checkpoint) = (height, first, size, time, checkpoint)
  }

  init(_ row: Row) {
    func number(_ column: Int) -> UInt64 { UInt64(clamping: row[column] as Int64) }
    (height, first, size, time, checkpoint) = (number(0), number(1), number(2), number(3), number(4))
  }
}
