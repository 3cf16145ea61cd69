import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios

/// Whether a member still has every delivery as it was recorded.
///
/// A provider's vault must hold all that it delivered. A demander's must hold all that was ever put into it; what it
/// received and keeps elsewhere is not looked for.
package struct VaultAudit {
  /// How a delivery is found.
  package enum State: Sendable {
    /// Salt and data give the commitment that is on the ledger.
    case intact
    /// Nothing is left, and this entry says that it was erased.
    case erased(by: UInt64)
    /// Something is left, although this entry says that it was erased.
    case notErased(UInt64)
    /// The folder, the salt or the data are not there, and no record says why.
    case gone
    /// Salt and data give another commitment.
    case altered
    /// The ledger knows no such delivery: what an interrupted command has left.
    case leftover
    /// Data and salt of a command that was stopped, and that are no delivery's yet: in the vault.
    case staged
    /// Files outside of the vault that were to be handed over by a command that was stopped; and the delivery that they are of,
    /// where it was recorded.
    case handover(UnfinishedHandover, of: VaultItem?)
  }

  /// A delivery, or what belongs to none.
  package struct Finding: Sendable {
    package let vault: String
    /// The folder's name, or that of the vault's note.
    package let name: String
    /// The delivery; nil for what an interrupted command has left.
    package let item: VaultItem?
    package let state: State
  }

  package private(set) var findings: [Finding] = []
  package private(set) var vaults: [(path: String, member: String)] = []
  /// Why the vaults could not be looked through.
  package private(set) var obstacle: Fault?

  /// Whether everything is as it should be.
  package var isGood: Bool { obstacle == nil && !findings.contains { $0.state.isFault } }

  /// Looks into no vault.
  ///
  /// - Parameter obstacle: why the vaults could not be looked through; nil where none was asked for.
  package init(obstacle: Fault?) { self.obstacle = obstacle }

  /// Looks through the vaults at `paths`, each against the deliveries of the ledger as it stands. Writes nothing.
  ///
  /// - Parameter ledger: the ledger's directory, and its id.
  package init(
    _ paths: [String], of ledger: (path: String, id: Digest), _ deliveries: [DeliveryRecord],
    _ context: WorkContext
  ) throws {
    var wanted: [String: [String: DeliveryRecord]] = [:]
    var opened: [Vault] = []
    for path in paths {
      let vault = try Vault.reading(path, ledger: ledger.path, context)
      try vault.require(ledgerID: ledger.id, member: vault.member)
      vaults.append((vault.path, vault.member))
      opened.append(vault)
    }
    for delivery in deliveries {
      for member in [delivery.provider, delivery.demander] {
        wanted[member, default: [:]][VaultItem(delivery).name] = delivery
      }
    }
    // What one vault of a member does not hold another may.
    var elsewhere: [String: Set<String>] = [:]
    for vault in opened { elsewhere[vault.member, default: []].formUnion(try vault.heldNames) }
    for (number, vault) in opened.enumerated() {
      let isFirst = !opened[..<number].contains { $0.member == vault.member }
      try look(
        into: vault, for: wanted[vault.member] ?? [:], isFirst: isFirst,
        elsewhere: elsewhere[vault.member] ?? [])
    }
  }

  private mutating func look(
    into vault: Vault, for wanted: [String: DeliveryRecord], isFirst: Bool, elsewhere: Set<String>
  ) throws {
    let (held, listed) = (try vault.heldNames, try vault.listedNames)
    func leftover(_ name: String, _ state: State) {
      findings.append(Finding(vault: vault.path, name: name, item: nil, state: state))
    }
    for name in try vault.leftoverNames { leftover(name, .staged) }
    for (name, handover) in try vault.unfinishedHandovers where !handover.files.isEmpty {
      let delivery = wanted.values.first {
        $0.provider == vault.member && $0.commitment == handover.commitment
      }
      leftover(name, .handover(handover, of: delivery.map(VaultItem.init)))
    }
    for name in held.subtracting(wanted.keys).sorted() { leftover(name, .leftover) }
    let deliveries = wanted.values.sorted {
      ($0.delivered, $0.request, $0.delivery) < ($1.delivered, $1.request, $1.delivery)
    }
    for delivery in deliveries {
      let item = VaultItem(delivery)
      let isHeld = held.contains(item.name)
      // Each is told once, at the vault that has it, had it, or should have it.
      guard isHeld || !elsewhere.contains(item.name) else { continue }
      let isOwn = delivery.provider == vault.member && isFirst
      guard isHeld || listed.contains(item.name) || isOwn else { continue }
      findings.append(
        Finding(vault: vault.path, name: item.name, item: item, state: try state(item, delivery, in: vault)))
    }
  }

  private func state(_ item: VaultItem, _ delivery: DeliveryRecord, in vault: Vault) throws -> State {
    if let entry = delivery.erasure(by: vault.member) {
      return vault.holds(item) ? .notErased(entry) : .erased(by: entry)
    }
    let folder = vault.path(of: item)
    guard let saltFile = try PrivateFiles.input("\(folder)/salt"),
      let data = try PrivateFiles.input("\(folder)/data")
    else { return .gone }
    let salt: Salt
    do { salt = try Salt(saltFile) } catch {
      guard (error as? WorkflowError)?.code == "malformed-salt" else { throw error }
      return .altered
    }
    return try salt.commitment(to: data, vault.context) == delivery.commitment ? .intact : .altered
  }
}

extension VaultItem {
  /// The item that belongs to `delivery`.
  package init(_ delivery: DeliveryRecord) {
    self.init(request: delivery.request, delivery: delivery.delivery)
  }
}

extension VaultAudit.State {
  package var isFault: Bool {
    switch self {
    case .intact, .erased, .leftover, .staged, .handover: false
    case .notErased, .gone, .altered: true
    }
  }

  /// The stable name.
  package var code: String {
    switch self {
    case .intact: "intact"
    case .erased: "erased"
    case .notErased: "vault-not-erased"
    case .gone: "vault-gone"
    case .altered: "vault-altered"
    case .leftover, .staged, .handover: "leftover"
    }
  }

  /// The `erase` record.
  package var entry: UInt64? {
    switch self {
    case .erased(let entry), .notErased(let entry): entry
    default: nil
    }
  }
}
