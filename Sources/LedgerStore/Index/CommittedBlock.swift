import Ledger
import LedgerCrypto
import Statements

/// A block as it lies in the truth, with what the derived files need to know of it.
struct CommittedBlock: Sendable {
  /// The header's claims.
  let header: BlockHeader
  /// The index of its first entry.
  let first: UInt64
  /// The position of its first frame in the entry log.
  let position: UInt64
  /// The frames.
  let bytes: [UInt8]
  /// Where each entry lies in `bytes`, without its prefix; the header is the last.
  let ranges: [Range<Int>]
  /// Each entry, decoded, with its leaf hash.
  let checked: [CheckedEntry]
  /// Where its checkpoint's frame lies.
  let checkpointOffset: UInt64
  /// The state after it.
  let state: LedgerState
  /// What its statements change in the rule sets' state.
  let changes: StateChanges
  /// When it was committed, where that was just now.
  var moment: ProposalClock.Moment?

  /// The number of entries, the header included.
  var count: Int { ranges.count }
  /// The tree size after it.
  var size: UInt64 { first + UInt64(count) }
  /// The position behind its last frame.
  var end: UInt64 { position + UInt64(bytes.count) }

  /// What the index will say of it.
  var row: BlockRow {
    BlockRow(height: header.height, first: first, size: size, time: header.time, checkpoint: checkpointOffset)
  }

  /// The entry with this index, which must be one of its own.
  func entry(_ index: UInt64) -> [UInt8] { Array(bytes[ranges[Int(index - first)]]) }

  /// The positions of the bundles that begin within it.
  var bundlePositions: [UInt64] {
    var positions: [UInt64] = []
    for (offset, range) in ranges.enumerated() where (first + UInt64(offset)).isMultiple(of: 256) {
      positions.append(position + UInt64(range.lowerBound - 2))
    }
    return positions
  }
}
