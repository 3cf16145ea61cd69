internal import COpenSSL

/// The two forms of an ECDSA P-256 signature: r ‖ s (COSE, JOSE, IEEE P1363) and DER (X.509, OpenSSL).
package enum ECDSASignature {
  /// The most bytes of an `ECDSA-Sig-Value` over P-256: two integers of 33 bytes, three headers of 2.
  static let maximumDERByteCount = 72

  /// Gives `body` the DER form of `raw` (64 bytes), without allocating; nil where r or s is zero, which no verifier
  /// accepts.
  static func withDER(ofRaw raw: Span<UInt8>, _ body: (Span<UInt8>) -> Bool) -> Bool? {
    precondition(raw.count == signatureByteCount, "an r ‖ s signature has 64 bytes")
    var der = InlineArray<72, UInt8>(repeating: 0)
    var count = 2
    for start in [0, 32] {
      guard let first = (start..<start + 32).first(where: { raw[$0] != 0 }) else { return nil }
      // A zero byte goes before what would read as negative (X.690 §8.3).
      let sign = raw[first] & 0x80 == 0 ? 0 : 1
      der[count] = 0x02
      der[count + 1] = UInt8(sign + start + 32 - first)
      count += 2 + sign
      for index in first..<start + 32 {
        der[count] = raw[index]
        count += 1
      }
    }
    der[0] = 0x30
    der[1] = UInt8(count - 2)
    return body(der.span.extracting(first: count))
  }

  /// The DER form of `raw` (64 bytes), or nil where r or s is zero.
  package static func der(fromRaw raw: Span<UInt8>) -> [UInt8]? {
    var der: [UInt8] = []
    let isDone = withDER(ofRaw: raw) { bytes in
      for index in bytes.indices { der.append(bytes[index]) }
      return true
    }
    return isDone == nil ? nil : der
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
