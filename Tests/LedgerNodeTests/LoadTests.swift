import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerNode
import LedgerStore
import Statements
import Synchronization
import TestKit
import Testing
import TransparencyLog

@Suite("Under load", .timeLimit(.minutes(30))) struct LoadTests {
  private func settings(_ gate: Gate) -> NodeSettings {
    var settings = TestNode.patient
    settings.writer.faults = { gate.pass($0) }
    return settings
  }

  @Test(
    "64 clients at once: all that was acknowledged is there after a restart, in fewer blocks than records")
  func manyClients() async throws {
    let ledger = try TestLedger()
    let acknowledged = Shared<[UInt64: [UInt8]]>([:])
    try await withNode(ledger) { node in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for client in 0..<64 {
          group.addTask {
            let entries = try (0..<8).map { try ledger.entry([UInt8(client), UInt8($0)], by: client % 3) }
            try await node.connected { wire in
              for entry in entries {
                let response = try wire.post(entry)
                #expect(response.status == 201)
                let index = try response.json(NodeReceipt.self).index
                acknowledged.withLock { $0[index] = entry }
              }
            }
          }
        }
        try await group.waitForAll()
      }
    }
    let found = acknowledged.withLock { $0 }
    #expect(found.count == 512)
    try await withNode(ledger) { node in
      try await node.connected { wire in
        for (index, entry) in found { #expect(try wire.request("GET", "/entries/\(index)").body == entry) }
        let health = try wire.request("GET", "/health").json(NodeHealth.self)
        #expect(health.indexLag == 0)
        // Each block has a header besides its records, and so has the founding block.
        #expect(health.size == 512 + 1 + health.height + 1)
        #expect(health.height < 400)
      }
    }
  }

  @Test("a full queue is 503 with Retry-After, and what was taken is recorded all the same")
  func fullQueue() async throws {
    let ledger = try TestLedger()
    let gate = Gate()
    var settings = settings(gate)
    settings.committer.statementLimit = 3
    let conditions = settings.committer.conditions()
    try await withNode(ledger, settings) { node in
      gate.shut()
      let entries = try (0..<4).map { try ledger.entry([$0]) }
      async let first = node.connected { try $0.post(entries[0]) }
      await gate.arrival()
      async let second = node.connected { try $0.post(entries[1]) }
      async let third = node.connected { try $0.post(entries[2]) }
      await conditions.reach { $0.statementCount == 3 }
      let full = try await node.connected { try $0.post(entries[3]) }
      #expect(full.status == 503 && full["retry-after"] == "1")
      #expect(try full.json(ProblemDetails.self).code == "busy")
      gate.open()
      let taken = try await [first, second, third]
      #expect(taken.map(\.status) == [201, 201, 201])
      let later = try await node.connected { try $0.post(entries[3]) }
      #expect(later.status == 201)
    }
  }

  @Test("what comes while a block is being committed shares the next one")
  func shared() async throws {
    let ledger = try TestLedger()
    let gate = Gate()
    var settings = settings(gate)
    let conditions = settings.committer.conditions()
    try await withNode(ledger, settings) { node in
      gate.shut()
      let entries = try (0..<21).map { try ledger.entry([$0]) }
      async let first = node.connected { try $0.post(entries[0]).json(NodeReceipt.self) }
      await gate.arrival()
      try await withThrowingTaskGroup(of: UInt64.self) { group in
        for entry in entries.dropFirst() {
          group.addTask { try await node.connected { try $0.post(entry).json(NodeReceipt.self).block } }
        }
        await conditions.reach { $0.queuedCount == 20 }
        gate.open()
        for try await block in group { #expect(block == 2) }
      }
      #expect(try await first.block == 1)
    }
  }

  @Test("told to stop under load, the node answers what it took and loses nothing of it")
  func stopUnderLoad() async throws {
    let ledger = try TestLedger()
    let acknowledged = Shared<[UInt64: [UInt8]]>([:])
    let (acknowledgements, acknowledge) = AsyncStream<Void>.makeStream()
    let node = try await TestNode.start(ledger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<16 {
        group.addTask {
          let entries = try (0..<200).map { try ledger.entry([UInt8(client), UInt8($0)], by: 2) }
          do {
            try await node.connected { wire in
              for entry in entries {
                let response = try wire.post(entry)
                guard response.status == 201 else {
                  #expect(response.status == 503)
                  return
                }
                let index = try response.json(NodeReceipt.self).index
                acknowledged.withLock { $0[index] = entry }
                acknowledge.yield()
              }
            }
          } catch is Wire.Closed {}
        }
      }
      await acknowledgements.next(100)
      try await node.stop()
      try await group.waitForAll()
    }
    let reader = try LedgerReader(ledger.folder)
    #expect(reader.unindexed == 0)
    for (index, entry) in acknowledged.withLock({ $0 }) { #expect(try reader.entry(index) == entry) }
    // The lock is free, and there is nothing to finish.
    #expect(try LedgerWriter(ledger.folder, .inTests).notes.isEmpty)
  }

  @Test("what is in flight when the node is told to stop is answered before it stops")
  func stopAnswers() async throws {
    let ledger = try TestLedger()
    let gate = Gate()
    let node = try await TestNode.start(ledger, settings(gate))
    gate.shut()
    let entry = try ledger.entry([1])
    async let answer = node.connected { try $0.post(entry) }
    await gate.arrival()
    await node.beginToStop()
    gate.open()
    #expect(try await answer.status == 201)
    try await node.stopped()
    #expect(try LedgerReader(ledger.folder).entry(2) == entry)
  }

  @Test("a request that never ends does not keep the node from stopping")
  func stopIsNotHeldUp() async throws {
    let ledger = try TestLedger()
    var settings = TestNode.patient
    settings.stopTimeout = .seconds(1)
    let node = try await TestNode.start(ledger, settings)
    let port = node.port
    let (beginnings, begin) = AsyncStream<Void>.makeStream()
    async let ended = OwnThread.run {
      let wire = try Wire(port: port)
      try wire.send("POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc")
      // The node has begun with it: a later connection is answered.
      #expect(try Wire(port: port).request("GET", "/health").status == 200)
      begin.yield()
      while !wire.isClosed() {}
    }
    await beginnings.next()
    try await node.stop()
    try await ended
    #expect(try LedgerWriter(ledger.folder, .inTests).notes.isEmpty)
  }

  @Test(
    "a disk that fails at any step acknowledges nothing more, says so, and leaves a ledger that opens",
    arguments: CommitStep.allCases.filter { $0 != .writeDerived })
  func failingDisk(_ step: CommitStep) async throws {
    let ledger = try TestLedger()
    let isBroken = Shared(false)
    var settings = TestNode.patient
    settings.writer.faults = { at in at == step && isBroken.withLock { $0 } ? .fails(ENOSPC) : nil }
    let (before, during, after) = (try ledger.entry([1]), try ledger.entry([2]), try ledger.entry([3]))
    let node = try await TestNode.start(ledger, settings)
    let responses = try await node.connected { wire -> [WireResponse] in
      let first = try wire.post(before)
      isBroken.withLock { $0 = true }
      let second = try wire.post(during)
      isBroken.withLock { $0 = false }
      return [
        first, second, try wire.post(after), try wire.request("GET", "/health"),
        try wire.request("GET", "/entries/2"),
      ]
    }
    #expect(responses.map(\.status) == [201, 500, 500, 503, 200])
    #expect(try responses[1].json(ProblemDetails.self).code == "failed")
    let health = try responses[3].json(NodeHealth.self)
    #expect(health.status == .failed && health.failure != nil && health.waiting == 0)
    await #expect(throws: (any Error).self) { try await node.stop() }

    try await withNode(ledger) { node in
      let again = try await node.connected { wire in
        [try wire.post(before), try wire.post(during), try wire.post(after)]
      }
      // What may have reached the disk unacknowledged is either there, and known, or it is not.
      #expect(again[0].status == 200 && [200, 201].contains(again[1].status) && again[2].status == 201)
    }
  }

  /// Connections that stop at every point of a request.
  private static let halfRequests = [
    "", "GET /checkp", "POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc",
    "POST /entries HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
  ]

  @Test("slow and half requests keep nobody waiting")
  func slow() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entry = try ledger.entry([1])
      let statuses = try await OwnThread.run { [port = node.port] in
        let slow = try (0..<40).map { number in
          let wire = try Wire(port: port)
          try wire.send(Self.halfRequests[number % 4])
          return wire
        }
        defer { withExtendedLifetime(slow) {} }
        return [
          try Wire(port: port).post(entry).status, try Wire(port: port).request("GET", "/health").status,
        ]
      }
      #expect(statuses == [201, 200])
    }
  }

  @Test("slow and half requests are ended", arguments: halfRequests)
  func ended(_ request: String) async throws {
    let ledger = try TestLedger()
    var settings = TestNode.patient
    (settings.bodyTimeout, settings.idleTimeout) = (.seconds(1), .seconds(1))
    try await withNode(ledger, settings) { node in
      try await node.connected { wire in
        do {
          try wire.send(request)
          if request.hasPrefix("POST") { #expect(try wire.response().status == 408) }
        } catch is Wire.Closed {}
        #expect(wire.isClosed())
      }
    }
  }
}
