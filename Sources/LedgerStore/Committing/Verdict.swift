import Ledger

/// What became of a candidate.
public enum Verdict: Sendable {
  /// It is a record now.
  case accepted(Receipt)
  /// It was one already.
  case duplicate(Receipt)
  /// The rules say no.
  case refused(Refusal)
}

/// Where a record stands.
public struct Receipt: Hashable, Sendable {
  /// The index of its entry.
  public let index: UInt64
  /// The height of its block.
  public let block: UInt64
  /// The time of its block in ms since the epoch, where it was committed just now.
  public let time: UInt64?
}
