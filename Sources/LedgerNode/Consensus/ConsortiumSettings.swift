import Boards
import LedgerClient

/// How a node works as one of a ledger's several validators.
///
/// It reaches the others directly, and by a board on etcd where there is one: either way is enough, and both at once are quicker to
/// recover. Where another's URL is not among `peers` the board's announcement says it.
public struct ConsortiumSettings: Sendable {
  /// The validator's name in the roster.
  public var validator: String
  /// The URLs of etcd's members, without a path; empty for no board.
  public var boards: [String] = []
  /// The user of etcd; nil where it asks for none.
  public var boardUser: EtcdUser?
  /// Whom etcd's members are judged by over TLS.
  public var boardTLS = NodeTLS()
  /// The URLs of the other validators' nodes, by name.
  public var peers: [String: String] = [:]
  /// Whom the other validators' nodes are judged by over TLS.
  public var peerTLS = NodeTLS()
  /// The URL under which the others reach this node, announced on the board; nil for the address on which it listens.
  public var ownURL: String?

  /// The settings of the validator called `validator`.
  public init(validator: String) { self.validator = validator }
}
