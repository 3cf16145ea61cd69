/// Damage in a ledger: where and what.
public struct Fault: Error, Hashable, Sendable {
  /// What kind of damage.
  public let code: Code
  /// The height of its block, if that is known.
  public let block: UInt64?
  /// The index of the entry, where one entry is to blame.
  public let entry: UInt64?
  /// With `refused`: which rule the entry breaks.
  public let refusal: Refusal.Code?
  /// One sentence for a person.
  public let detail: String

  /// A fault at this place.
  public init(_ code: Code, block: UInt64? = nil, entry: UInt64? = nil, _ detail: String) {
    (self.code, self.block, self.entry, self.detail) = (code, block, entry, detail)
    refusal = nil
  }

  /// The fault of an entry that the rules refuse and that is in the ledger all the same.
  public init(_ refused: Refusal, block: UInt64, entry: UInt64) {
    let unsigned: [Refusal.Code: Code] = [
      .badSignature: .badSignature, .unknownKey: .unknownSigner, .unknownMember: .unknownSigner,
    ]
    code = unsigned[refused.code] ?? .refused
    (self.block, self.entry) = (block, entry)
    refusal = code == .refused ? refused.code : nil
    detail = refused.reason
  }

  /// The kinds of damage, by their stable names.
  public enum Code: String, Sendable, CaseIterable {
    /// An entry is not a COSE_Sign1 in its one encoding.
    case malformedEntry = "malformed-entry"
    /// Entries do not hash to the root that was signed.
    case rootMismatch = "root-mismatch"
    /// A stored checkpoint is not framed or formed correctly.
    case malformedCheckpoint = "malformed-checkpoint"
    /// A header gives another index for its block's first entry.
    case header
    /// The statements lead to another state than the header names.
    case stateMismatch = "state-mismatch"
    /// A block without a statement less than an hour after its parent.
    case emptyBlock = "empty-block"
    /// A header does not continue its parent: height, previous, size or roster.
    case brokenChain = "broken-chain"
    /// Times that contradict each other.
    case time
    /// A signature does not verify.
    case badSignature = "bad-signature"
    /// Signed with a key that the roster does not have for this use.
    case unknownSigner = "unknown-signer"
    /// Too few validators cosigned.
    case quorum
    /// An entry that the rules refuse.
    case refused
    /// Bytes that a checkpoint covers are missing.
    case missing
    /// The ledger is shorter than a derived file or a saved checkpoint says.
    case truncated
    /// The ledger and the saved checkpoint have diverged: neither extends the other.
    case fork
    /// Another ledger than the policy or the ledger id names.
    case wrongLedger = "wrong-ledger"
    /// A derived file differs from what the entries give; it can be rebuilt.
    case derivedMismatch = "derived-mismatch"
  }
}

extension Fault: CustomStringConvertible {
  /// `code at block b, entry e`.
  public var place: String {
    var places: [String] = []
    if let block { places.append("block \(block)") }
    if let entry { places.append("entry \(entry)") }
    let name = refusal.map { "\(code.rawValue) (\($0.rawValue))" } ?? code.rawValue
    return places.isEmpty ? name : "\(name) at \(places.joined(separator: ", "))"
  }

  /// `code at block b, entry e: detail`.
  public var description: String { "\(place): \(detail)" }
}
