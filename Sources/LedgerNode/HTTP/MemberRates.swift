import Statements
import Synchronization

/// How many new records each member has made of late: a bucket that holds one minute's share and fills as time goes.
///
/// Only records count, so that nobody can use up a member's share in its name. A sequence may take more than is left; the member
/// then waits until that has come in again.
final class MemberRates: Sendable {
  private struct Bucket {
    var left: Double
    var time: ContinuousClock.Instant
  }

  private let perMinute: Int
  private let buckets = Mutex<[String: Bucket]>([:])

  init(perMinute: Int) { self.perMinute = perMinute }

  /// The issuers that the entries at `ranges` of `bytes` name, each once.
  static func issuers(_ bytes: [UInt8], _ ranges: [Range<Int>]) -> [String: Int] {
    var counts: [String: Int] = [:]
    for range in ranges {
      let entry = bytes.span.extracting(range)
      do {
        guard let issuer = try EntryView(decoding: entry).claims?.issuer else { continue }
        let place = range.lowerBound + issuer.lowerBound..<range.lowerBound + issuer.upperBound
        counts[String(decoding: bytes[place], as: UTF8.self), default: 0] += 1
      } catch { continue }  // It is refused as malformed when it is judged.
    }
    return counts
  }

  /// - Throws: `too-many-requests` where one of `members` has used up its share.
  func require(_ members: some Sequence<String>, now: ContinuousClock.Instant = .now) throws {
    for member in members {
      let left = buckets.withLock { share(of: member, &$0, now) }
      guard left < 1 else { continue }
      let seconds = Int(((1 - left) * 60 / Double(perMinute)).rounded(.up))
      throw NodeProblem(
        .tooManyRequests, "too-many-requests",
        "\(member) has made \(perMinute) records a minute, which is its limit here; send the next later",
        headers: [.retryAfter: "\(max(1, min(seconds, 3600)))"])
    }
  }

  /// Takes note of `count` new records of `member`.
  func count(_ count: Int, of member: String, now: ContinuousClock.Instant = .now) {
    buckets.withLock { buckets in
      let left = share(of: member, &buckets, now)
      buckets[member] = Bucket(left: left - Double(count), time: now)
    }
  }

  /// What `member` may still record; a full bucket is not kept.
  private func share(
    of member: String, _ buckets: inout [String: Bucket], _ now: ContinuousClock.Instant
  ) -> Double {
    guard let bucket = buckets[member] else { return Double(perMinute) }
    let left = bucket.left + Double(perMinute) * ((now - bucket.time) / .seconds(60))
    if left >= Double(perMinute) { buckets[member] = nil }
    return min(left, Double(perMinute))
  }
}
