import COpenSSL
import LedgerCrypto
import TestKit

/// P-256 by libcrypto's own calls, apart from the code under test: numbers modulo n, signatures made to measure, and verdicts.
///
/// Not for use by two threads at once.
final class Curve {
  private let group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)!
  private let context = BN_CTX_new()!
  private var order: OpaquePointer { EC_GROUP_get0_order(group) }

  deinit {
    BN_CTX_free(context)
    EC_GROUP_free(group)
  }

  static let n = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
  static let zero = [UInt8](repeating: 0, count: 32)
  static let most = [UInt8](repeating: 0xff, count: 32)

  static func small(_ value: UInt8) -> [UInt8] { [UInt8](repeating: 0, count: 31) + [value] }

  // MARK: Numbers of 32 bytes, modulo n

  private func number(_ bytes: [UInt8]) -> OpaquePointer { BN_bin2bn(bytes, Int32(bytes.count), nil) }

  private func bytes(_ number: OpaquePointer) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 32)
    precondition(BN_bn2binpad(number, &bytes, 32) == 32)
    return bytes
  }

  private func modulo(
    _ a: [UInt8], _ b: [UInt8],
    _ operation: (OpaquePointer?, OpaquePointer?, OpaquePointer?, OpaquePointer?, OpaquePointer?) -> Int32
  ) -> [UInt8] {
    let (a, b) = (number(a), number(b))
    defer {
      BN_free(a)
      BN_free(b)
    }
    precondition(operation(a, a, b, order, context) == 1)
    return bytes(a)
  }

  func sum(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] { modulo(a, b, BN_mod_add) }
  func difference(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] { modulo(a, b, BN_mod_sub) }
  func product(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] { modulo(a, b, BN_mod_mul) }

  func quotient(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
    let divisor = number(b)
    defer { BN_free(divisor) }
    precondition(BN_mod_inverse(divisor, divisor, order, context) != nil)
    return product(a, bytes(divisor))
  }

  // MARK: Points

  /// x ‖ y of k·G; k is not 0.
  func multiple(_ k: [UInt8]) -> [UInt8] {
    let (k, point) = (number(k), EC_POINT_new(group)!)
    defer {
      BN_free(k)
      EC_POINT_free(point)
    }
    var octets = [UInt8](repeating: 0, count: 65)
    precondition(EC_POINT_mul(group, point, k, nil, nil, context) == 1)
    precondition(
      EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, &octets, 65, context) == 65)
    return Array(octets.dropFirst())
  }

  func publicKey(_ d: [UInt8]) throws -> PublicKey { try PublicKey(.es256, rawBytes: multiple(d)) }

  // MARK: Signatures

  /// The r that belongs to the point k·G.
  func r(_ k: [UInt8]) -> [UInt8] { sum(Array(multiple(k).prefix(32)), Curve.zero) }

  /// The signature of the key with secret `d` over `digest`, with nonce `k`.
  func sign(_ digest: [UInt8], _ d: [UInt8], nonce k: [UInt8]) -> [UInt8] {
    let r = r(k)
    return r + quotient(sum(digest, product(r, d)), k)
  }

  /// The digest that the signature with this `s` and nonce `k` is over.
  func digest(s: [UInt8], _ d: [UInt8], nonce k: [UInt8]) -> [UInt8] {
    difference(product(k, s), product(r(k), d))
  }

  /// What `ECDSA_do_verify` says of r ‖ s.
  func accepts(_ raw: [UInt8], over digest: [UInt8], by key: PublicKey) -> Bool {
    let signature = ECDSA_SIG_new()!
    let point = EC_POINT_new(group)!
    let holder = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1)!
    defer {
      ECDSA_SIG_free(signature)
      EC_POINT_free(point)
      EC_KEY_free(holder)
      ERR_clear_error()
    }
    precondition(ECDSA_SIG_set0(signature, number(Array(raw[..<32])), number(Array(raw[32...]))) == 1)
    precondition(EC_POINT_oct2point(group, point, [4] + key.rawBytes, 65, context) == 1)
    precondition(EC_KEY_set_public_key(holder, point) == 1)
    return ECDSA_do_verify(digest, Int32(digest.count), signature, holder) == 1
  }
}
