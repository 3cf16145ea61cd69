/// How a validator whose journal is lost finds the height from which on it cannot have voted.
///
/// It voted at height v only with the final checkpoint of v − 1 on its disk. Of the q that cosigned that, at least q − f − 1 others are
/// honest, and each had the DC of v − 1. There are n − 1 others, so at most n − q + f of them had not; of n − q + f + 1 that answer, one
/// had. So the greatest height c that they show is v − 1 at least, and from c + 2 on nothing was signed. (A liar cannot show too much:
/// what is shown proves itself, and too much would only be safer.) Who has lost its journal itself does not answer.
public struct Amnesia: Sendable {
  private let committee: Committee
  private let place: Int
  private let margin: UInt64
  private var shown: [Int: UInt64] = [:]

  /// The question of the validator at `place` of `committee`, that of the newest roster that it knows.
  public init(committee: Committee, place: Int) {
    self.init(committee: committee, place: place, rules: .standard)
  }

  package init(committee: Committee, place: Int, rules: Rules) {
    (self.committee, self.place, margin) = (committee, place, rules.amnesiaMargin)
  }

  /// Takes down that the validator at `other` has answered.
  ///
  /// - Parameter height: of its newest certificate or final checkpoint, which the caller has checked; 0 where it has none.
  public mutating func note(_ height: UInt64, shownBy other: Int) {
    guard committee.seats.indices.contains(other), other != place else { return }
    shown[other] = max(shown[other] ?? 0, height)
  }

  /// How many more must answer.
  public var missing: Int { max(0, committee.witnessesOfAmnesia - shown.count) }

  /// The height from which on this validator signs again; nil while too few have answered.
  public var resumption: UInt64? {
    guard missing == 0, let greatest = shown.values.max() else { return nil }
    return greatest + margin
  }
}
