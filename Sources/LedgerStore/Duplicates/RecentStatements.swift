import Ledger
import LedgerCrypto

/// Knows of nearly every statement at once that it is new, so that the index need not be asked.
///
/// The same statement claims the same time. So one that claims a later time than all that was committed before the ledger was
/// opened can only have been committed since, and of those the fingerprints are here: a set in two generations, of which the
/// older is forgotten when the newer is full, and with it all that claims no later time than anything in it did.
///
/// Not for use from two threads at once. A class, so that a block's look-ups and the commit use the same.
final class RecentStatements {
  /// How many statements a generation holds: about 6 MB of fingerprints.
  static let standardCapacity = 1 << 19

  private struct Generation {
    var fingerprints = FingerprintTable()
    var count = 0
    /// The latest claimed time in it, in s.
    var latest: UInt64 = 0
  }

  private let capacity: Int
  /// Of statements that claim a time up to this one, in s, nothing is known here.
  private var horizon: UInt64
  private var older = Generation()
  private var newer = Generation()

  /// - Parameter horizon: the latest time that any statement claims that is committed already, in s since the epoch.
  init(after horizon: UInt64, capacity: Int = RecentStatements.standardCapacity) {
    (self.horizon, self.capacity) = (horizon, capacity)
  }

  /// False where the statement with this id, which claims the time `issuedAt`, was surely not accepted before.
  func mayHold(_ id: Digest, issuedAt: UInt64) -> Bool { issuedAt <= horizon || remembers(id) }

  /// False where the statement with this id was surely not accepted lately.
  func remembers(_ id: Digest) -> Bool {
    let fingerprint = id.fingerprint
    return newer.fingerprints.contains(fingerprint) || older.fingerprints.contains(fingerprint)
  }

  /// Takes note of a statement that is accepted.
  func remember(_ id: Digest, issuedAt: UInt64) {
    if newer.count == capacity {
      horizon = max(horizon, older.latest)
      (older, newer) = (newer, Generation())
    }
    newer.fingerprints.insert(id.fingerprint)
    newer.count += 1
    newer.latest = max(newer.latest, issuedAt)
  }
}
