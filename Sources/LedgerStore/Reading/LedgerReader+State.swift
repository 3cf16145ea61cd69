import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

extension LedgerReader {
  /// The state after the newest block: the roster in force, and the open proposals.
  public func state() throws -> LedgerState {
    if let live { return live.state }
    guard let entry = try entry(size - 1) else { throw behind }
    var hasher = TreeHasher()
    let header = try BlockHeader(payload: SignedStatement(decoding: entry).payload)
    let frontier = try Frontier(size: size, from: TileHashReader(entries.tree))
    let leaf = hasher.leaf(entry.span)
    let state = try stored.with { store in
      try LedgerState(
        after: header, leaf: leaf, of: ledgerID, store, frontier: frontier, items: index.rosterItems)
    }
    // The index does not have the roster: it is in the entries.
    return try state ?? Truth(folder).replay(into: StateStore())
  }

  /// The value at `key` of the state as of the newest block, with its way to the root that was signed; nil where there is
  /// none.
  public func ruleValue(_ key: StateKey) throws -> [UInt8]? {
    try stored.with { try $0.committedValue(of: key) }
  }

  /// Every value of the rule sets' whose key begins with the parts of `prefix`, in the order of the keys.
  public func ruleValues(under prefix: StateKey) throws -> [(key: StateKey, value: [UInt8])] {
    try ruleValues(under: prefix, where: [])
  }

  /// Those of them whose fields, as the index shows them, have all of these values.
  public func ruleValues(
    under prefix: StateKey, where fields: [(name: String, value: String)]
  ) throws -> [(key: StateKey, value: [UInt8])] {
    try index.keys(under: prefix, where: fields).compactMap { key in
      try ruleValue(key).map { (key, $0) }
    }
  }

  /// What `keys` have in the state after the newest block, with what proves it.
  ///
  /// - Returns: nil where the process that writes has gone on since this reader was opened: the next one knows.
  /// - Throws: a `Fault` of what is stored.
  public func stateProofs(_ keys: [StateKey]) throws -> StateProofs? {
    guard let entry = try entry(size - 1) else { throw behind }
    let header = try SignedStatement(decoding: entry)
    let height = try BlockHeader(payload: header.payload).height
    let (proofs, found) = try stored.with { try $0.committedProofs(of: keys) }
    guard found == height else { return nil }
    var hasher = TreeHasher()
    let path = try InclusionProof(
      index: size - 1, size: size, from: TileHashReader(entries.tree), using: &hasher)
    return try StateProofs(proofs, header: header, path: path, checkpoint: checkpoint)
  }

  /// The records that the list at `key` has as of the newest block: all of them, or this throws.
  ///
  /// - Throws: a `Fault` where the index does not know them.
  public func records(listedAt key: StateKey) throws -> [UInt64] {
    guard let value = try ruleValue(key) else { return [] }
    let list = try RecordList(decoding: value)
    guard list.last < size else {
      throw Failure("read", folder.path, reason: "the ledger has gone on; try again")
    }
    var hasher = StateHasher()
    let entries = try index.entries(listedAt: key).filter { $0 <= list.last }
    let known = try entries.compactMap { entry in try statement(entry).map { ($0.id, entry) } }
    guard RecordList(known, using: &hasher) == list else {
      throw indexDamage(list.last, "it does not know all \(list.count) records of a list of the state")
    }
    return entries
  }
}
