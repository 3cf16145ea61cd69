import Foundation
import LedgerCrypto
import Synchronization
import Testing

@testable import Workflows

@Suite("What is handed over", .timeLimit(.minutes(30)))
struct HandoverTests {
  /// A vault and a hand-over from it, in a folder that goes with the last reference.
  private final class Office {
    let path = NSTemporaryDirectory() + "zheng-handover-\(UUID().uuidString)"
    let ledgerID = SHA256.digest(of: [1])
    private let told = Told()

    private final class Told: Sendable { let notes = Mutex<[String]>([]) }

    init() throws {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      try Data("id,name\n1,证\n".utf8).write(to: URL(fileURLWithPath: "\(path)/births.csv"))
    }

    deinit {
      do { try FileManager.default.removeItem(atPath: path) } catch {
        print("left behind: \(path): \(error)")
      }
    }

    var context: WorkContext {
      WorkContext(wallClock: { 0 }, note: { [told] note in told.notes.withLock { $0.append(note) } })
    }

    /// What was noted since this was asked for last.
    var notes: [String] {
      told.notes.withLock { notes in
        defer { notes = [] }
        return notes
      }
    }

    func vault() throws -> Vault {
      try Vault.creating(
        "\(path)/vault", ledger: "\(path)/ledger", ledgerID: ledgerID, member: "health", context)
    }

    func handover(_ vault: Vault) throws -> Handover {
      let staged = try vault.stage("\(path)/births.csv", salt: Salt())
      return try Handover(
        in: "\(path)/out", of: "births.csv", staged, from: vault, apartFrom: "\(path)/ledger")
    }

    /// What an audit finds of hand-overs, without a delivery on the ledger.
    func found() throws -> [UnfinishedHandover] {
      try VaultAudit(["\(path)/vault"], of: ("\(path)/ledger", ledgerID), [], context).findings.compactMap {
        guard case .handover(let handover, of: nil) = $0.state else { return nil }
        return handover
      }
    }

    func names(_ folder: String) throws -> [String] { try PrivateFiles.names(in: "\(path)/\(folder)") }
  }

  /// What a hand-over does, one after the other.
  private static let steps: [@Sendable (inout Handover) throws -> Void] = [
    { try $0.begin() }, { try $0.makeFolder() }, { try $0.writeData() }, { try $0.writeSalt() },
  ]

  @Test(
    "who is killed at whatever step leaves nothing that the vault does not name, and the next one and an audit say how it is cleared",
    arguments: 0...4)
  func killed(after count: Int) throws {
    let office = try Office()
    do {
      // The lock goes with the process that is killed.
      var handover = try office.handover(office.vault())
      for step in HandoverTests.steps.prefix(count) { try step(&handover) }
    }
    let left = Files.exists("\(office.path)/out") ? try office.names("out") : []
    #expect(left == Array(["births.csv", "births.csv.salt"].prefix(max(0, count - 2))))
    #expect(try office.found().map(\.files.count) == (left.isEmpty ? [] : [left.count]))
    _ = office.notes

    try office.vault().settleHandovers { _ in nil }
    let note = office.notes.last { $0.contains("shred -u") }
    #expect((note == nil) == left.isEmpty)
    for name in left { #expect(note?.contains("/out/\(name)") == true) }
    // Named again until they are gone, and then forgotten.
    #expect(try office.found().count == (left.isEmpty ? 0 : 1))
    for name in left { try FileManager.default.removeItem(atPath: "\(office.path)/out/\(name)") }
    try office.vault().settleHandovers { _ in nil }
    #expect(office.notes.isEmpty)
    #expect(try office.names("vault") == ["vault.json"])
  }

  @Test("what was recorded before its command was killed is to be handed over, and that is said once")
  func recorded() throws {
    let office = try Office()
    do {
      var handover = try office.handover(office.vault())
      try handover.write()
    }
    let commitment = try #require(office.found().first).commitment
    // While the ledger can't say, nothing is decided.
    try office.vault().settleHandovers(nil)
    #expect(try office.found().count == 1)
    _ = office.notes
    try office.vault().settleHandovers { $0 == commitment ? VaultItem(request: "R-1", delivery: 2) : nil }
    let notes = office.notes
    #expect(
      notes.count == 1 && notes[0].contains("delivery 2 of R-1 was recorded") && !notes[0].contains("shred"))
    #expect(try office.names("vault") == ["vault.json"] && office.names("out").count == 2)
  }

  @Test("what is written or undone in order leaves no note, and a file of somebody else's is left alone")
  func inOrder() throws {
    let office = try Office()
    let vault = try office.vault()
    var handover = try office.handover(vault)
    try handover.write()
    try handover.finish()
    #expect(try !office.names("vault").contains { $0.hasPrefix(".handover") })

    for name in try office.names("out") {
      try FileManager.default.removeItem(atPath: "\(office.path)/out/\(name)")
    }
    var undone = try office.handover(vault)
    try undone.write()
    try undone.destroy()
    // Once more is no error.
    try undone.destroy()
    #expect(try office.names("out").isEmpty && !office.names("vault").contains { $0.hasPrefix(".handover") })

    var late = try office.handover(vault)
    try Data("theirs".utf8).write(to: URL(fileURLWithPath: "\(office.path)/out/births.csv.salt"))
    #expect(throws: WorkflowError.self) { try late.write() }
    #expect(try office.names("out") == ["births.csv.salt"])
    #expect(try !office.names("vault").contains { $0.hasPrefix(".handover") })
  }

  @Test("a note that can't be read is no reason to go on")
  func damaged() throws {
    let office = try Office()
    let vault = try office.vault()
    try Data("{}\n".utf8).write(to: URL(fileURLWithPath: "\(office.path)/vault/.handover-0"))
    let error = #expect(throws: WorkflowError.self) { try vault.settleHandovers { _ in nil } }
    #expect(error?.code == "malformed-vault" && error?.detail.contains(".handover-0") == true)
  }
}
