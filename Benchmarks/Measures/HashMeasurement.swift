import Foundation
import LedgerCrypto

/// SHA-256 by message size, ours against OpenSSL's: processor time of one core.
///
/// Every way that the ledger hashes, and libcrypto's own calls in loops of nothing else. The Merkle node is compared with OpenSSL's
/// one-shot `SHA256()`; leaves, by the byte, with EVP on messages of 16 KiB; every way with EVP on the same message.
package struct HashMeasurement: Measurement {
  package static let title = "SHA-256 of Merkle nodes and leaves, one core"

  /// About how long to measure, in s.
  let seconds: Double

  package init(seconds: Double) { self.seconds = seconds }

  /// What leaves are measured at, in bytes; nodes are 65.
  private static let leafByteCounts = [256, 1024, 4096]
  /// A node, small and large records, files.
  private static let byteCounts = [HashContender.nodeByteCount] + leafByteCounts + [16_384, 1 << 20]
  /// Long enough that what it takes to begin a message does not count.
  private static let yardstickByteCount = 16_384

  package func measure(rounds: Int, _ watcher: Watcher, _ tell: (Measure) throws -> Void) throws {
    let loops = HashMeasurement.byteCounts.map { size in HashContender.all.count { $0.hashes(size) } + 1 }
      .reduce(
        0, +)
    // Each warms up for about as long as a turn lasts.
    let turn = seconds / Double(loops * (rounds + 1))
    for byteCount in HashMeasurement.byteCounts {
      let contenders = HashContender.all.filter { $0.hashes(byteCount) }
      let message = HashMeasurement.message(byteCount)
      var ways = contenders.map { $0.prepared(message) }
      ways.append(
        HashContender.reusedContext.prepared(HashMeasurement.message(HashMeasurement.yardstickByteCount)))
      let times = try Turns.secondsEach(
        rounds, turn: turn,
        ways.map { way in
          { count in precondition(way(count) != .zero, "a digest is not zero") }
        })
      let result = HashTimes(
        byteCount: byteCount, of: Dictionary(uniqueKeysWithValues: zip(contenders, times)))
      for measure in result.headlines(
        evp16: times[ways.count - 1].map { Double(HashMeasurement.yardstickByteCount) / $0 })
      {
        try tell(measure)
      }
      for contender in contenders where contender != .reusedContext { try tell(result.measure(contender)) }
    }
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

  /// What the ledger is about, at sizes where something is asked of it.
  ///
  /// - Parameter evp16: OpenSSL's speed on long messages, in bytes/s.
  func headlines(evp16: [Double]) -> [Measure] {
    let chosen = megabytesPerSecond(.lanes(.chosen))
    if byteCount == HashContender.nodeByteCount {
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
    guard (256...4096).contains(byteCount) else { return [] }
    return [
      Measure(
        "leaves-\(byteCount)", "leaves of \(byteCount) bytes", unit: "MB/s", chosen,
        against: ("OpenSSL EVP, context reused, 16384 bytes", evp16.map { $0 / 1e6 }),
        goal: .leaves)
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
