internal import COpenSSL

/// A signature operation of one key, set up once: each use works on a copy of it.
///
/// Setting up fetches the algorithms by name under libcrypto's locks, which costs 2 µs a signature and more where
/// threads meet; a copy costs 0.2 µs.
///
/// `@unchecked Sendable`: the context is only ever the source of a copy, which libcrypto declares `const`.
@safe final class PrimedSignature: @unchecked Sendable {
  enum Operation { case sign, verify }

  let key: PKey
  private let operation: Operation
  private let algorithm: KeyAlgorithm
  private let primed: OpaquePointer

  private init(_ key: PKey, _ algorithm: KeyAlgorithm, _ operation: Operation, adopting primed: OpaquePointer)
  {
    self.key = key
    self.operation = operation
    self.algorithm = algorithm
    unsafe self.primed = primed
  }

  deinit { unsafe EVP_MD_CTX_free(primed) }

  /// The `operation` with `key`, which is of `algorithm`.
  static func of(
    _ key: PKey, _ algorithm: KeyAlgorithm, _ operation: Operation
  ) throws(CryptoError) -> PrimedSignature {
    guard let context = unsafe EVP_MD_CTX_new() else { throw CryptoError(.libcrypto, "setting up a key") }
    guard unsafe setUp(context, key, algorithm, operation) else {
      unsafe EVP_MD_CTX_free(context)
      throw CryptoError(.libcrypto, "setting up a key")
    }
    return unsafe PrimedSignature(key, algorithm, operation, adopting: context)
  }

  private static func setUp(
    _ context: OpaquePointer, _ key: PKey, _ algorithm: KeyAlgorithm, _ operation: Operation
  ) -> Bool {
    let digest: String? = algorithm == .es256 ? "SHA256" : nil
    return switch operation {
    case .sign: unsafe EVP_DigestSignInit_ex(context, nil, digest, nil, nil, key.pointer, nil) == 1
    case .verify: unsafe EVP_DigestVerifyInit_ex(context, nil, digest, nil, nil, key.pointer, nil) == 1
    }
  }

  /// A context for one use, which the caller frees.
  private func copy() -> OpaquePointer? {
    guard let context = unsafe EVP_MD_CTX_new() else { return nil }
    if unsafe EVP_MD_CTX_copy_ex(context, primed) == 1 { return unsafe context }
    // The first releases of 3.0 copy no context without a digest, as Ed25519's is.
    CryptoError.clearQueue()
    if unsafe EVP_MD_CTX_reset(context) == 1
      && PrimedSignature.setUp(context, key, algorithm, operation)
    {
      return unsafe context
    }
    unsafe EVP_MD_CTX_free(context)
    return nil
  }

  /// libcrypto's signature over `message`: DER for ECDSA, 64 bytes for Ed25519.
  func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
    guard let context = unsafe copy() else { throw CryptoError(.libcrypto, "signing") }
    defer { unsafe EVP_MD_CTX_free(context) }
    var signature = [UInt8](repeating: 0, count: ECDSASignature.maximumDERByteCount)
    var count = signature.count
    let isDone = unsafe signature.withUnsafeMutableBufferPointer { output in
      unsafe message.withUnsafeBufferPointer { input in
        unsafe EVP_DigestSign(context, output.baseAddress, &count, input.baseAddress, input.count) == 1
      }
    }
    guard isDone else { throw CryptoError(.libcrypto, "signing") }
    signature.removeLast(signature.count - count)
    return signature
  }

  /// Whether libcrypto accepts `signature` (DER for ECDSA) over `message`. Traps if there is no memory: an
  /// answer then would call a good signature bad.
  func verify(_ signature: Span<UInt8>, over message: Span<UInt8>) -> Bool {
    guard let context = unsafe copy() else { fatalError("libcrypto has no memory to verify a signature") }
    defer { unsafe EVP_MD_CTX_free(context) }
    let isValid = unsafe signature.withUnsafeBufferPointer { signature in
      unsafe message.withUnsafeBufferPointer { message in
        unsafe EVP_DigestVerify(
          context, signature.baseAddress, signature.count, message.baseAddress, message.count) == 1
      }
    }
    if !isValid { CryptoError.clearQueue() }
    return isValid
  }
}
