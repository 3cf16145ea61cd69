/// What was posted on a board: each message in its place, which is written once, in the order in which they came.
package struct PostedMessages: Sendable {
  private var messages: [UInt64: [Message]] = [:]
  private var taken: Set<BoardPlace> = []

  /// An empty board.
  package init() {}

  /// Posts a message. False where its place is taken: what is there stays.
  package mutating func post(_ message: Message) -> Bool {
    guard taken.insert(BoardPlace(message)).inserted else { return false }
    messages[message.ballot.height, default: []].append(message)
    return true
  }

  /// What was posted of `height`.
  package func messages(height: UInt64) -> [Message] { messages[height] ?? [] }

  /// Forgets what was posted of heights below `height`.
  package mutating func forget(below height: UInt64) {
    messages = messages.filter { $0.key >= height }
    taken = taken.filter { $0.height >= height }
  }
}
