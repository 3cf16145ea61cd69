import Ledger

/// Problem details as RFC 9457 has them, with our stable code.
public struct ProblemDetails: Codable, Hashable, Sendable {
  /// `urn:zheng:` and the code.
  public let type: String
  /// The phrase of the status.
  public let title: String
  /// The HTTP status.
  public let status: Int
  /// One sentence for a person.
  public let detail: String
  /// The stable name.
  public let code: String

  package init(type: String, title: String, status: Int, detail: String, code: String) {
    (self.type, self.title, self.status, self.detail, self.code) = (type, title, status, detail, code)
  }
}

/// Where a record stands, and what proves it: the answer to `POST /entries`.
public struct NodeReceipt: Codable, Hashable, Sendable {
  /// The index of its entry.
  public let index: UInt64
  /// The height of its block.
  public let block: UInt64
  /// The statement id, in hex.
  public let id: String
  /// The time of its block, in ms since the epoch.
  public let time: UInt64
  /// The C2SP proof of the record against its block's checkpoint.
  public let proof: String
  /// That checkpoint.
  public let checkpoint: String

  package init(index: UInt64, block: UInt64, id: String, time: UInt64, proof: String, checkpoint: String) {
    (self.index, self.block, self.id, self.time, self.proof, self.checkpoint) = (
      index, block, id, time, proof, checkpoint
    )
  }
}

/// What became of one statement of a sequence: an element of the answer to `POST /entries` with `application/cbor-seq`.
public struct NodeVerdict: Codable, Hashable, Sendable {
  /// The statement id, in hex.
  public let id: String
  /// The status that the statement would have got alone: 201 for a new record, 200 for one that was there, else the problem's.
  public let status: Int
  /// The index of its entry, of a record.
  public let index: UInt64?
  /// The height of its block, of a record.
  public let block: UInt64?
  /// The time of its block, in ms since the epoch, of a record.
  public let time: UInt64?
  /// Why it is no record.
  public let problem: ProblemDetails?

  package init(
    id: String, status: Int, index: UInt64?, block: UInt64?, time: UInt64?, problem: ProblemDetails?
  ) {
    (self.id, self.status, self.index, self.block, self.time, self.problem) = (
      id, status, index, block, time, problem
    )
  }
}

/// How a node is doing: the answer to `GET /health`, with status 200 while it takes statements and 503 when it does not.
public struct NodeHealth: Codable, Hashable, Sendable {
  /// Whether the node takes statements.
  public enum Status: String, Codable, Sendable {
    case ok, stopping, failed
    /// It waits for somebody to see to its clock.
    case clock
    /// It waits for somebody to make room on its disk.
    case space
    /// It has stopped deciding with the other validators, or the roster does not have its validator.
    case consensus
  }

  /// Whether it takes statements.
  public let status: Status
  /// What is known of the node's clock.
  public enum Clock: String, Codable, Sendable {
    /// The system says that it is synchronised.
    case synchronised
    /// Nobody says so; it is believed.
    case unsynchronised
    /// It has jumped, and nothing is recorded before its operator has confirmed it.
    case doubted
  }

  /// Whether it does what it can: false where only another start helps.
  public let live: Bool
  /// Whether it takes statements.
  public let ready: Bool
  /// Why it takes no statements.
  public struct Reason: Codable, Hashable, Sendable {
    /// The stable name: `failed`, `stopping`, `halted`, `no-validator`, `clock-jump`, `low-space`.
    public let code: String
    /// One sentence for a person.
    public let detail: String

    package init(code: String, detail: String) { (self.code, self.detail) = (code, detail) }
  }

  /// Everything that keeps it from taking statements; empty where it is ready.
  public let reasons: [Reason]
  /// The first of the reasons, in words.
  public let failure: String?
  /// The ledger id, in hex.
  public let ledger: String
  /// The checkpoint origin.
  public let origin: String
  /// The number of entries.
  public let size: UInt64
  /// The height of the newest block.
  public let height: UInt64
  /// The root of the newest checkpoint, in base64, as the checkpoint has it.
  public let root: String
  /// The time of the newest block, in ms since the epoch.
  public let time: UInt64?
  /// How its clock is doing; nodes of earlier versions do not say.
  public let clock: Clock?
  /// How many entries the search index lacks.
  public let indexLag: UInt64
  /// How many statements are under way.
  public let waiting: Int
  /// The node's software.
  public let version: String

  package init(
    status: Status, reasons: [Reason], ledger: String, origin: String, size: UInt64, height: UInt64,
    root: String, time: UInt64?, clock: Clock?, indexLag: UInt64, waiting: Int, version: String
  ) {
    (self.status, self.reasons, failure) = (status, reasons, reasons.first?.detail)
    (live, ready) = (status != .failed, reasons.isEmpty)
    (self.ledger, self.origin, self.size, self.height) = (ledger, origin, size, height)
    (self.root, self.time, self.clock, self.indexLag, self.waiting, self.version) = (
      root, time, clock, indexLag, waiting, version
    )
  }
}

/// The roster in force: the answer to `GET /members`.
public struct NodeMembers: Codable, Hashable, Sendable {
  /// The ledger id, in hex.
  public let ledger: String
  /// The height from which on the next statement is judged by it.
  public let height: UInt64
  /// The root of the roster, in hex.
  public let roster: String
  /// The most bytes of an entry.
  public let entryLimit: Int
  /// Who may change the roster.
  public let administrators: [String]
  /// Everyone, in the order of their ids; removed members too.
  public let members: [Member]

  /// A member.
  public struct Member: Codable, Hashable, Sendable {
    /// Its name in statements.
    public let id: String
    /// Its name in Chinese.
    public let zh: String?
    /// Its name in English.
    public let en: String?
    /// What it may do.
    public let roles: [String]
    /// Whether it may write now.
    public let isInForce: Bool
    /// Every key that it ever had.
    public let keys: [Key]

    package init(id: String, zh: String?, en: String?, roles: [String], isInForce: Bool, keys: [Key]) {
      (self.id, self.zh, self.en, self.roles, self.isInForce, self.keys) = (
        id, zh, en, roles, isInForce, keys
      )
    }
  }

  /// A key of a member.
  public struct Key: Codable, Hashable, Sendable {
    /// Its RFC 9679 thumbprint, in hex.
    public let kid: String
    /// `es256` or `ed25519`.
    public let algorithm: String
    /// The first height at which it holds.
    public let from: UInt64
    /// The first height at which it does not hold any more.
    public let until: UInt64?
    /// Whether it holds now.
    public let isInForce: Bool

    package init(kid: String, algorithm: String, from: UInt64, until: UInt64?, isInForce: Bool) {
      (self.kid, self.algorithm, self.from, self.until, self.isInForce) = (
        kid, algorithm, from, until, isInForce
      )
    }
  }

  package init(
    ledger: String, height: UInt64, roster: String, entryLimit: Int, administrators: [String],
    members: [Member]
  ) {
    (self.ledger, self.height, self.roster, self.entryLimit, self.administrators, self.members) = (
      ledger, height, roster, entryLimit, administrators, members
    )
  }
}

/// An entry in words: the answer to `GET /entries/{index or id}` where JSON is asked for.
public struct NodeEntry: Codable, Hashable, Sendable {
  /// Its index.
  public let index: UInt64
  /// The height of its block.
  public let block: UInt64
  /// The time of its block, in ms since the epoch.
  public let time: UInt64
  /// The statement id, in hex.
  public let id: String
  /// The content type of the payload.
  public let type: String
  /// The thumbprint of the key that signed it, in hex.
  public let kid: String
  /// The issuer's member id; none in a block header.
  public let issuer: String?
  /// What it is about.
  public let subject: String?
  /// The claimed time, in s since the epoch.
  public let issuedAt: UInt64?
  /// The number of bytes of the payload.
  public let bytes: Int
  /// The payload in base64.
  public let payload: String

  package init(
    index: UInt64, block: UInt64, time: UInt64, id: String, type: String, kid: String, issuer: String?,
    subject: String?, issuedAt: UInt64?, bytes: Int, payload: String
  ) {
    (self.index, self.block, self.time, self.id, self.type, self.kid) = (index, block, time, id, type, kid)
    (self.issuer, self.subject, self.issuedAt, self.bytes, self.payload) = (
      issuer, subject, issuedAt, bytes, payload
    )
  }
}
