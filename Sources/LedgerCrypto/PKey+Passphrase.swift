internal import COpenSSL

/// Private keys under a passphrase: EncryptedPrivateKeyInfo (RFC 5958 §3), PBES2 (RFC 8018 §6.2).
extension PKey {
  private static var label: String { "ENCRYPTED PRIVATE KEY" }

  /// Whether `pem` begins with the block of a key under a passphrase.
  static func isEncrypted(_ pem: String) -> Bool {
    let start = pem.utf8.drop { $0 == 0x20 || (0x09...0x0d).contains($0) }
    return start.starts(with: "-----BEGIN \(label)-----".utf8)
  }

  /// The key in the one block of `pem`.
  ///
  /// - Throws: `passphraseNeeded` without one; `wrongPassphrase`, also for a cipher that libcrypto does not have.
  static func decrypting(_ pem: String, _ passphrase: [UInt8]?) throws(CryptoError) -> OpaquePointer {
    guard let passphrase else { throw CryptoError(.passphraseNeeded, "the key is under a passphrase") }
    var isSealed = false
    do throws(CryptoError) {
      return try unsafe PKey.reading(pem, label) { cursor, count in
        guard let sealed = unsafe d2i_X509_SIG(nil, &cursor, count) else { return nil }
        defer { unsafe X509_SIG_free(sealed) }
        isSealed = true
        let info = unsafe passphrase.withUnsafeBytes { bytes in
          // An empty array may have no address, which would mean that there is no passphrase.
          unsafe PKCS8_decrypt(
            sealed, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
        }
        guard let info = unsafe info else { return nil }
        defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
        isSealed = false
        return unsafe EVP_PKCS82PKEY(info)
      }
    } catch {
      throw isSealed ? CryptoError(.wrongPassphrase, "not the passphrase of this key", error) : error
    }
  }

  /// scrypt's cost (RFC 7914): 16 MiB and about 40 ms a guess, which is what `openssl pkcs8 -scrypt` writes and any build of it reads.
  private static let (cost, blockSize, parallelization): (UInt64, UInt64, UInt64) = (16_384, 8, 1)

  /// The PEM of the private key under `passphrase`: scrypt and AES-256-CBC.
  func privatePEM(passphrase: [UInt8]) throws(CryptoError) -> String {
    let doing = "encrypting a key"
    guard let info = unsafe EVP_PKEY2PKCS8(pointer) else { throw CryptoError(.libcrypto, doing) }
    defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
    // Salt and vector are libcrypto's own, at random.
    guard
      let scheme = unsafe PKCS5_pbe2_set_scrypt(
        EVP_aes_256_cbc(), nil, 0, nil, PKey.cost, PKey.blockSize, PKey.parallelization)
    else { throw CryptoError(.libcrypto, doing) }
    let sealed = unsafe passphrase.withUnsafeBytes { bytes in
      unsafe PKCS8_set0_pbe(
        bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count), info, scheme)
    }
    guard let sealed = unsafe sealed else {
      unsafe X509_ALGOR_free(scheme)
      throw CryptoError(.libcrypto, doing)
    }
    defer { unsafe X509_SIG_free(sealed) }
    return try unsafe writing { unsafe PEM_write_bio_PKCS8($0, sealed) }
  }
}
