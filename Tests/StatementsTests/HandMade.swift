import Statements

/// An encoder for tests that shares nothing with the module: each part of an entry is bytes that a test may
/// replace.
enum Hand {
  static func head(_ major: UInt8, _ count: Int) -> [UInt8] {
    switch count {
    case ..<24: [major << 5 | UInt8(count)]
    case ..<256: [major << 5 | 24, UInt8(count)]
    case ..<65_536: [major << 5 | 25, UInt8(count >> 8), UInt8(count & 255)]
    default: [major << 5 | 26] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
    }
  }

  static func bytes(_ content: [UInt8]) -> [UInt8] { head(2, content.count) + content }

  static func bytes(count: Int, of byte: UInt8 = 0x5a) -> [UInt8] {
    bytes(Array(repeating: byte, count: count))
  }

  static func text(_ content: [UInt8]) -> [UInt8] { head(3, content.count) + content }

  static func text(_ content: String) -> [UInt8] { text(Array(content.utf8)) }
}

/// The claims of an entry, part by part. A part is the encoded label and value, or empty.
struct HandMadeClaims {
  var count: Int?
  var issuer = [0x01] + Hand.text("data-bureau")
  var subject = [0x02] + Hand.text("case 2026-001")
  var audience = [0x03] + Hand.text(String(repeating: "0a", count: 32))
  var expiresAt: [UInt8] = []
  var issuedAt: [UInt8] = [0x06, 0x1a, 0x69, 0x24, 0x81, 0x00]
  var tokenID = [0x07] + Hand.bytes(count: 16)
  var others: [UInt8] = []

  /// The parts that are there, in the order of a struct that was not touched.
  var parts: [[UInt8]] { [issuer, subject, audience, expiresAt, issuedAt, tokenID].filter { !$0.isEmpty } }

  var bytes: [UInt8] { Hand.head(5, count ?? parts.count) + parts.joined() + others }
}

/// An entry, part by part.
struct HandMadeEntry {
  var opening: [UInt8] = [0xd2, 0x84]
  var parameterCount: Int?
  var algorithm: [UInt8] = [0x01, 0x26]
  var contentType = [0x03] + Hand.text("text/plain")
  var keyID = [0x04] + Hand.bytes(count: 32)
  var claims: [UInt8] = [0x0f] + HandMadeClaims().bytes
  var otherParameters: [UInt8] = []
  var unprotected: [UInt8] = [0xa0]
  var payload = Hand.bytes([1, 2, 3])
  var signature = Hand.bytes(count: 64, of: 0x77)
  var after: [UInt8] = []

  /// The content of the protected bstr.
  var protected: [UInt8] {
    let parts = [algorithm, contentType, keyID, claims].filter { !$0.isEmpty }
    return Hand.head(5, parameterCount ?? parts.count) + parts.joined() + otherParameters
  }

  var bytes: [UInt8] {
    opening + Hand.bytes(protected) + unprotected + payload + signature + after
  }

  /// Whether the entry is decoded, as a view and as a statement: the two must agree.
  var isAccepted: Bool { refusal == nil }

  /// Why the entry is refused, or nil.
  var refusal: StatementError.Code? {
    let bytes = bytes
    do {
      _ = try EntryView(reading: bytes)
      _ = try SignedStatement(decoding: bytes)
      return nil
    } catch { return error.code }
  }

  init(_ change: (inout HandMadeEntry) -> Void = { _ in }) { change(&self) }

  /// An entry with other claims.
  init(claims change: (inout HandMadeClaims) -> Void) {
    var claims = HandMadeClaims()
    change(&claims)
    self.claims = [0x0f] + claims.bytes
  }
}
