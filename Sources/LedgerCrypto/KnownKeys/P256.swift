internal import COpenSSL

/// P-256 as libcrypto has it, with what verifying by tables needs beside it. Made once; nothing changes it afterwards.
///
/// `@unchecked Sendable`: every call that these are given to only reads them.
@safe final class P256: @unchecked Sendable {
  /// The curve, with the multiples of G at hand.
  let group: OpaquePointer
  /// n, which `group` owns.
  let order: OpaquePointer
  /// n − 2: the power that is the inverse modulo n, which is prime (Fermat).
  let inversion: OpaquePointer
  /// For products modulo n.
  let orderContext: OpaquePointer
  /// For products modulo p.
  let fieldContext: OpaquePointer
  /// R⁻¹ mod p, where a Montgomery product of a and b is a b R⁻¹.
  let radixInverse: OpaquePointer

  /// nil if this libcrypto does not multiply by tables.
  static let shared: P256? = P256()

  private init?() {
    guard let context = unsafe BN_CTX_new() else { return nil }
    defer { unsafe BN_CTX_free(context) }
    guard let group = unsafe EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1),
      let order = unsafe EC_GROUP_get0_order(group), let inversion = unsafe BN_dup(order),
      unsafe BN_sub_word(inversion, 2) == 1, let orderContext = unsafe BN_MONT_CTX_new(),
      let fieldContext = unsafe BN_MONT_CTX_new(), let radixInverse = unsafe BN_new(),
      let p = unsafe EC_GROUP_get0_field(group),
      unsafe zheng_precompute(group, context) == 1,
      unsafe BN_MONT_CTX_set(orderContext, order, context) == 1,
      unsafe BN_MONT_CTX_set(fieldContext, p, context) == 1,
      unsafe BN_set_word(radixInverse, 1) == 1,
      unsafe BN_mod_mul_montgomery(radixInverse, radixInverse, radixInverse, fieldContext, context) == 1
    else {
      // What was made before is left: it is little, and happens once a process.
      CryptoError.clearQueue()
      return nil
    }
    unsafe self.group = group
    unsafe self.order = order
    unsafe self.inversion = inversion
    unsafe self.orderContext = orderContext
    unsafe self.fieldContext = fieldContext
    unsafe self.radixInverse = radixInverse
  }
}
