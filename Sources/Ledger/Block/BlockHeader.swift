public import LedgerCrypto
public import Statements
import TransparencyLog

/// What the proposer writes as the last entry of each block: the link of the hash chain.
///
/// A COSE_Sign1 entry of type `application/vnd.zheng.block+cbor` (alg −8, the proposer's block key, no claims) with this payload:
///
/// ```cddl
/// block = {
///   height: uint, previous: digest, first: uint, size: uint, root: digest, state: digest, time: uint, roster: digest,
/// }
/// ```
public struct BlockHeader: Hashable, Sendable {
  /// 0, 1, 2 and so on.
  public let height: UInt64
  /// The leaf hash of the previous header; 32 zero bytes at height 0.
  public let previous: Digest
  /// The index of the block's first entry: the previous header's index plus 1; 0 at height 0. A record is of this block
  /// if `first <= index < size`.
  public let first: UInt64
  /// The number of entries before this header, which is its index.
  public let size: UInt64
  /// The root over the entries before this header.
  public let root: Digest
  /// The root of the state tree after the block's records.
  public let state: Digest
  /// The block's time, in ms since the epoch.
  public let time: UInt64
  /// The root of the roster in force for this block.
  public let roster: Digest

  /// The largest time that a header may have, in ms: the year 36812. Keeps sums of times far from overflow.
  public static let maximumTime: UInt64 = 1 << 50

  /// The shortest time from its parent to a block without statements, in ms.
  public static let emptyBlockInterval: UInt64 = 3_600_000

  /// The fault of a header whose block gives the state another root.
  public func fault(state root: Digest) -> Fault? {
    guard state != root else { return nil }
    return Fault(
      .stateMismatch, block: height, entry: size,
      "the statements give the state the root \(root), and the header names \(state)")
  }

  public init(
    height: UInt64, previous: Digest, first: UInt64, size: UInt64, root: Digest, state: Digest, time: UInt64,
    roster: Digest
  ) {
    (self.height, self.previous, self.first, self.size) = (height, previous, first, size)
    (self.root, self.state, self.time, self.roster) = (root, state, time, roster)
  }

  /// The payload.
  public var payload: [UInt8] {
    CBOR.map([
      .text("height"): .unsigned(height), .text("previous"): .bytes(previous.bytes),
      .text("first"): .unsigned(first), .text("size"): .unsigned(size),
      .text("root"): .bytes(root.bytes), .text("state"): .bytes(state.bytes), .text("time"): .unsigned(time),
      .text("roster"): .bytes(roster.bytes),
    ]).encoded
  }

  /// The header with this payload.
  ///
  /// - Throws: `malformed`.
  public init(payload: [UInt8]) throws(StatementError) {
    var fields = try CBORFields(CBOR(decoding: payload), of: "block header")
    height = try fields.unsigned("height")
    previous = try fields.digest("previous")
    first = try fields.unsigned("first")
    size = try fields.unsigned("size")
    root = try fields.digest("root")
    state = try fields.digest("state")
    time = try fields.unsigned("time")
    roster = try fields.digest("roster")
    try fields.finish()
    guard time <= BlockHeader.maximumTime else {
      throw StatementError(.malformed, "a block time beyond 2^50 ms")
    }
    guard first <= size else {
      throw StatementError(.malformed, "a block header at entry \(size) whose first entry is \(first)")
    }
  }

  /// The header entry, signed with the proposer's block key.
  public func signed(by blockKey: PrivateKey) throws -> [UInt8] {
    try StatementDraft(contentType: Kind.block, claims: nil, payload: payload).signed(by: blockKey).entry
  }

  /// No header's entry is longer, in bytes: its fields, its type, a key id and a signature of 64 bytes take some 370.
  package static let maximumEntryByteCount = 450

  /// Whether `entry` says of itself that it is a block header: by its type. Whether it is at the place of a header is another check.
  public static func isHeader(_ view: EntryView, of entry: Span<UInt8>) -> Bool {
    guard view.claims == nil, view.contentType.count == typeBytes.count else { return false }
    for (offset, byte) in typeBytes.enumerated() where entry[view.contentType.lowerBound + offset] != byte {
      return false
    }
    return true
  }

  private static let typeBytes = Array(Kind.block.utf8)
}
