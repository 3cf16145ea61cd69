import Foundation
import GRDB
import Ledger
import Scenarios
import Statements
import Testing

@Suite("Evidence: the views of the index")
struct EvidenceViewTests {
  /// The tables of the index that the views read, filled as the index fills them.
  private static func index(_ ledger: TestLedger) throws -> DatabaseQueue {
    let database = try DatabaseQueue()
    try database.write { db in
      try db.execute(
        sql: """
          CREATE TABLE blocks (height INTEGER PRIMARY KEY, first INTEGER, size INTEGER, time INTEGER, checkpoint INTEGER);
          CREATE TABLE records (entry INTEGER PRIMARY KEY, block INTEGER, id BLOB, issuer TEXT, subject TEXT, type TEXT,
            issued INTEGER, bytes INTEGER, digest BLOB);
          CREATE TABLE fields (entry INTEGER, name TEXT, value TEXT);
          CREATE TABLE current (key TEXT, name TEXT, value TEXT);
          """)
      for (height, block) in ledger.blocks.enumerated() {
        let header = try BlockHeader(payload: SignedStatement(decoding: block.entries.last!).payload)
        try db.execute(
          sql: "INSERT INTO blocks VALUES (?, ?, ?, ?, 0)",
          arguments: [height, Int64(block.first), block.entries.count, Int64(header.time)])
        for (offset, entry) in block.entries.dropLast().enumerated() {
          let (statement, number) = (try SignedStatement(decoding: entry), Int64(block.first) + Int64(offset))
          try db.execute(
            sql: "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, 0, 0, x'')",
            arguments: [
              number, height, Data(statement.id.bytes), statement.claims?.issuer, statement.claims?.subject,
              statement.contentType,
            ])
          for (name, value) in fields(statement.payload) {
            try db.execute(sql: "INSERT INTO fields VALUES (?, ?, ?)", arguments: [number, name, value])
          }
        }
      }
      for (key, value) in ledger.values {
        let name = key.parts.map { $0.replacing("%", with: "%25").replacing("/", with: "%2F") }.joined(
          separator: "/")
        for field in fields(value) {
          try db.execute(sql: "INSERT INTO current VALUES (?, ?, ?)", arguments: [name, field.0, field.1])
        }
      }
      for view in Evidence.scenario.views {
        try db.execute(sql: "CREATE VIEW \(view.name) AS -- \(view.meaning)\n\(view.query)")
      }
    }
    return database
  }

  private static func fields(_ bytes: [UInt8]) -> [(String, String)] {
    func text(_ value: CBOR) -> String? {
      switch value {
      case .text(let text): text
      case .unsigned(let number): String(number)
      case .bytes(let bytes) where bytes.count == 32:
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
      default: nil
      }
    }
    guard let item = try? CBOR(decoding: bytes), case .map(let map) = item else { return [] }
    return map.pairs.flatMap { key, value -> [(String, String)] in
      guard case .text(let name) = key else { return [] }
      if case .map(let inner) = value {
        return inner.pairs.compactMap { key, value in
          guard case .text(let part) = key, let text = text(value) else { return nil }
          return ("\(name).\(part)", text)
        }
      }
      return text(value).map { [(name, $0)] } ?? []
    }
  }

  @Test("an item is one row, and each record about it another, in order")
  func rows() throws {
    var ledger = try EvidenceLedger()
    try ledger.bring(to: .sealedAtLab, item: "A/1%2F")
    try ledger.ledger.advance(by: 90_000)
    try ledger.bring(to: .disputed, item: "证-2")
    try ledger.accept(ledger.payload(.hold, about: "证-2"), by: "court", about: "证-2")
    let waiting = try ledger.submit(ledger.payload(.resolve, about: "证-2"), by: "office", about: "证-2")
    #expect(try ledger.ledger.submit("text/plain", by: "office", about: "证-2", [1, 2]).isAccepted)
    try ledger.ledger.cut()
    let (lab, second) = (try #require(try ledger.item("A/1%2F")), try #require(try ledger.item("证-2")))
    let database = try Self.index(ledger.ledger)
    try database.read { db in
      let items = try Row.fetchAll(db, sql: "SELECT * FROM evidence_items ORDER BY item")
      #expect(items.map { $0["item"] as String } == ["A/1%2F", "证-2"])
      #expect(items.map { $0["state"] as String } == ["sealed", "disputed"])
      #expect(items.map { $0["custodian"] as String } == ["lab", "office"])
      #expect(items.map { $0["holds"] as Int } == [0, 1])
      #expect(items.map { $0["entries"] as Int64 } == [Int64(lab.entries), Int64(second.entries)])
      #expect(items[0]["case"] as String == lab.caseReference && items[0]["seal"] as String? == lab.seal)
      #expect(items[0]["sha256"] as String == EvidenceLedger.content(of: "A/1%2F").hex)
      #expect(items[0]["size"] as Int == 1234 && items[0]["files"] as Int? == nil)
      #expect(items[0]["since"] as String == "2025-06-15T15:06:41Z")
      #expect(items[1]["since"] as String == "2025-06-15T15:08:11Z")
      #expect(items[1]["dispute"] as String == "declined" && items[1]["pending"] as String == waiting.id.hex)

      let rows = try Row.fetchAll(db, sql: "SELECT * FROM evidence_custody WHERE item = '证-2'")
      #expect(
        rows.map { $0["kind"] as String } == ["deposit", "seal", "offer", "decline", "hold", "resolve"])
      #expect(rows.map { $0["is_custody"] as Int } == [1, 1, 1, 1, 0, 1])
      #expect(
        rows.map { $0["issuer"] as String } == ["office", "office", "office", "lab", "court", "office"])
      #expect(rows[2]["to"] as String == "lab" && rows[2]["previous"] as String == rows[1]["statement"])
      #expect(rows[0]["sha256"] as String == EvidenceLedger.content(of: "证-2").hex)
      #expect(rows[3]["remark"] as String == "封条破损\nthe seal is torn")
      #expect(rows[5]["completed"] as String == "waiting" && rows[0]["completed"] as String? == nil)
      #expect(rows[0]["time"] as String == "2025-06-15T15:08:11Z")
      #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM evidence_custody") == 10)
    }
  }
}
