/// What keys have in the state after the newest block, with a page of the records of their lists: the answer to `GET /proof?…`.
///
/// Each page has a state proof of its own. Lists only grow, so that of the last page covers the records of all pages.
public struct NodeProofs: Codable, Hashable, Sendable {
  /// The state proof: a C2SP tlog-proof, as `StateProofs` reads it.
  public let state: String
  /// The records, in the order of their entries.
  public let records: [Record]
  /// What `after` is to be for the next page; nil on the last.
  public let next: UInt64?

  /// A record of a list.
  public struct Record: Codable, Hashable, Sendable {
    /// The index of its entry.
    public let index: UInt64
    /// The keys, in hex, of the lists that have it.
    public let lists: [String]
    /// Its proof: a C2SP tlog-proof, as `RecordProof` reads it.
    public let proof: String

    package init(index: UInt64, lists: [String], proof: String) {
      (self.index, self.lists, self.proof) = (index, lists, proof)
    }
  }

  package init(state: String, records: [Record], next: UInt64?) {
    (self.state, self.records, self.next) = (state, records, next)
  }
}

/// How an item of evidence stands, with what proves it: the answer to `GET /status?item=…`.
public struct NodeStatus: Codable, Hashable, Sendable {
  /// A state proof, as `StateProofs` reads it: of the item, of the roster in force, and of the keys that their values name.
  public let state: String
  /// The consistency path (RFC 9162 §2.1.4) from the tree of the size `since` to that of the state's checkpoint, each hash in hex; none
  /// where the known tree is empty, not smaller, or not given.
  public let consistency: [String]
  /// The proofs of the records that are shown, against the same checkpoint: C2SP tlog-proofs, as `RecordProof` reads them.
  public let records: [String]
  /// The items of the roster in force, in base64: a CBOR array of byte strings; nil where the node has not indexed them yet.
  public let roster: String?

  package init(state: String, consistency: [String], records: [String], roster: String?) {
    (self.state, self.consistency, self.records, self.roster) = (state, consistency, records, roster)
  }
}

/// A block: the answer to `GET /blocks/{height}`. By the node's word, but for `entry` and `checkpoint`, which are signed.
public struct NodeBlock: Codable, Hashable, Sendable {
  /// Its height.
  public let height: UInt64
  /// The index of its first entry.
  public let first: UInt64
  /// The index of its header, which is its last entry.
  public let header: UInt64
  /// Its time, in ms since the epoch.
  public let time: UInt64
  /// The number of its records.
  public let records: UInt64
  /// The root of the tree that ends with its header, in hex.
  public let root: String
  /// The root of the state after it, in hex.
  public let state: String
  /// The root of the roster that was in force for it, in hex.
  public let roster: String
  /// Its header's entry, in base64; nil in lists.
  public let entry: String?
  /// Its checkpoint, a signed note; nil in lists.
  public let checkpoint: String?

  package init(
    height: UInt64, first: UInt64, header: UInt64, time: UInt64, records: UInt64, root: String, state: String,
    roster: String, entry: String?, checkpoint: String?
  ) {
    (self.height, self.first, self.header, self.time, self.records) = (height, first, header, time, records)
    (self.root, self.state, self.roster) = (root, state, roster)
    (self.entry, self.checkpoint) = (entry, checkpoint)
  }
}

/// A page of blocks, by the node's word: the answer to `GET /blocks`.
public struct NodeBlocks: Codable, Hashable, Sendable {
  /// The blocks, in the order of their heights.
  public let blocks: [NodeBlock]
  /// What `after` is to be for the next page; nil on the last.
  public let next: UInt64?

  package init(blocks: [NodeBlock], next: UInt64?) { (self.blocks, self.next) = (blocks, next) }
}

/// The newest checkpoint, and what shows that it extends a tree that is known: the answer to `GET /checkpoint?since=SIZE`.
public struct NodeCheckpoint: Codable, Hashable, Sendable {
  /// The checkpoint, a signed note.
  public let checkpoint: String
  /// The consistency path (RFC 9162 §2.1.4) from the tree of that size to the checkpoint's, each hash in hex; none where the known tree
  /// is empty, has the checkpoint's size, or is larger.
  public let consistency: [String]

  package init(checkpoint: String, consistency: [String]) {
    (self.checkpoint, self.consistency) = (checkpoint, consistency)
  }
}

/// A page of records that were searched for, oldest first, by the node's word: the answer to `GET /records`.
public struct NodeRecords: Codable, Hashable, Sendable {
  /// The records, in the order of their entries.
  public let records: [Record]
  /// What `after` is to be for the next page; nil on the last.
  public let next: UInt64?
  /// How many of the newest entries the search did not see.
  public let indexLag: UInt64

  /// A record.
  public struct Record: Codable, Hashable, Sendable {
    /// The index of its entry.
    public let index: UInt64
    /// The height of its block.
    public let block: UInt64
    /// The time of its block, in ms since the epoch.
    public let time: UInt64
    /// The statement id, in hex.
    public let id: String
    /// The issuer's member id.
    public let issuer: String
    /// What it is about.
    public let subject: String?
    /// The content type of the payload.
    public let type: String
    /// The claimed time, in s since the epoch.
    public let issuedAt: UInt64
    /// The number of bytes of the payload.
    public let bytes: UInt64
    /// The payload's SHA-256, in hex.
    public let digest: String

    package init(
      index: UInt64, block: UInt64, time: UInt64, id: String, issuer: String, subject: String?, type: String,
      issuedAt: UInt64, bytes: UInt64, digest: String
    ) {
      (self.index, self.block, self.time, self.id, self.issuer) = (index, block, time, id, issuer)
      (self.subject, self.type, self.issuedAt, self.bytes, self.digest) = (
        subject, type, issuedAt, bytes, digest
      )
    }
  }

  package init(records: [Record], next: UInt64?, indexLag: UInt64) {
    (self.records, self.next, self.indexLag) = (records, next, indexLag)
  }
}

/// A page of the entries that a list of the state has: the answer to `GET /records?list=KEY`. By the node's word, until all of them are
/// compared with the list that `/state` proves.
public struct NodeIndices: Codable, Hashable, Sendable {
  /// The indices, ascending.
  public let records: [UInt64]
  /// What `after` is to be for the next page; nil on the last.
  public let next: UInt64?

  package init(records: [UInt64], next: UInt64?) { (self.records, self.next) = (records, next) }
}

/// A page of keys of the rule sets' values, by the node's word: the answer to `GET /values`. `/state` proves what each has.
public struct NodeKeys: Codable, Hashable, Sendable {
  /// The keys in hex, in the order of their bytes.
  public let keys: [String]
  /// What `after` is to be for the next page; nil on the last.
  public let next: String?

  package init(keys: [String], next: String?) { (self.keys, self.next) = (keys, next) }
}
