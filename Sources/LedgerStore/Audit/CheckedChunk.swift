import Ledger
import LedgerCrypto

/// A run of bytes of the entry log, walked by its length prefixes, with its entries checked on all cores.
struct CheckedChunk: Sendable {
  /// The position of the first byte, where a frame must begin.
  let position: UInt64
  /// How many bytes were asked for; there are fewer at the end of the log.
  let wanted: Int
  let bytes: [UInt8]
  /// Where each entry lies in `bytes`, without its prefix.
  let ranges: [Range<Int>]
  /// Where the walk ended.
  let end: Int
  let checked: [CheckedEntry]

  /// Reads and checks `wanted` bytes from `position` on.
  init(
    _ log: EntryLog, at position: UInt64, wanted: Int, keys: [Digest: PublicKey],
    _ knownKeys: KnownKeys, _ options: LedgerAudit.Options
  ) throws {
    let bytes = try log.read(at: position, upTo: wanted)
    let (ranges, end) = EntryFrames.split(bytes.span)
    (self.position, self.wanted, self.bytes, self.ranges, self.end) = (position, wanted, bytes, ranges, end)
    checked = CheckedChunk.check(bytes, ranges, keys: keys, knownKeys, options)
  }

  /// What the checks of single entries say of those at `ranges` of `bytes`.
  static func check(
    _ bytes: [UInt8], _ ranges: [Range<Int>], keys: [Digest: PublicKey], _ knownKeys: KnownKeys,
    _ options: LedgerAudit.Options
  ) -> [CheckedEntry] {
    let isDeep = options.depth == .everything
    @Sendable func check(_ part: Range<Int>, _ places: UnsafeMutablePointer<CheckedEntry>) {
      var checker = EntryChecker()
      let checked: [CheckedEntry]
      if isDeep {
        var verifier = BatchVerifier(knownKeys)
        checked = checker.check(bytes.span, ranges[part], keys: keys, verifier: &verifier)
      } else {
        checked = checker.hash(bytes.span, ranges[part], keys: keys)
      }
      for (number, entry) in zip(part, checked) { (places + number).initialize(to: entry) }
    }
    // Signatures and hashes gain by large batches; the cores should still end together.
    let share = max(64, min(1024, ranges.count / (8 * options.threads)))
    if options.threads > 1 { return Cores.make(ranges.count, share: share, check) }
    return [CheckedEntry](unsafeUninitializedCapacity: ranges.count) { buffer, initialized in
      if let base = buffer.baseAddress { check(0..<ranges.count, base) }
      initialized = ranges.count
    }
  }
}
