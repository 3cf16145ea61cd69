import Foundation
import GRDB
import Ledger
import Statements
import TestKit
import Testing

@testable import LedgerStore

/// Reading must not write, and must not fail because it can't.
@Suite("Reading without writing")
struct ReadingWithoutWritingTests {
  /// A ledger of three blocks.
  private func ledger() throws -> TestLedger {
    let ledger = try TestConsortium().found()
    let writer = try LedgerWriter(ledger.folder, .inTests)
    for _ in 0..<3 { try ledger.appendBlock(2, writer) }
    return ledger
  }

  /// Every file below `path` with its bytes and the time of its last change.
  private func state(of path: String) throws -> [String: String] {
    var state: [String: String] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
      var status = stat()
      #expect(lstat("\(path)/\(name)", &status) == 0)
      state[name] = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_size) \(status.st_ino)"
    }
    return state
  }

  private func requireWhole(_ folder: LedgerFolder, sourceLocation: SourceLocation = #_sourceLocation) throws
  {
    let reader = try LedgerReader(folder)
    #expect(reader.unindexed == 0, sourceLocation: sourceLocation)
    #expect(try reader.state().height == 4, sourceLocation: sourceLocation)
    var found: [UInt64] = []
    try reader.search(SearchQuery()) { found.append($0.index) }
    #expect(found == [0, 2, 3, 5, 6, 8, 9], sourceLocation: sourceLocation)
    for index in found {
      #expect(try reader.record(index).proof.isEmpty == false, sourceLocation: sourceLocation)
    }
    #expect(
      try reader.proof(of: 9, atHead: true).statement.id == reader.record(9).id,
      sourceLocation: sourceLocation)
  }

  @Test(
    "a reader works out in memory what derived files lack, and touches nothing",
    arguments: [
      [], ["index.sqlite"], ["offsets"], ["tiles"], ["index.sqlite", "offsets", "tiles"], ["lock"],
    ])
  func missing(_ names: [String]) throws {
    let ledger = try ledger()
    for name in names { try FileManager.default.removeItem(atPath: "\(ledger.folder.path)/\(name)") }
    let before = try state(of: ledger.folder.path)
    try requireWhole(ledger.folder)
    #expect(try ledger.audit().faults == [])
    #expect(try state(of: ledger.folder.path) == before)
  }

  @Test("a reader works out in memory what derived files lack of the newest blocks")
  func lagging() throws {
    let ledger = try TestConsortium().found()
    let old = try ledger.copy("old")
    do {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      for _ in 0..<3 { try ledger.appendBlock(2, writer) }
    }
    for name in ["index.sqlite", "offsets", "tiles"] {
      try FileManager.default.removeItem(atPath: "\(ledger.folder.path)/\(name)")
      try FileManager.default.copyItem(atPath: "\(old.path)/\(name)", toPath: "\(ledger.folder.path)/\(name)")
    }
    let before = try state(of: ledger.folder.path)
    try requireWhole(ledger.folder)
    #expect(try LedgerReader(ledger.folder).notes.count == 1)
    #expect(try state(of: ledger.folder.path) == before)
  }

  @Test("derived files of another ledger, or damaged ones, are not believed")
  func foreign() throws {
    let (ledger, other) = (try ledger(), try ledger())
    for name in ["index.sqlite", "tiles"] {
      let place = "\(ledger.folder.path)/\(name)"
      try FileManager.default.removeItem(atPath: place)
      try FileManager.default.copyItem(atPath: "\(other.folder.path)/\(name)", toPath: place)
      try requireWhole(ledger.folder)
    }
    try Data("no database".utf8).write(to: URL(filePath: ledger.folder.indexFile))
    try requireWhole(ledger.folder)
  }

  @Test("an index that another process has locked keeps no reader from the ledger, and is no fault of it")
  func locked() async throws {
    let ledger = try ledger()
    let blocker = try DatabaseQueue(path: ledger.folder.indexFile, configuration: Self.unsafe)
    try blocker.inDatabase { try $0.execute(sql: "BEGIN EXCLUSIVE") }
    try await OwnThread.run {
      try requireWhole(ledger.folder)
      let report = try ledger.audit()
      #expect(report.faults == [])
      #expect(report.notes.contains { $0.hasPrefix("behind") })
    }
    try blocker.inDatabase { try $0.execute(sql: "ROLLBACK") }
    #expect(try LedgerReader(ledger.folder).notes == [])
  }

  private static var unsafe: Configuration {
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    return configuration
  }

  @Test(
    "a transaction of the index that a dead process left half done is finished by no reader, and harms none")
  func hotJournal() throws {
    let ledger = try ledger()
    let copy = try ledger.copy("copy")
    do {
      let index = try DatabaseQueue(path: ledger.folder.indexFile, configuration: Self.unsafe)
      try index.inDatabase { db in
        try db.execute(sql: "PRAGMA cache_size = 1")
        try db.execute(sql: "BEGIN IMMEDIATE")
        for number in 0..<2000 {
          try db.execute(
            sql: "INSERT INTO fields VALUES (?, 'x', ?)",
            arguments: [10_000 + number, String(repeating: "y", count: 200)])
        }
      }
      for name in ["index.sqlite", "index.sqlite-journal"] {
        try? FileManager.default.removeItem(atPath: "\(copy.path)/\(name)")
        try FileManager.default.copyItem(
          atPath: "\(ledger.folder.path)/\(name)", toPath: "\(copy.path)/\(name)")
      }
      try index.inDatabase { try $0.execute(sql: "ROLLBACK") }
    }
    let before = try state(of: copy.path)
    try requireWhole(copy)
    let report = try LedgerAudit.run(copy)
    #expect(report.faults == [])
    #expect(report.notes.contains { $0.hasPrefix("behind") && $0.contains("index.sqlite") })
    #expect(try state(of: copy.path) == before)
  }

  // MARK: Odd files

  @Test(
    "a symbolic link in the place of a ledger's file is refused by who writes, and what it leads to is left alone",
    arguments: [
      "lock", "checkpoints", "offsets", "index.sqlite", "entries", "tiles", "entries/000000000000", "tiles/0",
    ])
  func links(_ name: String) throws {
    let ledger = try ledger()
    let (place, target) = ("\(ledger.folder.path)/\(name)", "\(ledger.folder.path).target")
    if FileManager.default.fileExists(atPath: place) {
      try FileManager.default.moveItem(atPath: place, toPath: target)
    } else {
      try Data("precious".utf8).write(to: URL(filePath: target))
    }
    try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: target)
    let before = try state(of: ledger.consortium.folder.path)
    let failure = #expect(throws: Failure.self) { try LedgerWriter(ledger.folder, .inTests) }
    #expect(failure?.errorNumber == ELOOP)
    #expect(failure?.description.contains("symbolic link") == true)
    do { _ = try LedgerReader(ledger.folder) } catch is Failure {}
    // The lock's file is the writer's own.
    let after = try state(of: ledger.consortium.folder.path)
    #expect(after.filter { $0.key != "ledger/lock" } == before.filter { $0.key != "ledger/lock" })
  }

  @Test(
    "a pipe in the place of a ledger's file is refused at once",
    arguments: ["lock", "checkpoints", "offsets", "index.sqlite", "entries/000000000000", "tiles/0"])
  func pipes(_ name: String) async throws {
    let ledger = try ledger()
    let place = "\(ledger.folder.path)/\(name)"
    try FileManager.default.removeItem(atPath: place)
    #expect(mkfifo(place, 0o644) == 0)
    try await OwnThread.run {
      let failure = #expect(throws: Failure.self) { try LedgerWriter(ledger.folder, .inTests) }
      #expect(failure?.description.contains("not an ordinary file") == true)
      if ["checkpoints", "entries/000000000000"].contains(name) {
        #expect(throws: Failure.self) { try LedgerReader(ledger.folder) }
        #expect(throws: Failure.self) { try LedgerAudit.run(ledger.folder) }
      } else {
        try requireWhole(ledger.folder)
        _ = try ledger.audit()
      }
    }
  }

  @Test("files that are none of a ledger's are named, ignored, and never written into")
  func strays() throws {
    let ledger = try ledger()
    let strays = [".DS_Store", "999999999744", "000000000256", "000000000001", "notes.txt"]
    for name in strays {
      try Data("x".utf8).write(to: URL(filePath: "\(ledger.folder.entries)/\(name)"))
    }
    try requireWhole(ledger.folder)
    #expect(try LedgerReader(ledger.folder).notes.count == strays.count)
    do {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      #expect(writer.notes.count == strays.count)
      try ledger.appendBlock(1, writer)
    }
    for name in strays {
      #expect(try Data(contentsOf: URL(filePath: "\(ledger.folder.entries)/\(name)")) == Data("x".utf8))
    }
    let report = try ledger.audit()
    #expect(report.faults == [])
    #expect(report.notes.count { $0.hasPrefix("ignored") } == strays.count)
  }

  @Test("segments are told by the number of entries before them, with offsets or without")
  func segments() throws {
    var options = LedgerWriter.Options.inTests
    options.segmentLimit = 20_000
    let ledger = try TestConsortium().found()
    do {
      let writer = try LedgerWriter(ledger.folder, options)
      for _ in 0..<10 { try ledger.appendBlock(100, writer) }
    }
    let names = try FileSystem.names(in: ledger.folder.entries)
    #expect(names.count > 2)
    try Data("x".utf8).write(to: URL(filePath: "\(ledger.folder.entries)/000000065536"))
    for _ in 0..<2 {
      let log = try EntryLog(in: Directory(ledger.folder.path), writing: false, offsets: nil)
      #expect(log.ignored.count == 1)
      #expect(try LedgerReader(ledger.folder).size == 1012)
      #expect(try ledger.audit().faults == [])
      try? FileManager.default.removeItem(atPath: ledger.folder.offsets)
    }
  }

  // MARK: After the commit

  @Test(
    "who holds a read transaction open keeps no append waiting; the record is found, and the index follows")
  func readTransaction() async throws {
    let ledger = try ledger()
    let browser = try DatabaseQueue(path: ledger.folder.indexFile, configuration: Self.unsafe)
    try browser.inDatabase { db in
      try db.execute(sql: "BEGIN")
      _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM records")
    }
    try await OwnThread.run {
      do {
        let writer = try LedgerWriter(ledger.folder, .inTests)
        guard case .accepted = try ledger.appendBlock(2, writer).first else {
          throw CancellationError()
        }
        #expect((try writer.flush() as? Failure)?.errorNumber == EBUSY)
        #expect(try writer.reader().size == 14)
        // It claims a later time than all that the index has.
        let later = try ledger.statement([7], at: UInt64(Date().timeIntervalSince1970) + 5)
        guard case .accepted = try writer.appendBlock([ledger.candidate(later, writer)])[0] else {
          throw CancellationError()
        }
      }
      let reader = try LedgerReader(ledger.folder)
      #expect(reader.size == 16 && reader.unindexed == 0)
      #expect(try reader.entryIndex(of: reader.record(12).id) == 12)
      // Another writer goes on from where the index ends, and knows what it lacks.
      let writer = try LedgerWriter(ledger.folder, .inTests)
      let known = try SignedStatement(decoding: #require(try reader.entry(14)))
      guard case .duplicate(let first) = try writer.appendBlock([ledger.candidate(known, writer)])[0] else {
        throw CancellationError()
      }
      #expect(first.index == 14)
      try ledger.appendBlock(1, writer)
    }
    try browser.inDatabase { try $0.execute(sql: "COMMIT") }
    do { _ = try LedgerWriter(ledger.folder, .inTests) }
    #expect(try ledger.audit().notes == [])
    #expect(try ledger.audit().faults == [])
  }

  @Test(
    "where no derived file can be written blocks are committed all the same, and the next writer catches up")
  func fullDisk() throws {
    let ledger = try ledger()
    var options = LedgerWriter.Options.inTests
    options.faults = { $0 == .writeDerived ? .fails(ENOSPC) : nil }
    do {
      let writer = try LedgerWriter(ledger.folder, options)
      for _ in 0..<3 { try ledger.appendBlock(100, writer) }
      #expect((try writer.flush() as? Failure)?.errorNumber == ENOSPC)
      let reader = try writer.reader()
      #expect(try reader.proof(of: 20, atHead: true).statement.id == reader.record(20).id)
    }
    #expect(try LedgerReader(ledger.folder).record(200).proof.isEmpty == false)
    do { _ = try LedgerWriter(ledger.folder, .inTests) }
    let report = try ledger.audit()
    #expect(report.faults == [] && report.notes == [])
  }

  @Test("an index that can't be opened for writing keeps no writer from the truth")
  func lockedWriter() async throws {
    let ledger = try ledger()
    let blocker = try DatabaseQueue(path: ledger.folder.indexFile, configuration: Self.unsafe)
    try blocker.inDatabase { try $0.execute(sql: "BEGIN EXCLUSIVE") }
    try await OwnThread.run {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      guard case .accepted = try ledger.appendBlock(2, writer).first else {
        throw CancellationError()
      }
      #expect(try writer.flush() != nil)
    }
    try blocker.inDatabase { try $0.execute(sql: "ROLLBACK") }
    do { _ = try LedgerWriter(ledger.folder, .inTests) }
    #expect(try ledger.audit().notes == [])
  }
}
