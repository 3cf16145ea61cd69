extension Bulletin {
  /// Hands on what the board has of the height that is worked on, and what is posted of any height, until the task is cancelled.
  ///
  /// The height is read whole at first, whenever the stream of changes has ended (the board was lost, compacted, or shows an older state),
  /// and each `interval`, since a board may leave something out. So most messages are handed on more than once.
  ///
  /// - Parameters:
  ///   - height: that is worked on, now.
  ///   - failed: told of each read that failed; it is tried again.
  ///   - receive: takes one message, encoded.
  public func follow(
    height: @escaping @Sendable () async -> UInt64, every interval: Duration = .seconds(5),
    failed: @escaping @Sendable (any Error) async -> Void = { _ in },
    receive: @escaping @Sendable ([UInt8]) async -> Void
  ) async {
    let read: @Sendable () async -> Void = {
      do {
        for bytes in try await self.read(height: height()) { await receive(bytes) }
      } catch {
        await failed(error)
      }
    }
    /// False where the task is cancelled meanwhile.
    let pause: @Sendable (Duration) async -> Bool = { duration in
      do {
        try await Task.sleep(for: duration)
        return true
      } catch {
        return false
      }
    }
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        repeat {
          do {
            let changes = try await self.changes()
            await read()
            for await bytes in changes { await receive(bytes) }
          } catch {
            await failed(error)
          }
          // A board that comes and goes is not asked without a pause.
        } while await pause(interval / 10)
      }
      group.addTask {
        while await pause(interval) { await read() }
      }
    }
  }
}
