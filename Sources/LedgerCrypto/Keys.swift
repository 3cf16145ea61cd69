internal import COpenSSL

/// A signature algorithm that members and validators use.
public enum KeyAlgorithm: String, Sendable, CaseIterable {
  /// ECDSA over P-256 with SHA-256; signatures are r ‖ s, 64 bytes (RFC 9053 §2.1).
  case es256
  /// Ed25519 (RFC 8032); signatures are 64 bytes.
  case ed25519

  /// The bytes of a public key: x ‖ y for P-256, the RFC 8032 encoding for Ed25519.
  public var publicKeyByteCount: Int { self == .es256 ? 64 : 32 }

  /// The name that people know: `ES256` or `Ed25519`.
  package var name: String { self == .es256 ? "ES256" : "Ed25519" }
}

/// The bytes of every signature that the ledger knows: ES256 as r ‖ s, or Ed25519.
public let signatureByteCount = 64

/// A public key: P-256 or Ed25519, valid by construction. Equal by algorithm and bytes.
public struct PublicKey: Hashable, Sendable {
  /// What it verifies.
  public let algorithm: KeyAlgorithm
  /// x ‖ y (64 bytes) for P-256; the 32 bytes of RFC 8032 for Ed25519.
  public let rawBytes: [UInt8]
  let verifier: PrimedSignature

  /// The key with these bytes.
  ///
  /// - Throws: `malformedKey` if they are not a point of the curve, or not of the right number, or if anyone could
  ///   sign for them (an Ed25519 point of small order).
  public init(_ algorithm: KeyAlgorithm, rawBytes: [UInt8]) throws(CryptoError) {
    guard rawBytes.count == algorithm.publicKeyByteCount else {
      throw CryptoError(.malformedKey, "a public key of \(rawBytes.count) bytes")
    }
    self.algorithm = algorithm
    self.rawBytes = rawBytes
    verifier = try .of(PKey(publicKey: rawBytes, algorithm), algorithm, .verify)
  }

  /// The key in a SubjectPublicKeyInfo PEM (`-----BEGIN PUBLIC KEY-----`), with nothing but white space around it.
  ///
  /// A point may be compressed, and the curve may be P-256 by explicit parameters; `pem` writes the usual form.
  ///
  /// - Throws: `malformedKey`, or `unsupportedKey` for other types and curves.
  public init(pem: String) throws(CryptoError) {
    try self.init(PKey(publicPEM: pem))
  }

  init(_ key: PKey) throws(CryptoError) {
    // Made again from the bytes, so that a curve given by explicit parameters becomes the named one.
    let algorithm = try key.algorithm()
    try self.init(algorithm, rawBytes: key.publicBytes(algorithm))
  }

  /// The SubjectPublicKeyInfo PEM.
  public func pem() throws(CryptoError) -> String { try verifier.key.publicPEM() }

  /// Whether `signature` (r ‖ s or Ed25519, 64 bytes) is this key's over `message`. Never throws: what cannot be
  /// parsed is not valid.
  public func isValid(signature: Span<UInt8>, over message: Span<UInt8>) -> Bool {
    guard signature.count == signatureByteCount else { return false }
    switch algorithm {
    case .ed25519: return verifier.verify(signature, over: message)
    case .es256:
      return ECDSASignature.withDER(ofRaw: signature) { verifier.verify($0, over: message) } ?? false
    }
  }

  /// Whether `signature`, a DER `ECDSA-Sig-Value` (RFC 3279 §2.2.3), is this P-256 key's over `message`.
  public func isValid(derSignature signature: Span<UInt8>, over message: Span<UInt8>) -> Bool {
    algorithm == .es256 && verifier.verify(signature, over: message)
  }

  /// Equal by algorithm and bytes.
  public static func == (left: PublicKey, right: PublicKey) -> Bool {
    left.algorithm == right.algorithm && left.rawBytes == right.rawBytes
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(algorithm)
    hasher.combine(rawBytes)
  }
}

/// A private key: P-256 or Ed25519.
public struct PrivateKey: Sendable {
  /// Its public half.
  public let publicKey: PublicKey
  private let signer: PrimedSignature

  /// A fresh key from libcrypto's random generator.
  public init(generating algorithm: KeyAlgorithm) throws(CryptoError) {
    try self.init(PKey(generating: algorithm))
  }

  /// The key in a PKCS#8 PEM (`-----BEGIN PRIVATE KEY-----`, `-----BEGIN ENCRYPTED PRIVATE KEY-----`) or a SEC1 PEM
  /// (`-----BEGIN EC PRIVATE KEY-----`), with nothing but white space around it.
  ///
  /// - Parameter passphrase: the one that an encrypted key is under; not looked at for others.
  /// - Throws: `malformedKey` (also where its two halves are not one key's), `unsupportedKey` for other types and
  ///   curves, `passphraseNeeded`, `wrongPassphrase`.
  public init(pem: String, passphrase: [UInt8]? = nil) throws(CryptoError) {
    let key = try PKey(privatePEM: pem, passphrase: passphrase)
    if try key.algorithm() == .es256 { try key.nameCurve() }
    try key.checkPair()
    try self.init(key)
  }

  private init(_ key: PKey) throws(CryptoError) {
    publicKey = try PublicKey(key)
    signer = try .of(key, publicKey.algorithm, .sign)
  }

  /// The PKCS#8 PEM, without a passphrase.
  public func pem() throws(CryptoError) -> String { try signer.key.privatePEM() }

  /// The PKCS#8 PEM under `passphrase`, of 1 byte or more: PBES2 with scrypt and AES-256-CBC (RFC 8018, RFC 7914).
  public func pem(passphrase: [UInt8]) throws(CryptoError) -> String {
    precondition(!passphrase.isEmpty, "a passphrase has a byte or more")
    return try signer.key.privatePEM(passphrase: passphrase)
  }

  /// A signature over `message`: r ‖ s, of which s is the lower of the two that verify, or Ed25519; 64 bytes.
  public func signature(over message: [UInt8]) throws(CryptoError) -> [UInt8] {
    let signature = try signer.sign(message)
    return publicKey.algorithm == .es256
      ? try ECDSASignature.lowS(ECDSASignature.raw(fromDER: signature)) : signature
  }
}
