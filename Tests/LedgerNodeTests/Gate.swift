import Foundation
import LedgerStore
import Synchronization

/// Lets commits pass, or holds one up.
final class Gate: Sendable {
  private let isShut = Mutex(false)
  private let opening = DispatchSemaphore(value: 0)
  private let arrivals: AsyncStream<Void>
  private let arrived: AsyncStream<Void>.Continuation

  init() { (arrivals, arrived) = AsyncStream.makeStream() }

  /// What a committing thread, which is the committer's own, does at the gate.
  func pass(_ step: CommitStep) -> CommitFault? {
    if step == .writeEntries, isShut.withLock({ $0 }) {
      arrived.yield()
      opening.wait()
    }
    return nil
  }

  func shut() { isShut.withLock { $0 = true } }

  /// Waits until a commit stands at the gate.
  func arrival() async { await arrivals.next() }

  func open() {
    isShut.withLock { $0 = false }
    opening.signal()
  }
}

extension AsyncStream<Void> {
  /// Waits for the next signal, or so many of them.
  func next(_ count: Int = 1) async { for await _ in prefix(count) {} }
}

extension Committer.Settings {
  /// How the committer that works with these settings is doing, after each change.
  mutating func conditions() -> AsyncStream<Committer.Condition> {
    let (conditions, report) = AsyncStream<Committer.Condition>.makeStream()
    onChange = { report.yield($0) }
    return conditions
  }
}

extension AsyncStream<Committer.Condition> {
  /// Waits until the committer is as `isSo` says.
  func reach(_ isSo: @Sendable (Committer.Condition) -> Bool) async { _ = await first(where: isSo) }
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
