import Ledger
import LedgerCrypto
import Scenarios

/// An item as it stands, and what can come next.
package struct ItemStatus {
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

  /// What the members may do next about custody, by the table of the rules.
  package var steps: [Evidence.Step] {
    Evidence.next(item, pending: pending, roster: roster, at: height)
  }

  /// Whether what waits may be countersigned only once an order is lifted.
  package var waitsForOrder: Bool {
    pending.map { $0.outcome.isTerminal && !item.orders.isEmpty } ?? false
  }
}

extension LedgerAccess {
  /// The items for which `member` has to do something, in the order of their names: those that do not simply rest under their seal.
  package func items(waitingFor member: String) async throws -> [ItemStatus] {
    var waiting: [ItemStatus] = []
    for (key, value) in try await values(under: StateKey("evidence", "item")) {
      let item = try Evidence.Item(decoding: value)
      guard item.pending != nil || item.state != .sealed && !item.state.isTerminal else { continue }
      let status = try await ItemStatus(key.parts.last ?? "", on: self)
      let steps = status.steps.filter {
        item.state != .sealed || $0.isCountersignature || status.waitsForOrder
      }
      if steps.contains(where: { $0.who.contains(member) }) { waiting.append(status) }
    }
    return waiting
  }
}
