internal import COpenSSL

/// An `EVP_PKEY` that is freed with its last reference.
///
/// `@unchecked Sendable`: libcrypto counts references atomically, and nothing changes a key once it is made.
@safe final class PKey: @unchecked Sendable {
  let pointer: OpaquePointer

  /// Takes over the caller's reference.
  init(adopting pointer: OpaquePointer) { unsafe self.pointer = pointer }

  deinit { unsafe EVP_PKEY_free(pointer) }

  convenience init(generating algorithm: KeyAlgorithm) throws(CryptoError) {
    let name = algorithm == .es256 ? "EC" : "ED25519"
    guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, name, nil) else {
      throw CryptoError(.libcrypto, "generating a key")
    }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var made: OpaquePointer?
    guard unsafe EVP_PKEY_keygen_init(context) == 1,
      unsafe algorithm == .ed25519 || EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
      unsafe EVP_PKEY_generate(context, &made) == 1, let made = unsafe made
    else { throw CryptoError(.libcrypto, "generating a key") }
    unsafe self.init(adopting: made)
  }

  // MARK: From bytes

  /// The public key with these bytes, `algorithm.publicKeyByteCount` of them.
  convenience init(publicKey bytes: [UInt8], _ algorithm: KeyAlgorithm) throws(CryptoError) {
    precondition(bytes.count == algorithm.publicKeyByteCount, "a public key of another length")
    switch algorithm {
    case .es256: try unsafe self.init(adopting: PKey.pointOfP256(bytes))
    case .ed25519:
      // libcrypto takes any 32 bytes for an Ed25519 key and only then fails to verify with it.
      guard try Ed25519Point.isKey(bytes) else {
        throw CryptoError(.malformedKey, "not an Ed25519 public key")
      }
      let made = unsafe bytes.withUnsafeBufferPointer { buffer in
        unsafe EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, buffer.baseAddress, buffer.count)
      }
      guard let made = unsafe made else { throw CryptoError(.libcrypto, "making a public key") }
      unsafe self.init(adopting: made)
    }
  }

  /// libcrypto itself refuses coordinates that are not those of a point.
  private static func pointOfP256(_ bytes: [UInt8]) throws(CryptoError) -> OpaquePointer {
    guard let curve = p256, let made = unsafe EVP_PKEY_new() else {
      throw CryptoError(.libcrypto, "making a public key")
    }
    guard unsafe EVP_PKEY_copy_parameters(made, curve.pointer) == 1 else {
      unsafe EVP_PKEY_free(made)
      throw CryptoError(.libcrypto, "making a public key")
    }
    let point = [0x04] + bytes
    let isPoint = unsafe point.withUnsafeBufferPointer { buffer in
      unsafe EVP_PKEY_set1_encoded_public_key(made, buffer.baseAddress, buffer.count) == 1
    }
    guard isPoint else {
      unsafe EVP_PKEY_free(made)
      throw CryptoError(.malformedKey, "not a point of P-256")
    }
    return unsafe made
  }

  /// The parameters of P-256 without a key, made once: a sixth of the time that reading a SubjectPublicKeyInfo takes.
  private static let p256: PKey? = {
    guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else { return nil }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var made: OpaquePointer?
    guard unsafe EVP_PKEY_paramgen_init(context) == 1,
      unsafe EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
      unsafe EVP_PKEY_paramgen(context, &made) == 1, let made = unsafe made
    else { return nil }
    return unsafe PKey(adopting: made)
  }()

  // MARK: What it is

  func algorithm() throws(CryptoError) -> KeyAlgorithm {
    if unsafe EVP_PKEY_is_a(pointer, "ED25519") == 1 { return .ed25519 }
    guard unsafe EVP_PKEY_is_a(pointer, "EC") == 1 else {
      throw CryptoError(.unsupportedKey, "neither a P-256 nor an Ed25519 key")
    }
    var name = [CChar](repeating: 0, count: 64)
    let isNamed = unsafe name.withUnsafeMutableBufferPointer { buffer in
      unsafe EVP_PKEY_get_group_name(pointer, buffer.baseAddress, buffer.count, nil) == 1
    }
    let group = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard isNamed, group == "prime256v1" else {
      throw CryptoError(.unsupportedKey, "an EC key of another curve than P-256")
    }
    return .es256
  }

  func publicBytes(_ algorithm: KeyAlgorithm) throws(CryptoError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: algorithm.publicKeyByteCount)
    let isDone = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      switch algorithm {
      case .ed25519:
        var count = buffer.count
        return unsafe EVP_PKEY_get_raw_public_key(pointer, buffer.baseAddress, &count) == 1
          && count == buffer.count
      case .es256:
        return unsafe coordinate(OSSL_PKEY_PARAM_EC_PUB_X, into: buffer.baseAddress)
          && coordinate(OSSL_PKEY_PARAM_EC_PUB_Y, into: buffer.baseAddress.map { unsafe $0 + 32 })
      }
    }
    // The point at infinity, which libcrypto reads from a PEM, has no coordinates.
    guard isDone else { throw CryptoError(.malformedKey, "a public key without a point") }
    return bytes
  }

  private func coordinate(_ name: String, into output: UnsafeMutablePointer<UInt8>?) -> Bool {
    var number: OpaquePointer?
    guard unsafe EVP_PKEY_get_bn_param(pointer, name, &number) == 1 else { return false }
    defer { unsafe BN_free(number) }
    return unsafe BN_bn2binpad(number, output, 32) == 32
  }

  /// Has the curve written by its name from now on, where the PEM that was read gave its parameters; to be called
  /// before the key is shared.
  func nameCurve() throws(CryptoError) {
    guard
      unsafe EVP_PKEY_set_utf8_string_param(
        pointer, OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_GROUP) == 1
    else { throw CryptoError(.libcrypto, "naming a curve") }
  }

  /// Checks the numbers of a private key that was read: that they are in range, and one key's.
  ///
  /// PKCS#8 may carry a public half, which libcrypto does not check: signatures by a key with a wrong one verify nowhere.
  func checkPair() throws(CryptoError) {
    guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil) else {
      throw CryptoError(.libcrypto, "checking a private key")
    }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    guard unsafe EVP_PKEY_check(context) == 1 else {
      throw CryptoError(.malformedKey, "a private key that is out of range or not its public key's")
    }
  }
}
