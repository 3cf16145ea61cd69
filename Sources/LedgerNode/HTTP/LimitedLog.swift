import Logging
import Synchronization

/// A log to which strangers can't write without end: at most ten lines of a kind a minute, of one peer's failures one, and then how many
/// were left out.
final class LimitedLog: Sendable {
  /// What a line is about.
  enum Kind: Hashable {
    /// A request that is no HTTP, or came in part.
    case badRequest
    /// A connection that was ended or turned away.
    case connection
    /// No file descriptors, or no memory for a connection.
    case accept
    /// An error of this node's.
    case failure
    /// What another validator has sent, and should not have.
    case consensus
    /// What another validator's node, or the board, did not do.
    case peer(String)

    /// So many lines a minute.
    fileprivate var mostLines: Int { if case .peer = self { 1 } else { 10 } }
  }

  private struct Window {
    var start: ContinuousClock.Instant
    var lines = 0
    var leftOut = 0
  }

  private static let length = Duration.seconds(60)

  let logger: Logger
  private let windows = Mutex<[Kind: Window]>([:])

  init(_ logger: Logger) { self.logger = logger }

  func log(
    _ kind: Kind, _ text: @autoclosure () -> String, level: Logger.Level = .notice,
    now: ContinuousClock.Instant = .now
  ) {
    let leftOut = windows.withLock { windows -> Int? in
      var window = windows[kind] ?? Window(start: now)
      defer { windows[kind] = window }
      var before = 0
      if now - window.start >= LimitedLog.length {
        before = window.leftOut
        window = Window(start: now)
      }
      guard window.lines < kind.mostLines else {
        window.leftOut += 1
        return nil
      }
      window.lines += 1
      return before
    }
    guard let leftOut else { return }
    let more = leftOut == 0 ? "" : " (\(leftOut) more lines like this were left out)"
    logger.log(level: level, "\(text())\(more)")
  }
}
