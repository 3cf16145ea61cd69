public import LedgerCrypto

/// A named private key that signs notes, or cosigns checkpoints.
public struct NoteSigner: Sendable {
  /// What verifies its signatures.
  public let verifierKey: NoteVerifierKey
  private let key: PrivateKey

  /// The signer with this name, which is the log's origin for a log's own key.
  ///
  /// - Throws: `malformedKey` if no key can have this name; `unsupportedKey` unless `key` is Ed25519.
  public init(name: String, type: NoteSignatureType, key: PrivateKey) throws(LogError) {
    verifierKey = try NoteVerifierKey(name: name, type: type, publicKey: key.publicKey)
    self.key = key
  }

  /// A signature line over `text`. Traps on a signer of cosignatures.
  ///
  /// - Throws: `malformedNote` unless `text` ends in a newline and has no other control character; `signing` if
  ///   libcrypto fails.
  public func sign(_ text: String) throws(LogError) -> NoteSignature {
    precondition(verifierKey.type == .ed25519, "a signer of cosignatures signs nothing else")
    guard NoteRules.isText(text) else {
      throw LogError(.malformedNote, "a note's text ends in a newline and has no other control character")
    }
    return try line(signature(over: Array(text.utf8)))
  }

  /// A cosignature line over `text`, a checkpoint. Traps on a signer of plain signatures.
  ///
  /// - Parameter time: when it is made, in seconds since the epoch, at most 2^63 - 1.
  /// - Throws: `malformedCheckpoint` if `text` is no checkpoint; `malformedSignature` for a later time; `signing` if
  ///   libcrypto fails.
  public func cosign(_ text: String, time: UInt64) throws(LogError) -> NoteSignature {
    precondition(verifierKey.type == .cosignature, "a signer of plain signatures does not cosign")
    _ = try Checkpoint(parsing: text)
    guard time <= Cosignature.latestTimestamp else {
      throw LogError(.malformedSignature, "a cosignature's time is at most 2^63 - 1 seconds")
    }
    let signature = try signature(over: Cosignature.message(timestamp: time, text: text))
    return try line(Cosignature(timestamp: time, signature: signature).bytes)
  }

  private func signature(over message: [UInt8]) throws(LogError) -> [UInt8] {
    do {
      return try key.signature(over: message)
    } catch {
      throw LogError(.signing, error.description)
    }
  }

  private func line(_ signature: [UInt8]) throws(LogError) -> NoteSignature {
    try NoteSignature(name: verifierKey.name, keyID: verifierKey.keyID, signature: signature)
  }
}
