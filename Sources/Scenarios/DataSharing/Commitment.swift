public import LedgerCrypto

/// A commitment to data that stay off the ledger: it shows later which data they were, and reveals nothing about them now.
///
/// ```
/// commitment = HMAC-SHA-256(key: salt, message: domain || length || data)
/// salt       = 32 random bytes, fresh for each delivery, so for each recipient
/// domain     = the 28 bytes "zheng.sharing.commitment.v1" 00, ASCII and a zero byte
/// length     = the number of bytes of data, 8 bytes, big-endian
/// ```
///
/// A plain digest of little data (an identity number, a birth date) is found by trying every possible value; with a
/// salt that only the two vaults hold nobody can begin to try, and once both have erased it nobody ever can. With one salt for
/// two recipients they could see from the ledger that they got the same, hence one each.
///
/// Data may be large: it takes the bytes in parts, after the length.
public struct Commitment: ~Copyable {
  /// The bytes that a salt has.
  public static let saltByteCount = 32
  /// What a commitment's message begins with.
  public static let domain = Array("zheng.sharing.commitment.v1".utf8) + [0]

  private var mac: HMACSHA256
  /// The bytes that are still to come; nil when there were more than were announced.
  private var left: UInt64?

  private init(_ mac: consuming HMACSHA256, _ byteCount: UInt64) {
    self.mac = mac
    left = byteCount
  }

  /// A commitment to `byteCount` bytes that are still to come.
  ///
  /// - Parameter salt: 32 bytes; anything else is a bug of the caller's, and traps.
  /// - Throws: `libcrypto`, a failure of the machine.
  public static func begin(salt: [UInt8], byteCount: UInt64) throws(CryptoError) -> Commitment {
    precondition(salt.count == saltByteCount, "a salt of \(salt.count) bytes")
    var mac = try HMACSHA256.keyed(salt.span)
    var head = domain
    for shift in stride(from: 56, through: 0, by: -8) {
      head.append(UInt8(truncatingIfNeeded: byteCount >> UInt64(shift)))
    }
    try mac.update(head.span)
    return Commitment(mac, byteCount)
  }

  /// Adds the next part of the data.
  ///
  /// - Throws: `libcrypto`, a failure of the machine.
  public mutating func update(_ part: Span<UInt8>) throws(CryptoError) {
    if let left { self.left = UInt64(part.count) > left ? nil : left - UInt64(part.count) }
    try mac.update(part)
  }

  /// The commitment, or nil if the data were not as long as was announced: a file that changed while it was read.
  ///
  /// - Throws: `libcrypto`, a failure of the machine.
  public consuming func finalize() throws(CryptoError) -> Digest? {
    let isWhole = left == 0
    let digest = try mac.finalize()
    return isWhole ? digest : nil
  }

  /// A fresh salt.
  ///
  /// - Throws: `libcrypto` if it has no entropy.
  public static func freshSalt() throws(CryptoError) -> [UInt8] { try randomBytes(saltByteCount) }

  /// The commitment to data that are there whole.
  ///
  /// - Parameter salt: 32 bytes.
  /// - Throws: `libcrypto`, a failure of the machine.
  public static func to(_ data: [UInt8], salt: [UInt8]) throws(CryptoError) -> Digest {
    var commitment = try begin(salt: salt, byteCount: UInt64(data.count))
    try commitment.update(data.span)
    guard let digest = try commitment.finalize() else { fatalError("as many bytes as were counted") }
    return digest
  }
}
