import Ledger
import LedgerCrypto
import Scenarios

/// An item as it stands, and what can come next.
package struct ItemStatus {
  /// Something that somebody may do now.
  package struct Step: Sendable {
    /// Which statement it is.
    package enum Act: Sendable {
      case countersign, seal, offer, examine, release, accept, decline, reseal, resolve, lift
    }

    package let act: Act
    /// What it is, in a word or two.
    package let what: String
    /// Who may do it.
    package let who: [String]
  }

  package let id: String
  package let item: Evidence.Item
  /// What waits for a countersignature.
  package let pending: Evidence.Pending?
  /// What was received in its place, where it is disputed because of that.
  package let other: ReceivedOther?
  package let roster: Roster
  /// The ledger, as people name it.
  package let ledger: String
  /// The height that a next statement would have.
  private let height: UInt64

  /// The item called `id`.
  ///
  /// - Throws: `unknown-item`.
  package init(_ id: String, on ledger: any LedgerAccess) async throws {
    self.id = id
    item = try await ledger.evidenceItem(id)
    var pending: Evidence.Pending?
    if let waiting = item.pending, let value = try await ledger.value(Evidence.Pending.key(waiting)) {
      pending = try Evidence.Pending(decoding: value)
    }
    self.pending = pending
    other = try await ledger.receivedOther(item)
    let state = try await ledger.state()
    (roster, height, self.ledger) = (state.roster, state.height, ledger.place)
  }

  /// The members in force with `role`, `but` left out.
  private func members(_ role: EvidenceRole, but: String? = nil) -> [String] {
    roster.members
      .filter { $0.roles.contains(role.rawValue) && $0.id != but && $0.isInForce(at: height) }.map(\.id)
  }

  /// The members who may countersign what waits.
  package var countersigners: [String] {
    pending.map { members($0.waits, but: $0.issuer) } ?? []
  }

  /// What the members may do next about custody.
  package var steps: [Step] {
    var steps: [Step] = []
    func add(_ act: Step.Act, _ what: String, _ who: [String]) {
      steps.append(Step(act: act, what: what, who: who))
    }
    if let pending {
      let isBlocked = pending.outcome.isTerminal && !item.orders.isEmpty
      add(
        .countersign,
        "countersign the \(pending.kind.rawValue)\(isBlocked ? ", once the order is lifted" : "")",
        countersigners)
    }
    let custodian = [item.custodian]
    switch item.state {
    case .deposited: add(.seal, "seal", custodian)
    case .sealed:
      add(.offer, "hand over", custodian)
      if members(.examiner).contains(item.custodian) { add(.examine, "examine", custodian) }
      if pending == nil, item.orders.isEmpty { add(.release, "release", custodian) }
    case .inTransit:
      let receiver = item.receiver.map { [$0] } ?? []
      add(.accept, "accept", receiver)
      add(.decline, "decline", receiver)
    case .examining: add(.reseal, "reseal", custodian)
    case .disputed: if pending == nil { add(.resolve, "resolve", custodian) }
    case .released, .disposed: break
    }
    if !item.orders.isEmpty { add(.lift, "lift the order", members(.court)) }
    return steps
  }
}
