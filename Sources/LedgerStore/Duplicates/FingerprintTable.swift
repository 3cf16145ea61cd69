/// A set of 64-bit fingerprints in little more memory than they take: 9 to 14 bytes each.
///
/// Open addressing in many small shards that grow one at a time and by a half, so that growing needs no second copy of the
/// whole, as it would with `Set`. Fingerprints are parts of digests: they need no hashing to be spread.
struct FingerprintTable: Sendable {
  private static let shardBits: UInt64 = 8

  private var shards = [Shard](repeating: Shard(), count: 1 << shardBits)
  /// Whether there is none.
  private(set) var isEmpty = true

  /// Whether `fingerprint` is there. 0 and 1 are not told apart.
  func contains(_ fingerprint: UInt64) -> Bool {
    shards[FingerprintTable.shard(of: fingerprint)].contains(fingerprint)
  }

  /// Adds `fingerprint`, unless it is there.
  mutating func insert(_ fingerprint: UInt64) {
    isEmpty = false
    shards[FingerprintTable.shard(of: fingerprint)].insert(fingerprint)
  }

  private static func shard(of fingerprint: UInt64) -> Int { Int(fingerprint >> (64 - shardBits)) }

  private struct Shard: Sendable {
    /// 0 where a slot is free.
    private var slots = [UInt64](repeating: 0, count: 16)
    private var count = 0

    func contains(_ fingerprint: UInt64) -> Bool {
      slots[Shard.place(of: max(fingerprint, 1), in: slots)] != 0
    }

    mutating func insert(_ fingerprint: UInt64) {
      let fingerprint = max(fingerprint, 1)
      let place = Shard.place(of: fingerprint, in: slots)
      guard slots[place] == 0 else { return }
      slots[place] = fingerprint
      count += 1
      // At seven eighths: a free slot is always near.
      if count > slots.count / 8 * 7 { grow() }
    }

    private mutating func grow() {
      var larger = [UInt64](repeating: 0, count: slots.count / 2 * 3)
      for fingerprint in slots where fingerprint != 0 {
        larger[Shard.place(of: fingerprint, in: larger)] = fingerprint
      }
      slots = larger
    }

    /// Where `fingerprint` stands in `slots`, or the free slot where it would; there always is one.
    private static func place(of fingerprint: UInt64, in slots: [UInt64]) -> Int {
      // The bits behind those that chose the shard, scaled to the number of slots.
      let spread = fingerprint << FingerprintTable.shardBits
      var place = Int(spread.multipliedFullWidth(by: UInt64(slots.count)).high)
      while slots[place] != 0, slots[place] != fingerprint {
        place += 1
        if place == slots.count { place = 0 }
      }
      return place
    }
  }
}
