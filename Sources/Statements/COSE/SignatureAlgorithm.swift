public import LedgerCrypto

/// A signature algorithm as COSE identifies it: header label 1 (RFC 9053 §2, RFC 9864).
///
/// The older identifiers leave the curve to the key; the ledger takes each with one curve only.
public enum SignatureAlgorithm: Int, Hashable, Sendable, CaseIterable {
  /// ECDSA with SHA-256, here over P-256 only.
  case es256 = -7
  /// EdDSA, here Ed25519 only.
  case edDSA = -8
  /// ECDSA with SHA-256 over P-256, fully specified (RFC 9864 §2.1).
  case esp256 = -9
  /// Ed25519, fully specified (RFC 9864 §2.2).
  case ed25519 = -19

  /// What our own statements say for a key: −7 or −8, the identifiers that every verifier knows.
  public init(for algorithm: KeyAlgorithm) {
    switch algorithm {
    case .es256: self = .es256
    case .ed25519: self = .edDSA
    }
  }

  /// The algorithm of the keys that it fits.
  public var keyAlgorithm: KeyAlgorithm {
    switch self {
    case .es256, .esp256: .es256
    case .edDSA, .ed25519: .ed25519
    }
  }
}
