import Foundation
import Ledger
import LedgerCrypto
import Synchronization

/// Checks entries of many callers on all cores, and keeps for all of them what is dear to make: contexts, buffers, and the
/// tables of the keys that sign much.
package final class EntryCheckers: Sendable {
  /// What one thread checks with. `@unchecked Sendable`: it is in the hands of one at a time, who took it from the idle ones.
  private final class Tools: @unchecked Sendable {
    var checker = EntryChecker()
    var verifier: BatchVerifier

    init(_ known: KnownKeys) { verifier = BatchVerifier(known) }
  }

  /// How few entries are not worth another core.
  private static let leastShare = 16

  private let known: KnownKeys
  private let cores = max(1, ProcessInfo.processInfo.activeProcessorCount)
  private let idle = Mutex<[Tools]>([])

  /// - Parameter expected: about how many signatures there will be, where that is known; see `KnownKeys`.
  package init(expecting expected: Int = 0) { known = KnownKeys(expecting: expected) }

  /// What `EntryChecker.check` says of each of the entries at `ranges` of `bytes`, with the public keys in `keys`. It keeps the
  /// calling thread busy, and others if there are many.
  ///
  /// - Parameter sources: who sent each of the entries; none where it does not matter.
  package func check(
    _ bytes: [UInt8], _ ranges: ArraySlice<Range<Int>>, keys: [Digest: PublicKey],
    sources: [SignatureSource] = []
  ) -> [CheckedEntry] {
    let share = max(EntryCheckers.leastShare, (ranges.count + cores - 1) / cores)
    if ranges.count <= share { return checkHere(bytes, ranges, keys, sources) }
    return Cores.make(ranges.count, share: share) { part, places in
      let first = ranges.startIndex
      let checked = self.checkHere(
        bytes, ranges[first + part.lowerBound..<first + part.upperBound], keys,
        sources.isEmpty ? [] : Array(sources[part]))
      checked.withUnsafeBufferPointer {
        if let source = $0.baseAddress {
          (places + part.lowerBound).initialize(from: source, count: $0.count)
        }
      }
    }
  }

  private func checkHere(
    _ bytes: [UInt8], _ ranges: ArraySlice<Range<Int>>, _ keys: [Digest: PublicKey],
    _ sources: [SignatureSource]
  ) -> [CheckedEntry] {
    let tools = idle.withLock { $0.popLast() } ?? Tools(known)
    defer { idle.withLock { $0.append(tools) } }
    return tools.checker.check(bytes.span, ranges, keys: keys, sources: sources, verifier: &tools.verifier)
  }
}
