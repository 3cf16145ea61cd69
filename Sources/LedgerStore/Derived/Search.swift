import LedgerCrypto

/// What a search looks for; a part that is nil does not narrow it.
public struct SearchQuery: Hashable, Sendable {
  /// The member id of the issuer.
  public var issuer: String?
  /// The exact subject.
  public var subject: String?
  /// The exact content type.
  public var type: String?
  /// The earliest block time, in ms since the epoch.
  public var since: UInt64?
  /// The latest block time, in ms since the epoch.
  public var until: UInt64?
  /// A digest that is the payload's SHA-256 or is named in the payload.
  public var digest: Digest?
  /// The first entry that is looked at.
  public var first: UInt64 = 0
  /// The most records.
  public var limit: Int?

  /// A query that finds every record.
  public init() {}
}

/// A record as the index knows it: for lists. What it says is to be believed as far as the ledger's directory is.
public struct RecordSummary: Hashable, Sendable {
  /// The index of the entry.
  public let index: UInt64
  /// The height of its block.
  public let block: UInt64
  /// The block's time, in ms since the epoch.
  public let time: UInt64
  /// The statement id.
  public let id: Digest
  /// The issuer's member id.
  public let issuer: String
  /// What it is about.
  public let subject: String?
  /// The content type.
  public let type: String
  /// The claimed time, in s since the epoch.
  public let issuedAt: UInt64
  /// The number of bytes of the payload.
  public let byteCount: UInt64
  /// The payload's SHA-256.
  public let digest: Digest

  package init(
    index: UInt64, block: UInt64, time: UInt64, id: Digest, issuer: String, subject: String?, type: String,
    issuedAt: UInt64, byteCount: UInt64, digest: Digest
  ) {
    (self.index, self.block, self.time, self.id, self.issuer) = (index, block, time, id, issuer)
    (self.subject, self.type, self.issuedAt, self.byteCount, self.digest) = (
      subject, type, issuedAt, byteCount, digest
    )
  }
}
