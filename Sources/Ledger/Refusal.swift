/// The rules say no: a result with a stable code. A refused statement leaves nothing behind.
public struct Refusal: Error, Hashable, Sendable {
  /// The stable code that scripts and tests look at.
  public let code: Code
  /// One sentence for a person, with what to do if anything can be done.
  public let reason: String

  /// A refusal with this code and sentence.
  public init(_ code: Code, _ reason: String) {
    self.code = code
    self.reason = reason
  }

  /// A refusal's stable name. Rule sets add their own.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The name, in lowercase words joined by hyphens.
    public let rawValue: String

    /// The code of this name.
    public init(rawValue: String) { self.rawValue = rawValue }
  }
}

extension Refusal: CustomStringConvertible {
  /// `code: reason`.
  public var description: String { "\(code.rawValue): \(reason)" }
}

/// The refusals of the core (DESIGN §2).
extension Refusal.Code {
  /// Not a statement, not in its one encoding, or with a payload that its kind does not allow.
  public static let malformed = Self(rawValue: "malformed")
  /// Larger than an entry may be.
  public static let tooLarge = Self(rawValue: "too-large")
  /// The issuer is not in the roster.
  public static let unknownMember = Self(rawValue: "unknown-member")
  /// The key is not one of the issuer's.
  public static let unknownKey = Self(rawValue: "unknown-key")
  /// The key is the issuer's, but not at this height.
  public static let keyNotInForce = Self(rawValue: "key-not-in-force")
  /// The signature does not verify.
  public static let badSignature = Self(rawValue: "bad-signature")
  /// The audience is another ledger, or none.
  public static let wrongLedger = Self(rawValue: "wrong-ledger")
  /// The same statement is in the ledger already.
  public static let duplicate = Self(rawValue: "duplicate")
  /// The claimed time is further back than the statement window, or the statement has expired.
  public static let stale = Self(rawValue: "stale")
  /// The claimed time is after the block's time by more than the allowed drift.
  public static let afterBlockTime = Self(rawValue: "after-block-time")
  /// A reserved type that no rule set knows.
  public static let unknownKind = Self(rawValue: "unknown-kind")
  /// Only an administrator may do this.
  public static let notAdministrator = Self(rawValue: "not-administrator")
  /// No such proposal was made.
  public static let unknownProposal = Self(rawValue: "unknown-proposal")
  /// The proposal was adopted, waited too long, or another one changed the same thing first.
  public static let proposalVoid = Self(rawValue: "proposal-void")
  /// This administrator has approved the proposal already.
  public static let alreadyApproved = Self(rawValue: "already-approved")
  /// A role that no rule set knows, and that does not begin with `x-`.
  public static let unknownRole = Self(rawValue: "unknown-role")
  /// A threshold that cannot be met.
  public static let threshold = Self(rawValue: "threshold")
  /// A validator that joins has signed a checkpoint that is none of the newest 1,000 blocks' here.
  public static let unknownCheckpoint = Self(rawValue: "unknown-checkpoint")
  /// A quorum with which two decisions of the validators could differ.
  public static let unsafeQuorum = Self(rawValue: "unsafe-quorum")
}
