import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios

/// A member at work with its vault: what it delivers, receives and erases.
///
/// The data come first into the vault and onto the disk, and then the ledger hears of them; where it refuses, the vault's copy is
/// destroyed again. An erasure is recorded first.
package struct VaultWork {
  private let ledger: any LedgerAccess
  private let signer: Signer
  private let context: WorkContext
  private let recording: () async throws -> any LedgerAccess

  /// - Parameters:
  ///   - ledger: opened for reading.
  ///   - recording: opens the same ledger where it takes the statement: not before that is ready, since others can't write meanwhile.
  package init(
    _ ledger: any LedgerAccess, _ signer: Signer, _ context: WorkContext,
    recording: @escaping () async throws -> any LedgerAccess
  ) {
    (self.ledger, self.signer, self.context, self.recording) = (ledger, signer, context, recording)
  }

  /// The vault at `path` of the member that signs, made where there is none, with data on their way into it.
  package func transaction(_ path: String) async throws -> VaultTransaction {
    let member = try signer.member(in: try await ledger.state().roster, of: ledger.place)
    let vault = try Vault.creating(
      path, ledger: ledger.place, ledgerID: ledger.ledgerID, member: member, context)
    try await vault.settle(ledger)
    return VaultTransaction(vault)
  }

  private func record<Payload: SharingPayload>(
    _ make: (_ state: SharingState, _ issuer: Member) async throws -> Payload
  ) async throws -> (recorded: Recorded, payload: Payload) {
    try await recording().record(sharingAs: signer, at: context.now, make)
  }

  // MARK: Deliver

  /// What is delivered under a request; what is nil is as it was granted.
  package struct DeliveryDraft {
    package var request, file: String
    /// How many records the file holds.
    package var records: UInt64
    package var items: DataItems?
    package var purpose: String?

    package init(request: String, file: String, records: UInt64, items: DataItems?, purpose: String?) {
      (self.request, self.file, self.records, self.items, self.purpose) =
        (request, file, records, items, purpose)
    }
  }

  /// What was delivered.
  package struct Delivered {
    package let recorded: Recorded
    package let payload: SharingDeliver
    package let item: VaultItem
    /// The vault's copy.
    package let folder: String
    package let handover: Handover?
  }

  /// Puts what `draft` says into the vault at `vault`, and its commitment onto the ledger.
  ///
  /// - Parameter out: where data and salt are put for the demander; nil for nowhere.
  /// - Throws: what is certainly not granted, or no more, is refused before any data are written.
  package func deliver(_ draft: DeliveryDraft, into vault: String, handingOverIn out: String?) async throws
    -> Delivered
  {
    try Files.requireReadable(draft.file)
    try await requireDeliverable(draft.request)
    var transaction = try await transaction(vault)
    let delivered: (recorded: Recorded, payload: SharingDeliver)
    do {
      let staged = try transaction.stage(draft.file, salt: Salt())
      transaction.handover = try out.map {
        try Handover(in: $0, of: draft.file, staged, from: transaction.vault, apartFrom: ledger.place)
      }
      try transaction.handover?.write()
      delivered = try await record { state, issuer in
        try transaction.vault.require(ledgerID: state.ledger.ledgerID, member: issuer.id)
        let granted = try await state.knownRequest(draft.request)
        let number = granted.deliveries + 1
        let payload = SharingDeliver(
          request: draft.request, sequence: number, items: draft.items ?? granted.items,
          purpose: draft.purpose ?? granted.purpose, commitment: staged.commitment, records: draft.records)
        try payload.refusePersonalData()
        try transaction.keep(
          as: VaultItem(request: draft.request, delivery: number), isFree: state.ledger.unsearchable == 0)
        return payload
      }
    } catch { throw try transaction.released(after: error) }
    transaction.recorded()
    let item = VaultItem(request: draft.request, delivery: delivered.payload.sequence)
    return Delivered(
      recorded: delivered.recorded, payload: delivered.payload, item: item,
      folder: transaction.vault.path(of: item), handover: transaction.handover)
  }

  private func requireDeliverable(_ request: String) async throws {
    guard ledger.unsearchable == 0 else { return }
    let granted = try await SharingState(ledger).knownRequest(request)
    try requireDeliverable(granted, at: try await ledger.newestBlock().time)
  }

  private func requireDeliverable(_ granted: RequestRecord, at time: UInt64) throws {
    // It may begin to hold before the next block.
    do { try granted.requireDeliverable(at: time) } catch  where error.code == .notInForce {}
  }

  // MARK: Receive

  /// What was received is not what was committed to, and nothing was recorded.
  package struct Mismatch: Error {
    package let item: VaultItem
    /// The commitment of what was received, and that of the delivery.
    package let computed, delivered: Digest
  }

  /// A receipt that was given.
  package struct Received {
    package let recorded: Recorded
    package let payload: SharingReceipt
    package let item: VaultItem
    /// Whether it is what was committed to.
    package let isMatch: Bool
    /// The vault's copy; nil where there is none.
    package let folder: String?
  }

  /// Gives the receipt for what `file` and `salt` are, and puts them into the vault at `vault`, where one is named.
  ///
  /// - Parameters:
  ///   - number: the delivery's; nil for the newest.
  ///   - mayDiffer: whether it is recorded also where it is not what was committed to.
  /// - Throws: `Mismatch`.
  package func receive(
    _ request: String, _ number: UInt64?, _ file: String, salt: Salt, into vault: String?, mayDiffer: Bool
  ) async throws -> Received {
    var transaction: VaultTransaction?
    if let vault { transaction = try await self.transaction(vault) }
    var isMatch = false
    let receipt: (recorded: Recorded, payload: SharingReceipt)
    do {
      let commitment =
        try transaction?.stage(file, salt: salt).commitment ?? salt.commitment(to: file, context)
      receipt = try await record { state, issuer in
        try transaction?.vault.require(ledgerID: state.ledger.ledgerID, member: issuer.id)
        let item = VaultItem(request: request, delivery: try await state.number(number, of: request))
        let payload = SharingReceipt(request: request, delivery: item.delivery, commitment: commitment)
        try payload.refusePersonalData()
        let delivered = try await state.delivery(request, item.delivery)
        isMatch = delivered?.commitment == commitment
        // What the rules refuse they refuse.
        if let delivered, delivered.state == .delivered {
          if !isMatch, !mayDiffer, delivered.demander == issuer.id {
            throw Mismatch(item: item, computed: commitment, delivered: delivered.commitment)
          }
          // What was not committed to is no delivery; what has its receipt is in its place.
          if isMatch { try transaction?.keep(as: item, isFree: state.ledger.unsearchable == 0) }
        }
        return payload
      }
      if !isMatch { try transaction?.discard() }
    } catch { throw try transaction?.released(after: error) ?? error }
    let item = VaultItem(request: request, delivery: receipt.payload.delivery)
    return Received(
      recorded: receipt.recorded, payload: receipt.payload, item: item, isMatch: isMatch,
      folder: isMatch ? transaction?.vault.path(of: item) : nil)
  }

  // MARK: Erase

  /// An erasure.
  package struct Erased {
    /// Its record; nil where there was one already, and only the vault's copy was left.
    package let recorded: Recorded?
    /// The entry that says so.
    package let entry: UInt64
    /// The vault, and the folder that was destroyed in it; nil where no vault is named.
    package let vault, folder: String?
  }

  /// The record is there already, and the vault's copy too.
  private struct Unfinished: Error { let entry: UInt64 }

  /// Records that `item` is erased for `reason`, and destroys what the vault at `vault`, where one is named, holds of it.
  package func erase(_ item: VaultItem, for reason: String?, in vault: String?) async throws -> Erased {
    let opened = try vault.map { try Vault.writing($0, ledger: ledger.place, context) }
    try await opened?.settle(ledger)
    let recorded: Recorded?
    let entry: UInt64
    do {
      let made = try await record { state, issuer in
        if let opened {
          try opened.require(ledgerID: state.ledger.ledgerID, member: issuer.id)
          let erasure = try await state.delivery(item.request, item.delivery)?.erasure(by: issuer.id)
          if opened.holds(item) {
            if let erasure { throw Unfinished(entry: erasure) }
          } else if erasure == nil {
            throw WorkflowError(
              .noInput, "not-found", "\(opened.path(of: item)): the vault does not hold this delivery",
              lead: .outsideOfVault)
          }
        }
        return SharingErase(request: item.request, delivery: item.delivery, reason: reason)
      }.recorded
      (recorded, entry) = (made, made.index)
    } catch let error as Unfinished { (recorded, entry) = (nil, error.entry) }
    do { try opened?.destroy(item) } catch {
      let problem = WorkflowError(describing: error)
      throw WorkflowError(
        problem.kind, problem.code,
        "entry \(entry) has recorded the erasure, but not all is destroyed yet: \(problem.detail); run the same command again"
      )
    }
    return Erased(recorded: recorded, entry: entry, vault: opened?.path, folder: opened?.path(of: item))
  }
}

extension Vault {
  /// Names what hand-overs have left that were stopped.
  fileprivate func settle(_ ledger: any LedgerAccess) async throws {
    guard ledger.unsearchable == 0 else { return try settleHandovers(nil) }
    let deliveries = try unfinishedHandovers.isEmpty ? [] : await SharingState(ledger).deliveries()
    try settleHandovers { [member] commitment in
      deliveries.first { $0.provider == member && $0.commitment == commitment }.map(VaultItem.init)
    }
  }
}

extension VaultAudit {
  /// Looks through the vaults at `paths`, each against `ledger` as it stands.
  package init(_ paths: [String], of ledger: any LedgerAccess, _ context: WorkContext) async throws {
    try self.init(
      paths, of: (ledger.place, ledger.ledgerID), await SharingState(ledger).deliveries(), context)
  }
}
