internal import COpenSSL

/// A P-256 key as one `BatchVerifier` knows it: its table, what it has signed, and libcrypto's ordinary verification.
@safe final class Signer {
  /// Retained, so that no other object gets its identity.
  let key: PublicKey
  /// Its table, once there is one.
  var table: KeyTable?
  /// Good signatures not yet reported to `KnownKeys`.
  var unreported = 0
  /// Set up when it is first needed.
  private var context: OpaquePointer?

  init(_ key: PublicKey, table: KeyTable?) { (self.key, self.table) = (key, table) }

  deinit { unsafe EVP_PKEY_CTX_free(context) }

  /// Whether libcrypto accepts the signature in record `index` of `records` in its ordinary way.
  func isValid(_ records: Span<UInt8>, _ index: Int) -> Bool {
    let start = index * FastVerifier.recordByteCount
    let signature = records.extracting(start..<start + signatureByteCount)
    let digest = records.extracting(start + signatureByteCount..<start + FastVerifier.recordByteCount)
    let context = unsafe ordinary()
    let isValid = ECDSASignature.withDER(ofRaw: signature) { der in
      unsafe der.withUnsafeBufferPointer { der in
        unsafe digest.withUnsafeBufferPointer { digest in
          unsafe EVP_PKEY_verify(context, der.baseAddress, der.count, digest.baseAddress, digest.count) == 1
        }
      }
    }
    if isValid != true { CryptoError.clearQueue() }
    return isValid ?? false
  }

  private func ordinary() -> OpaquePointer {
    if let context = unsafe context { return unsafe context }
    guard let made = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key.verifier.key.pointer, nil),
      unsafe EVP_PKEY_verify_init(made) == 1
    else { fatalError("libcrypto has no memory to verify signatures") }
    unsafe context = made
    return unsafe made
  }
}
