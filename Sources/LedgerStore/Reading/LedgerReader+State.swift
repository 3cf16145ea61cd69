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
    try index.keys(under: prefix, where: fields, after: nil, limit: .max).compactMap { key in
      try ruleValue(key).map { (key, $0) }
    }
  }

  /// What `keys` have in the state after the newest block, with what proves it.
  ///
  /// - Parameter earlier: the height of the block as of which their lists are asked for, where that is not the newest.
  /// - Returns: nil where the process that writes has gone on since this reader was opened: the next one knows.
  /// - Throws: a `Fault` of what is stored.
  public func stateProofs(_ keys: [StateKey], asOf earlier: UInt64? = nil) throws -> StateProofs? {
    try stateProofs(stored.with { try FoundProofs($0.committedProofs(of: keys)) }, asOf: earlier)
  }

  /// What was found of the state after a block, which may still be on its way to the disk: to be shown to nobody before a reader
  /// reaches that block.
  package struct FoundProofs: Sendable {
    package let proofs: [StateProof]
    /// The height of the block.
    package let height: UInt64

    fileprivate init(_ found: (proofs: [StateProof], height: UInt64?)) {
      (proofs, height) = (found.proofs, found.height ?? 0)
    }
  }

  /// What `keys` have in the state as the process that writes has it now. Waits for no block.
  package func foundProofs(_ keys: [StateKey]) throws -> FoundProofs {
    try stored.with { try FoundProofs($0.proofs(of: keys)) }
  }

  /// What was found, tied to the checkpoint of its block.
  ///
  /// - Parameter earlier: the height of the block as of which lists are asked for, where that is an earlier one.
  /// - Returns: nil where this reader does not reach that block.
  /// - Throws: a `Fault` of what is stored; `malformed-proof` where it is too much for one text, a key is too long, or one is
  ///   there twice.
  package func stateProofs(_ found: FoundProofs, asOf earlier: UInt64? = nil) throws -> StateProofs? {
    guard let entry = try entry(size - 1) else { throw behind }
    var (header, place, note) = (try SignedStatement(decoding: entry), size - 1, checkpoint)
    let height = try BlockHeader(payload: header.payload).height
    guard found.height <= height else { return nil }
    if found.height < height {
      guard let block = try block(at: found.height) else { throw behind }
      (header, place, note) = (try self.header(of: block), block.size - 1, try checkpoint(of: block))
    }
    var hasher = TreeHasher()
    let path = try InclusionProof(
      index: place, size: place + 1, from: TileHashReader(entries.tree), using: &hasher)
    return try StateProofs(
      found.proofs, header: header, path: path,
      earlier: earlier.flatMap { $0 < found.height ? try proven($0, below: place + 1) : nil },
      checkpoint: note)
  }

  /// The header at `height`, and where it lies in the tree of the first `size` entries.
  private func proven(_ height: UInt64, below size: UInt64) throws -> StateProofs.Earlier {
    guard let block = try block(at: height) else { throw behind }
    var hasher = TreeHasher()
    return StateProofs.Earlier(
      header: try header(of: block),
      path: try InclusionProof(
        index: block.size - 1, size: size, from: TileHashReader(entries.tree), using: &hasher))
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
    let entries = try index.entries(listedAt: key, from: 0, limit: .max).filter { $0 <= list.last }
    try requireAll(entries, of: list)
    return entries
  }

  /// The first `limit` of them from entry `first` on, where `list` is what the state has at `key`.
  ///
  /// A whole list that fits in is compared with the state. Of a longer one these are the index's word: whoever has them all
  /// compares them.
  ///
  /// - Throws: a `Fault` where the index does not know them.
  package func records(
    listedAt key: StateKey, as list: RecordList, from first: UInt64, limit: Int
  ) throws -> [UInt64] {
    guard list.count <= limit else {
      return try index.entries(listedAt: key, from: first, limit: limit).filter { $0 <= list.last }
    }
    let entries = try index.entries(listedAt: key, from: 0, limit: limit).filter { $0 <= list.last }
    try requireAll(entries, of: list)
    return entries.filter { $0 >= first }
  }

  private func requireAll(_ entries: [UInt64], of list: RecordList) throws {
    var hasher = StateHasher()
    let known = try entries.compactMap { entry in try statement(entry).map { ($0.id, entry) } }
    guard RecordList(known, using: &hasher) == list else {
      throw indexDamage(list.last, "it does not know all \(list.count) records of a list of the state")
    }
  }
}
