import Ledger
import LedgerCrypto
import Statements

/// A statement before it is signed.
package struct Draft: Sendable {
  /// Its content type.
  package var type: String
  /// What it is about.
  package var subject: String?
  /// Its payload.
  package var payload: [UInt8]

  package init(type: String, subject: String?, payload: [UInt8]) {
    (self.type, self.subject, self.payload) = (type, subject, payload)
  }

  /// The countersignature to `statement`, which is about `subject`.
  package static func countersignature(of statement: Digest, about subject: String? = nil) -> Draft {
    Draft(type: Kind.countersign, subject: subject, payload: Proposals.countersignPayload(statement))
  }
}

/// A statement that is a record.
package struct Recorded: Sendable {
  /// The statement id.
  package let id: Digest
  /// The index of its entry, and the height of its block.
  package let index, block: UInt64
  /// The time of its block, in ms since the epoch.
  package let time: UInt64
  /// The ledger's clocks.
  package let utcOffset: UTCOffset
}

/// Who signs: a member by its key.
package struct Signer: Sendable {
  package let key: PrivateKey
  /// The file of the key, for complaints.
  package let path: String
  /// The member that says it; nil for the one whose key it is.
  package let issuer: String?

  package init(key: PrivateKey, path: String, issuer: String? = nil) {
    (self.key, self.path, self.issuer) = (key, path, issuer)
  }

  /// The id of the member in whose name it signs on the ledger at `place`, whose roster this is.
  ///
  /// - Throws: `unknown-key`.
  package func member(in roster: Roster, of place: String) throws -> String {
    if let issuer { return issuer }
    let kid = key.publicKey.thumbprint
    guard let member = roster.members.first(where: { $0.keys.contains { $0.id == kid } }) else {
      throw WorkflowError(
        .refused, Refusal.Code.unknownKey.rawValue, "\(path): the key \(kid) is no member's of this ledger",
        lead: .members(of: place))
    }
    return member.id
  }

  /// `draft`, signed by the member `id` for the ledger `ledger` at `time`, in ms since the epoch.
  package func sign(_ draft: Draft, as id: String, for ledger: Digest, at time: UInt64) throws
    -> SignedStatement
  {
    let claims = Claims(
      issuer: id, subject: draft.subject, audience: ledger, issuedAt: time / 1000,
      tokenID: try randomBytes(16))
    return try StatementDraft(contentType: draft.type, claims: claims, payload: draft.payload)
      .signed(by: key)
  }
}

extension LedgerAccess {
  /// Signs what `draft` makes of the ledger as it stands, and returns when it is a record.
  ///
  /// - Parameter draft: gets the ledger and the member that signs.
  /// - Throws: the `Refusal`; then nothing was recorded. `not-proven`; then it may have been.
  package func record(
    as signer: Signer, at time: UInt64,
    _ draft: (_ ledger: any LedgerAccess, _ issuer: Member) async throws -> Draft
  ) async throws -> Recorded {
    let roster = try await state().roster
    let id = try signer.member(in: roster, of: place)
    guard let member = roster.member(id) else {
      throw Refusal(.unknownMember, "no member is called \(id.quoted)")
    }
    let statement = try signer.sign(try await draft(self, member), as: id, for: ledgerID, at: time)
    let place = try await submit(statement.entry)
    return Recorded(
      id: statement.id, index: place.index, block: place.block, time: place.time,
      utcOffset: roster.terms.parameters.utcOffset)
  }
}
