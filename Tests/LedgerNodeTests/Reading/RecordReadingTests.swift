import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import Scenarios
import Statements
import TestKit
import Testing
import TransparencyLog

/// Keeps a note of each statement: its subject and who wrote it last.
private struct Notes: RuleSet {
  static let kind = Kind.prefix + "notes.note+cbor"

  func covers(_ contentType: Span<UInt8>, isReserved: Bool) -> Bool {
    isReserved && contentType.count == Notes.kind.utf8.count
  }

  func judge(
    _ statement: JudgedStatement, entry: Span<UInt8>, reading state: StateReader
  ) throws(Refusal) -> [StateChange] {
    let key = StateKey("notes", statement.subject(of: entry) ?? "", "last")
    // Said again by another it is gone.
    guard state.value(of: key) == nil else { return [StateChange(key, nil)] }
    let by = CBOR.map([.text("by"): .text(statement.issuer.id), .text("a:b"): .text("c:d")])
    return [StateChange(key, by.encoded)]
  }
}

@Suite("Searches and lists over HTTP", .timeLimit(.minutes(30))) struct RecordReadingTests {
  private func pages(_ wire: Wire, _ query: String) throws -> [NodeRecords] {
    var pages = [try wire.request("GET", "/records?\(query)").json(NodeRecords.self)]
    while let next = pages.last?.next {
      pages.append(try wire.request("GET", "/records?\(query)&after=\(next)").json(NodeRecords.self))
    }
    return pages
  }

  @Test("records are found by issuer, subject, type, time and digest, page by page, each once and as it is")
  func search() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      try await node.connected { wire in
        var receipts: [NodeReceipt] = []
        for number in 0..<12 {
          let entry = try ledger.entry(
            [UInt8(number)], by: number % 3, type: number < 6 ? "text/plain" : "image/x.y+z",
            subject: number == 5 ? nil : "案 \(number % 2)&")
          receipts.append(try wire.post(entry).json(NodeReceipt.self))
        }
        func found(_ query: String) throws -> [UInt64] {
          let pages = try self.pages(wire, query)
          #expect(pages.allSatisfy { $0.indexLag == 0 })
          return pages.flatMap { $0.records.map(\.index) }
        }
        let all = [0] + receipts.map(\.index)
        // The founding statement is member-0's.
        #expect(try found("limit=5") == all && found("") == all && self.pages(wire, "limit=5").count == 3)
        func of(_ isMeant: (Int) -> Bool) -> [UInt64] { (0..<12).filter(isMeant).map { receipts[$0].index } }
        #expect(try found("issuer=member-1&limit=1") == of { $0 % 3 == 1 })
        #expect(try found("issuer=nobody") == [])
        #expect(try found("subject=%E6%A1%88%201%26") == of { $0 % 2 == 1 && $0 != 5 })
        #expect(try found("type=image%2Fx.y+z&issuer=member-0") == of { $0 >= 6 && $0 % 3 == 0 })
        #expect(try found("type=image/x.y%2Bz&issuer=member-0&limit=1") == of { $0 >= 6 && $0 % 3 == 0 })
        #expect(try found("digest=\(SHA256.digest(of: [7]))") == of { $0 == 7 })
        let (third, last) = (receipts[3].time, receipts[11].time)
        #expect(try found("since=\(third)&until=\(third)").contains(receipts[3].index))
        #expect(try found("since=\(last + 1)") == [] && found("until=\(last)") == all)
        #expect(try found("until=\(Timestamp.text(milliseconds: last))&limit=7") == all)
        #expect(try found("since=\(Timestamp.text(milliseconds: last + 1))") == [])
        #expect(try found("after=18446744073709551615") == [])

        let one = try #require(try self.pages(wire, "digest=\(SHA256.digest(of: [7]))").first?.records.first)
        #expect(one.id == receipts[7].id && one.block == receipts[7].block && one.time == receipts[7].time)
        #expect(
          one.issuer == "member-1" && one.subject == "案 1&" && one.type == "image/x.y+z" && one.bytes == 1)
      }
    }
  }

  @Test("a page is CSV where that is asked for, with the address of the next in either form")
  func table() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      try await node.connected { wire in
        for number in 0..<3 {
          _ = try wire.post(ledger.entry([UInt8(number)], subject: "=1+1,\"\(number)\""))
        }
        let csv = try wire.request("GET", "/records?limit=2", ["Accept: text/csv"])
        #expect(csv.status == 200 && csv["content-type"] == "text/csv; charset=utf-8; header=present")
        #expect(csv["vary"] == "Accept")
        let lines = csv.text.split(separator: "\r\n")
        #expect(lines.count == 3 && lines[0].hasPrefix("\u{feff}index,block,time,id,issuer,subject,type,"))
        #expect(lines[2].contains(",\"'=1+1,\"\"0\"\"\","))
        #expect(csv["link"] == "<?limit=2&after=2>; rel=\"next\"")
        let next = try wire.request("GET", "/records?limit=2&after=2", ["Accept: text/csv;q=0.1, */*"])
        #expect(next["link"] == nil && next["content-type"] == "application/json")
      }
    }
  }

  @Test("the entries of a list of the state come page by page, and are all that the proven list has")
  func lists() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      try await node.connected { wire in
        for number in 0..<9 {
          _ = try wire.post(ledger.entry([UInt8(number)], subject: number % 3 == 0 ? "b" : "a"))
        }
        let key = StateKey.subject("a", of: StateKey.plain)
        let path = "/records?list=\(Hex.encode(key.bytes))&limit=4"
        let first = try wire.request("GET", path).json(NodeIndices.self)
        let next = try #require(first.next)
        let second = try wire.request("GET", "\(path)&after=\(next)").json(NodeIndices.self)
        #expect(first.records.count == 4 && second.records.count == 2 && second.next == nil)
        let text = try wire.request("GET", "/policy").body
        let policy = try Policy(parsing: text.span)
        var records: [ProvenRecord] = []
        for index in first.records + second.records {
          let proof = try wire.request("GET", "/proof/\(index)?at=head").body
          records.append(try RecordProof(parsing: proof.span).check(policy))
        }
        let proof = try wire.request("GET", "/state?key=\(Hex.encode(key.bytes))").body
        let state = try StateProofs(parsing: proof.span).check(policy)
        try state.requireAll(records, of: key)
        let none = Hex.encode(StateKey.subject("c", of: StateKey.plain).bytes)
        let empty = try wire.request("GET", "/records?list=\(none)").json(NodeIndices.self)
        #expect(empty == NodeIndices(records: [], next: nil))
      }
    }
  }

  @Test(
    "keys of values come by prefix and fields in the order of their bytes, whether indexed or waiting",
    arguments: [false, true])
  func values(isIndexBusy: Bool) async throws {
    let ledger = try TestLedger(rules: [Notes()])
    try await withNode(ledger) { node in
      let subjects = ["a", "a/b", "a%2Fb", "ab", "b", "z", "证"]
      try await node.connected { wire in
        func note(_ subject: String, by member: Int) throws {
          let answer = try wire.post(ledger.entry([1], by: member, type: Notes.kind, subject: subject))
          #expect(answer.status == 201, "\(answer.text)")
        }
        try note("gone", by: 0)
        for subject in subjects.prefix(3) { try note(subject, by: 0) }
        let blocker = isIndexBusy ? try IndexBlocker(ledger) : nil
        try note("gone", by: 1)
        for subject in subjects.dropFirst(3) { try note(subject, by: 1) }

        let prefix = Hex.encode(StateKey("notes").bytes)
        func found(_ query: String) throws -> [String] {
          var page = try wire.request("GET", "/values?prefix=\(prefix)&\(query)").json(NodeKeys.self)
          var keys = page.keys
          while let next = page.next {
            page = try wire.request("GET", "/values?prefix=\(prefix)&\(query)&after=\(next)").json(
              NodeKeys.self)
            keys += page.keys
          }
          return keys
        }
        let expected = subjects.map { StateKey("notes", $0, "last").bytes }
          .sorted { $0.lexicographicallyPrecedes($1) }.map { Hex.encode($0) }
        for limit in 1...8 {
          #expect(try found("limit=\(limit)") == expected)
          #expect(try found("limit=\(limit)&where=by:member-0").count == 3)
          #expect(try found("where=by:member-1&limit=\(limit)").count == 4)
        }
        #expect(try found("where=by:member-1&where=by:member-0") == [])
        // The first colon parts the two.
        #expect(try found("where=a:b:c:d") == [])
        let part = Hex.encode(StateKey("notes", "a").bytes)
        let below = try wire.request("GET", "/values?prefix=\(part)").json(NodeKeys.self)
        #expect(below.keys == [Hex.encode(StateKey("notes", "a", "last").bytes)])
        try blocker?.release()
      }
    }
  }

  @Test("filters that can't be, and lists that are none, are refused")
  func refusals() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let list = Hex.encode(StateKey.subject("a", of: StateKey.plain).bytes)
      let many = (0..<9).map { "where=a:\($0)" }.joined(separator: "&")
      try await node.expectProblem(
        400, "malformed",
        at: [
          "/records?limit=0", "/records?limit=1001", "/records?limit=x", "/records?after=-1",
          "/records?issuer=",
          "/records?issuer=a&issuer=b", "/records?subject=%00", "/records?digest=ab",
          "/records?since=yesterday",
          "/records?since=2026-02-30T00:00:00Z", "/records?until=1e9", "/records?x=1", "/records?list=",
          "/records?list=zz", "/records?list=\(list)&issuer=a", "/records?list=\(list)&since=1",
          "/records?list=\(Hex.encode(StateKey.roster.bytes))", "/records?list=\(list)&limit=1001",
          "/records?list=\(list)&list=\(list)", "/values", "/values?prefix=", "/values?prefix=AB",
          "/values?prefix=ab&where=x", "/values?prefix=ab&where=", "/values?prefix=ab&by=x",
          "/values?prefix=ab&\(many)",
          "/values?prefix=ab&after=x", "/values?prefix=ab&limit=1001",
        ])
      for path in ["/records", "/values?prefix=ab"] {
        let answer = try await node.connected { try $0.request("POST", path, body: []) }
        #expect(answer.status == 405 && answer["allow"] == "GET, HEAD", "\(path)")
      }
    }
  }
}
