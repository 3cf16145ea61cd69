import Ledger
import LedgerCrypto
import TransparencyLog

/// The table of evidence: who may do what, from which state to which, with whose countersignature, and what refuses it.
///
/// The judgement, `Evidence.next`, history, the certificate's chain and `Scenario.table` read it. The matrix of the tests and the
/// page script of a certificate are copies on purpose.
struct EvidenceTransition: Sendable {
  let kind: EvidenceKind
  let payload: any EvidencePayload.Type
  let who: Actor
  /// The states in which it may come; none if it opens an item.
  let from: [Evidence.State]
  /// The states that it may bring; none if the state stays.
  let to: [Evidence.State]
  let effect: Effect
  /// What its checks refuse with, in their order.
  let refusals: [Refusal.Code]
  /// The kind, as it is registered.
  let registered: ScenarioKind

  /// The members that may do it.
  enum Actor: Sendable {
    /// A member with one of these roles.
    case roles([EvidenceRole])
    /// The custodian, with this role if one is named.
    case custodian(EvidenceRole? = nil)
    /// The custodian, or a member with one of these roles.
    case custodianOr([EvidenceRole])
    /// The member that it is offered to.
    case receiver
    /// The issuer of the corrected statement.
    case author
  }

  /// What it does besides leaving its record.
  enum Effect: Hashable, Sendable {
    /// Nothing.
    case none
    /// It changes the item, beside the custody chain.
    case change
    /// It is an entry of the custody chain.
    case entry
    /// It becomes one when a member with this role countersigns.
    case awaits(EvidenceRole)
  }

  init<Payload: EvidencePayload>(
    _: Payload.Type, _ who: Actor, from: [Evidence.State], to: [Evidence.State] = [], _ effect: Effect,
    _ checks: EvidenceCheck<Payload>...
  ) {
    let kind = Payload.kind
    (self.kind, payload, self.who, self.from, self.to) = (kind, Payload.self, who, from, to)
    (self.effect, refusals) = (effect, checks.flatMap(\.codes))
    registered = ScenarioKind(kind.rawValue, Payload.self) { (statement, entry, state) throws(Refusal) in
      let judgement = EvidenceJudgement(
        kind: kind, item: try Evidence.item(statement, entry), statement: statement, state: state)
      var matter = EvidenceCheckContext(
        judgement: judgement, payload: try statement.payload(Payload.self, of: entry))
      for check in checks { try check.run(&matter) }
      return try judgement.changes(matter.item, by: matter.payload, effect)
    }
  }

  /// The role that must countersign.
  var countersigner: EvidenceRole? { if case .awaits(let role) = effect { role } else { nil } }

  static func of(_ kind: EvidenceKind) -> EvidenceTransition {
    guard let row = rows[kind] else { fatalError("the table of evidence lacks \(kind.rawValue)") }
    return row
  }

  /// The row, for people.
  var row: Transition {
    func words(_ roles: [EvidenceRole]) -> String { roles.map(\.rawValue).joined(separator: ", ") }
    let actor =
      switch who {
      case .roles(let roles): words(roles)
      case .custodian(let role?): "the item's custodian, with the role \(role.rawValue)"
      case .custodian: "the item's custodian"
      case .custodianOr(let roles): "\(words(roles)), the item's custodian"
      case .receiver: "the receiver"
      case .author: "the issuer of what is corrected"
      }
    return Transition(
      kind.rawValue, by: actor, from: from.map(\.rawValue), to: to.map(\.rawValue),
      countersigner: countersigner?.rawValue, refusals: refusals)
  }

  private static let alive = Evidence.State.allCases.filter { !$0.isTerminal }
  private static let rows = Dictionary(uniqueKeysWithValues: all.map { ($0.kind, $0) })

  /// The rows.
  static let all: [EvidenceTransition] = [
    EvidenceTransition(
      Evidence.Deposit.self, .roles([.collector, .custodian]), from: [], to: [.deposited], .entry,
      .occurred("the deposit"), .notAfterBlock("the collection") { $0.collected },
      .role(.collector, .custodian), .new, .freshSeal { deposit, _ in deposit.seal }),
    EvidenceTransition(
      Evidence.Seal.self, .custodian(), from: [.deposited], to: [.sealed], .entry,
      .occurred("the sealing"), .held, .state(.deposited), .last,
      // While it is deposited, an item has a seal only if the deposit named it.
      .freshSeal { seal, item in item.isSealed(with: seal.seal) ? nil : seal.seal }),
    EvidenceTransition(
      Evidence.Offer.self, .custodian(), from: [.sealed], to: [.inTransit], .entry,
      .occurred("the offer"), .held, .state(.sealed), .last, .toAnother, .toKeeper, .sameSeal, .sameDigest),
    EvidenceTransition(
      Evidence.Accept.self, .receiver, from: [.inTransit], to: [.sealed, .disputed], .entry,
      .occurred("the acceptance"), .known, .state(.inTransit), .receiver, .last),
    EvidenceTransition(
      Evidence.Decline.self, .receiver, from: [.inTransit], to: [.disputed], .entry,
      .occurred("the refusal"), .known, .state(.inTransit), .receiverOrCustodianOfLostOffer, .last),
    EvidenceTransition(
      Evidence.Resolve.self, .custodian(), from: [.disputed], to: [.sealed, .disposed], .awaits(.supervisor),
      .occurred("the resolution"), .held, .dispute, .state(.disputed), .last,
      .noHold { $0.outcome == .disposed }, .freshSeal { resolve, _ in resolve.seal }),
    EvidenceTransition(
      Evidence.Examine.self, .custodian(.examiner), from: [.sealed], to: [.examining], .entry,
      .occurred("the examination"), .held, .state(.sealed), .role(.examiner), .last),
    EvidenceTransition(
      // Custody does not move while an item is examined, so its custodian is who examined it.
      Evidence.Reseal.self, .custodian(), from: [.examining], to: [.sealed], .entry,
      .occurred("the sealing"), .held, .state(.examining), .last, .freshSeal { reseal, _ in reseal.seal }),
    EvidenceTransition(
      Evidence.Present.self, .custodianOr([.court, .notary]), from: alive, .none,
      .occurred("the presentation"), .known, .heldOrRole(.court, .notary), .alive),
    EvidenceTransition(
      Evidence.Hold.self, .roles([.court]), from: alive, .change,
      .occurred("the order"), .role(.court), .known, .alive, .newOrder),
    EvidenceTransition(
      Evidence.Lift.self, .roles([.court]), from: alive, .change,
      .occurred("the order"), .role(.court), .known, .alive, .knownOrder),
    EvidenceTransition(
      Evidence.Release.self, .custodian(), from: [.sealed], to: [.released, .disposed], .awaits(.court),
      .occurred("the release"), .held, .state(.sealed), .last, .noHold { _ in true }),
    EvidenceTransition(
      Evidence.Renew.self, .custodian(), from: alive, .change,
      .occurred("the renewal"), .held, .alive, .newDigests),
    EvidenceTransition(
      Evidence.Correct.self, .author, from: Evidence.State.allCases, .none,
      .occurred("the correction"), .known, .author),
  ]
}
