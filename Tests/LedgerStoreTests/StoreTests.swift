import Foundation
import Ledger
import LedgerCrypto
import LedgerIndex
import Statements
import Testing
import TransparencyLog

@testable import LedgerStore

@Suite("A ledger on the disk")
struct StoreTests {
  @Test("a record travels the whole way: founded, appended, found, proven, audited")
  func wholeWay() throws {
    let ledger = try TestConsortium().found()
    let statement: SignedStatement
    do {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      statement = try ledger.statement(Array("合同 contract".utf8), by: 1, subject: "case-7")
      let verdicts = try writer.appendBlock([ledger.candidate(statement, writer)])
      guard case .accepted(let receipt) = verdicts.first else { throw Refusal(.malformed, "\(verdicts)") }
      #expect(receipt.index == 2)
      #expect(receipt.block == 1)
      try writer.flush()
    }
    let reader = try LedgerReader(ledger.folder)
    #expect(reader.size == 4)
    #expect(try reader.entryIndex(of: statement.id) == 2)
    #expect(try reader.entry(2) == statement.entry)
    let policy = try Policy(parsing: [UInt8](Data(contentsOf: URL(filePath: ledger.folder.policy))).span)
    for atHead in [false, true] {
      let proof = try RecordProof(parsing: reader.proof(of: 2, atHead: atHead).bytes.span)
      let proven = try proof.check(policy)
      #expect(proven.statement == statement)
      #expect(proven.issuer.id == "member-1")
      #expect(proven.header.height == 1)
      #expect(proven.verdict.time != nil)
    }
    var options = LedgerAudit.Options()
    options.anchor = .policy(policy)
    let report = try ledger.audit(nil, options)
    #expect(report.faults == [])
    #expect(report.notes == [])
    #expect(report.isAnchored)
    #expect((report.entries, report.records, report.blocks) == (4, 2, 2))
  }

  @Test("a resent statement gets the first receipt, at once and after a restart")
  func duplicates() throws {
    let ledger = try TestConsortium().found()
    let statement: SignedStatement
    do {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      statement = try ledger.statement([1])
      let candidate = ledger.candidate(statement, writer)
      let verdicts = try writer.appendBlock([candidate, candidate])
      guard case .duplicate(let again) = verdicts[1] else { throw Refusal(.malformed, "\(verdicts)") }
      #expect((again.index, again.block) == (2, 1))
    }
    let writer = try LedgerWriter(ledger.folder, .inTests)
    let verdicts = try writer.appendBlock([ledger.candidate(statement, writer)])
    guard case .duplicate(let again) = verdicts[0] else { throw Refusal(.malformed, "\(verdicts)") }
    #expect((again.index, again.block) == (2, 1))
    #expect(writer.state.frontier.size == 4)
  }

  @Test(
    "a record is proven from memory by the same bytes as from the tiles, for blocks and trees of many sizes")
  func provenFromMemory() throws {
    let ledger = try TestConsortium(members: 5, validators: 3, quorum: 2).found()
    let writer = try LedgerWriter(ledger.folder, .inTests)
    var random = SystemRandomNumberGenerator()
    var records: [UInt64: [UInt8]] = [:]
    for count in [1, 1, 2, 3, 200, 1, 64, 255] + (0..<12).map({ _ in Int.random(in: 1...40, using: &random) })
    {
      let verdicts = try ledger.appendBlock(count, writer)
      let reader = try writer.reader()
      for case .accepted(let receipt) in verdicts {
        let record = try #require(try reader.recordAtHand(receipt.index))
        let proof = try reader.proof(of: receipt.index)
        #expect(record.proof == proof.bytes, "\(receipt)")
        #expect(record.checkpoint == proof.proof.checkpoint.bytes)
        #expect(record.id == proof.statement.id && record.time == receipt.time)
        records[receipt.index] = record.proof
      }
      // The header is none, and neither are records of other blocks.
      #expect(try reader.recordAtHand(reader.size - 1) == nil)
      #expect(try reader.recordAtHand(reader.size) == nil)
      #expect(try reader.recordAtHand(reader.size - UInt64(count) - 2) == nil)
    }
    try writer.flush()
    let reader = try LedgerReader(asItIs: ledger.folder)
    for (index, proof) in records {
      #expect(try reader.recordAtHand(index) == nil)
      #expect(try reader.record(index).proof == proof)
    }
  }

  @Test("a second writer is told who writes")
  func busy() throws {
    let ledger = try TestConsortium().found()
    let writer = try LedgerWriter(ledger.folder, .inTests)
    let error = #expect(throws: LedgerBusy.self) { try LedgerWriter(ledger.folder, .inTests) }
    #expect(error?.holder == getpid())
    withExtendedLifetime(writer) {}
  }

  @Test(
    "the right to write ends with the writer, although a process forked meanwhile still has its descriptors")
  func releasedLock() throws {
    let ledger = try TestConsortium().found()
    var writer: LedgerWriter? = try LedgerWriter(ledger.folder, .inTests)
    let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap(Int32.init)
    let locked = try #require(
      open.first {
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
        return target == "\(ledger.folder.path)/lock"
      })
    let forked = dup(locked)
    defer { close(forked) }
    writer = nil
    #expect(throws: Never.self) { writer = try LedgerWriter(ledger.folder, .inTests) }
    withExtendedLifetime(writer) {}
  }

  @Test("what is derived can be deleted, whole or in part, and is made again at the next start")
  func derivedIsMadeAgain() throws {
    let ledger = try TestConsortium(parameters: ["block-records": 100]).found()
    do {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      for _ in 0..<6 { try ledger.appendBlock(100, writer) }
    }
    for parts in [
      ["tiles"], ["offsets"], ["index.sqlite"], ["tiles/1"], ["tiles", "offsets", "index.sqlite"],
    ] {
      let copy = try ledger.copy("copy")
      for part in parts { try FileManager.default.removeItem(atPath: "\(copy.path)/\(part)") }
      let before = try ledger.audit(copy)
      #expect(before.isGood)
      #expect(before.notes.contains { $0.hasPrefix("behind") }, "\(parts)")
      _ = try LedgerWriter(copy, .inTests)
      let after = try ledger.audit(copy)
      #expect(after.faults == [])
      #expect(after.notes == [])
      for name in ["tiles/0", "tiles/1", "offsets"] {
        #expect(
          FileManager.default.contentsEqual(
            atPath: "\(copy.path)/\(name)", andPath: "\(ledger.folder.path)/\(name)"))
      }
    }
  }

  @Test("entries lie in several segments, each beginning at a bundle")
  func segments() throws {
    var options = LedgerWriter.Options.inTests
    options.segmentLimit = 40_000
    let ledger = try TestConsortium(parameters: ["block-records": 300]).found("ledger", options)
    do {
      let writer = try LedgerWriter(ledger.folder, options)
      for _ in 0..<5 { try ledger.appendBlock(300, writer) }
    }
    let names = try FileSystem.names(in: ledger.folder.entries)
    #expect(names.count > 3)
    #expect(names.allSatisfy { UInt64($0).map { $0.isMultiple(of: 256) } == true })
    #expect(try ledger.audit().faults == [])
    let reader = try LedgerReader(ledger.folder)
    for index in stride(from: UInt64(0), to: reader.size, by: 97) { #expect(try reader.entry(index) != nil) }
    #expect(try ledger.folder.rebuild() == reader.size)
    #expect(try ledger.audit().faults == [])
  }

  @Test("messages name the ways out in the words of whoever opened the ledger")
  func remedies() throws {
    let ledger = try TestConsortium().found()
    try FileManager.default.removeItem(atPath: ledger.folder.indexFile)
    var words = Remedies()
    (words.rebuild, words.founding) = ("the button Rebuild", "the button New")
    let folder = LedgerFolder(ledger.folder.path, rules: ledger.folder.rules, remedies: words)
    #expect(try LedgerReader(folder).notes.contains { $0.contains("the button Rebuild") })
    let none = LedgerFolder(ledger.folder.path + "/none", rules: ledger.folder.rules, remedies: words)
    let failure = #expect(throws: Failure.self) { try LedgerReader(none) }
    #expect(failure?.reason.contains("the button New founds one") == true)
  }
}
