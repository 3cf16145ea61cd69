import Boards
import LedgerClient
import Synchronization

/// Where the nodes of the other validators are: by the settings, else by what they have announced on the board.
final class PeerDirectory: Sendable {
  private let known: [String: String]
  private let board: EtcdBulletin?
  private let announced = Mutex<[String: (url: String, until: ContinuousClock.Instant)]>([:])

  /// For how long an announcement is taken as it was read.
  private static let memory = Duration.seconds(5)

  init(_ known: [String: String], _ board: EtcdBulletin?) {
    self.known = known.mapValues { String($0.reversed().drop { $0 == "/" }.reversed()) }
    self.board = board
  }

  /// The URL of the node of `name`, with no slash at its end.
  ///
  /// - Throws: `unreachable` where nobody says it; `BoardError`.
  func url(of name: String) async throws -> String {
    if let url = known[name] { return url }
    if let found = announced.withLock({ $0[name] }), found.until > .now { return found.url }
    guard let url = try await board?.url(of: name) else {
      throw NodeClientError(
        .unreachable,
        "the URL of the validator \(name) is not known: it is not among the settings, and \(board == nil ? "there is no board" : "not announced on the board")"
      )
    }
    announced.withLock { $0[name] = (url, .now + PeerDirectory.memory) }
    return url
  }
}
