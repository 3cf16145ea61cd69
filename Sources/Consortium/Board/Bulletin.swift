/// Where validators post their messages and read those of the others: trusted for speed, never for safety.
///
/// What is read is anybody's bytes until it is verified. A board may be late, lose, repeat, reorder, show an old state, or each reader
/// another one; all that costs is time.
public protocol Bulletin: Sendable {
  /// Posts a message in its place. What is in that place already stays: a place is written once.
  ///
  /// - Throws: where the board could not be reached; the message is posted again later.
  func post(_ message: Message) async throws
  /// Every message of `height` that the board has, encoded, in any order.
  func read(height: UInt64) async throws -> [[UInt8]]
  /// Messages as they are posted, encoded, from now on. It ends where the board is lost, and may leave some out: whoever follows it
  /// reads the whole height when it begins, when it ends, and every few seconds.
  func changes() async throws -> AsyncStream<[UInt8]>
}

/// Where on the board a message is: below its sender's own prefix.
public struct BoardPlace: Hashable, Sendable {
  /// The sender's place in the roster.
  public let sender: Int
  /// The height.
  public let height: UInt64
  /// The round; nil for a cosignature, of which a height has one.
  public let round: Int?
  /// What sort of message is there.
  public let kind: Ballot.Kind

  /// The place of `message`.
  public init(_ message: Message) {
    (sender, height, kind) = (message.sender, message.ballot.height, message.ballot.kind)
    round = kind == .cosign ? nil : message.ballot.round
  }
}
