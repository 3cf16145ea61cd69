import Ledger
import LedgerCrypto

/// A run of bytes of the entry log, walked by its length prefixes.
struct EntryChunk: Sendable {
  /// The position of the first byte, where a frame must begin.
  let position: UInt64
  /// How many bytes were asked for; there are fewer at the end of the log.
  let wanted: Int
  let bytes: [UInt8]
  /// Where each entry lies in `bytes`, without its prefix.
  let ranges: [Range<Int>]
  /// Where the walk ended.
  let end: Int

  /// Reads `wanted` bytes from `position` on.
  init(_ log: EntryLog, at position: UInt64, wanted: Int) throws(Failure) {
    let bytes = try log.read(at: position, upTo: wanted)
    let (ranges, end) = EntryFrames.split(bytes.span)
    (self.position, self.wanted, self.bytes, self.ranges, self.end) = (position, wanted, bytes, ranges, end)
  }

  /// Whether the log ends within it.
  var isLast: Bool { bytes.count < wanted }
}

/// A chunk, and what the checks of single entries say of it.
struct CheckedChunk: Sendable {
  let chunk: EntryChunk
  let checked: [CheckedEntry]
  /// Which of them are block headers.
  let headers: [Int]
}

/// Checks chunks of entries; one for each thread.
final class ChunkChecker {
  private let isDeep: Bool
  private var checker = EntryChecker()
  private var verifier: BatchVerifier

  /// - Parameter knownKeys: the tables that all threads of an audit share.
  init(_ depth: BlockAudit.Depth, _ knownKeys: KnownKeys) {
    isDeep = depth == .everything
    verifier = BatchVerifier(knownKeys)
  }

  /// What the checks of single entries, with the public keys in `keys`, say of those at `ranges` of `bytes`.
  func check(
    _ bytes: [UInt8], _ ranges: [Range<Int>], keys: [Digest: PublicKey]
  ) -> (checked: [CheckedEntry], headers: [Int]) {
    let checked =
      isDeep
      ? checker.check(bytes.span, ranges[...], keys: keys, verifier: &verifier)
      : checker.hash(bytes.span, ranges[...], keys: keys)
    let headers = checked.indices.filter {
      guard case .decoded(let decoded) = checked[$0].content else { return false }
      return BlockHeader.isHeader(decoded.view, of: bytes.span.extracting(ranges[$0]))
    }
    return (checked, headers)
  }
}
