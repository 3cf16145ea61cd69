import Ledger
import Scenarios

/// What a member still has that nobody can take over once it is removed.
package struct Holdings {
  /// What it is, and the names of all that there are.
  package private(set) var all: [(what: String, names: [String])] = []

  /// Nothing at all.
  package init() {}

  /// What `member` has by `ledger`.
  package init(of member: String, on ledger: any LedgerAccess) async throws {
    var items: [String] = []
    for (key, value) in try await ledger.values(under: StateKey("evidence", "item")) {
      let item = try Evidence.Item(decoding: value)
      guard !item.state.isTerminal, item.custodian == member || item.receiver == member else { continue }
      items.append(key.parts.last ?? "")
    }
    let sharing = SharingState(ledger)
    let entries = try await sharing.entries(of: member).map(\.record.catalogue.entry)
    let requests = try await sharing.requests().filter { request in
      switch request.state {
      case .submitted: request.provider == member || request.demander == member
      case .granted: request.provider == member && request.deliveries == 0
      case .refused, .revoked: false
      }
    }
    add("items in its custody or offered to it", items)
    add("catalogue entries in force", entries)
    add("open requests", requests.map(\.request))
  }

  private mutating func add(_ what: String, _ names: [String]) {
    if !names.isEmpty { all.append((what, names.map { Printable.text($0) })) }
  }
}
