/// A ballot that its sender signed: only `UnverifiedMessage.verified(by:)` makes one of bytes from outside, and only a `Signer` a new one.
public struct Message: Hashable, Sendable {
  /// The sender's place in the roster.
  public let sender: Int
  /// What it says.
  public let ballot: Ballot
  /// By the sender's vote key, 64 bytes; of a cosignature, its 72 bytes by the cosigner key (C2SP tlog-cosignature).
  public let signature: [UInt8]

  /// A message that was checked, or made.
  package init(sender: Int, ballot: Ballot, signature: [UInt8]) {
    (self.sender, self.ballot, self.signature) = (sender, ballot, signature)
  }

  /// The rounds that a height can have: the board has 6 digits for them.
  static let rounds: ClosedRange<UInt64> = 0...999_999
  /// No message is longer, in bytes: 32 signatures of 64 bytes and some 300 bytes about them.
  public static let maximumByteCount = 4096
  /// No block is larger, in bytes, where there are several validators.
  public static let maximumBlockByteCount = 16 << 20
}
