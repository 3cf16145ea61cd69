import Foundation
import Ledger
import LedgerCrypto
import LedgerNode
import LedgerStore
import Statements
import Synchronization
import Testing
import TransparencyLog

/// Lets commits pass, or holds one up.
final class Gate: Sendable {
  private let isShut = Mutex(false)
  private let opening = DispatchSemaphore(value: 0)
  private let arrival = DispatchSemaphore(value: 0)

  /// What a committing thread does at the gate.
  func pass(_ step: CommitStep) -> CommitFault? {
    if step == .writeEntries, isShut.withLock({ $0 }) {
      arrival.signal()
      opening.wait()
    }
    return nil
  }

  func shut() { isShut.withLock { $0 = true } }

  /// Waits until a commit stands at the gate.
  func waitForArrival() { arrival.wait() }

  func open() {
    isShut.withLock { $0 = false }
    opening.signal()
  }
}

/// A value that many threads share.
final class Shared<Value: Sendable>: Sendable {
  private let value: Mutex<Value>

  init(_ value: Value) { self.value = Mutex(value) }

  func withLock<Result: Sendable>(_ body: @Sendable (inout Value) -> Result) -> Result {
    value.withLock { value in
      var copy = value
      defer { value = copy }
      return body(&copy)
    }
  }
}

@Suite("Under load") struct LoadTests {
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
    try await withNode(ledger, settings) { node in
      gate.shut()
      let entries = try (0..<4).map { try ledger.entry([$0]) }
      async let first = node.connected { try $0.post(entries[0]) }
      try await onThread { gate.waitForArrival() }
      async let second = node.connected { try $0.post(entries[1]) }
      async let third = node.connected { try $0.post(entries[2]) }
      try await node.wait { $0.waiting == 3 }
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
    try await withNode(ledger, settings(gate)) { node in
      gate.shut()
      let entries = try (0..<21).map { try ledger.entry([$0]) }
      async let first = node.connected { try $0.post(entries[0]).json(NodeReceipt.self) }
      try await onThread { gate.waitForArrival() }
      try await withThrowingTaskGroup(of: UInt64.self) { group in
        for entry in entries.dropFirst() {
          group.addTask { try await node.connected { try $0.post(entry).json(NodeReceipt.self).block } }
        }
        try await node.wait { $0.waiting == 21 }
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
              }
            }
          } catch is Wire.Closed {}
        }
      }
      while acknowledged.withLock({ $0.count }) < 100 { await Task.yield() }
      try await node.stop()
      try await group.waitForAll()
    }
    let reader = try LedgerReader(ledger.folder)
    #expect(reader.unindexed == 0)
    for (index, entry) in acknowledged.withLock({ $0 }) { #expect(try reader.entry(index) == entry) }
    // The lock is free, and there is nothing to finish.
    #expect(try LedgerWriter(ledger.folder).notes.isEmpty)
  }

  @Test("what is in flight when the node is told to stop is answered before it stops")
  func stopAnswers() async throws {
    let ledger = try TestLedger()
    let gate = Gate()
    let node = try await TestNode.start(ledger, settings(gate))
    gate.shut()
    let entry = try ledger.entry([1])
    async let answer = node.connected { try $0.post(entry) }
    try await onThread { gate.waitForArrival() }
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
    let sent = Shared(false)
    async let ended = onThread {
      let wire = try Wire(port: port)
      try wire.send("POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc")
      // The node has begun with it: a later connection is answered.
      #expect(try Wire(port: port).request("GET", "/health").status == 200)
      sent.withLock { $0 = true }
      while !wire.isClosed() {}
    }
    while !sent.withLock({ $0 }) { await Task.yield() }
    try await node.stop()
    try await ended
    #expect(try LedgerWriter(ledger.folder).notes.isEmpty)
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

  @Test("slow and half requests keep nobody waiting, and are ended")
  func slow() async throws {
    let ledger = try TestLedger()
    var settings = TestNode.patient
    // Long enough for the two quick ones below, however busy the machine is.
    settings.bodyTimeout = .seconds(15)
    settings.idleTimeout = .seconds(15)
    settings.headTimeout = .seconds(15)
    try await withNode(ledger, settings) { node in
      let port = node.port
      let entry = try ledger.entry([1])
      try await withThrowingTaskGroup(of: Void.self) { group in
        let sent = Shared(0)
        for number in 0..<40 {
          group.addTask {
            try await onThread {
              let wire = try Wire(port: port)
              defer { _ = wire }
              switch number % 4 {
              case 0: try wire.send("GET /checkp")
              case 1:
                try wire.send("POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc")
              case 2:
                try wire.send(
                  "POST /entries HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")
              default: break
              }
              sent.withLock { $0 += 1 }
              if number % 4 == 1 || number % 4 == 2 {
                #expect((try? wire.response().status) ?? 408 == 408)
              }
              #expect(wire.isClosed())
            }
          }
        }
        while sent.withLock({ $0 }) < 40 { await Task.yield() }
        let (post, get) = try await node.connected { (try $0.post(entry), try $0.request("GET", "/health")) }
        #expect(post.status == 201 && get.status == 200)
        try await group.waitForAll()
      }
    }
  }
}

extension TestNode {
  /// Waits until the node is as `isSo` says.
  func wait(until isSo: @escaping @Sendable (NodeHealth) -> Bool) async throws {
    try await connected { wire in
      while !isSo(try wire.request("GET", "/health").json(NodeHealth.self)) { sched_yield() }
    }
  }
}
