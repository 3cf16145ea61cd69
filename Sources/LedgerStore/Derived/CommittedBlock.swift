import Ledger
import LedgerCrypto
import Statements

/// A block as it lies in the truth, with what the derived files need to know of it.
package struct CommittedBlock: Sendable {
  /// The header's claims.
  package let header: BlockHeader
  /// The index of its first entry.
  package let first: UInt64
  /// The position of its first frame in the entry log.
  package let position: UInt64
  /// The frames.
  package let bytes: [UInt8]
  /// Where each entry lies in `bytes`, without its prefix; the header is the last.
  package let ranges: [Range<Int>]
  /// Each entry, decoded, with its leaf hash.
  package let checked: [CheckedEntry]
  /// Where its checkpoint's frame lies.
  package let checkpointOffset: UInt64
  /// The state after it.
  package let state: LedgerState
  /// What its statements change in the rule sets' state.
  package let changes: StateChanges
  /// When it was committed, where that was just now.
  package var moment: ProposalClock.Moment?

  /// The number of entries, the header included.
  package var count: Int { ranges.count }
  /// The tree size after it.
  package var size: UInt64 { first + UInt64(count) }
  /// The position behind its last frame.
  package var end: UInt64 { position + UInt64(bytes.count) }

  /// What the index will say of it.
  package var row: BlockRow {
    BlockRow(height: header.height, first: first, size: size, time: header.time, checkpoint: checkpointOffset)
  }

  /// The entry with this index, which must be one of its own.
  package func entry(_ index: UInt64) -> [UInt8] { Array(bytes[ranges[Int(index - first)]]) }

  /// The positions of the bundles that begin within it.
  package var bundlePositions: [UInt64] {
    var positions: [UInt64] = []
    for (offset, range) in ranges.enumerated() where (first + UInt64(offset)).isMultiple(of: 256) {
      positions.append(position + UInt64(range.lowerBound - 2))
    }
    return positions
  }
}
