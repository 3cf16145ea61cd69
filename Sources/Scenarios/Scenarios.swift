import Consortium
public import Ledger

/// What a ledger is for: the scenarios by which every validator judges.
public enum Scenarios {
  /// Every scenario: a folder, and a line here.
  public static let all = [
    Evidence.scenario,
    DataSharing.scenario,
  ]

  /// Every rule set, in the order in which they are asked.
  public static let rules: [any RuleSet] = [PlainRecords(), MisconductRules()] + (all as [any RuleSet])

  /// Every role that a member may have, besides `x-…`.
  public static let roles = rules.roles

  /// Every number by which a ledger runs.
  public static let parameters = rules.parameters
}
