import Foundation
import Ledger
import LedgerClient
import LedgerNode
import Statements
import Testing

@testable import LedgerStore

@Suite("Many statements at once", .timeLimit(.minutes(30))) struct SequenceTests {
  static let type = "Content-Type: application/cbor-seq"

  private static func ranges(_ entries: [[UInt8]]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for entry in entries {
      let start = ranges.last?.upperBound ?? 0
      ranges.append(start..<start + entry.count)
    }
    return ranges
  }

  static func submit(_ entries: [[UInt8]], to committer: Committer) async -> Committer.Outcome {
    await committer.submit(Array(entries.joined()), at: ranges(entries))
  }

  private static func index(_ verdict: Verdict) -> UInt64? {
    switch verdict {
    case .accepted(let receipt), .duplicate(let receipt): receipt.index
    case .refused: nil
    }
  }

  /// One that is refused for each reason, and by which code.
  private static func refused(_ ledger: TestLedger) throws -> [(entry: [UInt8], status: Int, code: String)] {
    let now = UInt64(Date().timeIntervalSince1970)
    var flipped = try ledger.entry([9])
    flipped[flipped.count - 1] ^= 1
    return [
      (try ledger.entry([1], ledger: .zero), 422, "wrong-ledger"),
      (try ledger.entry([1], issuer: "nobody"), 403, "unknown-member"),
      (try ledger.entry([1], issuer: "member-1"), 403, "unknown-key"),
      (flipped, 403, "bad-signature"), (try ledger.entry([1], at: now - 31 * 86_400), 422, "stale"),
      (try ledger.entry([1], at: now + 3600), 422, "after-block-time"),
      (try ledger.entry([1], type: "application/vnd.zheng.nothing+cbor"), 422, "unknown-kind"),
    ]
  }

  @Test("each statement has its own verdict, in order; what is refused leaves the others be")
  func verdicts() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let before = try ledger.entry([0])
      _ = try await node.connected { try $0.post(before) }
      let good = try (0..<20).map { try ledger.entry([UInt8($0)], by: $0 % 3) }
      let bad = try Self.refused(ledger)
      // One that is there already, one twice, and a bad one after each of the first good ones.
      var entries = [before]
      for (number, entry) in good.enumerated() {
        entries.append(entry)
        if number < bad.count { entries.append(bad[number].entry) }
      }
      entries.append(good[5])
      let body = Array(entries.joined())
      let response = try await node.connected { try $0.post(body, [Self.type]) }
      #expect(response.status == 200 && response["content-type"] == "application/json")
      #expect(response["cache-control"] == "no-store")
      let verdicts = try response.json([NodeVerdict].self)
      #expect(verdicts.map(\.id) == (try entries.map { try SignedStatement(decoding: $0).id.hex }))
      #expect(verdicts[0].status == 200 && verdicts[0].index == 2 && verdicts[0].block == 1)
      #expect(verdicts.last?.status == 200 && verdicts.last?.problem == nil)
      let recorded = verdicts.filter { $0.status == 201 }
      // In the order of the sequence.
      #expect(recorded.map(\.index) == (0..<20).map { UInt64(4 + $0) })
      #expect(verdicts.last?.index == recorded[5].index && verdicts.last?.time == recorded[5].time)
      let problems = verdicts.compactMap(\.problem)
      #expect(problems.map(\.code) == bad.map(\.code) && problems.map(\.status) == bad.map(\.status))
      #expect(verdicts.allSatisfy { ($0.problem == nil) == ($0.index != nil) })
      for verdict in recorded {
        let index = try #require(verdict.index)
        let proof = try await node.connected { try $0.request("GET", "/proof/\(index)").body }
        #expect(try RecordProof(parsing: proof.span).statement.id.hex == verdict.id)
      }
    }
  }

  @Test("a sequence cut short at any byte is refused whole, but between two statements")
  func cutShort() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entries = try (0..<2).map { try ledger.entry([UInt8($0)]) }
      let body = Array(entries.joined())
      let first = entries[0].count
      try await node.connected { wire in
        for length in 0..<body.count where length != first {
          let response = try wire.post(Array(body.prefix(length)), [Self.type])
          let problem = try response.json(ProblemDetails.self)
          #expect(response.status == 400 && problem.code == "malformed")
          let place =
            length < first
            ? "statement 1, which begins at byte 0," : "statement 2, which begins at byte \(first),"
          #expect(length == 0 || problem.detail.hasPrefix(place), "\(length): \(problem.detail)")
        }
        #expect(try wire.request("GET", "/health").json(NodeHealth.self).size == 2)
        #expect(
          try wire.post(Array(body.prefix(first)), [Self.type]).json([NodeVerdict].self).map(\.status) == [
            201
          ])
        #expect(try wire.post(body, [Self.type]).json([NodeVerdict].self).map(\.status) == [200, 201])
      }
    }
  }

  @Test(
    "a type that is none of the three, or has a parameter that it does not know, is 415",
    arguments: [
      "application/cbor", "application/cbor-seq; a=b", "application/cbor-seq;", "application/ cbor-seq",
      "cbor-seq",
      "application/cose; cose-type=\"cose-sign\"", "application/cose; charset=utf-8",
      "application/octet-stream; cose-type=\"cose-sign1\"", "text/plain", "*/*",
      "application/cose, application/cbor-seq",
    ])
  func types(_ type: String) async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entry = try ledger.entry([1])
      let response = try await node.connected { try $0.post(entry, ["Content-Type: \(type)"]) }
      #expect(response.status == 415)
      #expect(try response.json(ProblemDetails.self).code == "unsupported-media-type")
      for good in [
        "Application/CBOR-seq", "application/cose ; cose-type=cose-sign1", "application/octet-stream",
      ] {
        let response = try await node.connected { try $0.post(entry, ["Content-Type: \(good)"]) }
        #expect([200, 201].contains(response.status), "\(good)")
      }
    }
  }

  @Test("a sequence of more than 8 MiB is 413, and one statement still has its own limit")
  func tooLarge() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entry = try ledger.entry([UInt8](repeating: 7, count: 60_000))
      let count = (8 << 20) / entry.count
      let whole = Array(repeatElement(entry, count: count).joined())
      let responses = try await node.connected { wire in
        [
          try wire.post(whole + entry, [Self.type]), try Wire(port: node.port).post(whole, [Self.type]),
          try Wire(port: node.port).post(entry + entry),
        ]
      }
      #expect(responses.map(\.status) == [413, 200, 413])
      #expect(
        try responses[1].json([NodeVerdict].self).map(\.status) == [201]
          + repeatElement(200, count: count - 1))
    }
  }

  @Test("more than may be under way at once is taken in parts, in order, however many come at once")
  func parts() async throws {
    let ledger = try TestLedger(parameters: ["block-records": 16])
    var settings = Committer.Settings()
    settings.statementLimit = 10
    let committer = try Committer(LedgerWriter(ledger.folder, .inTests), settings)
    var rest = try (0..<6).map { submitter in
      try (0..<57).map { try ledger.entry([UInt8(submitter), UInt8($0)], by: submitter % 3) }
    }
    while !rest.isEmpty {
      let outcomes = await withTaskGroup(of: (Int, Committer.Outcome).self) { [rest] group in
        for number in rest.indices {
          group.addTask { (number, await Self.submit(rest[number], to: committer)) }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      var busy: [[[UInt8]]] = []
      for (number, outcome) in outcomes {
        let entries = rest[number]
        if case .busy = outcome.interruption {
          // There was no room for the first part; never for a later one.
          #expect(outcome.verdicts.isEmpty)
          busy.append(entries)
          continue
        }
        #expect(outcome.interruption == nil)
        let indices = outcome.verdicts.compactMap(Self.index)
        #expect(indices.count == 57 && indices == indices.sorted())
        for (index, entry) in zip(indices, entries) { #expect(try outcome.reader.entry(index) == entry) }
      }
      try #require(busy.count < rest.count, "one at least is taken")
      rest = busy
    }
    #expect(committer.condition.statementCount == 0)
    try await committer.stop()
    #expect(try LedgerReader(ledger.folder).unindexed == 0)
  }

  @Test("a statement larger than the limit of bytes is taken alone, and none are taken at once")
  func odd() async throws {
    let ledger = try TestLedger()
    var settings = Committer.Settings()
    settings.byteLimit = 500
    let committer = try Committer(LedgerWriter(ledger.folder, .inTests), settings)
    let entries = try [10, 2_000, 10, 900, 900].map { try ledger.entry([UInt8](repeating: 1, count: $0)) }
    let outcome = await Self.submit(entries, to: committer)
    #expect(outcome.verdicts.compactMap(Self.index).count == 5)
    let none = await committer.submit([], at: [])
    #expect(none.verdicts.isEmpty && none.interruption == nil)
    try await committer.stop()
  }

  @Test("while there is no room a sequence is busy, and what waits for room is told when the node stops")
  func stopping() async throws {
    let ledger = try TestLedger()
    let gate = Gate()
    var options = LedgerWriter.Options.inTests
    options.faults = { gate.pass($0) }
    var settings = Committer.Settings()
    settings.statementLimit = 4
    let conditions = settings.conditions()
    let committer = try Committer(LedgerWriter(ledger.folder, options), settings)
    let entries = try (0..<10).map { try ledger.entry([$0]) }
    gate.shut()
    async let outcome = Self.submit(entries, to: committer)
    await gate.arrival()
    guard case .busy = await Self.submit(entries, to: committer).interruption else {
      Issue.record("not busy")
      return
    }
    async let stopped: Void = committer.stop()
    await conditions.reach(\.isStopping)
    gate.open()
    let answer = await outcome
    guard case .stopping = answer.interruption else {
      Issue.record("\(answer)")
      return
    }
    try await stopped
    // Exactly what was said to be a record is one.
    #expect(answer.verdicts.count == 4)
    let reader = try LedgerReader(ledger.folder)
    #expect(reader.size == 2 + 4 + 1)
    for (verdict, entry) in zip(answer.verdicts, entries) {
      #expect(try reader.entry(#require(Self.index(verdict))) == entry)
    }
  }

  @Test(
    "a disk that fails in the midst of a sequence: what was acknowledged is there, nothing else is acknowledged",
    arguments: CommitStep.allCases.filter { $0 != .writeDerived })
  func failingDisk(_ step: CommitStep) async throws {
    let ledger = try TestLedger()
    let passed = Shared(0)
    var options = LedgerWriter.Options.inTests
    options.faults = { at in
      guard at == step else { return nil }
      let count = passed.withLock { count in
        count += 1
        return count
      }
      return count == 3 ? .fails(ENOSPC) : nil
    }
    var settings = Committer.Settings()
    settings.statementLimit = 8
    let committer = try Committer(LedgerWriter(ledger.folder, options), settings)
    let entries = try (0..<100).map { try ledger.entry([$0]) }
    let outcome = await Self.submit(entries, to: committer)
    guard case .failed = outcome.interruption else {
      Issue.record("\(outcome)")
      return
    }
    #expect((1..<100).contains(outcome.verdicts.count))
    await #expect(throws: (any Error).self) { try await committer.stop() }
    let writer = try LedgerWriter(ledger.folder, .inTests)
    let reader = try writer.reader()
    for (verdict, entry) in zip(outcome.verdicts, entries) {
      #expect(try reader.entry(#require(Self.index(verdict))) == entry)
    }
  }

  @Test("many clients with sequences: each in its own order, all of it there after a restart")
  func manyClients() async throws {
    let ledger = try TestLedger()
    let acknowledged = Shared<[UInt64: [UInt8]]>([:])
    try await withNode(ledger) { node in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for client in 0..<12 {
          group.addTask {
            let entries = try (0..<90).map { try ledger.entry([UInt8(client), UInt8($0)], by: client % 3) }
            try await node.connected { wire in
              for start in stride(from: 0, to: 90, by: 30) {
                let part = entries[start..<start + 30]
                let verdicts = try wire.post(Array(part.joined()), [Self.type]).json([NodeVerdict].self)
                #expect(verdicts.allSatisfy { $0.status == 201 })
                let indices = verdicts.compactMap(\.index)
                #expect(indices.count == 30 && indices == indices.sorted())
                for (index, entry) in zip(indices, part) { acknowledged.withLock { $0[index] = entry } }
              }
            }
          }
        }
        try await group.waitForAll()
      }
    }
    let found = acknowledged.withLock { $0 }
    #expect(found.count == 12 * 90)
    let reader = try LedgerReader(ledger.folder)
    for (index, entry) in found { #expect(try reader.entry(index) == entry) }
  }

  @Test("what is recent is told from what is new, also when a generation is forgotten")
  func recent() async throws {
    let ledger = try TestLedger()
    let now = UInt64(Date().timeIntervalSince1970)
    let entries = try (0..<40).map { try ledger.entry([UInt8($0)], at: now - 40 + UInt64($0)) }
    let recent = RecentStatements(after: now - 31, capacity: 5)
    let ids = try entries.map { try SignedStatement(decoding: $0).id }
    for number in 0..<40 {
      let time = now - 40 + UInt64(number)
      #expect(recent.mayHold(ids[number], issuedAt: time) == (time <= now - 31), "\(number)")
      recent.remember(ids[number], issuedAt: time)
      for earlier in 0...number {
        #expect(recent.mayHold(ids[earlier], issuedAt: now - 40 + UInt64(earlier)))
      }
    }
  }

  @Test("a duplicate is found whether it was there before the ledger was opened, is indexed, or not yet")
  func duplicates() async throws {
    let ledger = try TestLedger()
    let now = UInt64(Date().timeIntervalSince1970)
    let entries = try (0..<30).map { try ledger.entry([UInt8($0)], at: now - UInt64($0 % 7)) }
    var first: [UInt64] = []
    for round in 0..<3 {
      let committer = try Committer(LedgerWriter(ledger.folder, .inTests))
      let outcome = await Self.submit(
        Array(entries.prefix(10 * (round + 1))) + entries.prefix(3), to: committer)
      let indices = outcome.verdicts.compactMap(Self.index)
      #expect(indices.prefix(first.count) == first[...])
      #expect(indices.suffix(3) == indices.prefix(3))
      #expect(Set(indices).count == 10 * (round + 1))
      first = Array(indices.dropLast(3))
      try await committer.stop()
    }
  }
}
