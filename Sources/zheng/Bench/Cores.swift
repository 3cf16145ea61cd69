import Dispatch
import Foundation
import Synchronization

/// Work without an order, on all cores.
enum Cores {
  /// How many items one core takes at a time: enough that taking them costs nothing, few enough that all end together.
  private static let share = 64

  /// The results for the items 0 to `count` - 1, in order; `body` makes those of one run of items.
  ///
  /// - Throws: what `body` throws, of the first run that fails.
  static func map<Item: Sendable>(
    _ count: Int, _ body: @Sendable (Range<Int>) throws -> [Item]
  ) throws -> [Item] {
    let runs = (count + share - 1) / share
    let results = Mutex([Result<[Item], any Error>](repeating: .success([]), count: runs))
    DispatchQueue.concurrentPerform(iterations: runs) { run in
      let result = Result { try body(run * share..<min((run + 1) * share, count)) }
      results.withLock { $0[run] = result }
    }
    var items: [Item] = []
    items.reserveCapacity(count)
    for result in results.withLock({ $0 }) { items += try result.get() }
    return items
  }
}

/// Work that goes on while the thread that asked for it does something else.
final class Ahead<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let isDone = DispatchSemaphore(value: 0)

  init(_ body: @escaping @Sendable () throws -> Value) {
    DispatchQueue.global().async {
      let made = Result { try body() }
      self.result.withLock { $0 = made }
      self.isDone.signal()
    }
  }

  /// Waits for it; to be called once.
  func value() throws -> Value {
    isDone.wait()
    guard let made = result.withLock({ $0 }) else { preconditionFailure("the work has ended with a result") }
    return try made.get()
  }
}
