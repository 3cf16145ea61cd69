import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios

/// What `zheng verify --vault` finds: whether a member still has every delivery as it was recorded.
///
/// A provider's vault must hold all that it delivered. A demander's must hold all that was ever put into it; what it
/// received and keeps elsewhere is not looked for.
struct VaultAudit {
  /// How a delivery is found.
  enum State {
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
  }

  /// A delivery, or a folder that belongs to none.
  struct Finding {
    let vault: String
    let name: String
    /// The delivery; nil for a leftover.
    let item: VaultItem?
    let state: State
    /// What is wrong, and what to do next; nil where nothing is to be done.
    let advice: String?
  }

  private(set) var findings: [Finding] = []
  private(set) var vaults: [(path: String, member: String)] = []
  /// Why the vaults could not be looked through.
  private(set) var obstacle: Fault?

  /// Whether everything is as it should be.
  var isGood: Bool { obstacle == nil && !findings.contains { $0.state.isFault } }

  /// Looks through the vaults at `paths`, each against the ledger as it stands. Writes nothing.
  init(_ paths: [String], of ledger: LedgerArgument) throws {
    guard !paths.isEmpty else { return }
    let reader: LedgerReader
    do { reader = try LedgerReader.opening(ledger.folder) } catch {
      // The audit has told this fault at its place.
      guard let fault = error as? Fault else { throw error }
      obstacle = fault
      return
    }
    let sharing = SharingState(reader)
    var wanted: [String: [String: DeliveryRecord]] = [:]
    var opened: [Vault] = []
    for path in paths {
      let vault = try Vault.reading(path, ledger: ledger.path)
      try vault.require(ledgerID: reader.ledgerID, member: vault.member)
      vaults.append((vault.path, vault.member))
      opened.append(vault)
    }
    for delivery in try sharing.deliveries() {
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
        elsewhere: elsewhere[vault.member] ?? [], ledger.path)
    }
  }

  private mutating func look(
    into vault: Vault, for wanted: [String: DeliveryRecord], isFirst: Bool, elsewhere: Set<String>,
    _ ledger: String
  ) throws {
    let (held, listed) = (try vault.heldNames, try vault.listedNames)
    for name in try vault.leftoverNames {
      findings.append(
        Finding(
          vault: vault.path, name: name, item: nil, state: .leftover,
          advice:
            "personal data that a command left which was stopped; the next deliver or receipt destroys it"))
    }
    for name in held.subtracting(wanted.keys).sorted() {
      findings.append(
        Finding(
          vault: vault.path, name: name, item: nil, state: .leftover,
          advice:
            "the ledger knows no such delivery: left by a command that was interrupted; the next one mends it"
        ))
    }
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
      findings.append(try finding(item, delivery, in: vault, ledger))
    }
  }

  private func finding(
    _ item: VaultItem, _ delivery: DeliveryRecord, in vault: Vault, _ ledger: String
  ) throws -> Finding {
    let state = try state(item, delivery, in: vault)
    let advice: String? =
      switch state {
      case .intact, .erased, .leftover: nil
      case .notErased(let entry):
        """
        entry \(entry) says that it was erased, and something is left in \(vault.path(of: item)); to finish: \
        \(ShellText.zheng("share erase", [ledger, item.request], options: "--delivery \(item.delivery) --vault \(ShellText.path(vault.path)) --key KEY.pem"))
        """
      case .gone:
        """
        salt or data are gone and no record says that they were erased; put \(vault.path(of: item)) back from a backup, or \
        record why with zheng share erase --elsewhere
        """
      case .altered:
        "salt and data in \(vault.path(of: item)) do not give the commitment that was recorded; put them back from a backup"
      }
    return Finding(vault: vault.path, name: item.name, item: item, state: state, advice: advice)
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
      guard (error as? CommandError)?.code == "malformed-salt" else { throw error }
      return .altered
    }
    return try salt.commitment(to: data) == delivery.commitment ? .intact : .altered
  }
}

extension VaultItem {
  /// The item that belongs to `delivery`.
  init(_ delivery: DeliveryRecord) { self.init(request: delivery.request, delivery: delivery.delivery) }
}

extension VaultAudit.State {
  var isFault: Bool {
    switch self {
    case .intact, .erased, .leftover: false
    case .notErased, .gone, .altered: true
    }
  }

  /// The stable name.
  var code: String {
    switch self {
    case .intact: "intact"
    case .erased: "erased"
    case .notErased: "vault-not-erased"
    case .gone: "vault-gone"
    case .altered: "vault-altered"
    case .leftover: "leftover"
    }
  }

  /// The `erase` record.
  var entry: UInt64? {
    switch self {
    case .erased(let entry), .notErased(let entry): entry
    default: nil
    }
  }
}

// MARK: Printing

extension VaultAudit {
  /// What `verify --json` adds; nil where no vault was asked for.
  var json: JSON? {
    if let obstacle { return ["ok": false, "obstacle": obstacle.json] }
    guard !vaults.isEmpty else { return nil }
    return [
      "ok": .bool(isGood),
      "vaults": .array(vaults.map { ["path": .text($0.path), "member": .text($0.member)] }),
      "deliveries": .array(
        findings.map {
          [
            "vault": .text($0.vault), "request": JSON($0.item?.request), "delivery": JSON($0.item?.delivery),
            "folder": .text($0.name), "state": .text($0.state.code), "entry": JSON($0.state.entry),
            "detail": JSON($0.advice),
          ]
        }),
    ]
  }

  /// What `verify` adds for people.
  var rows: [(String, String)] {
    if obstacle != nil { return [("vault", "not looked into: the ledger can't be read")] }
    var rows: [(String, String)] = []
    for finding in findings {
      let what =
        finding.item.map { "delivery \($0.delivery) of \(Printable.text($0.request))" } ?? finding.name
      switch finding.state {
      case .intact: continue
      case .erased(let entry): rows.append(("vault", "\(what): erased, by record \(entry)"))
      case .leftover: rows.append(("note", "\(finding.vault)/\(finding.name): \(finding.advice ?? "")"))
      case .notErased, .gone, .altered:
        rows.append(("FAULT", "\(finding.state.code): \(what): \(finding.advice ?? "")"))
      }
    }
    for (path, member) in vaults {
      let own = findings.filter { $0.vault == path }
      let intact = own.count { if case .intact = $0.state { true } else { false } }
      let erased = own.count { if case .erased = $0.state { true } else { false } }
      let bad = own.count { $0.state.isFault }
      rows.append(
        (
          "vault",
          "\(path), of \(member): \(intact) intact, \(erased) erased, \(Printable.count(bad, "fault"))"
        ))
    }
    return rows
  }
}
