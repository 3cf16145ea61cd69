internal import COpenSSL

/// HMAC-SHA-256 (RFC 2104, FIPS 198-1) over a message that arrives in parts.
///
///     var mac = try HMACSHA256.keyed(salt.span)
///     mac.update(part.span)
///     let code = try mac.finalize()
///
/// Not for use from two threads at once (it is not copyable, and its methods are mutating or consuming).
@safe public struct HMACSHA256: ~Copyable {
  private let context: OpaquePointer

  private init(adopting context: OpaquePointer) { unsafe self.context = context }

  deinit { unsafe EVP_MAC_CTX_free(context) }

  /// A code under `key`, of any length. Keys of more than 64 bytes are hashed first, as the standard says.
  ///
  /// - Throws: `libcrypto` if it has no HMAC, no SHA-256 or no memory.
  public static func keyed(_ key: Span<UInt8>) throws(CryptoError) -> HMACSHA256 {
    guard let algorithm = unsafe EVP_MAC_fetch(nil, "HMAC", nil) else {
      throw CryptoError(.libcrypto, "fetching HMAC")
    }
    // A context holds its own reference.
    defer { unsafe EVP_MAC_free(algorithm) }
    guard let context = unsafe EVP_MAC_CTX_new(algorithm) else {
      throw CryptoError(.libcrypto, "making an HMAC context")
    }
    guard unsafe start(context, key) else {
      let error = CryptoError(.libcrypto, "starting HMAC-SHA-256")
      unsafe EVP_MAC_CTX_free(context)
      throw error
    }
    return unsafe HMACSHA256(adopting: context)
  }

  private static func start(_ context: OpaquePointer, _ key: Span<UInt8>) -> Bool {
    var digest = Array("SHA256".utf8CString)
    return unsafe digest.withUnsafeMutableBufferPointer { digest in
      let parameters = unsafe [
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.baseAddress, 0),
        OSSL_PARAM_construct_end(),
      ]
      // Without a key pointer libcrypto keeps the key that it had, which is none; so an empty key has a pointer too.
      var none: UInt8 = 0
      return unsafe key.withUnsafeBufferPointer { key in
        guard let first = key.baseAddress else {
          return unsafe EVP_MAC_init(context, &none, 0, parameters) == 1
        }
        return unsafe EVP_MAC_init(context, first, key.count, parameters) == 1
      }
    }
  }

  /// Adds `part` to the message.
  ///
  /// - Throws: `libcrypto`, which is a failure of the machine: the code must not be used afterwards.
  public mutating func update(_ part: Span<UInt8>) throws(CryptoError) {
    let isDone = unsafe part.withUnsafeBufferPointer { part in
      unsafe part.isEmpty || EVP_MAC_update(context, part.baseAddress, part.count) == 1
    }
    guard isDone else { throw CryptoError(.libcrypto, "feeding HMAC-SHA-256") }
  }

  /// The code of the parts so far.
  ///
  /// - Throws: `libcrypto`, which is a failure of the machine.
  public consuming func finalize() throws(CryptoError) -> Digest {
    var code = [UInt8](repeating: 0, count: Digest.byteCount)
    var count = 0
    let isDone = unsafe code.withUnsafeMutableBufferPointer { code in
      unsafe EVP_MAC_final(context, code.baseAddress, &count, code.count) == 1
    }
    guard isDone, count == Digest.byteCount, let digest = Digest(code.span) else {
      throw CryptoError(.libcrypto, "finishing HMAC-SHA-256")
    }
    return digest
  }

  /// The code of a message that is there whole.
  public static func code(of message: [UInt8], key: [UInt8]) throws(CryptoError) -> Digest {
    var mac = try keyed(key.span)
    try mac.update(message.span)
    return try mac.finalize()
  }
}
