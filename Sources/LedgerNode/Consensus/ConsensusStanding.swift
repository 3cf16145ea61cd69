import LedgerClient
import LedgerCrypto
import Synchronization

/// How a validator's node is doing, for whoever asks on any thread: the driver says it after each step.
final class ConsensusStanding: Sendable {
  private struct State {
    var standing: NodeConsensus
    /// The keys by which validators are let in, by their thumbprints: of those in office now, and of those that were while this process ran.
    var admitted: [Digest: (name: String, key: PublicKey)] = [:]
  }

  private let state: Mutex<State>

  init(_ standing: NodeConsensus) { state = Mutex(State(standing: standing)) }

  /// The newest.
  var newest: NodeConsensus { state.withLock { $0.standing } }

  /// Says how it is doing.
  func set(_ standing: NodeConsensus) { state.withLock { $0.standing = standing } }

  /// Lets the validators with these vote keys in.
  func admit(_ keys: [(name: String, key: PublicKey)]) {
    state.withLock { state in
      for key in keys { state.admitted[key.key.thumbprint] = key }
    }
  }

  /// The validator whose vote key has this thumbprint; nil where none has.
  func admitted(_ keyID: Digest) -> (name: String, key: PublicKey)? { state.withLock { $0.admitted[keyID] } }

  /// Why this node takes no statements; nil where the validators agree on them.
  var obstacle: (code: String, reason: String)? {
    let standing = newest
    return switch standing.state {
    case .working, .amnesic: nil
    case .halted: ("halted", standing.reason ?? "the node has stopped agreeing with the others")
    case .following: ("no-validator", standing.reason ?? "the roster has no validator \(standing.validator)")
    }
  }
}
