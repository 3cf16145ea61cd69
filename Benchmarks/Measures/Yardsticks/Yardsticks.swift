internal import COpenSSL
import LedgerCrypto

/// What libcrypto itself takes for a SHA-256 or an ES256 signature, for benchmarks to compare ours with: loops with the calls and
/// nothing else.
@safe enum Yardsticks {
  /// Hashes `message` `count` times with the one-shot `SHA256()`, which fetches the algorithm on each call.
  ///
  /// - Returns: the digest; zero where `count` is 0.
  static func oneShot(_ message: [UInt8], count: Int) -> Digest {
    unsafe hashed { output in
      unsafe message.withUnsafeBufferPointer { input in
        for _ in 0..<count { _ = unsafe COpenSSL.SHA256(input.baseAddress, input.count, output) }
      }
    }
  }

  /// Hashes `message` `count` times with one context, started anew by `EVP_DigestInit_ex2` with an algorithm that was fetched
  /// once.
  ///
  /// - Returns: the digest; zero where `count` is 0. Traps where libcrypto fails.
  static func reusedContext(_ message: [UInt8], count: Int) -> Digest {
    guard let algorithm = unsafe EVP_MD_fetch(nil, "SHA256", nil), let context = unsafe EVP_MD_CTX_new()
    else {
      fatalError("libcrypto cannot start SHA-256")
    }
    defer {
      unsafe EVP_MD_CTX_free(context)
      unsafe EVP_MD_free(algorithm)
    }
    return unsafe hashed { output in
      unsafe message.withUnsafeBufferPointer { input in
        for _ in 0..<count {
          guard unsafe EVP_DigestInit_ex2(context, algorithm, nil) == 1,
            unsafe EVP_DigestUpdate(context, input.baseAddress, input.count) == 1,
            unsafe EVP_DigestFinal_ex(context, output, nil) == 1
          else { fatalError("libcrypto cannot hash") }
        }
      }
    }
  }

  /// Verifies `signature`, `key`'s over `message`, `count` times with one context that is set up once, from its DER form and the
  /// digest of the message, both made beforehand: as `openssl speed ecdsap256` does.
  ///
  /// - Parameters:
  ///   - signature: r ‖ s, 64 bytes.
  ///   - key: of P-256.
  /// - Returns: whether it was valid each time; true where `count` is 0. Traps where libcrypto can't begin.
  static func verify(
    _ signature: [UInt8], over message: [UInt8], by key: PublicKey, count: Int
  ) -> Bool {
    precondition(key.algorithm == .es256 && signature.count == 64, "the yardstick is of P-256")
    let digest = SHA256.digest(of: message).bytes
    guard let key = unsafe own(key) else { fatalError("libcrypto cannot read a key of its own") }
    defer { unsafe EVP_PKEY_free(key) }
    guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key, nil),
      unsafe EVP_PKEY_verify_init(context) == 1
    else { fatalError("libcrypto cannot start to verify") }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    let der = der(ofRaw: signature)
    var isValid = true
    unsafe der.withUnsafeBufferPointer { der in
      unsafe digest.withUnsafeBufferPointer { digest in
        for _ in 0..<count {
          isValid =
            unsafe EVP_PKEY_verify(context, der.baseAddress, der.count, digest.baseAddress, digest.count) == 1
            && isValid
        }
      }
    }
    if !isValid { ERR_clear_error() }
    return isValid
  }

  /// libcrypto's name and version.
  static var libraryVersion: String {
    guard let text = unsafe OpenSSL_version(OPENSSL_VERSION) else { return "unknown" }
    return unsafe String(cString: text)
  }

  /// What libcrypto makes use of in the processor, in its own words (`OPENSSL_info(3)`, `OPENSSL_INFO_CPU_SETTINGS`); nil where it
  /// has none.
  static var processorSettings: String? {
    guard let text = unsafe OPENSSL_info(OPENSSL_INFO_CPU_SETTINGS) else { return nil }
    return unsafe String(cString: text)
  }

  /// `key` as libcrypto reads it from PEM, to be freed by the caller.
  private static func own(_ key: PublicKey) -> OpaquePointer? {
    guard let pem = try? key.pem() else { return nil }
    return unsafe Array(pem.utf8).withUnsafeBytes { bytes in
      guard let memory = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else { return nil }
      defer { unsafe BIO_free(memory) }
      return unsafe PEM_read_bio_PUBKEY(memory, nil, nil, nil)
    }
  }

  /// `ECDSA-Sig-Value` in DER (RFC 3279 §2.2.3) of r ‖ s.
  private static func der(ofRaw signature: [UInt8]) -> [UInt8] {
    func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
      var content = Array(bytes.drop { $0 == 0 })
      if content.first.map({ $0 >= 0x80 }) ?? true { content.insert(0, at: 0) }
      return [0x02, UInt8(content.count)] + content
    }
    let both = integer(signature[..<32]) + integer(signature[32...])
    return [0x30, UInt8(both.count)] + both
  }

  private static func hashed(_ body: (UnsafeMutablePointer<UInt8>?) -> Void) -> Digest {
    var bytes = [UInt8](repeating: 0, count: Digest.byteCount)
    unsafe bytes.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress) }
    return Digest(bytes) ?? .zero
  }
}
