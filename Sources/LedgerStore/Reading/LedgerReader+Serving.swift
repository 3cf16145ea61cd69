import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// What others need to check a ledger for themselves.
extension LedgerReader {
  /// Has searches find all that was committed before, as far as the index can be written; `unindexed` is what they lack.
  package func catchUpIndex() { index.catchUp() }

  /// The first `limit` keys behind `after` of the rule sets' values under `prefix` whose fields have all of these values, in the order of
  /// their bytes. By the index's word.
  package func ruleKeys(
    under prefix: StateKey, where fields: [(name: String, value: String)], after: StateKey?, limit: Int
  ) throws -> [StateKey] {
    try index.keys(under: prefix, where: fields, after: after, limit: limit)
  }

  /// The items of the roster with this root, as a CBOR array of byte strings; nil where the ledger never had it.
  ///
  /// - Throws: a `Fault` where the index has others.
  package func rosterItems(_ root: Digest) throws -> [UInt8]? {
    if let roster = rosterInForce, roster.root == root { return roster.indexedItems }
    guard let items = try index.rosterItems(root) else { return nil }
    guard LedgerReader.root(of: items) == root else {
      throw indexDamage(size - 1, "the roster with the root \(root) is another")
    }
    return items
  }

  /// The root over the items in a CBOR array of byte strings; nil where `items` is none.
  private static func root(of items: [UInt8]) -> Digest? {
    guard case .array(let encoded)? = try? CBOR(decoding: items) else { return nil }
    var hasher = TreeHasher()
    var leaves: [Digest] = []
    for item in encoded {
      guard case .bytes(let bytes) = item else { return nil }
      leaves.append(hasher.leaf(bytes.span))
    }
    return Merkle.root(of: leaves, using: &hasher)
  }

  /// The path from the tree of `oldSize` leaves to that of `newSize`, which this reader reaches, or to the newest checkpoint's
  /// (RFC 9162 §2.1.4); empty from the empty tree and from one that is larger than the new.
  package func consistency(from oldSize: UInt64, to newSize: UInt64? = nil) throws -> [Digest] {
    let newSize = newSize ?? size
    guard oldSize >= 1, oldSize <= newSize else { return [] }
    var hasher = TreeHasher()
    return try ConsistencyProof(
      oldSize: oldSize, newSize: newSize, from: TileHashReader(entries.tree), using: &hasher
    ).path
  }
}
