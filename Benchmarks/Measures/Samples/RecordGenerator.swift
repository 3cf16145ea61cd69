import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Statements

/// Makes signed records that are worth nothing but as many as are wanted, and checks them as a node does.
package struct RecordGenerator: Sendable {
  let consortium: MeasuredConsortium
  let ledgerID: Digest
  /// The number of bytes of each payload.
  let payloadByteCount: Int

  package init(consortium: MeasuredConsortium, ledgerID: Digest, payloadByteCount: Int) {
    (self.consortium, self.ledgerID, self.payloadByteCount) = (consortium, ledgerID, payloadByteCount)
  }

  /// The entries of the records `numbers`, signed on all cores.
  package func signed(_ numbers: Range<Int>) throws -> [[UInt8]] {
    let now = UInt64(max(0, Date().timeIntervalSince1970))
    let seed = try randomBytes(8)
    let made: [Result<[UInt8], any Error>] = Cores.make(numbers.count) { part, places in
      var noise = Noise(
        seed: seed + [
          UInt8(truncatingIfNeeded: part.lowerBound >> 8), UInt8(truncatingIfNeeded: part.lowerBound),
        ])
      for number in part {
        let entry = Result { try statement(numbers.lowerBound + number, at: now, &noise).entry }
        (places + number).initialize(to: entry)
      }
    }
    return try made.map { try $0.get() }
  }

  /// What a node finds about `entries` before it puts them into a block: their signatures verified, on all cores.
  static func checked(
    _ entries: ArraySlice<[UInt8]>, keys: [Digest: PublicKey], by checkers: EntryCheckers
  ) -> [LedgerWriter.Candidate] {
    var ranges: [Range<Int>] = []
    for entry in entries {
      let start = ranges.last?.upperBound ?? 0
      ranges.append(start..<start + entry.count)
    }
    let bytes = Array(entries.joined())
    return zip(ranges, checkers.check(bytes, ranges[...], keys: keys)).map {
      LedgerWriter.Candidate(bytes, at: $0, checked: $1)
    }
  }

  private func statement(_ number: Int, at time: UInt64, _ noise: inout Noise) throws -> SignedStatement {
    let (issuer, key) = consortium.members[number % consortium.members.count]
    // Some without a subject, the others about a thousand things.
    let subject = number.isMultiple(of: 8) ? nil : "case-\(number % 1009)"
    let isText = !number.isMultiple(of: 3)
    let claims = Claims(
      issuer: issuer, subject: subject, audience: ledgerID, issuedAt: time, tokenID: noise.bytes(16))
    let payload = isText ? noise.text(payloadByteCount) : noise.bytes(payloadByteCount)
    return try StatementDraft(
      contentType: isText ? "text/plain" : "application/octet-stream", claims: claims, payload: payload
    ).signed(by: key)
  }
}

/// Bytes that no compression and no cache sees through; not for secrets (splitmix64).
private struct Noise {
  private var state: UInt64

  init(seed: [UInt8]) { state = seed.reduce(0) { $0 &* 0x100_0000_01b3 ^ UInt64($1) } }

  private mutating func word() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count {
      var word = word()
      for _ in 0..<min(8, count - bytes.count) {
        bytes.append(UInt8(truncatingIfNeeded: word))
        word >>= 8
      }
    }
    return bytes
  }

  /// Words of small letters.
  mutating func text(_ count: Int) -> [UInt8] {
    bytes(count).map { $0 < 40 ? UInt8(ascii: " ") : UInt8(ascii: "a") + $0 % 26 }
  }
}
