import Consortium

/// A way to the others: the board, or the node of one of them, with what sees to it.
struct ConsensusLink {
  let board: any Bulletin
  let outbox = Outbox()
  /// The node of another validator; nil for a board.
  let peer: ValidatorPeer?
  let relay = StatementRelay()
  /// What runs while the link is there.
  var tasks: [Task<Void, Never>] = []

  init(_ board: any Bulletin, _ peer: ValidatorPeer? = nil) { (self.board, self.peer) = (board, peer) }

  /// Ends what runs.
  func cancel() { for task in tasks { task.cancel() } }
}

/// A board whose readings are compared with what this validator has posted there.
struct ComparedBulletin: Bulletin {
  let board: any Bulletin
  let compare: @Sendable (UInt64, [[UInt8]]) async -> Void

  func post(_ message: Message) async throws { try await board.post(message) }

  func read(height: UInt64) async throws -> [[UInt8]] {
    let messages = try await board.read(height: height)
    await compare(height, messages)
    return messages
  }

  func changes() async throws -> AsyncStream<[UInt8]> { try await board.changes() }
}
