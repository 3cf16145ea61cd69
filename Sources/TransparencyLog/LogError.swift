/// What is wrong with a note, key, proof, policy or path. Equal by code.
public struct LogError: Error, Hashable, CustomStringConvertible {
  /// What went wrong, as a stable name.
  public enum Code: String, Sendable, CaseIterable {
    /// Not a signed note (C2SP signed-note).
    case malformedNote = "malformed-note"
    /// A note whose text is not a checkpoint (C2SP tlog-checkpoint).
    case malformedCheckpoint = "malformed-checkpoint"
    /// Not a verifier key, a key name that notes cannot carry, or a key ID that is not the key's.
    case malformedKey = "malformed-key"
    /// A key of a kind that this module does not verify.
    case unsupportedKey = "unsupported-key"
    /// A signature that is empty, or a cosignature that is not 72 bytes with a timestamp below 2^63.
    case malformedSignature = "malformed-signature"
    /// A proof of the wrong length, for a leaf or size that does not exist, or a text that is not a proof.
    case malformedProof = "malformed-proof"
    /// Not a policy (C2SP tlog-policy).
    case malformedPolicy = "malformed-policy"
    /// Not the path of a tile (C2SP tlog-tiles).
    case malformedPath = "malformed-path"
    /// Not an entry bundle (C2SP tlog-tiles).
    case malformedBundle = "malformed-bundle"
    /// A signature of a known key does not hold.
    case badSignature = "bad-signature"
    /// No signature is of a known key.
    case unknownKey = "unknown-key"
    /// A checkpoint signed by a known log whose name is not the checkpoint's origin.
    case wrongOrigin = "wrong-origin"
    /// Fewer witnesses have cosigned than the policy demands.
    case quorum
    /// An inclusion proof leads to another root.
    case inclusion
    /// A consistency proof leads to another root.
    case consistency
    /// A hash of the tree that the reader does not have.
    case missingHash = "missing-hash"
    /// libcrypto could not sign; its own words are in the description.
    case signing
  }

  /// What went wrong.
  public let code: Code
  /// A sentence for a person.
  public let description: String

  /// An error with this code and this sentence. Implementers of `HashReader` and `TileSource` throw `missingHash`.
  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// Equal by code.
  public static func == (left: LogError, right: LogError) -> Bool { left.code == right.code }

  public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
