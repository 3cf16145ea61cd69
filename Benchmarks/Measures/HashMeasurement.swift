import Foundation
import LedgerCrypto

/// SHA-256 by message size, ours against OpenSSL's: processor time of one core.
///
/// Every way that the ledger hashes, and libcrypto's own calls in loops of nothing else. The Merkle node is compared with OpenSSL's
/// one-shot `SHA256()`; every way with EVP on the same message. Leaves are compared, by the block of 64 bytes, with the same kernel's
/// own leaves of 16 KiB, where beginning and ending a message takes no time: leaves cost their blocks and nothing else.
package struct HashMeasurement: Measurement {
  package static let title = "SHA-256 of Merkle nodes and leaves, one core"

  /// About how long to measure, in s.
  let seconds: Double

  package init(seconds: Double) { self.seconds = seconds }

  /// A node, small and large records, files.
  private static let byteCounts =
    [HashContender.nodeByteCount] + LeafTimes.byteCounts + [LeafTimes.longByteCount, 1 << 20]

  package func measure(rounds: Int, _ watcher: Watcher, _ report: (Measure) throws -> Void) throws {
    let kernels = HashContender.all.filter(\.isOfLanes)
    let loops =
      HashMeasurement.byteCounts.map { size in HashContender.all.count { $0.hashes(size) } }.reduce(0, +)
      + kernels.count * (LeafTimes.byteCounts.count + 1)
    // Each warms up for about as long as a turn lasts.
    let turn = seconds / Double(loops * (rounds + 1))
    for byteCount in HashMeasurement.byteCounts {
      let contenders = HashContender.all.filter { $0.hashes(byteCount) }
      let message = HashMeasurement.message(byteCount)
      let times = try HashMeasurement.secondsEach(rounds, turn: turn, contenders.map { $0.prepared(message) })
      let result = HashTimes(
        byteCount: byteCount, of: Dictionary(uniqueKeysWithValues: zip(contenders, times)))
      for measure in result.headlines { try report(measure) }
      for contender in contenders where contender != .reusedContext { try report(result.measure(contender)) }
    }
    for kernel in kernels {
      let sizes = LeafTimes.byteCounts + [LeafTimes.longByteCount]
      // With the prefix.
      let ways = sizes.map { kernel.prepared(HashMeasurement.message($0 + 1)) }
      let times = try HashMeasurement.secondsEach(rounds, turn: turn, ways)
      for measure in LeafTimes(kernel: kernel, of: Dictionary(uniqueKeysWithValues: zip(sizes, times)))
        .measures
      {
        try report(measure)
      }
    }
  }

  private static func secondsEach(_ rounds: Int, turn: Double, _ ways: [(Int) -> Digest]) throws -> [[Double]]
  {
    try Rounds.secondsEach(
      rounds, turn: turn,
      ways.map { way in { count in precondition(way(count) != .zero, "a digest is not zero") } })
  }

  private static func message(_ byteCount: Int) -> [UInt8] {
    (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 0x9d &+ $0 >> 8) }
  }
}

/// What each way took for a message of one size, in s, one figure a round.
private struct HashTimes {
  let byteCount: Int
  let of: [HashContender: [Double]]

  private func megabytesPerSecond(_ contender: HashContender) -> [Double] {
    (of[contender] ?? []).map { Double(byteCount) / $0 / 1e6 }
  }

  /// What the ledger is about, where this is the size of a node.
  var headlines: [Measure] {
    guard byteCount == HashContender.nodeByteCount else { return [] }
    func perSecond(_ contender: HashContender) -> [Double] { (of[contender] ?? []).map { 1 / $0 } }
    func nanoseconds(_ contender: HashContender) -> [Double] { (of[contender] ?? []).map { $0 * 1e9 } }
    return [
      Measure(
        "node", "Merkle nodes, many at once", unit: "nodes/s", perSecond(.lanes(.chosen)),
        against: ("OpenSSL SHA256(), one shot, 65 bytes", perSecond(.oneShot)), goal: .nodes),
      Measure(
        "single-node", "a Merkle node that comes alone", unit: "ns", nanoseconds(.node),
        against: ("OpenSSL EVP, context reused, 65 bytes", nanoseconds(.reusedContext)),
        goal: .singleNode),
    ]
  }

  /// One way beside EVP on the same message. What the ledger chooses for many may not be slower; the other ways are only told.
  func measure(_ contender: HashContender) -> Measure {
    Measure(
      "\(contender.id)-\(byteCount)", "\(contender.name), \(byteCount) bytes", unit: "MB/s",
      megabytesPerSecond(contender),
      against: ("OpenSSL EVP, context reused, \(byteCount) bytes", megabytesPerSecond(.reusedContext)),
      goal: contender == .lanes(.chosen) ? .lanes : nil)
  }
}

/// What leaves take, many at once: by what `LaneHasher` chooses, or by one kernel.
private struct LeafTimes {
  /// The sizes of leaves of which something is asked, in bytes without the prefix.
  static let byteCounts = [256, 1024, 4096]
  /// Long enough that what it takes to begin and end a leaf does not count.
  static let longByteCount = 16_384

  let kernel: HashContender
  /// In s for a leaf, by its size.
  let of: [Int: [Double]]

  /// What a block takes, in ns, in leaves of `byteCount` bytes behind a prefix (FIPS 180-4 §5.1.1: a bit and a length are added).
  private func nanosecondsPerBlock(_ byteCount: Int) -> [Double] {
    let blocks = (1 + byteCount + 8) / 64 + 1
    return (of[byteCount] ?? []).map { $0 * 1e9 / Double(blocks) }
  }

  var measures: [Measure] {
    let isChosen = kernel == .lanes(.chosen)
    return LeafTimes.byteCounts.map { byteCount in
      Measure(
        isChosen ? "leaves-\(byteCount)" : "leaves-\(kernel.id)-\(byteCount)",
        isChosen
          ? "a block of leaves of \(byteCount) bytes" : "\(kernel.name), leaves of \(byteCount) bytes",
        unit: "ns",
        nanosecondsPerBlock(byteCount),
        against: ("a block of leaves of 16 KiB, by the same", nanosecondsPerBlock(LeafTimes.longByteCount)),
        goal: isChosen ? .leaves : .leavesByOneKernel)
    }
  }
}
