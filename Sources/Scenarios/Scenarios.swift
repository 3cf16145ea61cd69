public import Ledger

/// What a ledger is for: the rule sets by which every validator judges.
///
/// Each is a folder with its kinds, its state and its rules; a third begins as a copy of one of them, and with a line here.
public enum Scenarios {
  /// Every rule set, in the order in which they are asked.
  public static let rules: [any RuleSet] = [PlainRecords(), EvidenceRules(), SharingRules()]

  /// Every role that a member may have, besides `x-…`.
  public static let roles = rules.roles
}
