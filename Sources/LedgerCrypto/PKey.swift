internal import COpenSSL

/// An `EVP_PKEY` that is freed with its last reference.
///
/// `@unchecked Sendable`: libcrypto counts references atomically, and nothing changes a key once it is made.
@safe final class PKey: @unchecked Sendable {
  private let pointer: OpaquePointer

  private init(adopting pointer: OpaquePointer) { unsafe self.pointer = pointer }

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

  convenience init(publicKey bytes: [UInt8], _ algorithm: KeyAlgorithm) throws(CryptoError) {
    // A SubjectPublicKeyInfo of these two kinds is a constant prefix and the key (RFC 5480 §2, RFC 8410 §4).
    let prefix: [UInt8] =
      algorithm == .es256
      ? [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
        0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
      ]
      : [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
    let spki = prefix + bytes
    let made = unsafe spki.withUnsafeBufferPointer { buffer in
      var cursor = buffer.baseAddress
      return unsafe d2i_PUBKEY(nil, &cursor, buffer.count)
    }
    guard let made = unsafe made else { throw CryptoError(.malformedKey, "not a public key of the curve") }
    unsafe self.init(adopting: made)
  }

  convenience init(publicPEM pem: String) throws(CryptoError) {
    let made = unsafe PKey.reading(pem) { unsafe PEM_read_bio_PUBKEY($0, nil, nil, nil) }
    guard let made = unsafe made else {
      throw CryptoError(.malformedKey, "not a PEM public key (SubjectPublicKeyInfo)")
    }
    unsafe self.init(adopting: made)
  }

  convenience init(privatePEM pem: String) throws(CryptoError) {
    // Only PKCS#8 without encryption: a callback that gives no passphrase keeps libcrypto from asking the terminal.
    guard pem.contains("-----BEGIN PRIVATE KEY-----") else {
      throw CryptoError(.malformedKey, "not an unencrypted PKCS#8 PEM (-----BEGIN PRIVATE KEY-----)")
    }
    let made = unsafe PKey.reading(pem) { bio in
      unsafe PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil)
    }
    guard let made = unsafe made else { throw CryptoError(.malformedKey, "not a PKCS#8 private key") }
    unsafe self.init(adopting: made)
  }

  private static func reading(_ pem: String, _ read: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
    let bytes = Array(pem.utf8)
    return unsafe bytes.withUnsafeBufferPointer { buffer in
      guard let count = Int32(exactly: buffer.count), count > 0,
        let bio = unsafe BIO_new_mem_buf(buffer.baseAddress, count)
      else { return nil }
      defer { unsafe BIO_free(bio) }
      return unsafe read(bio)
    }
  }

  // MARK: What it is

  func algorithm() throws(CryptoError) -> KeyAlgorithm {
    if unsafe EVP_PKEY_is_a(pointer, "ED25519") == 1 { return .ed25519 }
    var name = [CChar](repeating: 0, count: 64)
    let isNamed = unsafe name.withUnsafeMutableBufferPointer { buffer in
      unsafe EVP_PKEY_get_group_name(pointer, buffer.baseAddress, buffer.count, nil) == 1
    }
    let group = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard unsafe EVP_PKEY_is_a(pointer, "EC") == 1, isNamed, group == "prime256v1" else {
      throw CryptoError(.unsupportedKey, "neither a P-256 nor an Ed25519 key")
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
    guard isDone else { throw CryptoError(.libcrypto, "reading a public key") }
    return bytes
  }

  private func coordinate(_ name: String, into output: UnsafeMutablePointer<UInt8>?) -> Bool {
    var number: OpaquePointer?
    guard unsafe EVP_PKEY_get_bn_param(pointer, name, &number) == 1 else { return false }
    defer { unsafe BN_free(number) }
    return unsafe BN_bn2binpad(number, output, 32) == 32
  }

  // MARK: PEM

  func publicPEM() throws(CryptoError) -> String {
    try unsafe writing { unsafe PEM_write_bio_PUBKEY($0, pointer) }
  }

  func privatePEM() throws(CryptoError) -> String {
    try unsafe writing { unsafe PEM_write_bio_PKCS8PrivateKey($0, pointer, nil, nil, 0, nil, nil) }
  }

  private func writing(_ write: (OpaquePointer) -> Int32) throws(CryptoError) -> String {
    guard let bio = unsafe BIO_new(BIO_s_secmem()) else { throw CryptoError(.libcrypto, "writing a PEM") }
    defer { unsafe BIO_free(bio) }
    guard unsafe write(bio) == 1 else { throw CryptoError(.libcrypto, "writing a PEM") }
    var memory: UnsafeMutablePointer<CChar>?
    let count = unsafe zheng_bio_memory(bio, &memory)
    guard let memory = unsafe memory, count > 0 else { throw CryptoError(.libcrypto, "writing a PEM") }
    return unsafe UnsafeBufferPointer(start: memory, count: count)
      .withMemoryRebound(to: UInt8.self) { unsafe String(decoding: $0, as: UTF8.self) }
  }

  // MARK: Signatures

  /// libcrypto's signature over `message`: DER for ECDSA, 64 bytes for Ed25519.
  func sign(_ message: [UInt8], digest: String?) throws(CryptoError) -> [UInt8] {
    guard let context = unsafe EVP_MD_CTX_new() else { throw CryptoError(.libcrypto, "signing") }
    defer { unsafe EVP_MD_CTX_free(context) }
    var signature = [UInt8](repeating: 0, count: 80)
    var count = signature.count
    let isDone = unsafe signature.withUnsafeMutableBufferPointer { output in
      unsafe message.withUnsafeBufferPointer { input in
        unsafe EVP_DigestSignInit_ex(context, nil, digest, nil, nil, pointer, nil) == 1
          && EVP_DigestSign(context, output.baseAddress, &count, input.baseAddress, input.count) == 1
      }
    }
    guard isDone else { throw CryptoError(.libcrypto, "signing") }
    return Array(signature.prefix(count))
  }

  /// Whether libcrypto accepts `signature` over `message`.
  func verify(_ signature: Span<UInt8>, over message: Span<UInt8>, digest: String?) -> Bool {
    guard let context = unsafe EVP_MD_CTX_new() else {
      fatalError("libcrypto has no memory for a digest context")
    }
    defer { unsafe EVP_MD_CTX_free(context) }
    let isValid = unsafe signature.withUnsafeBufferPointer { signature in
      unsafe message.withUnsafeBufferPointer { message in
        unsafe EVP_DigestVerifyInit_ex(context, nil, digest, nil, nil, pointer, nil) == 1
          && EVP_DigestVerify(
            context, signature.baseAddress, signature.count, message.baseAddress, message.count) == 1
      }
    }
    if !isValid { CryptoError.drainQueue() }
    return isValid
  }
}
