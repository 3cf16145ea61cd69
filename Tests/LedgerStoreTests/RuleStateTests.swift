import Foundation
import GRDB
import Ledger
import LedgerIndex
import LedgerCrypto
import Statements
import Testing

@testable import LedgerStore

/// Counts what is said of each subject, up to three, and lets a second member take one back.
private struct Counting: RuleSet {
  static let kind = Kind.prefix + "test.count+cbor"

  func covers(_ contentType: Span<UInt8>, isReserved: Bool) -> Bool {
    isReserved && contentType.count == Counting.kind.utf8.count
  }

  private static func value(_ count: UInt64, _ last: String) -> [UInt8] {
    CBOR.map([.text("count"): .unsigned(count), .text("last"): .text(last)]).encoded
  }

  private static func count(_ key: StateKey, _ state: StateReader) throws(Refusal) -> UInt64 {
    guard let value = state.value(of: key) else { return 0 }
    do {
      var fields = try CBORFields(CBOR(decoding: value), of: "count")
      return try fields.unsigned("count")
    } catch { throw Refusal(.malformed, "\(error)") }
  }

  func judge(
    _ statement: JudgedStatement, entry: Span<UInt8>, reading state: StateReader
  ) throws(Refusal) -> [StateChange] {
    guard let subject = statement.subject(of: entry) else { throw Refusal(.malformed, "no subject") }
    let key = StateKey("test", subject)
    let count = try Counting.count(key, state)
    guard count < 3 else { throw Refusal(.init(rawValue: "full"), "\(subject) has three") }
    return [
      StateChange(key, Counting.value(count + 1, statement.issuer.id)),
      StateChange(StateKey("test", "waiting", statement.id.hex), Counting.value(0, subject)),
    ]
  }

  func countersign(
    _ target: Digest, by statement: JudgedStatement, reading state: StateReader
  ) throws(Refusal) -> [StateChange]? {
    let waiting = StateKey("test", "waiting", target.hex)
    guard state.value(of: waiting) != nil else { return nil }
    return [StateChange(waiting, nil)]
  }

  var views: [IndexView] {
    [
      IndexView(
        "counts", meaning: "how often each subject was counted",
        query: "SELECT key, value AS count FROM current WHERE name = 'count'")
    ]
  }
}

@Suite("The rule sets' state")
struct RuleStateTests {
  private let ledger: TestLedger

  init() throws {
    ledger = try TestConsortium().found(rules: [Counting(), PlainRecords()])
  }

  private func append(_ subjects: [String], _ writer: LedgerWriter) throws -> [String] {
    let candidates = try subjects.enumerated().map { number, subject in
      ledger.candidate(
        try ledger.statement(
          CBOR.map([.text("note"): .text("x\(number)")]).encoded, type: Counting.kind, subject: subject),
        writer)
    }
    return try writer.appendBlock(candidates[...]).map {
      switch $0 {
      case .accepted: "accepted"
      case .duplicate: "duplicate"
      case .refused(let refusal): refusal.code.rawValue
      }
    }
  }

  private func counts(_ folder: LedgerFolder) throws -> [String] {
    try DatabaseQueue(path: folder.path + "/index.sqlite").read { db in
      try Row.fetchAll(db, sql: "SELECT key, count FROM counts WHERE count > '0' ORDER BY key").map {
        "\($0[0] as String)=\($0[1] as String)"
      }
    }
  }

  @Test("what statements change is seen by the next in the block, the next block, and after a restart")
  func state() throws {
    do {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      #expect(try append(["a", "b/c", "a"], writer) == ["accepted", "accepted", "accepted"])
      #expect(try append(["a", "a", "b/c"], writer) == ["accepted", "full", "accepted"])
    }
    let writer = try LedgerWriter(ledger.folder, .inTests)
    #expect(try append(["a", "b/c", "b/c"], writer) == ["full", "accepted", "full"])
    try writer.flush()
    #expect(try counts(ledger.folder) == ["test/a=3", "test/b%2Fc=3"])
    let reader = try writer.reader()
    #expect(try reader.ruleValues(under: StateKey("test")).count == 2 + 6)
    #expect(try reader.ruleValue(StateKey("test", "c")) == nil)
    func found(_ fields: [(name: String, value: String)]) throws -> [[String]] {
      try reader.ruleValues(under: StateKey("test"), where: fields).map(\.key.parts)
    }
    #expect(try found([("count", "3")]) == [["test", "a"], ["test", "b/c"]])
    #expect(try found([("count", "2")]) == [])
    #expect(try found([("count", "3"), ("other", "3")]) == [])
    #expect(try found([]).count == 2 + 6)
    #expect(try ledger.audit().faults == [])
  }

  @Test("a countersignature reaches the rule set that waits for it, and only that")
  func countersign() throws {
    let writer = try LedgerWriter(ledger.folder, .inTests)
    let counted = try ledger.statement([0xa0], type: Counting.kind, subject: "a")
    let plain = try ledger.statement([1])
    func verdict(_ statement: SignedStatement) throws -> String {
      switch try writer.appendBlock([ledger.candidate(statement, writer)])[0] {
      case .refused(let refusal): refusal.code.rawValue
      case .accepted, .duplicate: "accepted"
      }
    }
    func countersign(_ id: Digest) throws -> SignedStatement {
      try ledger.statement(Proposals.countersignPayload(id), by: 1, type: Kind.countersign)
    }
    #expect(try verdict(counted) == "accepted")
    #expect(try verdict(plain) == "accepted")
    #expect(try verdict(countersign(plain.id)) == "unknown-proposal")
    #expect(try verdict(countersign(counted.id)) == "accepted")
    #expect(try verdict(countersign(counted.id)) == "unknown-proposal")
    try writer.flush()
    #expect(try ledger.audit().faults == [])
  }

  @Test("a deleted index is made again with the same state, by a start and by rebuild")
  func rebuilt() throws {
    do {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      _ = try append(["a", "b", "a"], writer)
      _ = try append(["a", "c"], writer)
    }
    let expected = try counts(ledger.folder)
    let copy = try ledger.copy("copy")
    try FileManager.default.removeItem(atPath: copy.path + "/index.sqlite")
    do {
      let writer = try LedgerWriter(copy, .inTests)
      #expect(try append(["a"], writer) == ["full"])
    }
    #expect(try counts(copy) == expected)
    try FileManager.default.removeItem(atPath: copy.path + "/index.sqlite")
    _ = try copy.rebuild()
    #expect(try counts(copy) == expected)
    #expect(try ledger.audit(copy).faults == [])
  }

  @Test(
    "a state that was altered in the index is found by verify, and mended by rebuild",
    arguments: [
      "DELETE FROM state WHERE key = x'746573740061'", "DELETE FROM state",
      "INSERT INTO state VALUES (x'74')", "UPDATE current SET value = '7' WHERE name = 'count'",
      "DELETE FROM fields", "UPDATE fields SET value = 'x9'",
      "UPDATE records SET subject = 'x' WHERE entry = 2", "UPDATE records SET id = digest WHERE entry = 2",
      "UPDATE records SET bytes = bytes + 1 WHERE entry = 2", "UPDATE records SET issued = 0 WHERE entry = 2",
      "UPDATE records SET entry = 9 WHERE entry = 2",
      "UPDATE blocks SET height = 99 WHERE height = (SELECT max(height) FROM blocks)",
    ])
  func altered(_ sql: String) throws {
    do {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      _ = try append(["a", "b"], writer)
    }
    try DatabaseQueue(path: ledger.folder.path + "/index.sqlite").write { try $0.execute(sql: sql) }
    #expect(try ledger.audit().faults.map(\.code) == [.derivedMismatch])
    _ = try ledger.folder.rebuild()
    #expect(try ledger.audit().faults == [])
  }

  @Test("behind an altered statement the index is not blamed as well: what it should hold is not known")
  func alteredTruth() throws {
    do {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      _ = try append(["a", "b"], writer)
    }
    let path = ledger.folder.path + "/entries/000000000000"
    var entries = try Data(contentsOf: URL(filePath: path))
    let note = try #require(entries.range(of: Data("x0".utf8)))
    entries[note.lowerBound] ^= 1
    try entries.write(to: URL(filePath: path))
    let report = try ledger.audit()
    #expect(report.faults.map(\.code) == [.rootMismatch])
    #expect(report.faults.first?.entry == 2)
    #expect(!report.notes.contains { $0.hasPrefix("judged-without") })
  }

  @Test("a refused statement that was committed all the same is a fault at its place")
  func patchedProposer() throws {
    // The same ledger, kept by a proposer whose rules refuse nothing.
    let lax = LedgerFolder(ledger.folder.path, rules: [Lax(), PlainRecords()])
    do {
      let writer = try LedgerWriter(lax, .inTests)
      #expect(try append(["a", "a", "a", "a"], writer) == Array(repeating: "accepted", count: 4))
    }
    let faults = try ledger.audit().faults
    #expect(faults.first?.code == .refused)
    #expect(faults.first?.entry == 5)
    #expect(faults.first?.refusal == .init(rawValue: "full"), "\(faults)")
    #expect(try ledger.audit().notes.contains { $0.hasPrefix("judged-without") })
    try FileManager.default.removeItem(atPath: ledger.folder.path + "/index.sqlite")
    #expect(throws: Fault.self) { try LedgerWriter(ledger.folder, .inTests) }
  }

  @Test("a founding with a parameter that no rules define, or out of their bounds, is a fault at every depth")
  func parameters() throws {
    let ledger = try TestConsortium(parameters: ["x-limit": 9]).found(rules: [
      Limited(most: 9), PlainRecords(),
    ])
    #expect(try ledger.audit().faults == [])
    for rules: [any RuleSet] in [[PlainRecords()], [Limited(most: 5), PlainRecords()]] {
      let folder = LedgerFolder(ledger.folder.path, rules: rules)
      for depth in [BlockAudit.Depth.hashes, .everything] {
        var options = LedgerAudit.Options()
        options.depth = depth
        let faults = try LedgerAudit.run(folder, options).faults
        #expect(faults.map(\.entry) == [0] && faults.first?.refusal == .malformed, "\(faults)")
      }
      #expect(throws: Fault.self) { try folder.rebuild() }
    }
  }
}

private struct Limited: RuleSet {
  let most: UInt64
  var parameters: [Parameters.Definition] {
    [.init("x-limit", standard: 1, bounds: 0...most, absent: 0, meaning: "a limit")]
  }
  func covers(_ contentType: Span<UInt8>, isReserved: Bool) -> Bool { false }
  func judge(
    _ statement: JudgedStatement, entry: Span<UInt8>, reading state: StateReader
  ) throws(Refusal) -> [StateChange] { [] }
}

private struct Lax: RuleSet {
  func covers(_ contentType: Span<UInt8>, isReserved: Bool) -> Bool { true }
  func judge(
    _ statement: JudgedStatement, entry: Span<UInt8>, reading state: StateReader
  ) throws(Refusal) -> [StateChange] { [] }
}
