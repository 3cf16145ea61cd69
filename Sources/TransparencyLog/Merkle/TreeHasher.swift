public import LedgerCrypto

/// Hashes the leaves and nodes of a Merkle tree (RFC 6962 §2.1), with one SHA-256 context that is used again.
///
/// Make one for a task and pass it along: making one costs as much as several hashes.
public struct TreeHasher: ~Copyable {
  private var sha256 = SHA256()

  /// A hasher. Traps where libcrypto has no SHA-256 or no memory.
  public init() {}

  /// The leaf hash of `entry`, of any length: SHA-256(0x00 || entry).
  public mutating func leaf(_ entry: Span<UInt8>) -> Digest { sha256.digest(prefix: 0x00, entry) }

  /// The hash of the node over `left` and `right`: SHA-256(0x01 || left || right).
  public mutating func node(_ left: Digest, _ right: Digest) -> Digest {
    sha256.digest(prefix: 0x01, left, right)
  }
}
