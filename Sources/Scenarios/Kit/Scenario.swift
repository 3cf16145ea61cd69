public import Ledger
public import LedgerCrypto

/// What a ledger may be used for: a name, and all that follows from it.
///
/// A scenario is one folder and one line in `Scenarios.all`. A new *kind* in one touches five places: its payload (a `FieldList`), its
/// row in the table, the checks that no other kind has, its command, and its rows in the matrix of the tests.
/// `Tests/ScenariosTests/Notices` is the smallest scenario, from its fields to its tests.
public struct Scenario: RuleSet {
  /// Its name; the types of its kinds are `application/vnd.zheng.NAME.KIND+cbor`.
  public let name: String
  /// The roles that its rules know.
  public let roles: [Role]
  /// The parameters by which it judges.
  public let parameters: [Parameters.Definition]
  /// The kinds of statements.
  public let kinds: [ScenarioKind]
  /// The records that it keeps in the state.
  public let records: [ScenarioRecord]
  /// Who may do what, from which state to which.
  public let transitions: [Transition]
  /// Its views over the index, for people.
  public let views: [IndexView]
  /// The version of its rules; nil if they are always in force.
  private let version: Version?
  private let wording: Wording
  private let completing: Completing
  private let prefix: [UInt8]

  /// Judges the countersignature under a statement of this scenario; nil under any other.
  public typealias Completing =
    @Sendable (_ target: Digest, JudgedStatement, StateReader) throws(Refusal) -> [StateChange]?

  /// The version of the rules, which the roster names.
  public struct Version: Sendable {
    let parameter: Parameters.Definition
    let number: UInt64

    /// In force where `parameter` is `number`.
    public init(_ parameter: Parameters.Definition, is number: UInt64) {
      (self.parameter, self.number) = (parameter, number)
    }
  }

  /// The wording of its refusals where it does not judge.
  public struct Wording: Sendable {
    let notInForce, unknownKind: String

    /// - Parameters:
    ///   - notInForce: a sentence for a ledger that runs by another version, or without these rules.
    ///   - unknownKind: the beginning of a sentence that the type ends.
    public init(notInForce: String = "", unknownKind: String) {
      (self.notInForce, self.unknownKind) = (notInForce, unknownKind)
    }
  }

  public init(
    _ name: String, version: Version? = nil, roles: [Role], parameters: [Parameters.Definition] = [],
    kinds: [ScenarioKind], records: [ScenarioRecord], transitions: [Transition], views: [IndexView] = [],
    wording: Wording, completing: @escaping Completing = { (_, _, _) throws(Refusal) in nil }
  ) {
    (self.name, self.version, self.roles, self.parameters) = (name, version, roles, parameters)
    (self.kinds, self.records, self.transitions, self.views) = (kinds, records, transitions, views)
    (self.wording, self.completing) = (wording, completing)
    prefix = Array("\(Kind.prefix)\(name).".utf8)
  }

  /// Whether the type is one of this scenario's.
  public func covers(_ contentType: Span<UInt8>, isReserved: Bool) -> Bool {
    guard isReserved, contentType.count >= prefix.count else { return false }
    // Backwards: the reserved types differ in their last bytes.
    for index in prefix.indices.reversed() where contentType[index] != prefix[index] { return false }
    return true
  }

  /// Judges a statement of one of the kinds.
  public func judge(
    _ statement: JudgedStatement, entry: Span<UInt8>, reading state: StateReader
  ) throws(Refusal) -> [StateChange] {
    try requireInForce(statement)
    let type = statement.view.contentType
    let word = entry.extracting(type.lowerBound + prefix.count..<type.upperBound)
    for kind in kinds where kind.isNamed(by: word) { return try kind.judge(statement, entry, state) }
    throw Refusal(.unknownKind, "\(wording.unknownKind) \(entry.text(type).quoted)")
  }

  /// Judges a countersignature.
  public func countersign(
    _ target: Digest, by statement: JudgedStatement, reading state: StateReader
  ) throws(Refusal) -> [StateChange]? {
    try completing(target, statement, state)
  }

  /// Checks that these rules are in force.
  ///
  /// - Throws: `unknown-kind`.
  public func requireInForce(_ statement: JudgedStatement) throws(Refusal) {
    guard let version, statement.parameter(version.parameter) != version.number else { return }
    throw Refusal(.unknownKind, wording.notInForce)
  }

  /// The table of its transitions, in Markdown.
  public var table: String {
    let rows = transitions.map { row in
      let to = row.to.isEmpty ? "unchanged" : row.to.joined(separator: ", ")
      let from = row.from.isEmpty ? "–" : row.from.joined(separator: ", ")
      let who = row.countersigner.map { "\(row.who), and the countersignature of: \($0)" } ?? row.who
      return "| `\(row.kind)` | \(from) → \(to) | \(who) | \(row.refusals.joined(separator: ", ")) |"
    }
    return (["| kind | from → to | who | refusals |", "|---|---|---|---|"] + rows).joined(separator: "\n")
  }

  /// Its payloads and records in CDDL (RFC 8610).
  public var cddl: String {
    let payloads = kinds.map {
      "; \(Kind.prefix)\(name).\($0.name)+cbor\n\(FieldDescription.cddl($0.name, $0.fields))"
    }
    let values = records.map { "; \($0.place)\n\(FieldDescription.cddl($0.name, $0.fields))" }
    return (payloads + values).joined(separator: "\n\n")
  }
}

/// A kind of statements: what it says, and how that is judged.
public struct ScenarioKind: Sendable {
  /// Judges a statement whose kind and rules are known.
  public typealias Judge =
    @Sendable (JudgedStatement, _ entry: Span<UInt8>, StateReader) throws(Refusal) -> [StateChange]

  /// Its name.
  public let name: String
  /// What its payload is.
  public let payload: any FieldList.Type
  /// The fields of its payload.
  public let fields: [FieldDescription]
  let judge: Judge
  private let word: [UInt8]

  public init(_ name: String, _ payload: any FieldList.Type, judge: @escaping Judge) {
    (self.name, self.payload, fields, self.judge) = (name, payload, payload.fields, judge)
    word = Array("\(name)+cbor".utf8)
  }

  func isNamed(by word: Span<UInt8>) -> Bool {
    guard word.count == self.word.count else { return false }
    for index in word.indices where word[index] != self.word[index] { return false }
    return true
  }
}

/// What a scenario keeps in the state.
public struct ScenarioRecord: Sendable {
  /// Its key, as `evidence/item/ITEM`.
  public let place: String
  /// What errors call it.
  public let name: String
  /// Its fields.
  public let fields: [FieldDescription]

  public init(_ place: String, _ record: any FieldList.Type) {
    (self.place, name, fields) = (place, record.name, record.fields)
  }
}

/// A row of a scenario's table.
public struct Transition: Hashable, Sendable {
  /// The name of the kind.
  public let kind: String
  /// The members that may do it, in words.
  public let who: String
  /// The states in which it may come; none if it opens something.
  public let from: [String]
  /// The states that it may bring; none if the state stays.
  public let to: [String]
  /// The role that must countersign.
  public let countersigner: String?
  /// The codes with which its checks refuse, in their order.
  public let refusals: [String]

  public init(
    _ kind: String, by who: String, from: [String], to: [String], countersigner: String? = nil,
    refusals: [Refusal.Code]
  ) {
    (self.kind, self.who, self.from, self.to, self.countersigner) = (kind, who, from, to, countersigner)
    // A code that comes twice is named where it comes first.
    self.refusals = refusals.map(\.rawValue).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

extension JudgedStatement {
  /// The payload.
  ///
  /// - Parameter entry: the entry that `view` is of.
  /// - Throws: what `Payload` refuses.
  public func payload<Payload: FieldList>(
    _: Payload.Type, of entry: Span<UInt8>
  ) throws(Refusal) -> Payload {
    let bytes: [UInt8] = entry.extracting(view.payload).bytes
    return try Payload(decoding: bytes)
  }
}
