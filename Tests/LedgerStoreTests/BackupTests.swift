import Foundation
import Ledger
import LedgerCrypto
import TestKit
import Testing

@testable import LedgerStore

/// Backups are consistent while a writer appends, and nothing half made looks whole.
@Suite("Backup and restore")
struct BackupTests {
  /// A ledger with some blocks, of several segments where `segmentLimit` says so.
  private func ledger(blocks: Int = 3, of count: Int = 200) throws -> TestLedger {
    let ledger = try TestConsortium().found()
    let writer = try LedgerWriter(ledger.folder, .inTests)
    for number in 0..<blocks { try ledger.appendBlock(count, writer, payload: "block \(number)") }
    return ledger
  }

  private func place(_ ledger: TestLedger, _ name: String) -> LedgerFolder {
    LedgerFolder("\(ledger.consortium.folder.path)/\(name)", rules: ledger.folder.rules)
  }

  /// A backup of `ledger` called `backup`.
  private func backup(_ ledger: TestLedger, withKeys: Bool = true) throws -> LedgerFolder {
    let out = place(ledger, "backup")
    _ = try LedgerBackup.run(ledger.folder, to: out.path, withKeys: withKeys, made: 1)
    return out
  }

  private func restore(_ backup: LedgerFolder, of ledger: TestLedger, _ anchor: LedgerAudit.Anchor = .none)
    throws
    -> LedgerRestore.Summary
  {
    try LedgerRestore.run(
      backup.path, to: place(ledger, "restored"), anchor: anchor,
      state: "\(ledger.consortium.folder.path)/state")
  }

  private func names(_ folder: TemporaryFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
  }

  @Test("a backup taken while a writer appends verifies, and is a prefix of the ledger")
  func whileAppending() async throws {
    let ledger = try ledger(blocks: 1)
    let out = place(ledger, "backup")
    let sizes = try await OwnThread.run {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      nonisolated(unsafe) let open = writer
      let summary = try LedgerBackup.run(ledger.folder, to: out.path, made: 1) { _, _, _ in
        // The writer goes on between any two steps.
        do { try ledger.appendBlock(3, open, payload: UUID().uuidString) } catch { Issue.record(error) }
      }
      return (backup: summary.entries, ledger: writer.state.frontier.size)
    }
    #expect(sizes.backup == 203 && sizes.ledger > 206)
    let report = try ledger.audit(out)
    #expect(report.faults == [] && report.entries == sizes.backup)
    #expect(report.notes.allSatisfy { $0.contains("index.sqlite") })
    for name in ["entries/000000000000", "checkpoints", "offsets", "tiles/0"] {
      let (copy, whole) = try (
        Data(contentsOf: URL(filePath: "\(out.path)/\(name)")),
        Data(contentsOf: URL(filePath: "\(ledger.folder.path)/\(name)"))
      )
      #expect(whole.starts(with: copy) && !copy.isEmpty, "\(name)")
    }
    #expect(!FileManager.default.fileExists(atPath: out.keys))
  }

  @Test("a backup has the segments of its ledger")
  func segments() throws {
    let ledger = try TestConsortium().found()
    var options = LedgerWriter.Options.inTests
    options.segmentLimit = 1 << 16
    do {
      let writer = try LedgerWriter(ledger.folder, options)
      for number in 0..<4 { try ledger.appendBlock(250, writer, payload: "block \(number)") }
    }
    let copy = try TruthCopy(ledger.folder)
    let out = place(ledger, "backup")
    try FileSystem.makeFolder(out.path)
    _ = try copy.write(to: Directory(out.path), withTiles: true, segmentLimit: 1 << 16) { _, _ in }
    let names = try FileSystem.names(in: ledger.folder.entries)
    #expect(try FileSystem.names(in: out.entries) == names && names.count > 1)
    #expect(try ledger.audit(out).faults == [])
  }

  @Test("what is restored is the ledger, and goes on once a person says so")
  func roundTrip() throws {
    let ledger = try ledger()
    let restored = try restore(backup(ledger), of: ledger, .ledgerID(ledger.id))
    #expect(restored.isAnchored && restored.ledger == ledger.id)
    #expect(restored.outlook.validators.map(\.refusal?.code) == [.lastSignedMissing])
    let folder = place(ledger, "restored")
    let audit = try ledger.audit(folder)
    #expect(audit.faults == [] && audit.notes == [])
    var options = LedgerWriter.Options()
    options.stateFolder = "\(ledger.consortium.folder.path)/state"
    #expect(throws: Refusal.self) { try LedgerWriter(folder, options) }
    options.adoptsHead = true
    do { try ledger.appendBlock(1, LedgerWriter(folder, options)) }
    #expect(try folder.signingOutlook(state: options.stateFolder).isReady)
    #expect(try ledger.audit(folder).entries == restored.entries + 2)
    // What this machine has signed since is no longer in what the same backup gives.
    try FileManager.default.removeItem(atPath: folder.path)
    let again = try restore(place(ledger, "backup"), of: ledger)
    #expect(again.outlook.validators.map(\.refusal?.code) == [.behindLastSigned] && !again.isAnchored)
  }

  @Test("a backup without keys gives a ledger that can be read, and says what it lacks")
  func withoutKeys() throws {
    let ledger = try ledger(blocks: 1)
    let restored = try restore(backup(ledger, withKeys: false), of: ledger)
    #expect(restored.outlook.keys != nil && !restored.outlook.isReady)
    #expect(try LedgerReader(place(ledger, "restored")).size == restored.entries)
  }

  @Test("a backup that was cut, altered, or is of another ledger is refused, and nothing is made of it")
  func refused() throws {
    let ledger = try ledger()
    let whole = try backup(ledger)
    let other = try self.ledger(blocks: 1)
    let otherKey = Data(try PrivateKey(generating: .ed25519).pem().utf8)
    func edit(_ name: String, _ change: @escaping (inout Data) -> Void) -> (LedgerFolder) throws -> Void {
      { folder in
        let url = URL(filePath: "\(folder.path)/\(name)")
        var data = try Data(contentsOf: url)
        change(&data)
        try data.write(to: url)
      }
    }
    let entries = "entries/000000000000"
    let cases: [(name: String, change: (LedgerFolder) throws -> Void)] = [
      ("entries cut", edit(entries) { $0.removeLast() }),
      ("a checkpoint cut", edit("checkpoints") { $0.removeLast(10) }),
      ("an entry altered", edit(entries) { $0[$0.count / 2] ^= 1 }),
      ("an early entry altered", edit(entries) { $0[40] ^= 1 }),
      ("something behind it", edit(entries) { $0 += [0, 1, 0xd2] }),
      ("the policy altered", edit("policy") { $0 += Data("# more\n".utf8) }),
      ("a key altered", edit("keys/log.pem") { $0 = otherKey }),
      ("its length altered", edit("backup.json") { replace(&$0, "\"entries\": ", "\"entries\": 1") }),
      ("its root altered", edit("backup.json") { replace(&$0, "\"root\": \"", "\"root\": \"0") }),
      ("no backup.json", { try FileManager.default.removeItem(atPath: "\($0.path)/backup.json") }),
      (
        "the newest block gone, consistently",
        { folder in
          let old = try self.older(ledger, by: folder)
          for name in [entries, "checkpoints"] {
            try old[name]!.write(to: URL(filePath: "\(folder.path)/\(name)"))
          }
        }
      ),
    ]
    for (name, change) in cases {
      let copy = place(ledger, "copy")
      try? FileManager.default.removeItem(atPath: copy.path)
      try FileManager.default.copyItem(atPath: whole.path, toPath: copy.path)
      try change(copy)
      #expect(throws: (any Error).self, "\(name)") { try restore(copy, of: ledger) }
      #expect(try names(ledger.consortium.folder).filter { $0.hasPrefix("restored") } == [], "\(name)")
    }
    let fault = #expect(throws: Fault.self) { try restore(whole, of: ledger, .ledgerID(other.id)) }
    #expect(fault?.code == .wrongLedger)
    _ = try restore(whole, of: ledger)
    // Nothing is overwritten, and neither is a backup.
    for again in [{ _ = try restore(whole, of: ledger) }, { _ = try backup(ledger) }] {
      #expect((#expect(throws: Failure.self) { try again() })?.errorNumber == EEXIST)
    }
  }

  /// Entries and checkpoints of the backup in `folder` without its newest block.
  private func older(_ ledger: TestLedger, by folder: LedgerFolder) throws -> [String: Data] {
    let directory = try Directory(folder.path)
    let (log, checkpoints) = try (
      EntryLog(in: directory, writing: false), CheckpointLog(in: directory, writing: false)
    )
    let last = try #require(try checkpoints.last())
    let before = try #require(try checkpoints.frame(before: last.offset))
    let size = try StoredCheckpoint(parsing: before.note.span).checkpoint.size
    let end = try log.position(skipping: size, from: 0)
    return [
      "entries/000000000000": Data(try log.read(at: 0, upTo: Int(end))),
      "checkpoints": Data(try checkpoints.file.read(at: 0, exactly: Int(last.offset))),
    ]
  }

  @Test("a damaged ledger gives no backup")
  func damaged() throws {
    let ledger = try ledger(blocks: 1)
    let path = URL(filePath: "\(ledger.folder.entries)/000000000000")
    var entries = try Data(contentsOf: path)
    entries[entries.count / 2] ^= 1
    try entries.write(to: path)
    #expect(throws: Fault.self) { try backup(ledger) }
    #expect(try names(ledger.consortium.folder).filter { $0.hasPrefix("backup") } == [])
  }

  @Test(
    "a backup or a restore that is killed leaves nothing in its place, and the next one takes away what it left"
  )
  func killed() throws {
    let ledger = try ledger(blocks: 1)
    let folder = ledger.consortium.folder.path
    let manager = FileManager.default
    let out = place(ledger, "backup")
    let steps = Steps()
    _ = try LedgerBackup.run(ledger.folder, to: out.path, withKeys: true, made: 1) { _, _, _ in
      steps.look(folder, at: "backup", doing: "backup")
    }
    _ = try LedgerRestore.run(out.path, to: place(ledger, "restored"), state: "\(folder)/state") { _, _, _ in
      steps.look(folder, at: "restored", doing: "restore")
    }
    #expect(steps.count >= 4 && steps.wrong == [])
    // As if the process had been killed then: a folder by another process's number.
    #expect(try LedgerBackup.removeAbandoned(at: out.path).count == 1)
    #expect(try LedgerRestore.removeAbandoned(at: "\(folder)/restored").count == 1)
    #expect(
      try names(ledger.consortium.folder).filter { $0.contains(".backup-") || $0.contains(".restore-") } == []
    )
    #expect(manager.fileExists(atPath: out.path) && manager.fileExists(atPath: "\(folder)/restored"))
  }

  /// What lies at a place while work goes on.
  private final class Steps: @unchecked Sendable {
    private(set) var count = 0
    private(set) var wrong: [String] = []

    /// Copies what a killed process would leave, the first time.
    func look(_ folder: String, at name: String, doing: String) {
      count += 1
      let manager = FileManager.default
      if manager.fileExists(atPath: "\(folder)/\(name)") { wrong.append("\(name) at step \(count)") }
      let (own, left) = ("\(folder)/\(name).\(doing)-\(getpid())", "\(folder)/\(name).\(doing)-1")
      guard !manager.fileExists(atPath: left) else { return }
      do { try manager.copyItem(atPath: own, toPath: left) } catch { wrong.append("\(error)") }
    }
  }
}

private func replace(_ data: inout Data, _ old: String, _ new: String) {
  data = Data(String(decoding: data, as: UTF8.self).replacingOccurrences(of: old, with: new).utf8)
}
