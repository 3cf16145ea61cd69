import Consortium
import Ledger
import LedgerCrypto
import LedgerStore
import Statements
import TransparencyLog

/// A block as it travels between validators and lies on the disk before it is decided: entries, each behind its length in two bytes
/// (big-endian), the header last.
///
/// One that could be made is the block that its header names, whatever the rules say of it: its entries make the tree whose root the
/// header has. So a body that somebody has put behind another's header is told from an invalid block.
struct BlockBody {
  /// The leaf hash of the header's entry.
  let digest: Digest
  /// The tree that ends with the header.
  let size: UInt64
  /// Its root.
  let root: Digest

  /// The block in `bytes` upon the tree `frontier`; nil where they are none.
  init?(_ bytes: [UInt8], after frontier: Frontier) {
    guard bytes.count <= Message.maximumBlockByteCount else { return nil }
    let (ranges, end) = EntryFrames.split(bytes.span)
    guard end == bytes.count, let last = ranges.last else { return nil }
    let header: BlockHeader
    do { header = try BlockHeader(payload: SignedStatement(decoding: Array(bytes[last])).payload) } catch {
      return nil
    }
    var hasher = TreeHasher()
    var leaves: [Digest] = []
    hasher.appendLeaves(bytes.span, at: ranges[...], to: &leaves)
    guard let digest = leaves.popLast() else { return nil }
    var tree = frontier
    tree.append(contentsOf: leaves[...], using: &hasher)
    guard header.size == tree.size, header.root == tree.root(using: &hasher) else { return nil }
    tree.append(digest, using: &hasher)
    (self.digest, size, root) = (digest, tree.size, tree.root(using: &hasher))
  }
}
