public import LedgerCrypto

/// The signature types of C2SP signed-note that this module makes and verifies.
public enum NoteSignatureType: UInt8, Sendable, Hashable, CaseIterable {
  /// Ed25519 over the note's text.
  case ed25519 = 0x01
  /// A timestamped Ed25519 cosignature over a checkpoint (C2SP tlog-cosignature).
  case cosignature = 0x04
}

/// A verifier key, or *vkey*: a name and a public key, as in `example.com/foo+530d903a+AekyeRrm…` (C2SP signed-note).
///
/// Names are equal when their bytes are.
public struct NoteVerifierKey: Hashable, Sendable, CustomStringConvertible {
  private let exactName: ExactText
  /// What its signatures mean.
  public let type: NoteSignatureType
  /// The Ed25519 key.
  public let publicKey: PublicKey
  /// The first four bytes of SHA-256(name || 0x0A || type || public key), big-endian. Not a fingerprint: it is short
  /// enough to be collided.
  public let keyID: UInt32

  /// The name, as signature lines have it.
  public var name: String { exactName.string }

  /// The key with these parts.
  ///
  /// - Throws: `malformedKey` if `name` is empty or has a space, a plus or a control character; `unsupportedKey`
  ///   unless `publicKey` is Ed25519.
  public init(name: String, type: NoteSignatureType, publicKey: PublicKey) throws(LogError) {
    guard NoteRules.isKeyName(name) else {
      throw LogError(.malformedKey, "a key's name is not empty and has no space, plus or control character")
    }
    guard publicKey.algorithm == .ed25519 else {
      throw LogError(.unsupportedKey, "notes are signed with Ed25519 keys")
    }
    exactName = ExactText(name)
    self.type = type
    self.publicKey = publicKey
    let hash = SHA256.digest(of: Array(name.utf8) + [UInt8(ascii: "\n"), type.rawValue] + publicKey.rawBytes)
    keyID = hash.bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The key that `text` spells: name, key ID in eight lowercase hex digits, and type and key in base64, with a plus
  /// between each.
  ///
  /// - Throws: `malformedKey` for any other text, or a key ID that is not the key's; `unsupportedKey` for a
  ///   signature type other than 0x01 and 0x04.
  public init(_ text: String) throws(LogError) {
    // Base64 may hold plus signs itself, the other two parts cannot.
    let parts = text.utf8.split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
    guard text.utf8.count <= SignedNote.maximumByteCount, parts.count == 3, let name = String(parts[0]),
      parts[1].count == 8, let id = String(parts[1]).flatMap(Hex.decode),
      let material = Base64.decode(Array(parts[2]).span), let typeByte = material.first
    else { throw LogError(.malformedKey, "not a verifier key: name+keyid+base64") }
    guard let type = NoteSignatureType(rawValue: typeByte) else {
      throw LogError(.unsupportedKey, "signature type 0x\(Hex.encode([typeByte])) is not supported")
    }
    let publicKey: PublicKey
    do {
      publicKey = try PublicKey(.ed25519, rawBytes: Array(material.dropFirst()))
    } catch {
      throw LogError(.malformedKey, "not an Ed25519 public key")
    }
    try self.init(name: name, type: type, publicKey: publicKey)
    guard keyID == id.reduce(0, { $0 << 8 | UInt32($1) }) else {
      throw LogError(.malformedKey, "the key ID is not that of the name and key")
    }
  }

  /// The verifier key's text.
  public var description: String {
    "\(name)+\(keyIDText)+\(Base64.encode([type.rawValue] + publicKey.rawBytes))"
  }

  /// The name and key ID, which say whose signature line it is.
  var label: String { "\(name)+\(keyIDText)" }

  private var keyIDText: String { Hex.encode(keyID.bigEndianBytes) }
}
