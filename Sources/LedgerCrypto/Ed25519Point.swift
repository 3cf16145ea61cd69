internal import COpenSSL

/// What RFC 8032 asks of the 32 bytes of a public key and libcrypto does not check.
enum Ed25519Point {
  /// 2²⁵⁵ − 19, big-endian.
  private static let p = [0x7f] + [UInt8](repeating: 0xff, count: 30) + [0xed]
  /// The curve's constant −121665 / 121666 mod p, big-endian (RFC 8032 §5.1).
  private static let d: [UInt8] = [
    0x52, 0x03, 0x6c, 0xee, 0x2b, 0x6f, 0xfe, 0x73, 0x8c, 0xc7, 0x40, 0x79, 0x77, 0x79, 0xe8, 0x98,
    0x00, 0x70, 0x0a, 0x4d, 0x41, 0x41, 0xd8, 0xab, 0x75, 0xeb, 0x4d, 0xca, 0x13, 0x59, 0x78, 0xa3,
  ]
  /// The y of the eight points whose order divides 8, big-endian: with one of them as key, a signature that
  /// verifies needs no secret. They are 0, 1, −1 and the two of order 8.
  private static let smallOrder: [[UInt8]] = [
    [UInt8](repeating: 0, count: 32),
    [UInt8](repeating: 0, count: 31) + [0x01],
    [0x7f] + [UInt8](repeating: 0xff, count: 30) + [0xec],
    [
      0x05, 0xfc, 0x53, 0x6d, 0x88, 0x02, 0x38, 0xb1, 0x39, 0x33, 0xc6, 0xd3, 0x05, 0xac, 0xdf, 0xd5,
      0xf0, 0x98, 0xef, 0xf2, 0x89, 0xf4, 0xc3, 0x45, 0xb0, 0x27, 0xb2, 0xc2, 0x8f, 0x95, 0xe8, 0x26,
    ],
    [
      0x7a, 0x03, 0xac, 0x92, 0x77, 0xfd, 0xc7, 0x4e, 0xc6, 0xcc, 0x39, 0x2c, 0xfa, 0x53, 0x20, 0x2a,
      0x0f, 0x67, 0x10, 0x0d, 0x76, 0x0b, 0x3c, 0xba, 0x4f, 0xd8, 0x4d, 0x3d, 0x70, 0x6a, 0x17, 0xc7,
    ],
  ]

  /// Whether `bytes` (32) are the one encoding of a point of the curve (RFC 8032 §5.1.3) whose order is not small.
  static func isKey(_ bytes: [UInt8]) throws(CryptoError) -> Bool {
    var y = Array(bytes.reversed())
    y[0] &= 0x7f  // The top bit is the sign of x, which is 0 only at two of the points of small order.
    guard y.lexicographicallyPrecedes(p), !smallOrder.contains(y) else { return false }
    // x² = (y² − 1) / (d y² + 1) has a root where the quotient, or the product, is a square.
    guard let context = unsafe BN_CTX_new() else { throw CryptoError(.libcrypto, "checking a public key") }
    defer { unsafe BN_CTX_free(context) }
    unsafe BN_CTX_start(context)
    defer { unsafe BN_CTX_end(context) }
    guard let p = unsafe number(p, context), let d = unsafe number(d, context),
      let y = unsafe number(y, context), let u = unsafe BN_CTX_get(context),
      let v = unsafe BN_CTX_get(context), unsafe BN_mod_sqr(u, y, p, context) == 1,
      unsafe BN_mod_mul(v, u, d, p, context) == 1, unsafe BN_add_word(v, 1) == 1,
      unsafe BN_sub_word(u, 1) == 1, unsafe BN_mod_mul(u, u, v, p, context) == 1
    else { throw CryptoError(.libcrypto, "checking a public key") }
    let symbol = unsafe BN_kronecker(u, p, context)
    guard symbol >= -1 else { throw CryptoError(.libcrypto, "checking a public key") }
    return symbol == 1
  }

  private static func number(_ bytes: [UInt8], _ context: OpaquePointer) -> OpaquePointer? {
    guard let number = unsafe BN_CTX_get(context) else { return nil }
    return unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe BN_bin2bn(buffer.baseAddress, Int32(buffer.count), number)
    }
  }
}
