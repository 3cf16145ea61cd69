import Foundation
import Ledger
import Testing

@testable import LedgerStore

/// A copied or restored directory signs no second history in silence.
@Suite("What was signed last")
struct LastSignedTests {
  /// Options that keep what was signed last beside the ledgers of `consortium`.
  private func options(_ consortium: TestConsortium, adoptsHead: Bool = false) -> LedgerWriter.Options {
    var options = LedgerWriter.Options()
    options.stateFolder = "\(consortium.folder.path)/state"
    options.adoptsHead = adoptsHead
    return options
  }

  private func replace(_ folder: LedgerFolder, with other: LedgerFolder) throws {
    try FileManager.default.removeItem(atPath: folder.path)
    try FileManager.default.copyItem(atPath: other.path, toPath: folder.path)
  }

  /// A ledger of two blocks, a copy of it as it was then, and a third block.
  private func restored() throws -> (ledger: TestLedger, old: LedgerFolder, new: LedgerFolder) {
    let consortium = try TestConsortium()
    let ledger = try consortium.found("ledger", options(consortium))
    do { try ledger.appendBlock(2, LedgerWriter(ledger.folder, options(consortium))) }
    let old = try ledger.copy("old")
    do { try ledger.appendBlock(2, LedgerWriter(ledger.folder, options(consortium))) }
    return (ledger, old, try ledger.copy("new"))
  }

  @Test("a ledger is written on and on, and what was signed last follows")
  func follows() throws {
    let (ledger, _, _) = try restored()
    for _ in 0..<3 {
      let writer = try LedgerWriter(ledger.folder, options(ledger.consortium))
      #expect(writer.notes == [])
      try ledger.appendBlock(1, writer)
      try ledger.appendBlock(1, writer)
    }
    #expect(try ledger.audit().faults == [])
  }

  @Test("behind what this machine has signed nothing is signed, and the directory stays as it is")
  func behind() throws {
    let (ledger, old, new) = try restored()
    try replace(ledger.folder, with: old)
    let refusal = #expect(throws: Refusal.self) {
      try LedgerWriter(ledger.folder, options(ledger.consortium))
    }
    #expect(refusal?.code == .behindLastSigned)
    #expect(refusal?.reason.contains("has signed block 2, and the directory ends at block 1") == true)
    #expect(refusal?.reason.contains("adoptsHead") == true)
    #expect(try LedgerReader(ledger.folder).size == LedgerReader(old).size)
    // The newest copy is taken again.
    try replace(ledger.folder, with: new)
    do { try ledger.appendBlock(1, LedgerWriter(ledger.folder, options(ledger.consortium))) }
  }

  @Test("adopting the head goes on once; the history that was left is refused from then on")
  func adopt() throws {
    let (ledger, old, new) = try restored()
    try replace(ledger.folder, with: old)
    do {
      let writer = try LedgerWriter(ledger.folder, options(ledger.consortium, adoptsHead: true))
      #expect(writer.notes.contains { $0.contains("signing goes on from block 1") })
      try ledger.appendBlock(1, writer)
    }
    do { try ledger.appendBlock(1, LedgerWriter(ledger.folder, options(ledger.consortium))) }
    try replace(ledger.folder, with: new)
    let refusal = #expect(throws: Refusal.self) {
      try LedgerWriter(ledger.folder, options(ledger.consortium))
    }
    #expect([.behindLastSigned, .besideLastSigned].contains(refusal?.code))
  }

  @Test("beside what this machine has signed nothing is signed")
  func beside() throws {
    let (ledger, old, _) = try restored()
    // The same block of another machine.
    var other = options(ledger.consortium)
    other.stateFolder = "\(ledger.consortium.folder.path)/other"
    do {
      other.adoptsHead = true
      let writer = try LedgerWriter(old, other)
      try ledger.appendBlock(3, writer)
      try ledger.appendBlock(3, writer)
    }
    try replace(ledger.folder, with: old)
    let refusal = #expect(throws: Refusal.self) {
      try LedgerWriter(ledger.folder, options(ledger.consortium))
    }
    #expect(refusal?.code == .besideLastSigned)
  }

  @Test("where it is not known what was signed last, a ledger that is not new is not signed")
  func missing() throws {
    let (ledger, _, _) = try restored()
    try FileManager.default.removeItem(atPath: "\(ledger.consortium.folder.path)/state")
    let refusal = #expect(throws: Refusal.self) {
      try LedgerWriter(ledger.folder, options(ledger.consortium))
    }
    #expect(refusal?.code == .lastSignedMissing)
    do { _ = try LedgerWriter(ledger.folder, options(ledger.consortium, adoptsHead: true)) }
    do { try ledger.appendBlock(1, LedgerWriter(ledger.folder, options(ledger.consortium))) }
  }

  @Test("where it can't be kept the writer stops and says so")
  func notWritable() throws {
    let (ledger, _, _) = try restored()
    var options = self.options(ledger.consortium)
    options.stateFolder = ledger.consortium.file
    let failure = #expect(throws: Failure.self) { try LedgerWriter(ledger.folder, options) }
    #expect(failure?.reason.contains("ZHENG_STATE") == true)
    options.adoptsHead = true
    let writer = try LedgerWriter(ledger.folder, options)
    #expect(writer.notes.count == 1)
    try ledger.appendBlock(1, writer)
  }

  @Test("two directories of one ledger are not signed at once")
  func atOnce() throws {
    let (ledger, _, new) = try restored()
    let writer = try LedgerWriter(ledger.folder, options(ledger.consortium))
    #expect(throws: LedgerBusy.self) { try LedgerWriter(new, options(ledger.consortium)) }
    try ledger.appendBlock(1, writer)
  }

  @Test(
    "a crash at any step of a commit leaves what can be finished or goes on",
    arguments: CommitStep.allCases)
  func crash(_ step: CommitStep) throws {
    let (ledger, _, _) = try restored()
    var broken = options(ledger.consortium)
    broken.faults = { $0 == step ? .fails(EIO) : nil }
    do {
      let writer = try LedgerWriter(ledger.folder, broken)
      do { try ledger.appendBlock(1, writer) } catch is Failure {}
    }
    let writer = try LedgerWriter(ledger.folder, options(ledger.consortium))
    try ledger.appendBlock(1, writer)
    #expect(try ledger.audit().faults == [])
  }

  @Test("of the two places that are written in turn, one spoilt by a power cut is passed over")
  func spoilt() throws {
    let (ledger, _, _) = try restored()
    let state = "\(ledger.consortium.folder.path)/state"
    let name = try #require(
      try FileManager.default.subpathsOfDirectory(atPath: state).first { $0.hasSuffix("last-signed") })
    for offset in [100, 612] {
      let whole = try Data(contentsOf: URL(filePath: "\(state)/\(name)"))
      var spoilt = whole
      spoilt[offset] ^= 1
      try spoilt.write(to: URL(filePath: "\(state)/\(name)"))
      do { _ = try LedgerWriter(ledger.folder, options(ledger.consortium)) }
      try whole.write(to: URL(filePath: "\(state)/\(name)"))
    }
  }
}
