package import Ledger
package import LedgerCrypto

/// What is to be proven about the state.
package enum StateQuery {
  /// All that is recorded about a subject: by each scenario, and as plain records.
  case subject(String)
  /// The records of a file, or that there is none.
  case digest(Digest)
  /// An item of evidence: its records, and its current state.
  case item(String)
  /// A request of data sharing: its records, and its current state.
  case request(String)

  /// The keys.
  package var keys: [StateKey] {
    switch self {
    case .subject(let subject):
      return StateQuery.owners.map { .subject(subject, of: $0) }
    case .digest(let digest): return [.digest(digest)]
    case .item(let item): return [.subject(item, of: Evidence.scenario.name), Evidence.Item.key(item)]
    case .request(let request):
      return [.subject(request, of: DataSharing.scenario.name), RequestRecord.key(request)]
    }
  }

  /// The keys as of the block at `earlier`, where that is asked for: of the lists alone, which only grow.
  package func keys(asOf earlier: UInt64?) -> [StateKey] {
    earlier == nil ? keys : keys.filter(StateQuery.isList)
  }

  /// Under which names records are listed by their subject.
  package static let owners = [StateKey.plain] + Scenarios.all.map(\.name)

  /// Whether the value at `key`, one of a query's, is a list of records.
  package static func isList(_ key: StateKey) -> Bool { owner(of: key, is: "subject", "digest") }

  /// Whether the value at `key` is the place of a statement.
  package static func isPlace(_ key: StateKey) -> Bool { owner(of: key, is: "statement") }

  private static func owner(of key: StateKey, is names: String...) -> Bool {
    let owner = key.bytes.prefix { $0 != 0 }
    return names.contains { owner.elementsEqual($0.utf8) }
  }
}

/// What is shown of an item of evidence to say how it stands: keys, and further ones that their values name.
package enum ItemStanding {
  /// The keys that are known from the start: the item's, and the roster in force.
  package static func keys(_ item: String) -> [StateKey] { [Evidence.Item.key(item), .roster] }

  /// Those that the values name: the places of the deposit and of what was received in the item's place, what waits for a
  /// countersignature, and proposals to change the roster, as many as there is room for.
  ///
  /// - Parameter value: what `keys` have; nil where one has nothing.
  /// - Throws: `malformed` where a value is none.
  package static func further(
    _ item: String, _ value: (StateKey) -> [UInt8]?
  ) throws(Refusal) -> [StateKey] {
    var further: [StateKey] = []
    if let encoded = value(Evidence.Item.key(item)) {
      let item = try Evidence.Item(decoding: encoded)
      further.append(.statement(item.deposit))
      if item.state == .disputed, item.last != item.deposit { further.append(.statement(item.last)) }
      if let waiting = item.pending { further.append(Evidence.Pending.key(waiting)) }
    }
    if let encoded = value(.roster) {
      further += try RosterInForce(decoding: encoded).open.map { .proposal($0) }
    }
    return Array(further.prefix(StateProofs.maximumKeyCount - 2))
  }
}
