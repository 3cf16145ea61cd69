/// One signature line of a note (C2SP signed-note, "Signatures"). Nothing is verified.
public struct NoteSignature: Hashable, Sendable {
  private let exactName: ExactText
  /// The key ID.
  public let keyID: UInt32
  /// The signature without the key ID, not empty: 64 bytes of Ed25519, 72 of a cosignature, others for other types.
  public let signature: [UInt8]

  /// The name of the key.
  public var name: String { exactName.string }

  /// The line with these parts.
  ///
  /// - Throws: `malformedKey` if no key can have this name; `malformedSignature` if the signature is empty.
  public init(name: String, keyID: UInt32, signature: [UInt8]) throws(LogError) {
    guard NoteRules.isKeyName(name) else {
      throw LogError(.malformedKey, "a key's name is not empty and has no space, plus or control character")
    }
    guard !signature.isEmpty else { throw LogError(.malformedSignature, "an empty signature") }
    exactName = ExactText(name)
    self.keyID = keyID
    self.signature = signature
  }

  /// Whether name and key ID are those of `key`; the signature need not be.
  public func names(_ key: NoteVerifierKey) -> Bool {
    keyID == key.keyID && name.hasSameBytes(as: key.name)
  }

  /// An em dash and a space, which begin each signature line.
  static let prefix = Array("\u{2014} ".utf8)

  /// The line without its newline, as in the note; nil for anything else.
  init?(line: ArraySlice<UInt8>) {
    guard line.starts(with: NoteSignature.prefix) else { return nil }
    let parts = line.dropFirst(NoteSignature.prefix.count)
      .split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let name = String(validating: parts[0], as: UTF8.self),
      let blob = Base64.decode(Array(parts[1]).span), blob.count >= 4
    else { return nil }
    let keyID = blob.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    guard let signature = try? NoteSignature(name: name, keyID: keyID, signature: Array(blob.dropFirst(4)))
    else { return nil }
    self = signature
  }

  /// Appends the line with its newline.
  func append(to bytes: inout [UInt8]) {
    bytes += NoteSignature.prefix
    bytes += name.utf8
    bytes.append(UInt8(ascii: " "))
    Base64.append((keyID.bigEndianBytes + signature).span, to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
  }
}
