/// A board in memory, for validators in one process.
public actor MemoryBulletin: Bulletin {
  private var posted = PostedMessages()
  private var followers: [Int: AsyncStream<[UInt8]>.Continuation] = [:]
  private var count = 0

  /// An empty board.
  public init() {}

  /// Posts a message, unless its place is taken.
  public func post(_ message: Message) {
    guard posted.post(message) else { return }
    let bytes = message.bytes
    for follower in followers.values { follower.yield(bytes) }
  }

  /// The messages of a height, in the order in which they were posted.
  public func read(height: UInt64) -> [[UInt8]] { posted.messages(height: height).map(\.bytes) }

  /// What is posted from now on. A follower that has seen enough just stops.
  public func changes() -> AsyncStream<[UInt8]> {
    let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
    let number = count
    count += 1
    followers[number] = continuation
    continuation.onTermination = { [weak self] _ in
      Task { await self?.drop(number) }
    }
    return stream
  }

  private func drop(_ number: Int) { followers[number] = nil }

  /// Forgets what was posted of heights below `height`.
  public func forget(below height: UInt64) { posted.forget(below: height) }
}
