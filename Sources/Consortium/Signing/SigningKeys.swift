public import LedgerCrypto
public import TransparencyLog

/// The keys with which a `Signer` signs, or whatever stands for them: keys in memory, a token, a test's.
public protocol SigningKeys {
  /// The vote key's signature, 64 bytes.
  func signature(over subject: SignedSubject, for committee: Committee) throws(ConsortiumError) -> [UInt8]
  /// The vote key's signature of a restart, 64 bytes.
  func signature(over restart: Restart) throws(ConsortiumError) -> [UInt8]
  /// The cosigner key's cosignature of the checkpoint with this size and root, 72 bytes.
  ///
  /// - Parameter time: in s since the epoch.
  func cosignature(
    size: UInt64, root: Digest, time: UInt64, for committee: Committee
  ) throws(ConsortiumError) -> [UInt8]
}

/// A validator's own keys, in memory.
public struct ValidatorKeys: SigningKeys, Sendable {
  private let voteKey: PrivateKey
  private let cosigner: NoteSigner

  /// The keys of one validator: an Ed25519 vote key, and a signer of note type 0x04.
  public init(voteKey: PrivateKey, cosigner: NoteSigner) {
    precondition(cosigner.verifierKey.type == .cosignature, "a cosigner key has note type 0x04")
    (self.voteKey, self.cosigner) = (voteKey, cosigner)
  }

  /// The vote key's signature.
  public func signature(
    over subject: SignedSubject, for committee: Committee
  ) throws(ConsortiumError) -> [UInt8] {
    try signature(over: subject.bytes(for: committee))
  }

  /// The vote key's signature of a restart.
  public func signature(over restart: Restart) throws(ConsortiumError) -> [UInt8] {
    try signature(over: restart.bytes)
  }

  private func signature(over bytes: [UInt8]) throws(ConsortiumError) -> [UInt8] {
    do {
      return try voteKey.signature(over: bytes)
    } catch {
      throw ConsortiumError(.signing, error.description)
    }
  }

  /// The cosigner key's cosignature.
  public func cosignature(
    size: UInt64, root: Digest, time: UInt64, for committee: Committee
  ) throws(ConsortiumError) -> [UInt8] {
    let text = try committee.checkpoint(size: size, root: root).text
    do {
      return try cosigner.cosign(text, time: time).signature
    } catch {
      throw ConsortiumError(.signing, error.description)
    }
  }
}
