import Foundation
import GRDB
import Ledger
import LedgerIndex
import LedgerCrypto
import Statements
import Synchronization
import Testing
import TransparencyLog

@testable import LedgerStore

@Suite("Recovery")
struct RecoveryTests {
  private func bytes(_ path: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(filePath: path))) }

  private func write(_ bytes: [UInt8], _ path: String) throws {
    try Data(bytes).write(to: URL(filePath: path))
  }

  private static let breakages: [(CommitStep, CommitFault)] =
    CommitStep.allCases.flatMap { step in [(step, CommitFault.fails(EIO)), (step, .fails(ENOSPC))] }
    + [CommitStep.writeEntries, .writeCheckpoint].flatMap { step in
      [0, 1, 2, 3, 100, 500, 700].map { (step, CommitFault.fills(after: $0)) }
    }

  @Test(
    "a commit that fails at any step acknowledges nothing, stops the writer, and leaves a ledger that opens",
    arguments: breakages.indices)
  func failedCommit(_ number: Int) throws {
    let (step, fault) = Self.breakages[number]
    let isArmed = Mutex(false)
    var options = LedgerWriter.Options.inTests
    options.faults = { at in isArmed.withLock { $0 } && at == step ? fault : nil }
    let ledger = try TestConsortium().found()
    let statement: SignedStatement
    do {
      let writer = try LedgerWriter(ledger.folder, options)
      try ledger.appendBlock(3, writer)
      statement = try ledger.statement(Array("the one".utf8))
      isArmed.withLock { $0 = true }
      if step == .writeDerived {
        // The block is committed: what is derived follows, and may fail.
        guard case .accepted = try writer.appendBlock([ledger.candidate(statement, writer)]).first else {
          throw Refusal(.malformed, "not accepted")
        }
      } else {
        #expect(throws: Failure.self) { try writer.appendBlock([ledger.candidate(statement, writer)]) }
      }
      isArmed.withLock { $0 = false }
      if step == .writeDerived {
        // The truth goes on without them, and they catch up.
        try ledger.appendBlock(1, writer)
      } else {
        #expect(throws: Failure.self, "a broken writer must not go on") { try ledger.appendBlock(1, writer) }
      }
    }
    let before = try ledger.audit()
    #expect(before.faults == [])
    let writer = try LedgerWriter(ledger.folder, .inTests)
    let after = try ledger.audit()
    #expect(after.faults == [])
    #expect(after.notes == [])
    let verdicts = try writer.appendBlock([ledger.candidate(statement, writer)])
    switch (step, verdicts[0]) {
    case (.writeDerived, .duplicate): break
    case (.writeDerived, _): Issue.record("an acknowledged record was lost: \(verdicts)")
    case (_, .accepted), (_, .duplicate): break
    default: Issue.record("\(verdicts)")
    }
    #expect(try ledger.audit().faults == [])
  }

  /// A ledger, and the bytes that its last block added to entries and checkpoints.
  private struct Crash {
    let before: LedgerFolder
    let old: (entries: [UInt8], checkpoints: [UInt8])
    let entries: [UInt8]
    let checkpoint: [UInt8]
    let ledger: TestLedger
  }

  private func crash() throws -> Crash {
    let ledger = try TestConsortium().found()
    do { try ledger.appendBlock(2, try LedgerWriter(ledger.folder, .inTests)) }
    let before = try ledger.copy("before")
    do { try ledger.appendBlock(3, try LedgerWriter(ledger.folder, .inTests)) }
    let segment = "/entries/000000000000"
    let old = (try bytes(before.path + segment), try bytes(before.checkpoints))
    let new = (try bytes(ledger.folder.path + segment), try bytes(ledger.folder.checkpoints))
    return Crash(
      before: before, old: old, entries: Array(new.0.dropFirst(old.0.count)),
      checkpoint: Array(new.1.dropFirst(old.1.count)), ledger: ledger)
  }

  @Test("a crash at any byte of the entries' write is recovered from: the block is finished or moved aside")
  func crashInEntries() throws {
    let crash = try crash()
    for count in 0...crash.entries.count {
      let copy = LedgerFolder(crash.ledger.consortium.folder.path + "/copy", rules: [PlainRecords()])
      try? FileManager.default.removeItem(atPath: copy.path)
      try FileManager.default.copyItem(atPath: crash.before.path, toPath: copy.path)
      let segment = copy.path + "/entries/000000000000"
      try write(crash.old.entries + crash.entries.prefix(count), segment)
      let report = try LedgerAudit.run(copy)
      #expect(report.faults == [], "\(count)")
      #expect(
        report.notes.contains { $0.hasPrefix("unfinished") } == (count > 0), "\(count): \(report.notes)")
      guard count % 9 == 0 || count > crash.entries.count - 4 else { continue }
      let writer = try LedgerWriter(copy, .inTests)
      let isWhole = count == crash.entries.count
      #expect(writer.state.height == (isWhole ? 3 : 2))
      let kept = try? FileSystem.names(in: copy.aside)
      #expect((kept?.isEmpty == false) == (count > 0 && !isWhole))
      if let name = kept?.first {
        #expect(try bytes("\(copy.aside)/\(name)") == Array(crash.entries.prefix(count)))
      }
      try crash.ledger.appendBlock(1, writer)
      #expect(try LedgerAudit.run(copy).faults == [])
    }
  }

  @Test("a crash at any byte of the checkpoint's write is recovered from: the block is finished")
  func crashInCheckpoint() throws {
    let crash = try crash()
    for count in 0..<crash.checkpoint.count {
      let copy = LedgerFolder(crash.ledger.consortium.folder.path + "/copy", rules: [PlainRecords()])
      try? FileManager.default.removeItem(atPath: copy.path)
      try FileManager.default.copyItem(atPath: crash.before.path, toPath: copy.path)
      try write(crash.old.entries + crash.entries, copy.path + "/entries/000000000000")
      try write(crash.old.checkpoints + crash.checkpoint.prefix(count), copy.checkpoints)
      let report = try LedgerAudit.run(copy)
      #expect(report.faults == [], "\(count)")
      guard count % 9 == 0 || count > crash.checkpoint.count - 4 else { continue }
      let writer = try LedgerWriter(copy, .inTests)
      #expect(writer.state.height == 3)
      #expect(writer.notes.count == 1)
      let after = try LedgerAudit.run(copy)
      #expect(after.faults == [] && after.notes == [])
    }
  }

  @Test("what no crash leaves behind is a fault, and nothing is cut")
  func notACrash() throws {
    let crash = try crash()
    let more = crash.entries + crash.entries
    var broken = crash.entries
    broken[0] = 0xff
    let tails: [(name: String, entries: [UInt8], checkpoint: [UInt8])] = [
      ("a block and a part of another", Array(more.prefix(crash.entries.count + 40)), []),
      ("two blocks", more, []),
      ("a break with whole frames behind it", broken, []),
      ("a torn checkpoint without its block", [], Array(crash.checkpoint.prefix(40))),
      (
        "a torn checkpoint over half a block", Array(crash.entries.prefix(400)),
        Array(crash.checkpoint.prefix(40))
      ),
      ("a checkpoint without its block", [], crash.checkpoint),
      ("rubbish behind the checkpoints", [], [0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]),
    ]
    for tail in tails {
      let copy = LedgerFolder(crash.ledger.consortium.folder.path + "/copy", rules: [PlainRecords()])
      try? FileManager.default.removeItem(atPath: copy.path)
      try FileManager.default.copyItem(atPath: crash.before.path, toPath: copy.path)
      let segment = copy.path + "/entries/000000000000"
      try write(crash.old.entries + tail.entries, segment)
      try write(crash.old.checkpoints + tail.checkpoint, copy.checkpoints)
      #expect(throws: Fault.self, "\(tail.name)") { try LedgerWriter(copy, .inTests) }
      #expect(try bytes(segment) == crash.old.entries + tail.entries, "\(tail.name)")
      #expect(try bytes(copy.checkpoints) == crash.old.checkpoints + tail.checkpoint, "\(tail.name)")
      #expect(try !LedgerAudit.run(copy).isGood, "\(tail.name)")
    }
  }

  @Test("an unfinished block that breaks the rules is not signed")
  func badTail() throws {
    let crash = try crash()
    var entries = crash.entries
    // A bit of the first statement's signature: the frames stay whole.
    entries[Int(entries[0]) << 8 | Int(entries[1])] ^= 1
    try write(crash.old.entries + entries, crash.before.path + "/entries/000000000000")
    #expect(throws: Fault.self) { try LedgerWriter(crash.before, .inTests) }
    #expect(try bytes(crash.before.path + "/entries/000000000000") == crash.old.entries + entries)
  }

  @Test("rebuild leaves an unfinished tail where it is")
  func rebuildKeepsTail() throws {
    let crash = try crash()
    let segment = crash.before.path + "/entries/000000000000"
    try write(crash.old.entries + crash.entries.prefix(100), segment)
    _ = try crash.before.rebuild()
    #expect(try bytes(segment) == crash.old.entries + crash.entries.prefix(100))
  }

  @Test("without the validators' keys a ledger is read and not written; with other keys neither pretends")
  func keys() throws {
    let ledger = try TestConsortium().found()
    do { try ledger.appendBlock(2, try LedgerWriter(ledger.folder, .inTests)) }
    let copy = try ledger.copy("copy")
    try FileManager.default.removeItem(atPath: copy.keys)
    #expect(throws: Failure.self) { try LedgerWriter(copy, .inTests) }
    #expect(try LedgerReader(copy).size == 5)
    #expect(try LedgerAudit.run(copy).isGood)
    let other = try TestConsortium().found()
    try FileManager.default.copyItem(atPath: other.folder.keys, toPath: copy.keys)
    #expect(throws: Failure.self) { try LedgerWriter(copy, .inTests) }
  }

  @Test("a quorum that the keys at hand can't meet is refused at founding")
  func unreachableQuorum() throws {
    #expect(throws: Failure.self) { try TestConsortium(validators: 3, quorum: 2, held: 1).found() }
    let ledger = try TestConsortium(validators: 3, quorum: 2, held: 2).found()
    do { try ledger.appendBlock(2, try LedgerWriter(ledger.folder, .inTests)) }
    #expect(try ledger.audit().faults == [])
  }

  @Test("nothing is founded where something is, and a founding that fails leaves nothing")
  func foundingPlace() throws {
    let consortium = try TestConsortium()
    let path = consortium.folder.path + "/ledger"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try write([1], path + "/file")
    let error = #expect(throws: Failure.self) { try consortium.found() }
    #expect(error?.errorNumber == EEXIST)
    let stranger = try PrivateKey(generating: .es256)
    #expect(throws: Refusal.self) {
      try LedgerFolder(consortium.folder.path + "/other", rules: [PlainRecords()]).found(
        ConsortiumFile(consortium.file, rules: []), administrator: stranger)
    }
    #expect(try FileSystem.names(in: consortium.folder.path) == ["consortium.json", "ledger"])
  }
}
