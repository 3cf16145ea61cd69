public import Ledger
public import LedgerCrypto
import Statements

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
public struct SharingRules: RuleSet {
  /// The rule set.
  public init() {}

  /// Every type that begins with `application/vnd.zheng.sharing.`.
  public func covers(_ contentType: Span<UInt8>, isReserved: Bool) -> Bool {
    let prefix = SharingRules.prefix
    guard isReserved, contentType.count >= prefix.count else { return false }
    for index in prefix.indices where contentType[index] != prefix[index] { return false }
    return true
  }

  /// Those of `SharingRole`.
  public var roles: [Role] { SharingRole.allCases.map(\.role) }

  private static let prefix = Array(SharingKind.prefix.utf8)

  /// Judges a statement of one of the kinds.
  public func judge(
    _ statement: JudgedStatement, entry: Span<UInt8>, reading state: StateReader
  ) throws(Refusal) -> [StateChange] {
    let judgement = try SharingJudgement(statement, reading: state)
    switch try SharingRules.kind(statement, entry) {
    case .calendar: return try judgement.calendar(judgement.payload(of: entry))
    case .catalogue: return try judgement.catalogue(judgement.payload(of: entry))
    case .request: return try judgement.request(judgement.payload(of: entry))
    case .grant: return try judgement.grant(judgement.payload(of: entry))
    case .refuse: return try judgement.refuse(judgement.payload(of: entry))
    case .deliver: return try judgement.deliver(judgement.payload(of: entry))
    case .receipt: return try judgement.receipt(judgement.payload(of: entry))
    case .use: return try judgement.use(judgement.payload(of: entry))
    case .object: return try judgement.object(judgement.payload(of: entry))
    case .answer: return try judgement.answer(judgement.payload(of: entry))
    case .revoke: return try judgement.revoke(judgement.payload(of: entry))
    case .erase: return try judgement.erase(judgement.payload(of: entry))
    }
  }

  private static func kind(
    _ statement: JudgedStatement, _ entry: Span<UInt8>
  ) throws(Refusal) -> SharingKind {
    let type = statement.view.contentType
    // What follows the prefix is short enough for a string that allocates nothing.
    let word = entry.text(type.lowerBound + prefix.count..<type.upperBound)
    guard word.utf8.count > suffix.utf8.count, word.hasSuffix(suffix),
      let kind = SharingKind(rawValue: String(word.dropLast(suffix.utf8.count)))
    else { throw Refusal(.unknownKind, "data sharing knows no kind \(entry.text(type).quoted)") }
    return kind
  }

  private static let suffix = "+cbor"

  /// Puts a catalogue entry that waits in force.
  public func countersign(
    _ target: Digest, by statement: JudgedStatement, reading state: StateReader
  ) throws(Refusal) -> [StateChange]? {
    let key = OfferRecord.key(target)
    let offer = try SharingJudgement.stored { () throws(Refusal) in
      try state.value(of: key, as: OfferRecord.self)
    }
    guard let offer else { return nil }
    return try SharingJudgement(statement, reading: state).countersign(offer)
  }

  /// What people see who open `index.sqlite`.
  public var views: [IndexView] { SharingViews.all }
}
