public import Ledger

/// The refusals of data sharing (DESIGN §5); `duplicate` is the core's, `role`, `wrong-state` and `personal-data` are shared
/// by all scenarios.
extension Refusal.Code {
  /// No grant covers it: the request waits or was refused.
  public static let noGrant = Self(rawValue: "no-grant")
  /// The purpose is another than the one granted or asked for, or wider.
  public static let purpose = Self(rawValue: "purpose")
  /// More data items, or a longer time, than were granted, asked for or offered.
  public static let scope = Self(rawValue: "scope")
  /// The grant's time is over.
  public static let expired = Self(rawValue: "expired")
  /// The grant was revoked.
  public static let revoked = Self(rawValue: "revoked")
  /// As many deliveries were made as the grant allows.
  public static let limit = Self(rawValue: "limit")
  /// The entry is not shareable, and the request names no law that overrides this.
  public static let notShareable = Self(rawValue: "not-shareable")
  /// No legal basis is named where one must be.
  public static let missingBasis = Self(rawValue: "missing-basis")
  /// No reason is named where one must be.
  public static let missingReason = Self(rawValue: "missing-reason")
  /// Another entry is the lead source of a data item (一数一源).
  public static let leadSource = Self(rawValue: "lead-source")
  /// No such catalogue entry, or no such version of it.
  public static let unknownEntry = Self(rawValue: "unknown-entry")
  /// No such request.
  public static let unknownRequest = Self(rawValue: "unknown-request")
  /// A catalogue version, calendar or grant that is not, or not yet, in force.
  public static let notInForce = Self(rawValue: "not-in-force")
}
