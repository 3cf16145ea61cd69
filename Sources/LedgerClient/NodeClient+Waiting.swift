import Synchronization

extension NodeClient {
  /// What an answer is still waited for.
  final class Waiting: Sendable {
    private let latest = Mutex<NodeClientError?>(nil)

    /// Why the last attempt came to nothing.
    var reason: NodeClientError? {
      get { latest.withLock { $0 } }
      set { latest.withLock { $0 = newValue } }
    }
  }

  /// Runs `body` for no longer than `patience`, and tells who waits that it takes long.
  ///
  /// - Parameter advice: for whoever gives up waiting.
  func bounded<Result: Sendable>(
    _ advice: String = "correct the URL, or allow more time",
    _ body: @escaping @Sendable (Waiting) async throws -> Result
  ) async throws -> Result {
    let waiting = Waiting()
    let limit = Int(patience.components.seconds)
    return try await withThrowingTaskGroup(of: Result?.self) { group in
      defer { group.cancelAll() }
      group.addTask { try await body(waiting) }
      if let onWaiting {
        group.addTask {
          try await Task.sleep(for: onWaiting.after)
          let reason = waiting.reason.map { $0.description } ?? "\(url) has not answered yet"
          onWaiting.notify("\(reason); waiting for it for up to \(limit) s")
          return nil
        }
      }
      group.addTask {
        try await Task.sleep(for: patience)
        throw waiting.reason
          ?? NodeClientError(
            .unreachable, "\(url) did not answer within \(limit) s; \(advice)")
      }
      while let result = try await group.next() { if let result { return result } }
      throw CancellationError()
    }
  }
}
