import Ledger
import LedgerStore
import Scenarios

/// What a member still has that nobody can take over once it is removed.
struct Holdings {
  /// What it is, and the names of all that there are.
  private(set) var all: [(what: String, names: [String])] = []

  init() {}

  /// What `member` has by the ledger that `reader` reads.
  init(of member: String, in reader: LedgerReader) throws {
    var items: [String] = []
    for (key, value) in try reader.ruleValues(under: StateKey("evidence", "item")) {
      let item = try Evidence.Item(decoding: value)
      guard !item.state.isTerminal, item.custodian == member || item.receiver == member else { continue }
      items.append(key.parts.last ?? "")
    }
    let sharing = SharingState(reader)
    let entries = try sharing.entries().filter { $0.provider == member }.map(\.catalogue.entry)
    let requests = try sharing.requests().filter { request in
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

  /// By what it is.
  var json: JSON { .object(all.map { ($0.what, .array($0.names.map(JSON.text))) }) }
}
