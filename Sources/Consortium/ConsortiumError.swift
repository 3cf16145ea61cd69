/// Why this module refuses something, or could not do it; equal by its code.
public struct ConsortiumError: Error, Hashable, CustomStringConvertible {
  /// What is wrong, as a stable name.
  public enum Code: String, Sendable, CaseIterable {
    /// Not a message, certificate, journal or file of ours, or not in its one encoding.
    case malformed
    /// A quorum with which two decisions could differ, or validators that are named twice.
    case committee
    /// A restart file of another ledger or roster.
    case wrongLedger = "wrong-ledger"
    /// A message or restart file of another height, or another block, than the one that it is judged for.
    case wrongHeight = "wrong-height"
    /// A validator that the roster does not have.
    case unknownValidator = "unknown-validator"
    /// A signature that does not verify.
    case badSignature = "bad-signature"
    /// Fewer signatures than the quorum demands.
    case quorum
    /// The rules forbid this validator to sign it, by what it has signed already.
    case forbidden
    /// The journal of what was signed is not whole, so nothing is signed that might contradict it.
    case amnesia
    /// The journal holds what no crash can have left.
    case journalDamaged = "journal-damaged"
    /// The machine could not read, write or sync the journal.
    case journalFailed = "journal-failed"
    /// libcrypto could not sign.
    case signing
    /// A final block that this validator's own core refuses, or another tree than the one that was cosigned.
    case refusedFinal = "refused-final"
    /// What is said to be misconduct is none.
    case noMisconduct = "no-misconduct"
  }

  /// What is wrong.
  public let code: Code
  /// A sentence for a person.
  public let description: String

  /// An error with this code and sentence.
  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// Equal by code.
  public static func == (left: ConsortiumError, right: ConsortiumError) -> Bool { left.code == right.code }

  /// Hashes the code.
  public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
