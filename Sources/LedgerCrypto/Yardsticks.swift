internal import COpenSSL

/// What libcrypto itself takes for a SHA-256 or an ES256 signature, for benchmarks to compare ours with: loops with the calls and
/// nothing else.
@safe package enum Yardsticks {
  /// Hashes `message` `count` times with the one-shot `SHA256()`, which fetches the algorithm on each call.
  ///
  /// - Returns: the digest; zero where `count` is 0.
  package static func oneShot(_ message: [UInt8], count: Int) -> Digest {
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
  package static func reusedContext(_ message: [UInt8], count: Int) -> Digest {
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
  package static func verify(
    _ signature: [UInt8], over message: [UInt8], by key: PublicKey, count: Int
  ) -> Bool {
    precondition(key.algorithm == .es256, "the yardstick is of P-256")
    let digest = SHA256.digest(of: message).bytes
    guard let der = ECDSASignature.der(fromRaw: signature.span) else { return count == 0 }
    guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key.verifier.key.pointer, nil),
      unsafe EVP_PKEY_verify_init(context) == 1
    else { fatalError("libcrypto cannot start to verify") }
    defer { unsafe EVP_PKEY_CTX_free(context) }
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
    if !isValid { CryptoError.clearQueue() }
    return isValid
  }

  private static func hashed(_ body: (UnsafeMutablePointer<UInt8>?) -> Void) -> Digest {
    var bytes = [UInt8](repeating: 0, count: Digest.byteCount)
    unsafe bytes.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress) }
    return Digest(bytes) ?? .zero
  }
}
