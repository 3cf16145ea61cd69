import Foundation
import GRDB
import Ledger
import LedgerCrypto
import LedgerStore
import Statements

/// `index.sqlite`: what is searched. Derived: it can be deleted at any time.
///
/// Tables: `blocks(height, first, size, time, checkpoint)`, `records(entry, block, id, issuer, subject, type, issued, bytes,
/// digest)`, `listed(path, entry)`, `named(digest, entry)`, `fields(entry, name, value)`, `state(key)`, `current(key, name, value)`,
/// `rosters(root, height, items)`, `meta(key, value)`. Times of blocks are ms and those of statements s since the epoch; ids
/// and digests are 32-byte blobs. `listed` has the records that the lists of the state tree have, by the first 16 bytes of the
/// lists' paths, `named` the digests that payloads of plain records name, which no list has; `fields` the fields of a reserved kind's
/// payload, `state` the keys of the rule sets' state and `current` the fields of their values, as `IndexedFields` writes them, by the key's parts with
/// a `/` between two. The views are the rule sets'.
///
/// Ids and digests of records are indexed by their first eight bytes, which take half the time of whole ones and less than half the
/// room: a query by one asks for `substr(id, 1, 8)` as well as for `id`, which tells records apart.
struct SQLiteIndex: Sendable {
  /// Changed whenever the tables change; another version is built anew.
  private static let version = 6
  /// Every table.
  static let tables = [
    "meta", "blocks", "records", "listed", "named", "fields", "state", "current", "rosters",
  ]

  private let database: DatabaseQueue
  let path: String

  /// How long a writer lets others keep it from its index; then it goes on without, and catches up later.
  private static let writerPatience = 0.1
  /// How long a reader waits for a writer's transaction when it opens the index, and afterwards, in s.
  private static let readerPatience = (opening: 2.0, reading: 10.0)

  /// Opens the index of the ledger in `directory`; `writing` makes it where there is none.
  ///
  /// - Parameter views: the views that it has afterwards; nil leaves those that are there.
  /// - Throws: `Failure` where it is not there, not readable or of another version.
  init(in directory: Directory, writing: Bool, views: [IndexView]? = nil) throws(Failure) {
    // SQLite opens by name: what it is going to open is looked at before.
    for suffix in SQLiteIndex.suffixes {
      try directory.requireOrdinary(SQLiteIndex.fileName + suffix, isOwn: writing)
    }
    try self.init(directory.path(of: SQLiteIndex.fileName), writing: writing, views: views)
  }

  static let fileName = "index.sqlite"
  private static let suffixes = ["", "-journal", "-wal", "-shm"]

  /// Removes the index of the ledger in `directory`.
  static func remove(in directory: Directory) throws(Failure) {
    for suffix in suffixes { try directory.remove(fileName + suffix) }
  }

  private init(_ path: String, writing: Bool, views: [IndexView]?) throws(Failure) {
    self.path = path
    var configuration = Configuration()
    configuration.readonly = !writing
    let patience = SQLiteIndex.readerPatience
    configuration.busyMode = .timeout(writing ? SQLiteIndex.writerPatience : patience.opening)
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
      var found = try database.read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
      if writing, found == 0 {
        try database.write(SQLiteIndex.makeTables)
        found = SQLiteIndex.version
      }
      guard found == SQLiteIndex.version else {
        throw Failure(
          "open", path, reason: "an index of another version, which can be made anew from the entries")
      }
      if writing, let views { try SQLiteIndex.make(views, in: database) }
      if !writing {
        try database.inDatabase {
          try $0.execute(sql: "PRAGMA busy_timeout = \(Int(patience.reading * 1000))")
        }
      }
    } catch let error as Failure {
      throw error
    } catch {
      throw SQLiteIndex.failure("open", path, error)
    }
  }

  /// An index of this process alone, which leaves no file behind: with what `other` has, or empty.
  init(copying other: SQLiteIndex?, views: [IndexView]) throws(Failure) {
    path = other?.path ?? "the index in memory"
    do {
      // SQLite keeps a database without a name in memory, and beyond some size in a file that nobody else can find.
      database = try DatabaseQueue(path: "")
      if let other { try other.database.backup(to: database) }
      try database.inDatabase { try $0.execute(sql: "PRAGMA synchronous = OFF") }
      try database.write(SQLiteIndex.makeTables)
      try SQLiteIndex.make(views, in: database)
    } catch { throw SQLiteIndex.failure("read", path, error) }
  }

  /// What SQLite says, in words, with the error number that a system call would give.
  private static func failure(_ call: String, _ path: String, _ error: any Error) -> Failure {
    if let failure = error as? Failure { return failure }
    guard let error = error as? DatabaseError else { return Failure(call, path, reason: "\(error)") }
    let (number, reason): (Int32, String) =
      switch error.resultCode.primaryResultCode {
      case .SQLITE_BUSY, .SQLITE_LOCKED: (EBUSY, "another process is using it")
      case .SQLITE_FULL: (ENOSPC, "no space is left")
      case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
        (EACCES, "this user may not write to it, or not finish what an interrupted process has begun in it")
      case .SQLITE_IOERR: (EIO, "reading or writing it failed")
      default: (0, error.description)
      }
    return Failure(call, path, errorNumber: number, reason: reason)
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
        CREATE TABLE listed (path BLOB NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (path, entry)) STRICT, WITHOUT ROWID;
        CREATE TABLE fields (entry INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
          PRIMARY KEY (entry, name)) STRICT, WITHOUT ROWID;
        CREATE INDEX fields_value ON fields (name, value);
        CREATE TABLE state (key BLOB PRIMARY KEY NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE current (key TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
          PRIMARY KEY (key, name)) STRICT, WITHOUT ROWID;
        CREATE INDEX current_value ON current (name, value);
        CREATE TABLE rosters (root BLOB PRIMARY KEY NOT NULL, height INTEGER NOT NULL, items BLOB NOT NULL) STRICT, WITHOUT ROWID;
        PRAGMA user_version = \(version);
        """)
  }

  /// How the rule sets' views show instants.
  private static let clock = IndexView(
    "clock", meaning: "the ledger's clocks, as a modifier of SQLite's date and time functions",
    query:
      "SELECT coalesce((SELECT CAST(value AS TEXT) FROM meta WHERE key = 'clock'), '\(modifier(.standard))') AS modifier"
  )

  private static func modifier(_ offset: UTCOffset) -> String {
    "\(offset.minutes < 0 ? "" : "+")\(offset.minutes) minutes"
  }

  /// Whether the views show instants by clocks at `offset`.
  func shows(_ offset: UTCOffset) throws -> Bool {
    let found = try read {
      try String.fetchOne($0, sql: "SELECT CAST(value AS TEXT) FROM meta WHERE key = 'clock'")
    }
    return (found ?? SQLiteIndex.modifier(.standard)) == SQLiteIndex.modifier(offset)
  }

  /// Makes the views what they should be, and touches nothing where they are.
  private static func make(_ views: [IndexView], in database: DatabaseQueue) throws {
    let wanted = ([clock] + views).map { "CREATE VIEW \($0.name) AS -- \($0.meaning)\n\($0.query)" }
    let found = try database.read {
      try Row.fetchAll($0, sql: "SELECT name, sql FROM sqlite_master WHERE type = 'view'")
    }
    guard Set(found.map { $0[1] as String }) != Set(wanted) else { return }
    try database.write { db in
      for row in found { try db.execute(sql: "DROP VIEW \((row[0] as String).quotedDatabaseIdentifier)") }
      for view in wanted { try db.execute(sql: view) }
    }
  }

  /// Runs `body` in one transaction, with database errors as `Failure`s.
  func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
    do { return try database.write(body) } catch let error as DatabaseError {
      throw SQLiteIndex.failure("write", path, error)
    }
  }

  /// Runs `body` on one state of the database, with database errors as `Failure`s.
  func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
    do { return try database.read(body) } catch let error as DatabaseError {
      throw SQLiteIndex.failure("read", path, error)
    }
  }

  // MARK: Writing

  /// Adds blocks, which continue those that are there.
  func add(_ blocks: [CommittedBlock]) throws {
    guard let last = blocks.last else { return }
    try write { db in
      var roster: Digest?
      for block in blocks {
        if block.state.roster.root != roster { try SQLiteIndex.add(rosterAfter: block, to: db) }
        roster = block.state.roster.root
        let offset = block.state.roster.terms.parameters.utcOffset
        if block.header.height == 0, offset != .standard {
          try db.execute(
            sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('clock', ?)",
            arguments: [Data(SQLiteIndex.modifier(offset).utf8)])
        }
        try SQLiteIndex.add(block, to: db)
      }
      try db.execute(
        sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('header', ?)",
        arguments: [Data(last.state.parent.bytes)])
      if let moment = last.moment { try SQLiteIndex.set(moment, in: db) }
    }
  }

  /// When the last block was proposed, where that is known.
  func lastMoment() throws -> ProposalClock.Moment? { try read(SQLiteIndex.lastMoment) }

  /// As `lastMoment()`, of an index of any version; nil also where it can't be read. The truth does not hold it, so who makes an
  /// index anew takes it over.
  static func lastMoment(in directory: Directory) -> ProposalClock.Moment? { peek(directory, lastMoment) }

  /// Whether the index in `directory` was made by an earlier version of this software: nobody reads it, and the next writer makes it
  /// anew.
  static func isOutdated(in directory: Directory) -> Bool {
    let found = peek(directory) { try Int.fetchOne($0, sql: "PRAGMA user_version") } ?? 0
    return (1..<version).contains(found)
  }

  /// What `body` reads from whatever database lies in the index's place; nil where it can't.
  private static func peek<Value>(_ directory: Directory, _ body: (Database) throws -> Value?) -> Value? {
    var configuration = Configuration()
    configuration.readonly = true
    do {
      try directory.requireOrdinary(fileName, isOwn: false)
      return try DatabaseQueue(path: directory.path(of: fileName), configuration: configuration).read(body)
    } catch { return nil }
  }

  private static func lastMoment(in db: Database) throws -> ProposalClock.Moment? {
    try String.fetchOne(db, sql: "SELECT CAST(value AS TEXT) FROM meta WHERE key = 'moment'")
      .flatMap(ProposalClock.Moment.init(text:))
  }

  /// Takes note of when the last block was proposed.
  func set(_ moment: ProposalClock.Moment) throws { try write { try SQLiteIndex.set(moment, in: $0) } }

  private static func set(_ moment: ProposalClock.Moment, in db: Database) throws {
    try db.execute(
      sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('moment', ?)",
      arguments: [Data(moment.text.utf8)])
  }

  /// Empties every table, but for when the last block was proposed.
  func removeAll() throws {
    let moment = try lastMoment()
    try write { db in
      for table in SQLiteIndex.tables {
        try db.execute(sql: "DELETE FROM \(table)")
      }
    }
    if let moment { try set(moment) }
  }

  /// Adds the roster in force after `block`, if it is not there.
  private static func add(rosterAfter block: CommittedBlock, to db: Database) throws {
    let roster = block.state.roster
    try db.cachedStatement(sql: "INSERT OR IGNORE INTO rosters (root, height, items) VALUES (?, ?, ?)")
      .execute(arguments: [
        Data(roster.root.bytes), Int64(block.state.height),
        Data(roster.indexedItems),
      ])
  }

  private static func add(_ block: CommittedBlock, to db: Database) throws {
    let height = Int64(block.header.height)
    try db.cachedStatement(
      sql: "INSERT INTO blocks (height, first, size, time, checkpoint) VALUES (?, ?, ?, ?, ?)"
    ).execute(arguments: [
      height, Int64(block.first), Int64(block.size), Int64(block.header.time), Int64(block.checkpointOffset),
    ])
    let records = try RecordInsertion(in: db)
    let bytes = block.bytes.span
    for (offset, range) in block.ranges.dropLast().enumerated() {
      let entry = bytes.extracting(range)
      let index = block.first + UInt64(offset)
      guard
        let row = RecordRow(index, of: block.header.height, block.checked[offset])
      else { continue }
      let payload = entry.extracting(row.decoded.view.payload)
      try records.insert(row, of: entry)
      guard Kind.isReserved(row.decoded.view.contentType, of: entry) else {
        for digest in NamedDigests.of(payload) {
          try db.cachedStatement(sql: "INSERT OR IGNORE INTO named (digest, entry) VALUES (?, ?)")
            .execute(arguments: [Data(digest.bytes), Int64(index)])
        }
        continue
      }
      for field in IndexedFields.of(payload) {
        try db.cachedStatement(sql: "INSERT INTO fields (entry, name, value) VALUES (?, ?, ?)")
          .execute(arguments: [Int64(index), field.name, field.value])
      }
    }
    for (key, value) in block.changes.values { try set(value, at: key, in: db) }
    try add(listsOf: block.changes, to: db)
  }

  /// How many bytes of a list's path the index keeps: enough to tell lists apart.
  static let pathByteCount = 16

  /// A list's path as the index keeps it.
  static func listPath(_ path: Digest) -> Data { Data(path.bytes.prefix(pathByteCount)) }

  private static func add(listsOf changes: StateChanges, to db: Database) throws {
    let insertion = try db.cachedStatement(sql: "INSERT OR IGNORE INTO listed (path, entry) VALUES (?, ?)")
    for (path, records) in changes.lists {
      for record in records { try insertion.execute(arguments: [listPath(path), Int64(record.index)]) }
    }
  }

  private static func set(_ value: [UInt8]?, at key: StateKey, in db: Database) throws {
    let name = key.name
    try db.cachedStatement(sql: "DELETE FROM current WHERE key = ?").execute(arguments: [name])
    guard let value else {
      return try db.cachedStatement(sql: "DELETE FROM state WHERE key = ?")
        .execute(arguments: [Data(key.bytes)])
    }
    try db.cachedStatement(sql: "INSERT OR IGNORE INTO state (key) VALUES (?)")
      .execute(arguments: [Data(key.bytes)])
    for field in IndexedFields.of(value.span) {
      try db.cachedStatement(sql: "INSERT INTO current (key, name, value) VALUES (?, ?, ?)")
        .execute(arguments: [name, field.name, field.value])
    }
  }
}
