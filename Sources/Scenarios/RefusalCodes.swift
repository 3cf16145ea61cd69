public import Ledger

/// The refusals that several rule sets share; each adds its own in its folder.
extension Refusal.Code {
  /// The issuer's roles do not allow it.
  public static let role = Self(rawValue: "role")
  /// The item, request or entry is not in a state that allows it.
  public static let wrongState = Self(rawValue: "wrong-state")
  /// A text contains what looks like an identity number or a mobile number.
  public static let personalData = Self(rawValue: "personal-data")
}
