internal import COpenSSL

/// The PEM blocks (RFC 7468) that hold keys: SubjectPublicKeyInfo (§13), PKCS#8 without a passphrase (§10) and with one (§11), and
/// SEC1 (RFC 5915), as `openssl ecparam -genkey` writes it.
extension PKey {
  /// The key in `pem`, which is one `PUBLIC KEY` block and nothing else but white space.
  convenience init(publicPEM pem: String) throws(CryptoError) {
    let made = try unsafe PKey.reading(pem, "PUBLIC KEY") { cursor, count in
      unsafe d2i_PUBKEY(nil, &cursor, count)
    }
    unsafe self.init(adopting: made)
  }

  /// The key in `pem`, which is one `PRIVATE KEY`, `ENCRYPTED PRIVATE KEY` or `EC PRIVATE KEY` block and nothing else but white space;
  /// before the last, the name of P-256 may be in a block of its own.
  convenience init(privatePEM pem: String, passphrase: [UInt8]?) throws(CryptoError) {
    guard pem.utf8.count <= PKey.maximumPEMByteCount else {
      throw CryptoError(.malformedKey, "a PEM too long")
    }
    if PKey.isEncrypted(pem) {
      unsafe self.init(adopting: try PKey.decrypting(pem, passphrase))
      return
    }
    let block = PKey.withoutCurveName(pem)
    if block.utf8.starts(with: "-----BEGIN EC ".utf8) {
      let made = try unsafe PKey.reading(block, "EC PRIVATE KEY") { cursor, count in
        // libcrypto would take PKCS#8 here too, whose version is 0; that of SEC1 is 1 (RFC 5915 §3).
        guard let der = unsafe cursor, count > 8 else { return nil }
        let content = unsafe der[1] < 0x80 ? 2 : 2 + Int(der[1] & 0x7f)
        guard content + 3 <= count, unsafe der[content] == 2, unsafe der[content + 1] == 1,
          unsafe der[content + 2] == 1
        else { return nil }
        return unsafe d2i_PrivateKey(EVP_PKEY_EC, nil, &cursor, count)
      }
      unsafe self.init(adopting: made)
      return
    }
    let made = try unsafe PKey.reading(pem, "PRIVATE KEY") { cursor, count in
      guard let info = unsafe d2i_PKCS8_PRIV_KEY_INFO(nil, &cursor, count) else { return nil }
      defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
      return unsafe EVP_PKCS82PKEY(info)
    }
    unsafe self.init(adopting: made)
  }

  /// `pem` from the block of the private key on, where the block `EC PARAMETERS` with the name of P-256 precedes it.
  private static func withoutCurveName(_ pem: String) -> String {
    let lines = pem.utf8.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }).map { trimmed($0) }
      .drop { $0.isEmpty }
    let name = ["-----BEGIN EC PARAMETERS-----", "BggqhkjOPQMBBw==", "-----END EC PARAMETERS-----"]
    let isNamed = lines.count > 3 && zip(lines, name).allSatisfy { $0.elementsEqual($1.utf8) }
    return String(
      decoding: Array((isNamed ? lines.dropFirst(3) : lines).joined(separator: [0x0a])), as: UTF8.self)
  }

  /// What `parse` makes of the DER in the one block of `pem`, all of which it has to consume.
  ///
  /// libcrypto's readers of keys in PEM look for a block that suits them anywhere, and ask the terminal
  /// for a passphrase; so only the block is read here, and its label is compared.
  static func reading(
    _ pem: String, _ label: String,
    _ parse: (inout UnsafePointer<UInt8>?, Int) -> OpaquePointer?
  ) throws(CryptoError) -> OpaquePointer {
    guard pem.utf8.count <= maximumPEMByteCount else { throw CryptoError(.malformedKey, "a PEM too long") }
    var lines = pem.utf8.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }).map { trimmed($0) }
    lines.removeAll { $0.isEmpty }
    // One block: its two boundaries at the ends, and no other between them.
    guard lines.count >= 3, lines[0].elementsEqual("-----BEGIN \(label)-----".utf8),
      lines[lines.count - 1].elementsEqual("-----END \(label)-----".utf8),
      !lines[1..<lines.count - 1].contains(where: { $0.contains(UInt8(ascii: "-")) })
    else { throw CryptoError(.malformedKey, "not one PEM block and nothing else (-----BEGIN \(label)-----)") }
    let text = Array(lines.joined(separator: [0x0a])) + [0x0a]

    guard
      let bio = unsafe text.withUnsafeBufferPointer({ buffer -> OpaquePointer? in
        guard let bio = unsafe BIO_new(BIO_s_secmem()) else { return nil }
        if unsafe BIO_write(bio, buffer.baseAddress, Int32(buffer.count)) == buffer.count {
          return unsafe bio
        }
        unsafe BIO_free(bio)
        return nil
      })
    else { throw CryptoError(.libcrypto, "reading a PEM") }
    defer { unsafe BIO_free(bio) }
    var name: UnsafeMutablePointer<CChar>?
    var header: UnsafeMutablePointer<CChar>?
    var der: UnsafeMutablePointer<UInt8>?
    var count = 0
    guard unsafe PEM_read_bio(bio, &name, &header, &der, &count) == 1 else {
      throw CryptoError(.malformedKey, "not a PEM of \(label)")
    }
    defer {
      unsafe CRYPTO_free(name, nil, 0)
      unsafe CRYPTO_free(header, nil, 0)
      unsafe CRYPTO_clear_free(der, count, nil, 0)
    }
    // A header means encryption (RFC 1421), which a block of these labels never has.
    guard let header = unsafe header, unsafe header.pointee == 0 else {
      throw CryptoError(.malformedKey, "a PEM block with headers")
    }
    var cursor = unsafe UnsafePointer(der)
    let made = unsafe parse(&cursor, count)
    guard let made = unsafe made else { throw CryptoError(.malformedKey, "not the DER of a \(label)") }
    guard let end = unsafe cursor, let start = unsafe der, unsafe UnsafePointer(start) + count == end else {
      unsafe EVP_PKEY_free(made)
      throw CryptoError(.malformedKey, "bytes after the DER of a \(label)")
    }
    return unsafe made
  }

  /// Far beyond the few hundred bytes of any key that is accepted; larger RSA keys are still named as such.
  private static var maximumPEMByteCount: Int { 16_384 }

  private static func trimmed(_ line: Substring.UTF8View) -> Substring.UTF8View {
    var line = line
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    while let first = line.first, isBlank(first) { line.removeFirst() }
    while let last = line.last, isBlank(last) { line.removeLast() }
    return line
  }

  func publicPEM() throws(CryptoError) -> String {
    try unsafe writing { unsafe PEM_write_bio_PUBKEY($0, pointer) }
  }

  func privatePEM() throws(CryptoError) -> String {
    try unsafe writing { unsafe PEM_write_bio_PKCS8PrivateKey($0, pointer, nil, nil, 0, nil, nil) }
  }

  func writing(_ write: (OpaquePointer) -> Int32) throws(CryptoError) -> String {
    guard let bio = unsafe BIO_new(BIO_s_secmem()) else { throw CryptoError(.libcrypto, "writing a PEM") }
    defer { unsafe BIO_free(bio) }
    guard unsafe write(bio) == 1 else { throw CryptoError(.libcrypto, "writing a PEM") }
    var memory: UnsafeMutablePointer<CChar>?
    let count = unsafe zheng_bio_memory(bio, &memory)
    guard let memory = unsafe memory, count > 0 else { throw CryptoError(.libcrypto, "writing a PEM") }
    return unsafe UnsafeBufferPointer(start: memory, count: count)
      .withMemoryRebound(to: UInt8.self) { unsafe String(decoding: $0, as: UTF8.self) }
  }
}
