internal import COpenSSL

/// A failure of libcrypto or a key that it cannot read; equal by its code.
public struct CryptoError: Error, Hashable, CustomStringConvertible {
  /// What went wrong, as a stable name.
  public enum Code: String, Sendable {
    /// The text is not a PEM of the expected kind, or its DER does not parse.
    case malformedKey = "malformed-key"
    /// A key of another type or curve than P-256 and Ed25519.
    case unsupportedKey = "unsupported-key"
    /// A private key is under a passphrase, and none was given.
    case passphraseNeeded = "passphrase-needed"
    /// A private key is under another passphrase than the one given.
    case wrongPassphrase = "wrong-passphrase"
    /// libcrypto refused an operation that should succeed: out of memory, no entropy, a broken build.
    case libcrypto
  }

  /// What went wrong.
  public let code: Code
  /// What was being done, and OpenSSL's whole error queue, oldest first.
  public let description: String

  init(_ code: Code, _ doing: String) {
    self.code = code
    let queue = CryptoError.drainQueue()
    description = queue.isEmpty ? doing : "\(doing): \(queue.joined(separator: "; "))"
  }

  /// The same error seen as another.
  init(_ code: Code, _ doing: String, _ cause: CryptoError) {
    self.code = code
    description = "\(doing) (\(cause.description))"
  }

  /// Removes every error from this thread's OpenSSL queue, so that none is attributed to a later call, and describes
  /// them, oldest first.
  package static func drainQueue() -> [String] {
    var errors: [String] = []
    while true {
      var data: UnsafePointer<CChar>?
      var flags: Int32 = 0
      let error = unsafe ERR_get_error_all(nil, nil, nil, &data, &flags)
      guard error != 0 else { return errors }
      var text = [CChar](repeating: 0, count: 256)
      unsafe text.withUnsafeMutableBufferPointer { buffer in
        unsafe ERR_error_string_n(error, buffer.baseAddress, buffer.count)
      }
      var sentence = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if flags & ERR_TXT_STRING != 0, let data = unsafe data, unsafe data.pointee != 0 {
        unsafe sentence += " (\(String(cString: data)))"
      }
      errors.append(sentence)
    }
  }

  /// Empties this thread's OpenSSL queue, after a refusal that is an answer and not a failure.
  static func clearQueue() { ERR_clear_error() }

  /// Equal by code.
  public static func == (left: CryptoError, right: CryptoError) -> Bool { left.code == right.code }

  public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
