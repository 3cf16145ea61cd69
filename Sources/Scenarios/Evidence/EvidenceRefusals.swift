public import Ledger

/// The refusals of electronic evidence (DESIGN §5), beside those that scenarios share.
extension Refusal.Code {
  /// An item of this name was deposited before.
  public static let duplicateItem = Self(rawValue: "duplicate-item")
  /// No such item was deposited, or there is no such statement about it.
  public static let unknownItem = Self(rawValue: "unknown-item")
  /// Only the item's present custodian may do this.
  public static let notCustodian = Self(rawValue: "not-custodian")
  /// Only the member that the item is offered to may do this.
  public static let notReceiver = Self(rawValue: "not-receiver")
  /// The item is in transit: it must be accepted or declined first.
  public static let pendingTransfer = Self(rawValue: "pending-transfer")
  /// An item cannot be offered to its own custodian.
  public static let selfTransfer = Self(rawValue: "self-transfer")
  /// The item is disputed: the dispute must be resolved first.
  public static let disputed = Self(rawValue: "disputed")
  /// The seal's number was used before on this ledger.
  public static let sealReused = Self(rawValue: "seal-reused")
  /// The seal or the digest named is not the item's.
  public static let sealMismatch = Self(rawValue: "seal-mismatch")
  /// A court has ordered that the item be kept.
  public static let legalHold = Self(rawValue: "legal-hold")
  /// A required digest is missing.
  public static let missingDigest = Self(rawValue: "missing-digest")
}
