/// How the validators of a ledger are doing, as one of their nodes sees them: the answer to `GET /consensus/status`.
public struct NodeConsensus: Codable, Hashable, Sendable {
  /// What the node does.
  public enum State: String, Codable, Sendable {
    /// It votes and cosigns.
    case working
    /// It has lost its journal of what it signed, and signs nothing until the others have shown from which height on it may.
    case amnesic
    /// It does nothing more until a person has seen to it.
    case halted
    /// The roster has no such validator: it only takes in what the others decide.
    case following
  }

  /// A validator.
  public struct Validator: Codable, Hashable, Sendable {
    /// Its name in the roster.
    public let name: String
    /// The height that it works on, as far as this node knows; absent where it was never heard of.
    public let height: UInt64?
    /// The round of that height.
    public let round: Int?
    /// How many heights it is behind the newest that any is known to work on; absent where it was never heard of.
    public let behind: UInt64?
    /// By how many seconds its clock is ahead of the others', by the times of its cosignatures: the newest against the median of the
    /// same block. Absent where it has cosigned nothing lately.
    public let clockOffsetSeconds: Int?
    /// When it was last heard of, in ms since the epoch.
    public let lastSeen: UInt64?

    package init(
      name: String, height: UInt64?, round: Int?, behind: UInt64?, clockOffsetSeconds: Int?, lastSeen: UInt64?
    ) {
      (self.name, self.height, self.round, self.behind) = (name, height, round, behind)
      (self.clockOffsetSeconds, self.lastSeen) = (clockOffsetSeconds, lastSeen)
    }
  }

  /// The validator that the node is.
  public let validator: String
  /// What it does.
  public let state: State
  /// Why, where it does not work.
  public let reason: String?
  /// The height that it works on: that of the newest block, and one more.
  public let height: UInt64
  /// The round of that height.
  public let round: Int
  /// How many heights it is behind the newest that any is known to work on.
  public let behind: UInt64
  /// How many of the validators must vote and cosign.
  public let quorum: Int
  /// The validators in roster order, this one among them.
  public let validators: [Validator]
  /// How many validators were caught contradicting themselves since the node was started.
  public let misconduct: Int

  package init(
    validator: String, state: State, reason: String?, height: UInt64, round: Int, behind: UInt64, quorum: Int,
    validators: [Validator], misconduct: Int
  ) {
    (self.validator, self.state, self.reason) = (validator, state, reason)
    (self.height, self.round, self.behind, self.quorum) = (height, round, behind, quorum)
    (self.validators, self.misconduct) = (validators, misconduct)
  }
}
