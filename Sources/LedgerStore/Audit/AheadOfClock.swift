import Ledger

/// What is dated ahead of the auditor's clock by more than the tolerance: how many blocks, and the furthest of them.
struct AheadOfClock {
  private var blocks: (count: Int, furthest: UInt64, height: UInt64) = (0, 0, 0)
  private var cosignatures: (count: Int, furthest: UInt64, height: UInt64) = (0, 0, 0)

  /// - Parameter now: in s since the epoch.
  mutating func look(at header: BlockHeader?, _ cosigned: [UInt64], _ height: UInt64, now: UInt64) {
    func add(_ time: UInt64, to sum: inout (count: Int, furthest: UInt64, height: UInt64)) {
      guard time > now, time - now > UInt64(BlockAudit.clockTolerance) else { return }
      sum =
        time - now > sum.furthest
        ? (sum.count + 1, time - now, height) : (sum.count + 1, sum.furthest, sum.height)
    }
    if let header { add(header.time / 1000, to: &blocks) }
    if let latest = cosigned.max() { add(latest, to: &cosignatures) }
  }

  var notes: [String] {
    [("the times of", blocks), ("the cosignatures under", cosignatures)].compactMap { what, sum in
      guard sum.count > 0 else { return nil }
      let days = sum.furthest >= 86_400 ? " (\(sum.furthest / 86_400) days)" : ""
      return
        "ahead: \(what) \(sum.count) blocks are ahead of this machine's clock, those of block \(sum.height) by \(sum.furthest) s\(days)"
    }
  }
}
