import Consortium

/// Posts this validator's messages on one board, in their order, each again until it is there or of no use any more.
struct Outbox: Sendable {
  private let messages: AsyncStream<Message>
  private let continuation: AsyncStream<Message>.Continuation

  /// So many messages wait; beyond that the oldest are left out, which whoever reads the height gets all the same.
  private static let backlog = 4096
  private static let longestPause = Duration.seconds(5)

  init() {
    (messages, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Outbox.backlog))
  }

  /// Has a message posted.
  func add(_ message: Message) { continuation.yield(message) }

  /// Posts on `board` until the task is cancelled.
  ///
  /// - Parameters:
  ///   - isOfUse: whether anybody still needs a message: what is final is shown otherwise.
  ///   - failed: told of each attempt that failed.
  func post(
    on board: any Bulletin, isOfUse: @Sendable (Message) -> Bool, failed: @Sendable (any Error) -> Void
  ) async {
    for await message in messages {
      var pause = Duration.milliseconds(100)
      while isOfUse(message), !Task.isCancelled {
        do {
          try await board.post(message)
          break
        } catch {
          if Task.isCancelled { return }
          failed(error)
          do { try await Task.sleep(for: pause) } catch { return }
          pause = min(pause * 2, Outbox.longestPause)
        }
      }
    }
  }
}
