/// A text and its signature lines (C2SP signed-note). Nothing is verified until `verified(by:)`: before, the text is
/// only what somebody wrote.
///
/// A value always has an encoding that is read back as the same value, and what was read encodes to the same bytes.
public struct SignedNote: Hashable, Sendable {
  /// The largest note that is read or made, in bytes: some twelve post-quantum signatures, or 64 of ours and more.
  public static let maximumByteCount = 65_536
  /// The largest number of signature lines. C2SP asks for 16 at least.
  public static let maximumSignatureCount = 64

  private let exactText: ExactText
  /// The signature lines in their order, at least one. A key may sign more than once.
  public private(set) var signatures: [NoteSignature]

  /// What is signed; it ends in a newline.
  public var text: String { exactText.string }

  /// The note with these parts.
  ///
  /// - Throws: `malformedNote` unless the text ends in a newline and has no other control character, there are 1 to
  ///   64 signatures, and the whole is at most 65,536 bytes.
  public init(text: String, signatures: [NoteSignature]) throws(LogError) {
    guard NoteRules.isText(text) else {
      throw LogError(.malformedNote, "a note's text ends in a newline and has no other control character")
    }
    exactText = ExactText(text)
    self.signatures = signatures
    try checkBounds()
  }

  /// The note that `bytes` are.
  ///
  /// - Throws: `malformedNote` unless they are valid UTF-8 without control characters but newline, at most 65,536
  ///   bytes: the text, an empty line, and 1 to 64 signature lines in their only spelling.
  public init(parsing bytes: Span<UInt8>) throws(LogError) {
    guard bytes.count <= SignedNote.maximumByteCount else {
      throw LogError(.malformedNote, "a note of more than \(SignedNote.maximumByteCount) bytes")
    }
    let bytes = [UInt8](copying: bytes)
    let newline = UInt8(ascii: "\n")
    // The last empty line parts the text from the signatures: the text may hold empty lines itself.
    guard bytes.last == newline, bytes.count >= 2,
      let blank = bytes.indices.dropFirst().last(where: { bytes[$0] == newline && bytes[$0 - 1] == newline }),
      let text = String(validating: bytes[..<blank], as: UTF8.self), NoteRules.isText(text)
    else {
      throw LogError(.malformedNote, "not a text in UTF-8, an empty line and signature lines")
    }
    var signatures: [NoteSignature] = []
    for line in bytes[(blank + 1)...].dropLast().split(separator: newline, omittingEmptySubsequences: false) {
      guard let signature = NoteSignature(line: line) else {
        throw LogError(.malformedNote, "a signature line is not: em dash, key name, base64")
      }
      signatures.append(signature)
    }
    exactText = ExactText(text)
    self.signatures = signatures
    try checkBounds()
  }

  /// The name of a key that has more than one signature line; nil if each has one.
  public var repeatedSigner: String? {
    var seen: Set<[UInt8]> = []
    return signatures.first { !seen.insert($0.keyID.bigEndianBytes + $0.name.utf8).inserted }?.name
  }

  /// Adds a signature line at the end.
  ///
  /// - Throws: `malformedNote` if the note would become too large; it is then unchanged.
  public mutating func append(_ signature: NoteSignature) throws(LogError) {
    signatures.append(signature)
    do {
      try checkBounds()
    } catch {
      signatures.removeLast()
      throw error
    }
  }

  /// The note's encoding.
  public var bytes: [UInt8] {
    var bytes = Array(text.utf8)
    bytes.append(UInt8(ascii: "\n"))
    for signature in signatures { signature.append(to: &bytes) }
    return bytes
  }

  private func checkBounds() throws(LogError) {
    guard (1...SignedNote.maximumSignatureCount).contains(signatures.count) else {
      throw LogError(.malformedNote, "a note has 1 to \(SignedNote.maximumSignatureCount) signatures")
    }
    var count = text.utf8.count + 1
    for signature in signatures {
      count += NoteSignature.prefix.count + signature.name.utf8.count + 2
      count += (4 + signature.signature.count + 2) / 3 * 4
    }
    guard count <= SignedNote.maximumByteCount else {
      throw LogError(.malformedNote, "a note of more than \(SignedNote.maximumByteCount) bytes")
    }
  }
}
