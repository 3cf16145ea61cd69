import Ledger
import LedgerCrypto
import Scenarios

extension Draft {
  /// A statement about `item`, which validators will be able to read.
  ///
  /// - Throws: what they would say of the payload alone: `malformed`, `missing-digest`, `personal-data`.
  package static func evidence<Payload: EvidencePayload>(_ payload: Payload, about item: String) throws
    -> Draft
  {
    try PersonalData.refuse(in: item, as: "the item's name")
    let encoded = payload.encoded
    _ = try Payload(decoding: encoded)
    return Draft(type: Payload.kind.contentType, subject: item, payload: encoded)
  }

  /// The countersignature to the statement about `item` that waits for one: to the one with this id, or to the one that does.
  ///
  /// - Throws: `unknown-item`; the refusal `unknown-proposal` where none waits.
  package static func countersignature(
    of statement: Digest?, about item: String, on ledger: any LedgerAccess
  ) async throws -> Draft {
    let known = try await ledger.evidenceItem(item)
    guard let waiting = statement ?? known.pending else {
      throw Refusal(
        .unknownProposal,
        "nothing about \(item.quoted) waits for a countersignature; it is \(known.state.rawValue)")
    }
    return .countersignature(of: waiting, about: item)
  }
}

extension LedgerAccess {
  /// What the ledger knows of `item`.
  ///
  /// - Throws: `unknown-item`.
  package func evidenceItem(_ item: String) async throws -> Evidence.Item {
    guard let value = try await value(Evidence.Item.key(item)) else {
      let behind = unsearchable > 0 ? "; the index lags by \(unsearchable) entries, try again" : ""
      throw WorkflowError(
        .refused, Refusal.Code.unknownItem.rawValue, "no item \(item.quoted) was deposited\(behind)",
        lead: .items(of: place))
    }
    return try Evidence.Item(decoding: value)
  }

  /// Sees that no item has this name.
  ///
  /// - Throws: the refusal `duplicate-item`.
  package func requireNoItem(_ item: String) async throws {
    guard try await value(Evidence.Item.key(item)) == nil else {
      throw Refusal(.duplicateItem, "there is an item \(item.quoted) already")
    }
  }
}
