public import Statements

/// A deterministic judgement over statements of certain types: what a ledger is for.
///
/// Rules judge by the block's time and by the roster in force, never by a clock, and give every validator the same answer. A
/// rule set is one folder; `PlainRecords` is the smallest.
public protocol RuleSet: Sendable {
  /// Whether statements of this type are this rule set's to judge.
  ///
  /// - Parameter isReserved: whether the type begins with `application/vnd.zheng.`, in any letter case.
  func covers(_ contentType: Span<UInt8>, isReserved: Bool) -> Bool

  /// Judges a statement whose signature, issuer, audience and times are good.
  ///
  /// - Throws: the refusal; nothing is left behind by it.
  func judge(_ statement: JudgedStatement, entry: Span<UInt8>) throws(Refusal)
}

/// What a rule sees of a statement.
public struct JudgedStatement: Sendable {
  /// Where its parts lie in the entry.
  public let view: EntryView
  /// Who issued it, as the roster in force has it.
  public let issuer: Member
  /// The time of the block, in ms since the epoch.
  public let blockTime: UInt64
}
