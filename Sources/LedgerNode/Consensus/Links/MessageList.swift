import Consortium
import Statements

/// Messages as they travel between the nodes of validators: a CBOR array of byte strings, each a message.
enum MessageList {
  /// The most bytes of what is posted at once.
  static let postLimit = 64 << 10
  /// The most bytes of those of a height; the oldest rounds are left out beyond it, whose certificates later ones carry.
  static let heightLimit = 8 << 20

  /// The encoding of `messages`.
  static func bytes(_ messages: [[UInt8]]) -> [UInt8] {
    CBOR.array(messages.map { .bytes($0) }).encoded
  }

  /// The messages in these bytes, none of which anybody has looked at.
  ///
  /// - Throws: `malformed`.
  static func messages(_ bytes: [UInt8]) throws(StatementError) -> [[UInt8]] {
    guard case .array(let items) = try CBOR(decoding: bytes) else {
      throw StatementError(.malformed, "messages are not an array")
    }
    var messages: [[UInt8]] = []
    for item in items {
      guard case .bytes(let message) = item, message.count <= Message.maximumByteCount else {
        throw StatementError(
          .malformed, "a message is not a byte string of at most \(Message.maximumByteCount) bytes")
      }
      messages.append(message)
    }
    return messages
  }
}
