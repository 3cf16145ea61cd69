import Ledger
import LedgerCrypto

/// What is looked for among the records; a part that is nil does not narrow it.
package struct RecordQuery: Hashable, Sendable {
  /// The member id of the issuer.
  package var issuer: String?
  /// The exact subject.
  package var subject: String?
  /// The exact content type.
  package var type: String?
  /// The earliest and the latest block time, in ms since the epoch.
  package var since, until: UInt64?
  /// A digest that is the payload's SHA-256 or is named in the payload.
  package var digest: Digest?
  /// The most records.
  package var limit: Int?

  /// A query that finds every record.
  package init() {}
}

/// A record, as a list shows it.
package struct RecordRow: Hashable, Sendable {
  /// The index of its entry, and the height of its block.
  package let index, block: UInt64
  /// The block's time, in ms since the epoch.
  package let time: UInt64
  /// The statement id.
  package let id: Digest
  /// The issuer's member id.
  package let issuer: String
  /// What it is about.
  package let subject: String?
  /// The content type.
  package let type: String
  /// The claimed time, in s since the epoch.
  package let issuedAt: UInt64
  /// The number of bytes of the payload.
  package let byteCount: UInt64
  /// The payload's SHA-256.
  package let digest: Digest
}

/// Where a block lies.
package struct BlockPlace: Hashable, Sendable {
  /// Its height.
  package let height: UInt64
  /// The index of its first entry, and the tree size after it; its header is entry `size - 1`.
  package let first, size: UInt64
  /// Its time, in ms since the epoch.
  package let time: UInt64
}

/// Where a record lies.
package struct RecordPlace: Hashable, Sendable {
  /// The index of its entry, and the height of its block.
  package let index, block: UInt64
  /// The time of its block, in ms since the epoch.
  package let time: UInt64
}

extension RecordRow {
  /// Whether the state's list of the records about `digest` has this one, which was found by it: a plain record that is such a
  /// file, or a statement of a kind that names it.
  package func isListed(at digest: Digest) -> Bool {
    type.utf8.starts(with: Kind.prefix.utf8) ? self.digest != digest : self.digest == digest
  }
}
