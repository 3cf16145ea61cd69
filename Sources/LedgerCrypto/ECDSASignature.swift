internal import COpenSSL

/// The two forms of an ECDSA P-256 signature: r ‖ s (COSE, JOSE, IEEE P1363) and DER (X.509, OpenSSL).
enum ECDSASignature {
  /// The DER form of `raw` (64 bytes), or nil where r or s is zero, which no verifier accepts.
  static func der(fromRaw raw: Span<UInt8>) -> [UInt8]? {
    precondition(raw.count == signatureByteCount, "an r ‖ s signature has 64 bytes")
    func integer(_ range: Range<Int>) -> [UInt8]? {
      guard let first = range.first(where: { raw[$0] != 0 }) else { return nil }
      let magnitude = (first..<range.upperBound).map { raw[$0] }
      let bytes = magnitude[0] & 0x80 == 0 ? magnitude : [0] + magnitude
      return [0x02, UInt8(bytes.count)] + bytes
    }
    guard let r = integer(0..<32), let s = integer(32..<64) else { return nil }
    return [0x30, UInt8(r.count + s.count)] + r + s
  }

  /// The 64 bytes r ‖ s of a DER signature that libcrypto made.
  static func raw(fromDER der: [UInt8]) throws(CryptoError) -> [UInt8] {
    var raw = [UInt8](repeating: 0, count: signatureByteCount)
    let isDone = unsafe der.withUnsafeBufferPointer { input in
      var cursor = input.baseAddress
      guard let signature = unsafe d2i_ECDSA_SIG(nil, &cursor, input.count) else { return false }
      defer { unsafe ECDSA_SIG_free(signature) }
      return unsafe raw.withUnsafeMutableBufferPointer { output in
        unsafe BN_bn2binpad(ECDSA_SIG_get0_r(signature), output.baseAddress, 32) == 32
          && BN_bn2binpad(ECDSA_SIG_get0_s(signature), output.baseAddress.map { unsafe $0 + 32 }, 32) == 32
      }
    }
    guard isDone else { throw CryptoError(.libcrypto, "reading an ECDSA signature") }
    return raw
  }
}
