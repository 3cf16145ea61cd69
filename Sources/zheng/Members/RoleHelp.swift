import ArgumentParser
import Ledger
import Scenarios

/// The roles, as help lists them: those of the rules and no others.
enum RoleHelp {
  /// A line for each.
  static let table =
    "Roles:\n" + table(of: Scenarios.roles) + "\n  \(Role.ownPrefix)…: one of your own, which no rule knows"

  /// A line for each of `roles`.
  static func table(of roles: [Role]) -> String {
    roles.map { "  \($0.id), \($0.zh): \($0.meaning)" }.joined(separator: "\n")
  }

  /// For an option that takes one.
  static let option = ArgumentHelp(
    "A role; may be repeated: \(Scenarios.roles.map(\.id).joined(separator: ", ")), or \(Role.ownPrefix)…")
}
