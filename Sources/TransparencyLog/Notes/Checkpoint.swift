public import LedgerCrypto

/// A log's tree head: the text of a signed note (C2SP tlog-checkpoint). It proves nothing until its note is verified.
///
/// Origins and extension lines are equal when their bytes are.
public struct Checkpoint: Hashable, Sendable {
  private let exactOrigin: ExactText
  /// The number of leaves.
  public let size: UInt64
  /// The RFC 6962 root of the tree of that size.
  public let root: Digest
  private let exactExtensions: [ExactText]

  /// The log's identity; the name of its key.
  public var origin: String { exactOrigin.string }
  /// Opaque lines after the first three, without newlines. Witnesses make no statement about them; avoid them.
  public var extensions: [String] { exactExtensions.map(\.string) }

  /// The checkpoint with these parts.
  ///
  /// - Throws: `malformedCheckpoint` if the origin or an extension is empty or has a control character, or the
  ///   root of a tree without leaves is not `Merkle.emptyRoot`.
  public init(origin: String, size: UInt64, root: Digest, extensions: [String] = []) throws(LogError) {
    guard ([origin] + extensions).allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 >= 0x20 } }) else {
      throw LogError(
        .malformedCheckpoint, "origin and extension lines are not empty, without control characters")
    }
    guard size > 0 || root == Merkle.emptyRoot else {
      throw LogError(.malformedCheckpoint, "the root is not that of a tree without leaves")
    }
    exactOrigin = ExactText(origin)
    self.size = size
    self.root = root
    exactExtensions = extensions.map(ExactText.init)
  }

  /// The checkpoint that a note's `text` is.
  ///
  /// - Throws: `malformedCheckpoint` unless it is three or more lines, none empty, each ended by a newline: the
  ///   origin, the size in decimal without leading zeros, the root's 32 bytes in base64, and extensions; or where
  ///   `init(origin:size:root:extensions:)` refuses the parts.
  public init(parsing text: String) throws(LogError) {
    guard text.utf8.count <= SignedNote.maximumByteCount, text.utf8.last == UInt8(ascii: "\n") else {
      throw LogError(.malformedCheckpoint, "a checkpoint's last line is ended by a newline")
    }
    let lines = text.utf8.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.count >= 3 else {
      throw LogError(.malformedCheckpoint, "a checkpoint has an origin, a size and a root, each on its line")
    }
    guard let size = Decimal.parse(lines[1]) else {
      throw LogError(
        .malformedCheckpoint, "the size is not a decimal number of 64 bits without leading zeros")
    }
    guard let root = Base64.decode(Array(lines[2]).span).flatMap({ Digest($0) }) else {
      throw LogError(.malformedCheckpoint, "the root is not 32 bytes in base64")
    }
    try self.init(
      origin: String(Substring(lines[0])), size: size, root: root,
      extensions: lines.dropFirst(3).map { String(Substring($0)) })
  }

  /// The note text: what is signed.
  public var text: String {
    ([origin, String(size), Base64.encode(root.bytes)] + extensions).map { $0 + "\n" }.joined()
  }
}
