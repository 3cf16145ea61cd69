public import LedgerCrypto

extension PublicKey {
  /// The key as a COSE_Key of its required parameters only (RFC 9053 §7): {1: 2, −1: 1, −2: x, −3: y} for
  /// P-256, {1: 1, −1: 6, −2: x} for Ed25519.
  public var coseKey: CBOR {
    switch algorithm {
    case .es256: [1: 2, -1: 1, -2: .bytes(Array(rawBytes[..<32])), -3: .bytes(Array(rawBytes[32...]))]
    case .ed25519: [1: 1, -1: 6, -2: .bytes(rawBytes)]
    }
  }

  /// The key in a COSE_Key that has exactly the parameters of `coseKey`: no kid, algorithm or private part,
  /// and no compressed point.
  ///
  /// - Throws: `malformed` for other parameters and for what is no point of the curve.
  public init(coseKey: CBOR) throws(StatementError) {
    guard case .map(let map) = coseKey, case .bytes(let x)? = map[label: -2], x.count == 32 else {
      throw StatementError(.malformed, "not a COSE key with an x of 32 bytes")
    }
    let algorithm: KeyAlgorithm
    let rawBytes: [UInt8]
    switch (map[label: 1], map[label: -1], map[label: -3], map.count) {
    case (2, 1, .bytes(let y), 4): (algorithm, rawBytes) = (.es256, x + y)
    case (1, 6, nil, 3): (algorithm, rawBytes) = (.ed25519, x)
    default:
      throw StatementError(.malformed, "not a COSE key of P-256 or Ed25519 with the required parameters only")
    }
    do {
      try self.init(algorithm, rawBytes: rawBytes)
    } catch {
      throw StatementError(.malformed, "a COSE key that is not on its curve: \(error.description)")
    }
  }

  /// The SHA-256 COSE Key Thumbprint (RFC 9679 §3): what statements name the key by.
  public var thumbprint: Digest { SHA256.digest(of: coseKey.encoded) }
}
