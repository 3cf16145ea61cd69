import Ledger
import LedgerCrypto
import Scenarios

/// Which items are meant; a part that is nil does not narrow it.
package struct ItemQuery: Sendable {
  /// The case; （2026） and (2026) are the same.
  package var caseReference: String?
  /// The member that holds it, or held it last.
  package var custodian: String?
  package var state: Evidence.State?
  /// Only those with an order in force by which they must be kept.
  package var isHeld = false
  /// Only those with a statement that waits for a countersignature.
  package var isWaiting = false
  /// The earliest and the latest time of the deposit's block, in ms since the epoch.
  package var since, until: UInt64?
  /// The most items.
  package var limit: Int?

  /// A query that finds every item.
  package init() {}
}

/// An item of a list.
package struct ListedItem {
  package let id: String
  package let item: Evidence.Item
  /// The time of the deposit's block, in ms since the epoch.
  package let deposited: UInt64
}

extension LedgerAccess {
  /// Calls `body` with each item that `query` finds, in the order of their names.
  package func eachItem(_ query: ItemQuery, _ body: (ListedItem) throws -> Void) async throws {
    var wanted: [(name: String, value: String)] = []
    if let custodian = query.custodian { wanted.append(("custodian", custodian)) }
    if let state = query.state { wanted.append(("state", state.rawValue)) }
    var count = 0
    for (key, value) in try await values(under: StateKey("evidence", "item"), where: wanted) {
      guard count < query.limit ?? .max else { return }
      let item = try Evidence.Item(decoding: value)
      guard query.caseReference.map({ item.caseReference.isSameReference(as: $0) }) ?? true,
        !query.isHeld || !item.orders.isEmpty, !query.isWaiting || item.pending != nil,
        let index = try await entryIndex(of: item.deposit)
      else { continue }
      let time = try await block(of: index).time
      guard time >= query.since ?? 0, time <= query.until ?? .max else { continue }
      count += 1
      try body(ListedItem(id: key.parts.last ?? "", item: item, deposited: time))
    }
  }
}
