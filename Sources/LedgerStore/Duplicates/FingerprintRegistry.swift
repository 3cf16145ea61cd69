import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// The ids within the statement window, as 8-byte fingerprints: a hit is looked at exactly.
///
/// Two generations are kept. One is let go when the claimed times have moved on by more than the window since its end:
/// a statement as old as that is `stale` whether it is there twice or not.
struct FingerprintRegistry: StatementRegistry {
  private let log: EntryLog
  private let folder: LedgerFolder
  private let window: UInt64
  private var current = FingerprintTable()
  private var previous = FingerprintTable()
  private var begin: UInt64 = 0
  private var end: UInt64 = 0
  /// The trees with which the newest blocks ended.
  private var trees = RecentTrees()
  /// What kept a look from being answered.
  private(set) var failure: (any Error)?

  /// - Parameter window: the statement window, in s.
  init(_ log: EntryLog, _ folder: LedgerFolder, window: UInt64) {
    // Twice the largest drift that a roster may allow, so that a block's time can't fall short of the claimed ones.
    (self.log, self.folder, self.window) = (log, folder, window + 2 * 3600)
  }

  mutating func index(of id: Digest) -> UInt64? {
    guard current.contains(id.fingerprint) || previous.contains(id.fingerprint) else { return nil }
    do { return try exactIndex(of: id) } catch {
      failure = error
      return nil
    }
  }

  mutating func remember(_ id: Digest, index: UInt64, issuedAt: UInt64) {
    if current.isEmpty, previous.isEmpty { begin = issuedAt }
    if issuedAt > begin + window, issuedAt > end {
      (previous, current, begin) = (current, FingerprintTable(), issuedAt)
    }
    end = max(end, issuedAt)
    current.insert(id.fingerprint)
  }

  func isRecent(size: UInt64, root: Digest) -> Bool { trees.contains(size: size, root: root) }

  /// Takes note of the tree with which the next block ends.
  mutating func note(_ checkpoint: Checkpoint) {
    trees.note(size: checkpoint.size, root: checkpoint.root)
  }

  /// The first entry with this id: the one that the search index names, if it is that, or found by looking at all.
  private func exactIndex(of id: Digest) throws -> UInt64? {
    var hasher = SHA256()
    func isIt(_ entry: [UInt8], _ hasher: inout SHA256) -> Bool {
      do {
        return try EntryView(decoding: entry.span).statementID(of: entry.span, using: &hasher) == id
      } catch {
        return false
      }
    }
    do {
      let reader = try LedgerReader(asItIs: folder)
      if let named = try reader.entryIndex(of: id), let entry = try reader.entry(named), isIt(entry, &hasher)
      {
        return named
      }
    } catch {
      // The index is only a hint; it may be damaged or not there.
    }
    var (position, index): (UInt64, UInt64) = (0, 0)
    while position < log.byteCount {
      let (entry, next) = try log.entry(at: position)
      if isIt(entry, &hasher) { return index }
      (position, index) = (next, index + 1)
    }
    return nil
  }
}
