import Ledger
import LedgerCrypto
import Scenarios

extension LedgerAccess {
  /// Signs the payload that `make` gives, and returns when it is a record.
  ///
  /// - Parameter make: gets what the rules know, and the member that signs.
  /// - Throws: the refusal; then nothing was recorded. Personal data and what no validator could read are refused before
  ///   anything is signed.
  package func record<Payload: SharingPayload>(
    sharingAs signer: Signer, at time: UInt64,
    _ make: (_ state: SharingState, _ issuer: Member) async throws -> Payload
  ) async throws -> (recorded: Recorded, payload: Payload) {
    var made: Payload?
    let recorded = try await record(as: signer, at: time) { ledger, issuer in
      let payload = try await make(SharingState(ledger), issuer)
      try payload.refusePersonalData()
      let encoded = payload.encoded
      _ = try Payload(decoding: encoded)
      made = payload
      return Draft(type: Payload.kind.contentType, subject: payload.subject, payload: encoded)
    }
    guard let made else { preconditionFailure("what is recorded was made") }
    return (recorded, made)
  }
}

extension SharingState {
  /// The offer that the statement `id` made.
  ///
  /// - Throws: `unknown-proposal`, as the rules would.
  package func knownOffer(_ id: Digest) async throws -> OfferRecord {
    if let offer = try await offer(id) { return offer }
    throw WorkflowError(
      .refused, Refusal.Code.unknownProposal.rawValue, "no catalogue entry was offered by a statement \(id)",
      lead: .waitingOffers(of: ledger.place))
  }

  /// The objection that the statement `id` made.
  ///
  /// - Throws: `wrong-state`, as the rules would.
  package func knownObjection(_ id: Digest) async throws -> ObjectionRecord {
    if let objection = try await objection(id) { return objection }
    throw WorkflowError(
      .refused, Refusal.Code.wrongState.rawValue, "there is no objection \(id)",
      lead: .objections(of: ledger.place))
  }
}

extension DataItems {
  /// The names beside each other.
  package var list: String { names.joined(separator: ", ") }
}
