public import Ledger

/// The refusals of electronic evidence (DESIGN §5), beside those that scenarios share.
extension Refusal.Code {
  /// An item of this name was deposited before.
  public static let duplicateItem = Self(rawValue: "duplicate-item")
  /// No such item was deposited; or no such statement about it.
  public static let unknownItem = Self(rawValue: "unknown-item")
  /// Only the item's present custodian may do this.
  public static let notCustodian = Self(rawValue: "not-custodian")
  /// Only the member that the item is offered to may do this.
  public static let notReceiver = Self(rawValue: "not-receiver")
  /// The item is on its way: it is accepted or declined first.
  public static let pendingTransfer = Self(rawValue: "pending-transfer")
  /// An item is not offered to who holds it.
  public static let selfTransfer = Self(rawValue: "self-transfer")
  /// The item is disputed: that is resolved first.
  public static let disputed = Self(rawValue: "disputed")
  /// The seal's number was used before on this ledger.
  public static let sealReused = Self(rawValue: "seal-reused")
  /// The seal that is named, or the digest, is not the item's.
  public static let sealMismatch = Self(rawValue: "seal-mismatch")
  /// A court has ordered that the item be kept.
  public static let legalHold = Self(rawValue: "legal-hold")
  /// A digest is needed and there is none.
  public static let missingDigest = Self(rawValue: "missing-digest")
}
