public import LedgerCrypto
import Statements

/// What all operators agree on when so many validators have lost their journals that nothing moves: the newest block that was decided,
/// above which they begin anew.
///
/// ```cddl
/// restart = { ledger: digest, roster: digest, height: uint, digest: digest, nonce: bstr .size 16 }
/// ```
///
/// Vote keys sign `zheng/restart/v1`, newline, and this map in canonical CBOR. Messages above the height name the restart, so that what
/// was signed before it counts for nothing.
public struct Restart: Hashable, Sendable {
  /// The ledger id.
  public let ledger: Digest
  /// The root of the roster in force after the block: all its validators sign.
  public let roster: Digest
  /// The height of the block.
  public let height: UInt64
  /// The leaf hash of the block's header entry.
  public let block: Digest
  /// 16 random bytes: two restarts at one height are two.
  public let nonce: [UInt8]

  /// The bytes of a nonce.
  public static let nonceByteCount = 16
  /// What a signed restart begins with: no message, statement, note, token or header does.
  static let domain = Array("zheng/restart/v1\n".utf8)

  /// A restart above the block `block` of `height`, after which `committee` decides.
  public init(of committee: Committee, height: UInt64, block: Digest, nonce: [UInt8]) {
    precondition(nonce.count == Restart.nonceByteCount, "a nonce has 16 bytes")
    (ledger, roster) = (committee.ledger, committee.roster)
    (self.height, self.block, self.nonce) = (height, block, nonce)
  }

  /// The bytes that are signed.
  public var bytes: [UInt8] { Restart.domain + cbor.encoded }

  /// Which restart it is: the SHA-256 of the bytes that are signed.
  public var digest: Digest { SHA256.digest(of: bytes) }

  var epoch: Standing.Epoch { Standing.Epoch(height: height, file: digest) }

  var cbor: CBOR {
    [
      "ledger": .bytes(ledger.bytes), "roster": .bytes(roster.bytes), "height": .unsigned(height),
      "digest": .bytes(block.bytes), "nonce": .bytes(nonce),
    ]
  }

  init(_ fields: CBORFields) throws(StatementError) {
    var fields = fields
    ledger = try fields.digest("ledger")
    roster = try fields.digest("roster")
    // The height above it is one too, and is not that of a standing in which nothing is signed.
    height = try fields.unsigned("height", in: 0...JournalRecord.nothing - 2)
    block = try fields.digest("digest")
    nonce = try fields.bytes("nonce", count: Restart.nonceByteCount)
    try fields.finish()
  }
}
