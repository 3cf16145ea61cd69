/// A board in memory, for validators in one process.
public actor MemoryBulletin: Bulletin {
  private var posted: [UInt64: [BoardPlace: [UInt8]]] = [:]
  private var followers: [Int: AsyncStream<[UInt8]>.Continuation] = [:]
  private var count = 0

  /// An empty board.
  public init() {}

  /// Posts a message, unless its place is taken.
  public func post(_ message: Message) {
    let place = BoardPlace(message)
    guard posted[place.height]?[place] == nil else { return }
    let bytes = message.bytes
    posted[place.height, default: [:]][place] = bytes
    for follower in followers.values { follower.yield(bytes) }
  }

  /// The messages of a height.
  public func read(height: UInt64) -> [[UInt8]] { posted[height].map { Array($0.values) } ?? [] }

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
  public func forget(below height: UInt64) { posted = posted.filter { $0.key >= height } }
}
