import Dispatch

/// Work without an order, on all cores.
package enum Cores {
  /// Makes items 0 to `count` - 1 where they will lie. `body` makes those of one run of numbers: it must initialise each, at
  /// its number, and is called on several threads at once.
  ///
  /// - Parameter share: how many items a core takes at a time: enough that taking them costs nothing, few enough that all end
  ///   together.
  package static func make<Item: Sendable>(
    _ count: Int, share: Int = 64, _ body: @Sendable (Range<Int>, UnsafeMutablePointer<Item>) -> Void
  ) -> [Item] {
    [Item](unsafeUninitializedCapacity: count) { buffer, initialized in
      // Each run writes to places of its own.
      nonisolated(unsafe) let base = buffer.baseAddress
      DispatchQueue.concurrentPerform(iterations: (count + share - 1) / share) { run in
        guard let base else { return }
        body(run * share..<min((run + 1) * share, count), base)
      }
      initialized = count
    }
  }
}
