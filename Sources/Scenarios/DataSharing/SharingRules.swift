public import Ledger
import LedgerCrypto
import Statements

/// Government data sharing (政务数据共享).
public enum DataSharing {
  /// The rules of government data sharing, version 1.
  ///
  /// A statement is judged in this order, and the first thing that is wrong is the refusal:
  ///
  /// 1. its shape: `malformed`, also where `sub` is not what the payload is about;
  /// 2. `personal-data` in any searched text;
  /// 3. `role`: the issuer has no role that may do this;
  /// 4. what it is about is not there: `unknown-request`, `unknown-entry`, `not-in-force` (also for the version that a request
  ///    names), `wrong-state` for a delivery or an objection;
  /// 5. `role` again: the issuer is not the party that it would have to be;
  /// 6. the state: `duplicate`, `wrong-state`, `no-grant`, `revoked`, `expired`, `not-in-force`, `limit`;
  /// 7. the content: `missing-basis`, `missing-reason`, `not-shareable`, `purpose`, `scope`, `lead-source`, what cites a
  ///    calendar or a correction that is not there, and `expired` for a time asked for or granted that is over.
  ///
  /// Nothing happens by the passing of time alone. A deadline that is missed shows, on the board and as `late` on the reply; no
  /// request is granted by silence, and a late reply counts as any other.
  public static let scenario = Scenario(
    "sharing", version: Scenario.Version(Parameters.sharingRules, is: 1),
    roles: SharingRole.allCases.map(\.role),
    parameters: [
      Parameters.sharingRules, Parameters.unconditionalReplyDays, Parameters.conditionalReplyDays,
      Parameters.deliveryDays,
    ],
    kinds: SharingTransition.all.map(\.registered),
    records: [
      ScenarioRecord("sharing/calendar", CalendarInForce.self),
      ScenarioRecord("sharing/calendar/VERSION", CalendarRecord.self),
      ScenarioRecord("sharing/offered/ENTRY", OfferedEntry.self),
      ScenarioRecord("sharing/pending/STATEMENT-ID", OfferRecord.self),
      ScenarioRecord("sharing/entry/ENTRY", EntryRecord.self),
      ScenarioRecord("sharing/version/ENTRY/VERSION", EntryRecord.self),
      ScenarioRecord("sharing/lead/ITEM", LeadRecord.self),
      ScenarioRecord("sharing/request/REQUEST", RequestRecord.self),
      ScenarioRecord("sharing/delivery/REQUEST/NUMBER", DeliveryRecord.self),
      ScenarioRecord("sharing/use/REQUEST/DELIVERY/NUMBER", UseRecord.self),
      ScenarioRecord("sharing/objection/STATEMENT-ID", ObjectionRecord.self),
    ],
    transitions: SharingTransition.all.map(\.row), views: SharingViews.all,
    wording: Scenario.Wording(
      notInForce: "this ledger runs without the rules of data sharing that are known here; see sharing-rules",
      unknownKind: "data sharing knows no kind"),
    completing: countersign)

  /// Puts a catalogue entry that waits in force.
  @Sendable private static func countersign(
    _ target: Digest, by statement: JudgedStatement, reading state: StateReader
  ) throws(Refusal) -> [StateChange]? {
    let key = OfferRecord.key(target)
    let offer = try SharingJudgement.stored { () throws(Refusal) in
      try state.value(of: key, as: OfferRecord.self)
    }
    guard let offer else { return nil }
    try scenario.requireInForce(statement)
    return try SharingJudgement(statement: statement, state: state).countersign(offer)
      + [.concerns(offer.entry, of: scenario.name)]
  }
}

extension Parameters {
  /// The version of the rules of government data sharing; 0 is without them.
  public static let sharingRules = Definition(
    "sharing-rules", standard: 1, bounds: 0...1, absent: 0,
    meaning: "the version of the rules of data sharing; 0 is without them")
  /// Within how many working days a request for data that are shared unconditionally is answered.
  public static let unconditionalReplyDays = Definition(
    "reply-days-unconditional", standard: 1, bounds: 0...250, absent: 1,
    meaning: "within how many working days a request for unconditionally shared data is answered")
  /// Within how many working days any other request is answered.
  public static let conditionalReplyDays = Definition(
    "reply-days-conditional", standard: 10, bounds: 0...250, absent: 10,
    meaning: "within how many working days a request for conditionally shared data is answered")
  /// Within how many working days of the grant data are delivered.
  public static let deliveryDays = Definition(
    "delivery-days", standard: 20, bounds: 0...250, absent: 20,
    meaning: "within how many working days of the grant data are delivered")
}
