public import LedgerCrypto
import Synchronization
public import TransparencyLog

/// A roster with the tree over its items, from which one member's item is proven.
public struct RosterTree: Sendable {
  /// The roster's root.
  public var root: Digest { roster.root }

  private let roster: Roster
  private let tree: MemoryTree
  private let encoded = Encoded()

  /// The encoded parts of proofs about members: all records of a member share one.
  private final class Encoded: Sendable {
    let parts = Mutex<[String: [UInt8]]>([:])
  }

  /// The tree of `roster`.
  public init(_ roster: Roster, using hasher: inout TreeHasher) {
    self.roster = roster
    var leaves: [Digest] = []
    for item in roster.items { leaves.append(hasher.leaf(item.span)) }
    tree = MemoryTree(leaves: leaves, using: &hasher)
  }

  /// The item of the member called `id`, and its path.
  ///
  /// - Throws: `roster` if there is no such member.
  public func item(
    of id: String, using hasher: inout TreeHasher
  ) throws(ProofError) -> (item: [UInt8], path: InclusionProof) {
    guard let index = roster.itemIndex(of: id) else {
      throw ProofError(.roster, "the roster does not hold the issuer")
    }
    return try item(at: index, using: &hasher)
  }

  /// The item with the terms, and its path.
  func terms(using hasher: inout TreeHasher) throws(ProofError) -> (item: [UInt8], path: InclusionProof) {
    try item(at: 0, using: &hasher)
  }

  private func item(
    at index: Int, using hasher: inout TreeHasher
  ) throws(ProofError) -> (item: [UInt8], path: InclusionProof) {
    do throws(LogError) {
      let path = try InclusionProof(index: UInt64(index), size: tree.size, from: tree, using: &hasher)
      return (roster.items[index], path.withGreatestSize)
    } catch { throw ProofError(.roster, error.description) }
  }

  /// The item of the member called `id` and its path, as a proof encodes them.
  ///
  /// - Throws: as `item(of:)`.
  func encodedItem(of id: String) throws(ProofError) -> [UInt8] {
    if let known = encoded.parts.withLock({ $0[id] }) { return known }
    var hasher = TreeHasher()
    let (item, path) = try item(of: id, using: &hasher)
    let made = RecordProof.encode(issuer: item, path: path)
    encoded.parts.withLock { $0[id] = made }
    return made
  }
}

extension InclusionProof {
  /// The same proof with the greatest size that has it. A roster's root does not say how many items there are, and trees of
  /// different sizes share a path; the greatest of them is the one spelling.
  ///
  /// Needs `index < size`.
  var withGreatestSize: InclusionProof {
    let below = UInt64.bitWidth - (index ^ (size - 1)).leadingZeroBitCount
    let last = below == UInt64.bitWidth ? .max : index | (1 << UInt64(below) - 1)
    return InclusionProof(index: index, size: last == .max ? size : last + 1, path: path)
  }
}
