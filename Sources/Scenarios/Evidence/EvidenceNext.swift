public import Ledger

extension Evidence {
  /// What may come next in the custody of an item.
  public struct Step: Hashable, Sendable {
    /// The kind of the statement; of one that waits, where it is countersigned.
    public let kind: EvidenceKind
    /// Whether it is the countersignature under it.
    public let isCountersignature: Bool
    /// The members that may sign it.
    public let who: [String]
  }

  /// What may come next in the custody of `item`, by the table: what waits for a countersignature first, and last the end of
  /// an order that holds it.
  ///
  /// What would need a countersignature that no member could give is left out.
  ///
  /// - Parameters:
  ///   - pending: what waits for a countersignature.
  ///   - height: of the next block; members in force for it count.
  public static func next(_ item: Item, pending: Pending?, roster: Roster, at height: UInt64) -> [Step] {
    func members(_ role: EvidenceRole, but: String? = nil) -> [String] {
      roster.members.filter { $0.has(role) && $0.id != but && $0.isInForce(at: height) }.map(\.id)
    }
    func signers(_ row: EvidenceTransition) -> [String]? {
      switch row.who {
      case .custodian(let role?): members(role).contains(item.custodian) ? [item.custodian] : nil
      case .custodian, .custodianOr: [item.custodian]
      case .receiver: item.receiver.map { [$0] } ?? []
      case .roles(let roles): roles.flatMap { members($0) }
      case .author: nil
      }
    }
    var steps: [Step] = []
    if let pending {
      let who = members(pending.waits, but: pending.issuer)
      steps.append(Step(kind: pending.kind, isCountersignature: true, who: who))
    }
    for row in EvidenceTransition.all where row.from.contains(item.state) {
      switch row.effect {
      case .entry: break
      case .awaits(let role):
        let isHeld = !item.orders.isEmpty && row.to.allSatisfy(\.isTerminal)
        if pending != nil || isHeld || members(role, but: item.custodian).isEmpty { continue }
      case .change where row.kind == .lift && !item.orders.isEmpty: break
      case .change, .none: continue
      }
      guard let who = signers(row) else { continue }
      steps.append(Step(kind: row.kind, isCountersignature: false, who: who))
    }
    return steps
  }
}
