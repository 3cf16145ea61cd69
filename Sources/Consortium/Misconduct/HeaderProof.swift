import Ledger
public import LedgerCrypto
import Statements
import TransparencyLog

/// Of which height the tree is that a header ends: the header's entry and its path to the tree's root.
///
/// Whether the header is signed is not looked at: who cosigns a tree answers for every entry of it.
public struct HeaderProof: Hashable, Sendable {
  /// The header's entry.
  public let entry: [UInt8]
  /// The hashes from it, the last leaf, to the root.
  public let path: [Digest]
  /// The height that it names.
  public let height: UInt64

  /// The proof that the tree of this size and root ends with the header `entry`.
  ///
  /// - Throws: `malformed` unless it is a block header and the path leads from it, as the last leaf, to the root.
  public init(entry: [UInt8], path: [Digest], size: UInt64, root: Digest) throws(ConsortiumError) {
    let header: BlockHeader
    do {
      let view = try EntryView(decoding: entry.span)
      guard BlockHeader.isHeader(view, of: entry.span) else {
        throw StatementError(.malformed, "the entry is no block header")
      }
      header = try BlockHeader(payload: Array(entry[view.payload]))
    } catch {
      throw ConsortiumError(.malformed, "\(error)")
    }
    guard size > 0, header.size == size - 1 else {
      throw ConsortiumError(.malformed, "the header does not end a tree of \(size) leaves")
    }
    var hasher = TreeHasher()
    do {
      try InclusionProof(index: size - 1, size: size, path: path)
        .verify(leaf: hasher.leaf(entry.span), root: root, using: &hasher)
    } catch {
      throw ConsortiumError(.malformed, "\(error)")
    }
    (self.entry, self.path, height) = (entry, path, header.height)
  }
}
