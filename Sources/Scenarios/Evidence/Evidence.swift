public import Ledger
public import LedgerCrypto
import TransparencyLog

/// Electronic evidence (电子存证): what happens to an item from its deposit to its release, and who has held it.
///
/// An *item* is named by the claim `sub` of every statement about it. Payloads are CBOR maps with text keys; none repeats the
/// item. Shared by all payloads:
///
/// ```cddl
/// common   = ( ? occurred: time )         ; when it happened, where that is earlier than the record; never after the block's time
/// link     = ( common, previous: digest ) ; the statement id of the item's last custody entry
/// digest   = bstr .size 32
/// time     = uint                         ; s since the epoch, at most 2^40
/// line<n>  = tstr .size (1..n)            ; searched; no control characters
/// prose<n> = tstr .size (1..n)            ; searched; no control characters but line feeds
/// ```
///
/// *Searched* means that a text with an obvious identity or mobile number in it is refused (`personal-data`); so is such a `sub`.
/// Names of people are claims like any other text; where possible, write an office or a service number instead.
public enum Evidence {
  /// The bytes of an item's name, the claim `sub`.
  public static let itemByteCount = 1...128
}

/// What a statement about evidence says.
public protocol EvidencePayload: Hashable, FieldList {
  /// The kind of the statement that carries it.
  static var kind: EvidenceKind { get }

  /// When it happened, in s since the epoch, as the issuer claims.
  var occurred: UInt64? { get }

  /// The statement id of the item's last custody entry; nil in a deposit, and where the statement is no custody entry.
  var previous: Digest? { get }

  /// What it changes in the item.
  func change(_ item: inout Evidence.Item, _ act: Evidence.Act)

  /// The seal that it puts on the item, whose number is used from then on.
  var newSeal: String? { get }

  /// What becomes of the item, and its new seal, when it is countersigned; nil if that is not asked for.
  var awaited: (outcome: Evidence.State, seal: String?)? { get }
}

extension EvidencePayload {
  /// The kind's name.
  public static var name: String { kind.rawValue }
}

/// The kinds of statements about evidence.
public enum EvidenceKind: String, CaseIterable, Sendable {
  case deposit, seal, offer, accept, decline, resolve, examine, reseal, present, hold, lift, release, renew,
    correct

  /// The beginning of every content type of evidence.
  public static let prefix = Kind.prefix + "evidence."

  /// The content type, `application/vnd.zheng.evidence.deposit+cbor`.
  public var contentType: String { EvidenceKind.prefix + rawValue + "+cbor" }

  /// The kind with this content type; nil for any other.
  public init?(contentType: String) {
    let word = contentType.utf8.dropFirst(EvidenceKind.prefix.utf8.count).dropLast("+cbor".utf8.count)
    guard let kind = EvidenceKind(rawValue: String(Substring(word))),
      kind.contentType.hasSameBytes(as: contentType)
    else { return nil }
    self = kind
  }

  /// Whether it is an entry of the item's custody chain, and so names the one before.
  ///
  /// The others are outside the chain, so that a court's order or a presentation does not make void what the custodian or
  /// the receiver is about to sign. `resolve` and `release` come into the chain when they are countersigned.
  public var isCustodyEntry: Bool {
    switch EvidenceTransition.of(self).effect {
    case .entry, .awaits: true
    case .none, .change: false
    }
  }

  /// Decodes its payload.
  ///
  /// - Throws: `malformed`, `missing-digest`, `personal-data`.
  public func payload(decoding bytes: [UInt8]) throws(Refusal) -> any EvidencePayload {
    try EvidenceTransition.of(self).payload.init(decoding: bytes)
  }

  /// The role that must countersign it; nil if none must.
  public var countersigner: EvidenceRole? { EvidenceTransition.of(self).countersigner }
}

/// The roles of electronic evidence.
public enum EvidenceRole: String, CaseIterable, Sendable {
  case collector, custodian, examiner, court, notary, supervisor, auditor

  /// The role as the roster has it, and what it may do.
  public var role: Role {
    switch self {
    case .collector: Role(rawValue, zh: "取证人", meaning: "collects and deposits evidence")
    case .custodian: Role(rawValue, zh: "保管人", meaning: "deposits and keeps evidence")
    case .examiner: Role(rawValue, zh: "鉴定机构", meaning: "examines evidence that it holds")
    case .court: Role(rawValue, zh: "法院", meaning: "orders holds and releases; evidence is presented to it")
    case .notary: Role(rawValue, zh: "公证处", meaning: "keeps and presents evidence")
    case .supervisor: Role(rawValue, zh: "监督", meaning: "resolves disputes together with the custodian")
    case .auditor: Role(rawValue, zh: "审计", meaning: "reads and verifies; writes nothing")
    }
  }
}

extension Member {
  /// Whether it has this role.
  func has(_ role: EvidenceRole) -> Bool { roles.contains(role.rawValue) }

  /// Whether evidence may be handed over to it: a role that deposits, keeps, examines, or judges by evidence.
  var mayKeepEvidence: Bool {
    has(.custodian) || has(.examiner) || has(.court) || has(.notary) || has(.collector)
  }
}
