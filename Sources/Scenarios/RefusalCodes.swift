public import Ledger

/// The refusals that several rule sets share; each adds its own in its folder.
extension Refusal.Code {
  /// The issuer's roles do not allow this.
  public static let role = Self(rawValue: "role")
  /// What it is about is not in a state that allows this.
  public static let wrongState = Self(rawValue: "wrong-state")
  /// A text holds what is obviously an identity or mobile number.
  public static let personalData = Self(rawValue: "personal-data")
}
