import Ledger
import LedgerCrypto
import TransparencyLog

/// A run of bytes of the entry log, walked by its length prefixes, and what the checks of single entries say of it.
struct CheckedChunk: Sendable {
  /// The position of the first byte, where a frame must begin.
  let position: UInt64
  /// How many bytes it has; a last frame may be cut off.
  let byteCount: Int
  /// The bytes; empty where only hashes are asked for.
  let bytes: [UInt8]
  /// Where each entry lies in them, without its prefix.
  let ranges: [Range<Int>]
  /// Where the walk ended.
  let end: Int
  /// Whether the log ends within it.
  let isLast: Bool
  /// What the checks say of the entries.
  let checks: ChunkChecker.Checks

  /// Whether the walk ended before the bytes did, where a whole frame should lie.
  var isStuck: Bool { end < byteCount && (isLast || byteCount - end > 2 + EntryBundle.maximumEntryByteCount) }
}

/// Reads and checks chunks of entries; one for each thread.
final class ChunkChecker {
  private let log: EntryLog
  private let isDeep: Bool
  private var checker = EntryChecker()
  private var verifier: BatchVerifier
  /// Used for one chunk after another where only hashes are asked for: it stays in the processor's cache.
  private var buffer: [UInt8] = []

  /// What the checks of single entries say.
  struct Checks: Sendable {
    /// The leaf hash of each.
    var leaves: [Digest] = []
    /// All that there is to say of each; empty where only hashes are asked for.
    var checked: [CheckedEntry] = []
    /// The block headers among them, by their places.
    var headers: [(offset: Int, header: BlockAudit.Single)] = []

    /// Goes on with `other` behind the first `count` entries.
    mutating func replace(behind count: Int, with other: Checks) {
      leaves = leaves.prefix(count) + other.leaves
      checked = checked.prefix(count) + other.checked
      headers = headers.filter { $0.offset < count } + other.headers.map { (count + $0.offset, $0.header) }
    }
  }

  /// - Parameter knownKeys: the tables that all threads of an audit share.
  init(_ log: EntryLog, _ depth: BlockAudit.Depth, _ knownKeys: KnownKeys) {
    self.log = log
    isDeep = depth == .everything
    verifier = BatchVerifier(knownKeys)
  }

  /// Reads at most `wanted` bytes from `position` on, and checks the entries with the public keys in `keys`.
  func chunk(
    at position: UInt64, wanted: Int, keys: [Digest: PublicKey]
  ) throws(Failure) -> CheckedChunk {
    try log.read(at: position, upTo: wanted, into: &buffer)
    let (ranges, end) = EntryFrames.split(buffer.span)
    let checks = check(buffer, ranges, keys: keys)
    let count = buffer.count
    var bytes: [UInt8] = []
    if isDeep { swap(&bytes, &buffer) }
    return CheckedChunk(
      position: position, byteCount: count, bytes: bytes, ranges: ranges, end: end,
      isLast: count < wanted || position + UInt64(count) >= log.byteCount, checks: checks)
  }

  /// What the checks of single entries, with the public keys in `keys`, say of those at `ranges` of `bytes`.
  func check(_ bytes: [UInt8], _ ranges: [Range<Int>], keys: [Digest: PublicKey]) -> Checks {
    guard isDeep else {
      let (leaves, headers) = checker.hash(bytes.span, ranges[...], keys: keys)
      return Checks(
        leaves: leaves,
        headers: headers.map { ($0.offset, BlockAudit.Single(Array(bytes[ranges[$0.offset]]), $0.checked)) })
    }
    let checked = checker.check(bytes.span, ranges[...], keys: keys, verifier: &verifier)
    let headers = checked.indices.filter { checked[$0].isHeader(bytes.span.extracting(ranges[$0])) }
    return Checks(
      leaves: checked.map(\.leaf), checked: checked,
      headers: headers.map { ($0, BlockAudit.Single(Array(bytes[ranges[$0]]), checked[$0])) })
  }

  /// What they say of one entry, be it a header or not.
  func check(_ entry: [UInt8], keys: [Digest: PublicKey]) -> BlockAudit.Single {
    let bytes = entry.span
    return BlockAudit.Single(
      entry, isDeep ? checker.check(bytes, keys: keys) : checker.hash(bytes, keys: keys))
  }
}
