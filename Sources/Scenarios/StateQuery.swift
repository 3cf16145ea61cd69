package import Ledger
package import LedgerCrypto

/// What somebody wants proven of the state.
package enum StateQuery {
  /// All that is recorded about a subject: by each scenario, and as plain records.
  case subject(String)
  /// What records there are of a file, or that there is none.
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
  package static func isList(_ key: StateKey) -> Bool {
    let owner = key.bytes.prefix { $0 != 0 }
    return owner.elementsEqual("subject".utf8) || owner.elementsEqual("digest".utf8)
  }
}
