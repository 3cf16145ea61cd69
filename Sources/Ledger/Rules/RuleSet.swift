public import LedgerCrypto
public import Statements

/// The rules for statements of certain types, and the state that they keep: what a ledger is for.
///
/// Rules depend on the block's time, the roster in force and the state alone, never on a clock, so that every validator
/// gets the same answer. A rule set is one folder; `PlainRecords` is the smallest.
///
/// The version by which statements are judged is a parameter of the roster, so that a changed rule is a new version and old
/// blocks stay judged by the old one. Under a version that it does not know, a rule set refuses with `unknown-kind`.
public protocol RuleSet: Sendable {
  /// The name under which its records are listed by their subject (`StateKey.subject`): a scenario's own, or `plain`.
  var name: String { get }

  /// Whether statements of this type are this rule set's to judge.
  ///
  /// - Parameter isReserved: whether the type begins with `application/vnd.zheng.`, in any letter case.
  func covers(_ contentType: Span<UInt8>, isReserved: Bool) -> Bool

  /// Judges a statement whose signature, issuer, audience and times are good.
  ///
  /// - Returns: what it changes in the state.
  /// - Throws: the refusal; nothing is left behind by it.
  func judge(
    _ statement: JudgedStatement, entry: Span<UInt8>, reading state: StateReader
  ) throws(Refusal) -> [StateChange]

  /// Judges the `countersign` statement under the statement with the id `target`.
  ///
  /// - Returns: what it changes in the state; nil if `target` is no statement that waits, or ever waited, for a
  ///   countersignature by these rules.
  /// - Throws: the refusal; nothing is left behind by it.
  func countersign(
    _ target: Digest, by statement: JudgedStatement, reading state: StateReader
  ) throws(Refusal) -> [StateChange]?

  /// The numbers of the roster by which they judge, besides the ledger's own.
  var parameters: [Parameters.Definition] { get }

  /// The roles that these rules know. A member of the roster has no others, except its own `x-…`.
  var roles: [Role] { get }

  /// Views over the index, for people.
  var views: [IndexView] { get }
}

extension RuleSet {
  /// The name under which records of no scenario are listed.
  public var name: String { StateKey.plain }

  /// None waits.
  public func countersign(
    _ target: Digest, by statement: JudgedStatement, reading state: StateReader
  ) throws(Refusal) -> [StateChange]? { nil }

  /// None.
  public var parameters: [Parameters.Definition] { [] }

  /// None.
  public var roles: [Role] { [] }

  /// None.
  public var views: [IndexView] { [] }
}

/// A view of the rules' state in an index, for people. Its query is in the index's own language.
public struct IndexView: Hashable, Sendable {
  /// Its name, and what it selects.
  public let name, query: String
  /// What a row is, in one sentence.
  public let meaning: String

  public init(_ name: String, meaning: String, query: String) {
    (self.name, self.meaning, self.query) = (name, meaning, query)
  }
}

/// What a rule sees of a statement and of the ledger around it.
public struct JudgedStatement: Sendable {
  /// The ranges of its parts in the entry.
  public let view: EntryView
  /// Its claims.
  public let claims: ClaimsView
  /// The statement id.
  public let id: Digest
  /// The index that its entry has when it is accepted.
  public let index: UInt64
  /// The issuer, as the roster in force describes it.
  public var issuer: Member { roster.members[issuerPlace] }
  /// The place of the issuer among the members of the roster.
  let issuerPlace: Int
  /// The roster in force.
  public let roster: Roster
  /// The height of the block.
  public let height: UInt64
  /// The time of the block, in ms since the epoch.
  public let blockTime: UInt64

  /// The payload, decoded.
  ///
  /// - Parameter entry: the entry that `view` is of.
  /// - Throws: `malformed`.
  public func payload(of entry: Span<UInt8>) throws(Refusal) -> CBOR {
    do { return try CBOR(decoding: entry.extracting(view.payload)) } catch { throw Refusal(error) }
  }

  /// The claim `sub`.
  ///
  /// - Parameter entry: the entry that `view` is of.
  public func subject(of entry: Span<UInt8>) -> String? { claims.subject.map { entry.text($0) } }

  /// The content type.
  ///
  /// - Parameter entry: the entry that `view` is of.
  public func contentType(of entry: Span<UInt8>) -> String { entry.text(view.contentType) }

  /// A number of the roster in force.
  public func parameter(_ definition: Parameters.Definition) -> UInt64 { roster.terms.parameters[definition] }

  /// The clocks by which the ledger's days begin and end.
  public var utcOffset: UTCOffset { roster.terms.parameters.utcOffset }

  /// The member called `id` if it is in force for this block.
  public func memberInForce(_ id: String) -> Member? {
    guard let member = roster.member(id), member.isInForce(at: height) else { return nil }
    return member
  }
}
