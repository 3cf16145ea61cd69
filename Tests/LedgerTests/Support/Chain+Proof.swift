import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// The parts of a record proof, all of it open to be spoilt.
struct ProofParts {
  var entry: [UInt8]
  var path: InclusionProof
  var header: [UInt8]
  var headerPath: InclusionProof
  var issuer: [UInt8]
  var issuerPath: InclusionProof
  var checkpoint: SignedNote

  /// The proof file of these parts, whether they fit together or not.
  var bytes: [UInt8] {
    get throws {
      func hashes(_ path: [Digest]) -> CBOR { .array(path.map { .bytes($0.bytes) }) }
      let headerItem: CBOR = [.unsigned(headerPath.index), hashes(headerPath.path)]
      let issuerItem: CBOR = [
        .unsigned(issuerPath.index), .unsigned(issuerPath.size), hashes(issuerPath.path),
      ]
      let extra = entry + header + headerItem.encoded + issuer + issuerItem.encoded
      return try TLogProof(extra: extra, index: path.index, path: path.path, checkpoint: checkpoint).bytes
    }
  }
}

extension Chain {
  /// The block that holds entry `index`.
  func block(of index: UInt64) -> Int { blocks.lastIndex { $0.first <= index } ?? 0 }

  func path(_ index: UInt64, size: UInt64) throws -> InclusionProof {
    var hasher = TreeHasher()
    let tree = MemoryTree(leaves: Array(leaves.prefix(Int(size))), using: &hasher)
    return try InclusionProof(index: index, size: size, from: tree, using: &hasher)
  }

  /// The parts of a proof of entry `index` against the checkpoint of block `head`, its own where nil.
  func parts(of index: UInt64, head: Int? = nil, header: Int? = nil) throws -> ProofParts {
    let own = blocks[block(of: index)]
    let named = blocks[header ?? block(of: index)]
    let head = blocks[head ?? block(of: index)]
    let entry = own.entries[Int(index - own.first)]
    let size = head.headerIndex + 1
    let roster = rosters[header ?? block(of: index)]
    let claims = try SignedStatement(decoding: entry).claims
    let item = claims.flatMap { roster.itemIndex(of: $0.issuer) } ?? 0
    return ProofParts(
      entry: entry, path: try path(index, size: size), header: named.headerEntry,
      headerPath: try path(named.headerIndex, size: size), issuer: roster.items[item],
      issuerPath: try Chain.itemPath(item, roster),
      checkpoint: try SignedNote(parsing: head.checkpoint.span))
  }

  static func itemPath(_ item: Int, _ roster: Roster) throws -> InclusionProof {
    var hasher = TreeHasher()
    let tree = MemoryTree(leaves: roster.items.map { leafHash($0) }, using: &hasher)
    var path = try InclusionProof(index: UInt64(item), size: tree.size, from: tree, using: &hasher)
    // The greatest size of a tree with this path, found by trying.
    let leaf = leafHash(roster.items[item])
    func leadsThere(_ size: UInt64) -> Bool {
      let tried = InclusionProof(index: path.index, size: size, path: path.path)
      do { return try tried.root(leaf: leaf, using: &hasher) == roster.root } catch { return false }
    }
    while leadsThere(path.size + 1) { path.size += 1 }
    return path
  }

  /// The proof of entry `index`, made by the module.
  func proof(of index: UInt64, head: Int? = nil) throws -> RecordProof {
    let parts = try parts(of: index, head: head)
    return try RecordProof(
      of: SignedStatement(decoding: parts.entry), path: parts.path,
      header: SignedStatement(decoding: parts.header), headerPath: parts.headerPath,
      roster: rosters[block(of: index)], checkpoint: parts.checkpoint)
  }

  /// The trust file of the founded roster.
  var policy: Policy {
    get throws {
      let text = Array(consortium.roster.policyText(ledger: ledgerID).utf8)
      return try Policy(parsing: text.span)
    }
  }
}
