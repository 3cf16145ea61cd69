public import Ledger

/// The refusals of data sharing (DESIGN §5); `duplicate` is the core's, `role`, `wrong-state` and `personal-data` are shared
/// by all scenarios.
extension Refusal.Code {
  /// No grant covers it: the request is waiting or was refused.
  public static let noGrant = Self(rawValue: "no-grant")
  /// The purpose differs from the one granted or requested, or is wider.
  public static let purpose = Self(rawValue: "purpose")
  /// More data items, or a longer period, than were granted, requested or offered.
  public static let scope = Self(rawValue: "scope")
  /// The grant has expired.
  public static let expired = Self(rawValue: "expired")
  /// The grant was revoked.
  public static let revoked = Self(rawValue: "revoked")
  /// The grant's limit of deliveries is used up.
  public static let limit = Self(rawValue: "limit")
  /// The entry is not shareable, and the request names no law that overrides this.
  public static let notShareable = Self(rawValue: "not-shareable")
  /// A required legal basis is missing.
  public static let missingBasis = Self(rawValue: "missing-basis")
  /// A required reason is missing.
  public static let missingReason = Self(rawValue: "missing-reason")
  /// Another entry is the lead source of a data item (一数一源).
  public static let leadSource = Self(rawValue: "lead-source")
  /// No such catalogue entry, or no such version of it.
  public static let unknownEntry = Self(rawValue: "unknown-entry")
  /// No such request.
  public static let unknownRequest = Self(rawValue: "unknown-request")
  /// The catalogue version, calendar or grant is not in force, or not yet.
  public static let notInForce = Self(rawValue: "not-in-force")
}
