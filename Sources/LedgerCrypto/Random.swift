internal import COpenSSL

/// `count` bytes from libcrypto's random generator.
///
/// - Throws: `libcrypto` if it has no entropy.
public func randomBytes(_ count: Int) throws(CryptoError) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: count)
  let isDone = unsafe bytes.withUnsafeMutableBufferPointer {
    unsafe RAND_bytes($0.baseAddress, Int32($0.count)) == 1
  }
  guard isDone else { throw CryptoError(.libcrypto, "reading random bytes") }
  return bytes
}
