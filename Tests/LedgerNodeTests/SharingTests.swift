import Foundation
import Ledger
import LedgerStore
import TestKit
import Testing

@Suite("Beside a writer", .timeLimit(.minutes(30))) struct SharingTests {
  @Test("who is told that a ledger is busy is told by whom, however many ask")
  func holder() throws {
    let ledger = try TestLedger()
    let writer = try LedgerWriter(ledger.folder, .inTests)
    for _ in 0..<3 {
      let busy = #expect(throws: LedgerBusy.self) { try LedgerWriter(ledger.folder, .inTests) }
      #expect(busy?.holder == getpid())
    }
    withExtendedLifetime(writer) {}
  }

  @Test("a search over many pages finds each record once, in order, and as many as were asked for")
  func pages() async throws {
    let ledger = try TestLedger()
    let committer = try Committer(LedgerWriter(ledger.folder, .inTests))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<2100 {
        let entry = try ledger.entry([UInt8(number & 0xff)], by: number % 3 == 0 ? 1 : 0)
        group.addTask { _ = try await committer.submit(entry) }
      }
      try await group.waitForAll()
    }
    try await committer.stop()
    let reader = try LedgerReader(ledger.folder)
    func found(_ limit: Int?, _ issuer: String?) throws -> [UInt64] {
      var query = SearchQuery()
      (query.limit, query.issuer) = (limit, issuer)
      var indices: [UInt64] = []
      try reader.search(query) { indices.append($0.index) }
      return indices
    }
    // The founding statement is one of member-0's.
    let all = try found(nil, nil)
    #expect(all.count == 2101 && zip(all, all.dropFirst()).allSatisfy { $0 < $1 })
    #expect(try found(nil, "member-1").count == 700)
    for limit in [0, 1, 999, 1000, 1001, 2000, 2101, 5000] {
      #expect(try found(limit, nil) == Array(all.prefix(limit)))
    }
  }

  @Test("a search that takes its time keeps nobody from writing")
  func slowSearch() async throws {
    let ledger = try TestLedger()
    let committer = try Committer(LedgerWriter(ledger.folder, .inTests))
    _ = try await committer.submit(ledger.entry([1]))
    let entry = try ledger.entry([2])
    let reader = try LedgerReader(asItIs: ledger.folder)
    let reached = Shared(false)
    let go = DispatchSemaphore(value: 0)
    let (arrivals, arrive) = AsyncStream<Void>.makeStream()
    async let searched: Void = OwnThread.run {
      try reader.search(SearchQuery()) { _ in
        if reached.withLock({ was in
          defer { was = true }; return !was
        }) {
          arrive.yield()
          go.wait()
        }
      }
    }
    await arrivals.next()
    _ = try await committer.submit(entry)
    // Completes the index, which the search would keep from being written if it held a lock.
    try await committer.stop()
    go.signal()
    try await searched
  }
}
