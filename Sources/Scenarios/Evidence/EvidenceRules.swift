public import Ledger
import LedgerCrypto

extension Parameters {
  /// The version of the rules of electronic evidence; 0 is without them.
  public static let evidenceRules = Definition(
    "evidence-rules", standard: 1, bounds: 0...1, absent: 0,
    meaning: "the version of the rules of electronic evidence; 0 is without them")
}

extension Evidence {
  /// The rules of electronic evidence, version 1 (parameter `evidence-rules`); `EvidenceTransition.all` is their table.
  ///
  /// A statement that breaks several rules gets the first of these: `unknown-kind`; `malformed`, `missing-digest` and
  /// `personal-data`, in the order of the payload; `after-block-time`; `role`, where the kind is bound to roles alone;
  /// `duplicate-item` or `unknown-item`; `not-custodian`, or `role` for `present` and `correct`; for `accept` and `decline` the state and then `not-receiver`; the state
  /// (`pending-transfer` in transit, `disputed`, else `wrong-state`); `role` of an examiner; `wrong-state` for a previous
  /// entry that is not the last; `self-transfer`; `role` of the receiver; `seal-mismatch`; `legal-hold`; `seal-reused`.
  ///
  /// What the table does not say:
  /// - Whoever holds an item needs no role to seal it, offer it or hand it back; it came to hold it by a role. An item is offered
  ///   only to a member in force that may keep evidence: collector, custodian, examiner, court or notary (`role`).
  /// - A seal's number counts as used from the statement that names it; that of a `resolve` from its countersignature. The
  ///   seal of a deposit may be named by that item's first `seal`, and by nothing else.
  /// - A hold also blocks a dispute's end by disposal, or that would be the way around it. A hold that comes while a release waits
  ///   blocks the countersignature (`legal-hold`), which may come again when it is lifted.
  /// - Any court may lift any court's hold, as a higher court does, naming its order. The same order holds an item once;
  ///   （2026）豫01执保1号 and (2026)豫01执保1号 are the same.
  /// - At most one statement of an item waits for a countersignature: a later one of the custodian's, and any entry in the
  ///   custody chain, make it void (`proposal-void`). Two signatures are those of two members.
  /// - Where the receiver is no member in force any more, the custodian may decline in its place: else the item would stay in
  ///   transit for ever.
  /// - A terminal item keeps its last custodian; only corrections are accepted.
  ///
  /// What the rules cannot repair: an item whose custodian is removed from the roster. Hand over first, then remove.
  public static let scenario = Scenario(
    "evidence", version: Scenario.Version(Parameters.evidenceRules, is: 1),
    roles: EvidenceRole.allCases.map(\.role), parameters: [Parameters.evidenceRules],
    kinds: EvidenceTransition.all.map(\.registered),
    records: [
      ScenarioRecord("evidence/item/ITEM", Item.self),
      ScenarioRecord("evidence/record/STATEMENT-ID", Record.self),
      ScenarioRecord("evidence/seal/NUMBER", SealUse.self),
      ScenarioRecord("evidence/pending/STATEMENT-ID", Pending.self),
    ],
    transitions: EvidenceTransition.all.map(\.row), views: [itemsView, custodyView],
    wording: Scenario.Wording(
      notInForce:
        "the rules of evidence are not in force on this ledger; an administrator sets the parameter evidence-rules to 1",
      unknownKind: "the rules of evidence know no kind"),
    completing: countersign)

  /// Judges the second signature under a `resolve` or `release`.
  ///
  /// The refusals, in this order: `unknown-kind` where the rules are not in force;
  /// `proposal-void` if it was completed or overtaken; `role`; `legal-hold`; `seal-reused`.
  @Sendable private static func countersign(
    _ target: Digest, by statement: JudgedStatement, reading state: StateReader
  ) throws(Refusal) -> [StateChange]? {
    guard let pending = try state.value(of: Pending.key(target), as: Pending.self) else { return nil }
    try scenario.requireInForce(statement)
    let judgement = EvidenceJudgement(
      kind: pending.kind, item: pending.item, statement: statement, state: state)
    return try judgement.complete(pending, target) + [.concerns(pending.item, of: scenario.name)]
  }

  /// The item that a statement is about.
  static func item(_ statement: JudgedStatement, _ entry: Span<UInt8>) throws(Refusal) -> String {
    guard let subject = statement.claims.subject, Evidence.itemByteCount.contains(subject.count) else {
      throw Refusal(
        .malformed, "a statement about evidence names the item, of at most 128 bytes, in its claim sub")
    }
    let bytes = entry.extracting(subject)
    if let found = PersonalData.find(in: bytes) { throw found.refusal(in: "the item's name") }
    guard let item = bytes.checkedText(mayHoldNewlines: false) else {
      throw Refusal(.malformed, "the item's name is not text")
    }
    return item
  }
}
