/// A signature of a note that holds, and whose it is.
public struct VerifiedSignature: Hashable, Sendable {
  /// The key that signed.
  public let key: NoteVerifierKey
  /// When a cosignature was made, in seconds since the epoch, by its signer's word; nil for other signatures.
  public let timestamp: UInt64?
}

extension SignedNote {
  /// The signatures by `keys`, all valid, in the order of their lines.
  ///
  /// Lines of unknown keys are ignored, those too that share a name or an ID with a known key but not both. A line of
  /// a known key must hold, each of them where one key has several.
  ///
  /// - Throws: `badSignature` if a line of a known key does not hold: the whole note is rejected. `unknownKey`
  ///   where no line is of a known key.
  public func verified(by keys: [NoteVerifierKey]) throws(LogError) -> [VerifiedSignature] {
    // A cosignature is a statement on a checkpoint: over any other text it says nothing.
    lazy var isCheckpoint = (try? Checkpoint(parsing: text)) != nil
    var verified: [VerifiedSignature] = []
    for signature in signatures {
      var named: NoteVerifierKey?
      var held: VerifiedSignature?
      // Two keys can share name and ID, by an attacker's work; the signature is then whose key it holds under.
      for key in keys where held == nil && signature.names(key) {
        named = key
        guard key.type == .ed25519 || isCheckpoint else { continue }
        held = key.verify(signature, over: text)
      }
      guard let named else { continue }
      guard let held else {
        throw LogError(.badSignature, "a signature of the known key \(named.label) does not hold")
      }
      verified.append(held)
    }
    guard !verified.isEmpty else { throw LogError(.unknownKey, "no signature is of a known key") }
    return verified
  }
}

extension NoteVerifierKey {
  /// `signature` over `text` as this key's, or nil if it does not hold.
  ///
  /// Not looked at: the line's name and key ID (`NoteSignature.names`), and whether a cosigned text is a checkpoint;
  /// `SignedNote.verified(by:)` looks at all.
  public func verify(_ signature: NoteSignature, over text: String) -> VerifiedSignature? {
    switch type {
    case .ed25519:
      guard publicKey.isValid(signature: signature.signature.span, over: Array(text.utf8).span) else {
        return nil
      }
      return VerifiedSignature(key: self, timestamp: nil)
    case .cosignature:
      guard let cosignature = try? Cosignature(parsing: signature.signature.span),
        cosignature.isValid(over: text, by: publicKey)
      else { return nil }
      return VerifiedSignature(key: self, timestamp: cosignature.timestamp)
    }
  }
}
