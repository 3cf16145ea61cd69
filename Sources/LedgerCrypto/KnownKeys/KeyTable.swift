internal import COpenSSL

/// P-256 with a public key Q in the place of G, and a table of the multiples of Q: about 150 KB, and 25 ms to make.
///
/// `@unchecked Sendable`: nothing changes the group once it is made, and libcrypto multiplies by a `const` one.
@safe final class KeyTable: @unchecked Sendable {
  let group: OpaquePointer

  private init(adopting group: OpaquePointer) { unsafe self.group = group }

  deinit { unsafe EC_GROUP_free(group) }

  /// The table of a P-256 key, after it was checked against libcrypto's ordinary multiplication and verification; nil
  /// where libcrypto makes none, or one that does not agree.
  static func make(for key: PublicKey) -> KeyTable? {
    defer { CryptoError.clearQueue() }
    guard let curve = P256.shared, let context = unsafe BN_CTX_new() else { return nil }
    defer { unsafe BN_CTX_free(context) }
    guard let group = unsafe EC_GROUP_dup(curve.group) else { return nil }
    let table = unsafe KeyTable(adopting: group)
    guard let point = unsafe EC_POINT_new(group) else { return nil }
    defer { unsafe EC_POINT_free(point) }
    let octets = [0x04] + key.rawBytes
    let isPoint = unsafe octets.withUnsafeBufferPointer { octets in
      unsafe EC_POINT_oct2point(group, point, octets.baseAddress, octets.count, context) == 1
    }
    guard isPoint,
      unsafe EC_GROUP_set_generator(group, point, curve.order, BN_value_one()) == 1,
      unsafe zheng_precompute(group, context) == 1,
      unsafe table.isSound(for: key, point, curve, context)
    else { return nil }
    return table
  }

  /// Whether signatures that anyone can make up for given multiples of G and Q are judged by the table as they
  /// should be, and as they are without it.
  ///
  /// With u1 and u2 at will and (x, y) = u1·G + u2·Q, r = x mod n and s = r / u2 are a signature over e = u1·s. There
  /// is no message that hashes to such an e, but the numbers are all that verification sees.
  private func isSound(
    for key: PublicKey, _ point: OpaquePointer, _ curve: P256, _ context: OpaquePointer
  ) -> Bool {
    guard let numbers = FastVerifier() else { return false }
    let signer = Signer(key, table: self)
    for _ in 0..<3 {
      guard let good = unsafe KeyTable.madeUp(point, curve, context) else { return false }
      var bad = good
      bad[95] ^= 1
      let records = good + bad
      guard numbers.prepare(records.span, count: 2), numbers.accepts(records.span, 0, table: self),
        signer.isValid(records.span, 0), !numbers.accepts(records.span, 1, table: self)
      else { return false }
    }
    return true
  }

  /// r ‖ s ‖ e, of 32 bytes each.
  private static func madeUp(
    _ point: OpaquePointer, _ curve: P256, _ context: OpaquePointer
  ) -> [UInt8]? {
    unsafe BN_CTX_start(context)
    defer { unsafe BN_CTX_end(context) }
    guard let u1 = unsafe BN_CTX_get(context), let u2 = unsafe BN_CTX_get(context),
      let r = unsafe BN_CTX_get(context), let s = unsafe BN_CTX_get(context),
      let e = unsafe BN_CTX_get(context), let sum = unsafe EC_POINT_new(curve.group)
    else { return nil }
    defer { unsafe EC_POINT_free(sum) }
    guard unsafe BN_rand_range(u1, curve.order) == 1, unsafe BN_rand_range(u2, curve.order) == 1,
      unsafe EC_POINT_mul(curve.group, sum, u1, point, u2, context) == 1,
      unsafe EC_POINT_get_affine_coordinates(curve.group, sum, r, nil, context) == 1,
      unsafe BN_nnmod(r, r, curve.order, context) == 1,
      unsafe BN_mod_inverse(s, u2, curve.order, context) != nil,
      unsafe BN_mod_mul(s, s, r, curve.order, context) == 1,
      unsafe BN_mod_mul(e, u1, s, curve.order, context) == 1
    else { return nil }
    var record = [UInt8](repeating: 0, count: FastVerifier.recordByteCount)
    let isDone = unsafe record.withUnsafeMutableBufferPointer { record in
      guard let start = record.baseAddress else { return false }
      return unsafe BN_bn2binpad(r, start, 32) == 32 && BN_bn2binpad(s, start + 32, 32) == 32
        && BN_bn2binpad(e, start + 64, 32) == 32
    }
    return isDone ? record : nil
  }
}
