public import LedgerCrypto
public import TransparencyLog

/// The proofs of one block's records against the block's own checkpoint, made from what the committer has in its hands: nothing is
/// read, and what all of them share is made once. They are byte for byte those that `RecordProof` makes. A class, since many threads
/// take it at once, and each of its parts would be counted by all of them.
public final class BlockProofs: Sendable {
  private let edge: RightEdge
  private let roster: RosterTree
  /// The header and its path, as each proof encodes them.
  private let header: [UInt8]
  private let checkpoint: [UInt8]

  /// The proofs of a block.
  ///
  /// - Parameters:
  ///   - leaves: the leaf hashes of all its entries, the header's the last.
  ///   - frontier: the tree before it.
  ///   - header: the header's entry.
  ///   - roster: the roster that the header names.
  ///   - checkpoint: the note that was made for it, encoded.
  /// - Throws: `header` if `leaves` is empty.
  public init(
    _ leaves: [Digest], after frontier: Frontier, header: [UInt8], roster: RosterTree, checkpoint: [UInt8],
    using hasher: inout TreeHasher
  ) throws(ProofError) {
    edge = RightEdge(leaves, after: frontier, using: &hasher)
    (self.roster, self.checkpoint) = (roster, checkpoint)
    do throws(LogError) {
      let path = try edge.proof(of: frontier.size + UInt64(leaves.count) - 1)
      self.header = RecordProof.encode(header: header, path: path)
    } catch { throw ProofError(.header, error.description) }
  }

  /// The proof file of the record at `index`, one of the block's, whose bytes are `entry`.
  ///
  /// - Throws: `roster` if `issuer` is no member; `inclusion` if `index` is not the block's; `malformed-proof` if the
  ///   whole would be too large.
  public func bytes(
    of entry: ArraySlice<UInt8>, at index: UInt64, by issuer: String
  ) throws(ProofError) -> [UInt8] {
    let item = try roster.encodedItem(of: issuer)
    let path: InclusionProof
    do throws(LogError) { path = try edge.proof(of: index) } catch {
      throw ProofError(.inclusion, error.description)
    }
    var extra: [UInt8] = []
    extra.reserveCapacity(entry.count + header.count + item.count)
    extra += entry
    extra += header
    extra += item
    let bytes = TLogProof.encode(extra: extra, index: index, path: path.path, checkpoint: checkpoint)
    guard bytes.count <= TLogProof.maximumByteCount else {
      throw ProofError(.malformed, "a proof of more than \(TLogProof.maximumByteCount) bytes")
    }
    return bytes
  }
}
