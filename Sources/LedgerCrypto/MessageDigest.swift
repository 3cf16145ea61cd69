internal import COpenSSL

/// A digest by an algorithm that libcrypto knows by name: for the digests that accompany SHA-256 and by which nothing of the
/// ledger's own is judged.
///
/// Not for use from two threads at once.
@safe public final class MessageDigest {
  private let context: OpaquePointer
  private let byteCount: Int

  /// Begins a message.
  ///
  /// - Parameter name: as libcrypto writes it: `SM3`, `SHA2-512`, `SHA3-256`, `MD5`.
  /// - Throws: `libcrypto` if it does not offer the algorithm, as one that is built or configured without weak ones.
  public init(_ name: String) throws(CryptoError) {
    guard let algorithm = unsafe EVP_MD_fetch(nil, name, nil) else {
      throw CryptoError(.libcrypto, "looking for the digest \(name)")
    }
    defer { unsafe EVP_MD_free(algorithm) }
    guard let context = unsafe EVP_MD_CTX_new() else {
      throw CryptoError(.libcrypto, "making a digest context")
    }
    guard unsafe EVP_DigestInit_ex2(context, algorithm, nil) == 1 else {
      unsafe EVP_MD_CTX_free(context)
      throw CryptoError(.libcrypto, "starting the digest \(name)")
    }
    unsafe self.context = context
    byteCount = Int(unsafe EVP_MD_get_size(algorithm))
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  /// Adds `part` to the message.
  public func update(_ part: Span<UInt8>) throws(CryptoError) {
    guard unsafe part.withUnsafeBytes({ unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }) == 1
    else { throw CryptoError(.libcrypto, "feeding a digest") }
  }

  /// The digest of the parts; nothing is added after it.
  public func finalize() throws(CryptoError) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: byteCount)
    let isDone = unsafe digest.withUnsafeMutableBufferPointer {
      unsafe EVP_DigestFinal_ex(context, $0.baseAddress, nil) == 1
    }
    guard isDone else { throw CryptoError(.libcrypto, "finishing a digest") }
    return digest
  }
}
