import Synchronization

/// Passes statements on to the node of one other validator.
///
/// Where that could not be reached it gets, as soon as it can, whatever waits here then: what has become a record meanwhile it has
/// from the blocks.
final class StatementRelay: Sendable {
  private struct State {
    var entries: [[UInt8]] = []
    var byteCount = 0
    /// Whether something was not passed on.
    var isLacking = false
  }

  private let state = Mutex(State())
  private let signals: AsyncStream<Void>
  private let signal: AsyncStream<Void>.Continuation

  /// The most bytes that go at once, and the most that wait.
  private static let batchLimit = 4 << 20, limit = 16 << 20
  /// The most statements that go at once, and that are passed on again.
  private static let batchCount = 1000, againCount = 4096
  private static let longestPause = Duration.seconds(5)

  init() { (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

  /// Has entries passed on.
  func add(_ entries: [[UInt8]]) {
    guard !entries.isEmpty else { return }
    let byteCount = entries.reduce(0) { $0 + $1.count }
    state.withLock { state in
      guard state.byteCount + byteCount <= StatementRelay.limit else { return state.isLacking = true }
      state.entries += entries
      state.byteCount += byteCount
    }
    signal.yield()
  }

  private func take() -> [[UInt8]] {
    state.withLock { state in
      var byteCount = 0
      let batch = state.entries.prefix(StatementRelay.batchCount).prefix { entry in
        byteCount += entry.count
        return byteCount <= StatementRelay.batchLimit
      }
      state.entries.removeFirst(batch.count)
      state.byteCount -= batch.reduce(0) { $0 + $1.count }
      return Array(batch)
    }
  }

  /// Forgets what waits to be passed on, since what waits to be recorded will be instead.
  private func drop() {
    state.withLock { $0 = State(isLacking: true) }
  }

  /// Passes on to `peer` until the task is cancelled.
  ///
  /// - Parameters:
  ///   - waiting: what waits to be recorded, at most so many.
  ///   - failed: told of each attempt that failed.
  func pass(
    to peer: ValidatorPeer, waiting: @Sendable (Int) -> [[UInt8]], failed: @Sendable (any Error) -> Void
  ) async {
    var pause = Duration.milliseconds(100)
    for await _ in signals {
      while !Task.isCancelled {
        let batch = take()
        guard !batch.isEmpty else {
          let wasLacking = state.withLock { state in
            defer { state.isLacking = false }
            return state.isLacking
          }
          guard wasLacking else { break }
          add(waiting(StatementRelay.againCount))
          continue
        }
        do {
          try await peer.pass(batch)
          pause = .milliseconds(100)
        } catch {
          if Task.isCancelled { return }
          failed(error)
          drop()
          do { try await Task.sleep(for: pause) } catch { return }
          pause = min(pause * 2, StatementRelay.longestPause)
        }
      }
    }
  }
}
