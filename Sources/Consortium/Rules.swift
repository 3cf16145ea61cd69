/// The parts of the rule without which it is not safe, or gets stuck.
///
/// There is one value, `standard`, and nothing outside of this package can make another. The tests take each part out in turn, to show
/// that they would notice.
package struct Rules: Sendable {
  /// Who has skipped a round never confirms it, and the other way round.
  package var confirmExcludesSkip = true
  /// Voters see that a proposal is justified by the rounds before it.
  package var checksJustification = true
  /// Who enters a round passes on the certificate that let it in.
  package var passesEntryOn = true
  /// Who cosigns shows the decision with it.
  package var showsDecision = true
  /// How far above the greatest height that others show a validator without its journal signs again.
  package var amnesiaMargin: UInt64 = 2

  /// The rule.
  package static let standard = Rules()

  package init() {}
}
