internal import COpenSSL

/// The two forms of an ECDSA P-256 signature: r ‖ s (COSE, JOSE, IEEE P1363) and DER (X.509, OpenSSL).
package enum ECDSASignature {
  /// The most bytes of an `ECDSA-Sig-Value` over P-256: two integers of 33 bytes, three headers of 2.
  static let maximumDERByteCount = 72

  /// Gives `body` the DER form of `raw` (64 bytes), without allocating; nil if r or s is zero, which no verifier
  /// accepts.
  static func withDER(ofRaw raw: Span<UInt8>, _ body: (Span<UInt8>) -> Bool) -> Bool? {
    precondition(raw.count == signatureByteCount, "an r ‖ s signature has 64 bytes")
    var der = InlineArray<72, UInt8>(repeating: 0)
    var count = 2
    for start in [0, 32] {
      guard let first = (start..<start + 32).first(where: { raw[$0] != 0 }) else { return nil }
      // A zero byte goes before what would read as negative (X.690 §8.3).
      let sign = raw[first] & 0x80 == 0 ? 0 : 1
      der[count] = 0x02
      der[count + 1] = UInt8(sign + start + 32 - first)
      count += 2 + sign
      for index in first..<start + 32 {
        der[count] = raw[index]
        count += 1
      }
    }
    der[0] = 0x30
    der[1] = UInt8(count - 2)
    return body(der.span.extracting(first: count))
  }

  /// The DER form of `raw` (64 bytes), or nil if r or s is zero.
  package static func der(fromRaw raw: Span<UInt8>) -> [UInt8]? {
    var der: [UInt8] = []
    let isDone = withDER(ofRaw: raw) { bytes in
      for index in bytes.indices { der.append(bytes[index]) }
      return true
    }
    return isDone == nil ? nil : der
  }

  /// n, the order of P-256 (SP 800-186 §3.2.1.3).
  private static let order: InlineArray<32, UInt8> = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
  ]

  /// ⌊n / 2⌋.
  private static let halfOrder: InlineArray<32, UInt8> = [
    0x7f, 0xff, 0xff, 0xff, 0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
  ]

  /// Whether the s of `raw` (r ‖ s, 64 bytes) is more than ⌊n / 2⌋: of s and n − s, which both verify, the one that is refused.
  package static func hasHighS(_ raw: Span<UInt8>) -> Bool {
    precondition(raw.count == signatureByteCount, "an r ‖ s signature has 64 bytes")
    for place in 0..<32 where raw[32 + place] != halfOrder[place] {
      return raw[32 + place] > halfOrder[place]
    }
    return false
  }

  /// `raw` (r ‖ s, 64 bytes) with n − s in the place of a high s. An s above n, which no verifier accepts, stays.
  package static func lowS(_ raw: [UInt8]) -> [UInt8] {
    guard hasHighS(raw.span) else { return raw }
    var low = raw
    var borrow = 0
    for place in (0..<32).reversed() {
      let difference = Int(order[place]) - Int(raw[32 + place]) - borrow
      borrow = difference < 0 ? 1 : 0
      low[32 + place] = UInt8(truncatingIfNeeded: difference)
    }
    return borrow == 0 ? low : raw
  }

  /// The 64 bytes r ‖ s of a DER signature that libcrypto made.
  static func raw(fromDER der: [UInt8]) throws(CryptoError) -> [UInt8] {
    var raw = [UInt8](repeating: 0, count: signatureByteCount)
    let isDone = unsafe der.withUnsafeBufferPointer { input in
      var cursor = input.baseAddress
      guard let signature = unsafe d2i_ECDSA_SIG(nil, &cursor, input.count) else { return false }
      defer { unsafe ECDSA_SIG_free(signature) }
      return unsafe raw.withUnsafeMutableBufferPointer { output in
        unsafe BN_bn2binpad(ECDSA_SIG_get0_r(signature), output.baseAddress, 32) == 32
          && BN_bn2binpad(ECDSA_SIG_get0_s(signature), output.baseAddress.map { unsafe $0 + 32 }, 32) == 32
      }
    }
    guard isDone else { throw CryptoError(.libcrypto, "reading an ECDSA signature") }
    return raw
  }
}
