/// When a block is cut: as soon as `maxSize` statements wait, or, while no block is being written, when the oldest has waited `maxAge` or
/// no further statement is being verified.
///
/// So a statement that arrives while no other is being verified is cut at once, and those that arrive while a block is being written
/// share the next.
struct CutPolicy: Sendable {
  /// As many statements as fill a block (`block-records`).
  let maxSize: Int
  /// How long the oldest waits at most for statements still being verified, once no block is being written (`block-delay-ms`).
  let maxAge: Duration

  /// What waits to be cut, and what goes on beside it.
  struct Queue: Sendable {
    /// How many statements are verified and wait.
    var count: Int
    /// Since when the oldest of them waits.
    var oldest: ContinuousClock.Instant
    /// Whether a block is being judged or written.
    var isWriting: Bool
    /// Whether further statements are being verified.
    var isMoreComing: Bool
  }

  /// What is to be done.
  enum Decision: Hashable, Sendable {
    case cut(Reason)
    /// Nothing before `until`, or, where that is nil, before something changes.
    case wait(until: ContinuousClock.Instant?)
  }

  /// Why a block is cut.
  enum Reason: String, Sendable {
    /// As many wait as fill a block.
    case full
    /// The oldest has waited long enough for others.
    case aged
    /// Nothing else is being verified.
    case idle
  }

  /// What is to be done with `queue` at the moment `now`.
  func decision(on queue: Queue, now: ContinuousClock.Instant) -> Decision {
    if queue.count == 0 { return .wait(until: nil) }
    if queue.count >= maxSize { return .cut(.full) }
    if queue.isWriting { return .wait(until: nil) }
    if !queue.isMoreComing { return .cut(.idle) }
    let deadline = queue.oldest + maxAge
    return deadline <= now ? .cut(.aged) : .wait(until: deadline)
  }
}
