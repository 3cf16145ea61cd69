import Ledger

/// Who may change a roster, and who could prevent every change, in words.
enum AdministrationText {
  /// `a, b; 2 of 2 must approve a change`.
  static func line(_ roster: Roster, at height: UInt64) -> String {
    let inForce = roster.administrators(at: height)
    return
      localized("\(listed(inForce)); \(roster.terms.threshold) of \(inForce.count) must approve a change")
  }

  /// The administrators each of whom alone can prevent every change: all, where all must approve.
  static func blockers(_ roster: Roster, at height: UInt64 = 0) -> [String] {
    let inForce = roster.administrators(at: height)
    return inForce.count == roster.terms.threshold ? inForce : []
  }

  /// What `crash-faults-only` means.
  static var crashFaultsOnly: String {
    localized(
      "crash-faults-only: this quorum is safe while validators only crash; one that lies can split the ledger"
    )
  }

  /// What it means, for whoever is about to found a ledger so; nil where one key may be lost.
  static func warning(_ roster: Roster, at height: UInt64 = 0) -> String? {
    let blockers = blockers(roster, at: height)
    guard !blockers.isEmpty else { return nil }
    let who =
      blockers.count == 1
      ? localized("\(blockers[0]) alone decides")
      : localized("each of \(listed(blockers)) can block every change")
    return
      localized(
        "\(who); one lost key freezes the roster for ever. Name more administrators than must approve, or give each a second key"
      )
  }
}
