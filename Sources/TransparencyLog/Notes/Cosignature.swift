public import LedgerCrypto

/// A timestamped Ed25519 cosignature of a checkpoint, type 0x04 (C2SP tlog-cosignature): that at its time the cosigner
/// had seen no larger tree of that log that is consistent.
public struct Cosignature: Hashable, Sendable {
  /// The number of bytes: a big-endian u64 and an Ed25519 signature.
  public static let byteCount = 72
  /// The latest time that a cosignature may carry: 2^63 - 1.
  public static let latestTimestamp: UInt64 = .max >> 1

  /// When it was made, in seconds since the epoch, by the cosigner's word.
  public let timestamp: UInt64
  /// The Ed25519 signature, 64 bytes.
  public let signature: [UInt8]

  /// The cosignature with these parts.
  ///
  /// - Throws: `malformedSignature` unless the time is at most 2^63 - 1 and the signature 64 bytes.
  public init(timestamp: UInt64, signature: [UInt8]) throws(LogError) {
    guard timestamp <= Cosignature.latestTimestamp, signature.count == signatureByteCount else {
      throw LogError(.malformedSignature, "a cosignature is a time below 2^63 and a signature of 64 bytes")
    }
    self.timestamp = timestamp
    self.signature = signature
  }

  /// The cosignature that `bytes` are: what follows the key ID in a signature line.
  ///
  /// - Throws: `malformedSignature` unless they are 72, with a time of at most 2^63 - 1.
  public init(parsing bytes: Span<UInt8>) throws(LogError) {
    guard bytes.count == Cosignature.byteCount else {
      throw LogError(
        .malformedSignature, "a cosignature has \(Cosignature.byteCount) bytes, not \(bytes.count)")
    }
    let bytes = [UInt8](copying: bytes)
    try self.init(
      timestamp: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }, signature: Array(bytes.dropFirst(8)))
  }

  /// The 72 bytes.
  public var bytes: [UInt8] { timestamp.bigEndianBytes + signature }

  /// The message that is signed: two lines that name the format and the time, and the whole text of the checkpoint
  /// (C2SP tlog-cosignature, "Ed25519 signed message").
  public static func message(timestamp: UInt64, text: String) -> [UInt8] {
    Array("cosignature/v1\ntime \(timestamp)\n".utf8) + text.utf8
  }

  /// Whether it is the cosignature by `key` of the checkpoint `text`. Whether that is a checkpoint is not looked at.
  public func isValid(over text: String, by key: PublicKey) -> Bool {
    let message = Cosignature.message(timestamp: timestamp, text: text)
    return key.algorithm == .ed25519 && key.isValid(signature: signature.span, over: message.span)
  }
}
