internal import COpenSSL

/// The numbers and points of one thread that verifies by tables; made once and used for batch after batch.
///
/// A record is r ‖ s ‖ e: a signature and the digest that it is over, 96 bytes.
@safe final class FastVerifier {
  static let recordByteCount = 96

  private let curve: P256
  private let context: OpaquePointer
  private let r: OpaquePointer
  private let e: OpaquePointer
  private let u1: OpaquePointer
  private let u2: OpaquePointer
  private let x: OpaquePointer
  private let z: OpaquePointer
  private let left: OpaquePointer
  private let right: OpaquePointer
  /// s of each record, and after `prepare` R / s mod n.
  private var inverses: [OpaquePointer] = unsafe []
  /// The products of the s up to each record.
  private var products: [OpaquePointer] = unsafe []
  private var isInRange: [Bool] = []

  /// nil if this libcrypto does not multiply by tables. Traps without memory.
  init?() {
    guard let curve = P256.shared else { return nil }
    guard let context = unsafe BN_CTX_new(), let left = unsafe EC_POINT_new(curve.group),
      let right = unsafe EC_POINT_new(curve.group)
    else { fatalError("libcrypto has no memory to verify signatures") }
    self.curve = curve
    unsafe self.context = context
    unsafe self.left = left
    unsafe self.right = right
    unsafe r = FastVerifier.number()
    unsafe e = FastVerifier.number()
    unsafe u1 = FastVerifier.number()
    unsafe u2 = FastVerifier.number()
    unsafe x = FastVerifier.number()
    unsafe z = FastVerifier.number()
  }

  deinit {
    while let number = unsafe inverses.popLast() { unsafe BN_free(number) }
    while let number = unsafe products.popLast() { unsafe BN_free(number) }
    unsafe BN_free(r)
    unsafe BN_free(e)
    unsafe BN_free(u1)
    unsafe BN_free(u2)
    unsafe BN_free(x)
    unsafe BN_free(z)
    unsafe EC_POINT_free(left)
    unsafe EC_POINT_free(right)
    unsafe BN_CTX_free(context)
  }

  private static func number() -> OpaquePointer {
    guard let number = unsafe BN_new() else { fatalError("libcrypto has no memory for a number") }
    return unsafe number
  }

  /// Inverts the s of the first `count` of `records` together (Montgomery's trick: three products for each, and one
  /// inversion). Records whose r or s is not of 1 … n − 1 are left out: one zero would spoil the product.
  ///
  /// - Returns: false if libcrypto failed, and nothing can be accepted.
  func prepare(_ records: Span<UInt8>, count: Int) -> Bool {
    precondition(count >= 0 && count * FastVerifier.recordByteCount <= records.count, "records are missing")
    while isInRange.count < count {
      unsafe inverses.append(FastVerifier.number())
      unsafe products.append(FastVerifier.number())
      isInRange.append(false)
    }
    return unsafe records.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return false }
      let order = unsafe curve.orderContext
      var last: OpaquePointer?
      for index in 0..<count {
        let record = unsafe start + index * FastVerifier.recordByteCount
        let s = unsafe inverses[index]
        guard unsafe read(record, into: r), unsafe read(record + 32, into: s) else { return false }
        isInRange[index] = unsafe isScalar(r) && isScalar(s)
        guard isInRange[index] else { continue }
        let product = unsafe products[index]
        if let last = unsafe last {
          guard unsafe BN_mod_mul_montgomery(product, last, s, order, context) == 1 else { return false }
        } else {
          guard unsafe BN_copy(product, s) != nil else { return false }
        }
        unsafe last = product
      }
      guard let last = unsafe last else { return true }
      // From here on `e` is R over the product of all s up to the one at hand; each step keeps it so:
      // with P' = P s / R, the inverse R / P' is R² / (P s), and its Montgomery product with s is R / P.
      guard
        unsafe BN_mod_exp_mont(e, last, curve.inversion, curve.order, context, curve.orderContext) == 1,
        unsafe BN_to_montgomery(e, e, order, context) == 1
      else { return false }
      var current: Int?
      for index in (0..<count).reversed() where isInRange[index] {
        // One step late, since each needs the product before its own.
        if let current {
          guard unsafe invert(current, before: products[index]) else { return false }
        }
        current = index
      }
      guard let current else { return true }
      return unsafe BN_copy(inverses[current], e) != nil
    }
  }

  private func invert(_ index: Int, before product: OpaquePointer) -> Bool {
    let s = unsafe inverses[index]
    return unsafe BN_mod_mul_montgomery(u1, e, product, curve.orderContext, context) == 1
      && BN_mod_mul_montgomery(e, e, s, curve.orderContext, context) == 1
      && BN_copy(s, u1) != nil
  }

  private func read(_ bytes: UnsafePointer<UInt8>, into number: OpaquePointer) -> Bool {
    unsafe BN_bin2bn(bytes, 32, number) != nil
  }

  /// Whether `number` is of 1 … n − 1.
  private func isScalar(_ number: OpaquePointer) -> Bool {
    unsafe BN_is_zero(number) == 0 && BN_ucmp(number, curve.order) < 0
  }

  /// Whether record `index` of the `records` that were prepared is a valid signature of the key that `table` is of.
  ///
  /// True is final. False may also be a failure, or an x of n or more, which occurs once in 2¹²⁸: only the ordinary way
  /// can call a signature bad.
  func accepts(_ records: Span<UInt8>, _ index: Int, table: KeyTable) -> Bool {
    precondition(index >= 0 && (index + 1) * FastVerifier.recordByteCount <= records.count, "no such record")
    guard isInRange[index] else { return false }
    return unsafe records.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return false }
      let record = unsafe start + index * FastVerifier.recordByteCount
      let order = unsafe curve.orderContext
      let field = unsafe curve.fieldContext
      let inverse = unsafe inverses[index]
      guard unsafe read(record, into: r), unsafe read(record + 64, into: e) else { return false }
      if unsafe BN_ucmp(e, curve.order) >= 0 {
        guard unsafe BN_usub(e, e, curve.order) == 1 else { return false }
      }
      guard unsafe BN_mod_mul_montgomery(u1, e, inverse, order, context) == 1,
        unsafe BN_mod_mul_montgomery(u2, r, inverse, order, context) == 1,
        unsafe EC_POINT_mul(curve.group, left, u1, nil, nil, context) == 1,
        unsafe EC_POINT_mul(table.group, right, u2, nil, nil, context) == 1,
        unsafe EC_POINT_add(curve.group, left, left, right, context) == 1,
        unsafe EC_POINT_is_at_infinity(curve.group, left) == 0,
        unsafe zheng_projective(curve.group, left, x, z, context) == 1,
        // x = r where X = r Z²; both sides divided by R².
        unsafe BN_mod_mul_montgomery(x, x, curve.radixInverse, field, context) == 1,
        unsafe BN_mod_mul_montgomery(z, z, z, field, context) == 1,
        unsafe BN_mod_mul_montgomery(z, z, r, field, context) == 1
      else { return false }
      return unsafe BN_cmp(x, z) == 0
    }
  }
}
