public import LedgerCrypto
import Statements

/// The proposals to change the roster, open and settled: what the core's own kinds act on.
public struct Proposals: Sendable, Hashable {
  /// A proposal that may still be approved.
  public struct Pending: Sendable, Hashable {
    /// What it changes.
    public let change: RosterChange
    /// The administrators that approve it, the proposer first.
    public internal(set) var approvals: [String]
  }

  /// By statement id.
  public internal(set) var pending: [Digest: Pending] = [:]
  /// The ids of proposals that were adopted or have become void.
  public internal(set) var settled: Set<Digest> = []

  /// Whether `id` is a proposal to change the roster, open or settled.
  func knows(_ id: Digest) -> Bool { pending[id] != nil || settled.contains(id) }

  /// Judges a statement of one of the core's kinds.
  ///
  /// - Parameters:
  ///   - next: the height from which an adopted change is in force.
  ///   - isAdopted: whether this block holds an adopted change already, which makes all others void.
  /// - Returns: the roster that comes into force after this block, if this statement's approval decides so.
  mutating func judge(
    _ statement: SignedStatement, issuer: String, roster: Roster, next: UInt64, isAdopted: Bool
  ) throws(Refusal) -> Roster? {
    if statement.contentType == Kind.countersign {
      return try approve(statement, issuer: issuer, roster: roster, next: next)
    }
    guard let change = try RosterChange(contentType: statement.contentType, payload: statement.payload) else {
      throw Refusal(.unknownKind, "no rule knows the kind \(statement.contentType)")
    }
    guard roster.isAdministrator(issuer) else {
      throw Refusal(.notAdministrator, "\(issuer) is not an administrator; only they propose changes")
    }
    guard change.roster == roster.root, !isAdopted else {
      throw Refusal(
        .proposalVoid, "it changes the roster \(change.roster), which is not in force; propose it anew")
    }
    // Judged now, so that nobody is asked to approve what can't be done.
    let changed = try roster.applying(change.action, inForceFrom: next)
    pending[statement.id] = Pending(change: change, approvals: [issuer])
    return adopt(statement.id, changed, threshold: roster.terms.threshold)
  }

  private mutating func approve(
    _ statement: SignedStatement, issuer: String, roster: Roster, next: UInt64
  ) throws(Refusal) -> Roster? {
    let id = try Proposals.countersigned(statement.payload)
    guard let proposal = pending[id] else {
      throw settled.contains(id)
        ? Refusal(.proposalVoid, "the proposal \(id) was adopted or is void")
        : Refusal(.unknownProposal, "no proposal \(id) waits for a countersignature")
    }
    guard roster.isAdministrator(issuer) else {
      throw Refusal(.notAdministrator, "\(issuer) is not an administrator; only they approve changes")
    }
    guard !proposal.approvals.contains(issuer) else {
      throw Refusal(.alreadyApproved, "\(issuer) has approved \(id) already")
    }
    let changed = try roster.applying(proposal.change.action, inForceFrom: next)
    pending[id]?.approvals.append(issuer)
    return adopt(id, changed, threshold: roster.terms.threshold)
  }

  /// `changed` if enough approve; then every open proposal is settled, since the roster that each names is gone.
  private mutating func adopt(_ id: Digest, _ changed: Roster, threshold: Int) -> Roster? {
    guard let proposal = pending[id], proposal.approvals.count >= threshold else { return nil }
    settled.formUnion(pending.keys)
    pending = [:]
    return changed
  }

  /// The statement that a countersignature names: `{ statement: digest }`.
  static func countersigned(_ payload: [UInt8]) throws(Refusal) -> Digest {
    do {
      var fields = try CBORFields(CBOR(decoding: payload), of: "countersign")
      let id = try fields.digest("statement")
      try fields.finish()
      return id
    } catch {
      throw Refusal(.malformed, error.description)
    }
  }

  /// The payload of a countersignature under `statement`.
  public static func countersignPayload(_ statement: Digest) -> [UInt8] {
    CBOR.map([.text("statement"): .bytes(statement.bytes)]).encoded
  }
}
