import Ledger

/// The table of data sharing: who may do what, and what it makes of what. The roles are judged by it; the states that it names are
/// those of the record that a kind is about.
struct SharingTransition: Sendable {
  let row: Transition
  /// The kind, as it is registered.
  let registered: ScenarioKind

  /// - Parameters:
  ///   - roles: a member with one of these may do it.
  ///   - act: what only they do, as their refusal says.
  ///   - party: who of them may do it; nil for any.
  ///   - refusals: those that come after the role, in their order.
  init<Payload: SharingPayload>(
    _: Payload.Type, _ roles: SharingRole..., act: String, party: String? = nil, from: [String], to: [String],
    countersigner: SharingRole? = nil, refusals: Refusal.Code...,
    judge: @escaping @Sendable (SharingJudgement, Payload) throws(Refusal) -> [StateChange]
  ) {
    let kind = Payload.kind
    row = Transition(
      kind.rawValue, by: party ?? roles.map(\.rawValue).joined(separator: ", "), from: from, to: to,
      countersigner: countersigner?.rawValue, refusals: [.malformed, .personalData, .role] + refusals)
    registered = ScenarioKind(kind.rawValue, Payload.self) { (statement, entry, state) throws(Refusal) in
      let judgement = SharingJudgement(statement: statement, state: state)
      let payload: Payload = try judgement.payload(of: entry)
      try judgement.require(roles, act)
      return try judge(judgement, payload)
    }
  }

  static let all: [SharingTransition] = [
    SharingTransition(
      SharingCalendar.self, .authority, act: "records calendars", from: [], to: ["in-force"],
      refusals: .duplicate
    ) { (judgement, payload) throws(Refusal) in try judgement.calendar(payload) },
    SharingTransition(
      SharingCatalogue.self, .provider, act: "offers catalogue entries", party: "provider, of its own entry",
      from: [], to: ["in-force"], countersigner: .authority,
      refusals: .duplicate, .wrongState, .missingBasis, .leadSource
    ) { (judgement, payload) throws(Refusal) in try judgement.catalogue(payload) },
    SharingTransition(
      SharingRequest.self, .demander, act: "asks for data", from: [], to: ["submitted"],
      refusals: .unknownEntry, .notInForce, .duplicate, .notShareable, .missingBasis, .scope, .expired
    ) { (judgement, payload) throws(Refusal) in try judgement.request(payload) },
    SharingTransition(
      SharingGrant.self, .provider, act: "grants or refuses", party: "the request's provider",
      from: ["submitted"], to: ["granted"],
      refusals: .unknownRequest, .wrongState, .purpose, .scope, .expired
    ) { (judgement, payload) throws(Refusal) in try judgement.grant(payload) },
    SharingTransition(
      SharingRefuse.self, .provider, act: "grants or refuses", party: "the request's provider",
      from: ["submitted"], to: ["refused"],
      refusals: .unknownRequest, .wrongState, .missingReason, .missingBasis
    ) { (judgement, payload) throws(Refusal) in try judgement.refuse(payload) },
    SharingTransition(
      SharingDeliver.self, .provider, act: "delivers", party: "the request's provider",
      from: ["granted", "revoked"], to: ["delivered"],
      refusals: .unknownRequest, .noGrant, .revoked, .notInForce, .expired, .limit, .duplicate, .wrongState,
      .purpose, .scope
    ) { (judgement, payload) throws(Refusal) in try judgement.deliver(payload) },
    SharingTransition(
      SharingReceipt.self, .demander, act: "gives receipts", party: "the delivery's demander",
      from: ["delivered"], to: ["received", "mismatch"],
      refusals: .unknownRequest, .wrongState, .duplicate
    ) { (judgement, payload) throws(Refusal) in try judgement.receipt(payload) },
    SharingTransition(
      SharingUse.self, .demander, act: "uses data", party: "the delivery's demander",
      from: ["received"], to: [],
      refusals: .unknownRequest, .wrongState, .noGrant, .revoked, .notInForce, .expired, .purpose
    ) { (judgement, payload) throws(Refusal) in try judgement.use(payload) },
    SharingTransition(
      SharingObject.self, .demander, act: "objects",
      party: "the delivery's demander; of an entry, any other bureau",
      from: ["received", "mismatch", "in-force"], to: ["open"],
      refusals: .unknownRequest, .unknownEntry, .notInForce, .wrongState
    ) { (judgement, payload) throws(Refusal) in try judgement.object(payload) },
    SharingTransition(
      SharingAnswer.self, .provider, act: "answers objections", party: "who must answer it",
      from: ["open"], to: ["answered"], refusals: .wrongState, .notInForce
    ) { (judgement, payload) throws(Refusal) in try judgement.answer(payload) },
    SharingTransition(
      SharingRevoke.self, .provider, .authority, act: "revoke",
      party: "the request's provider, any authority",
      from: ["granted", "revoked"], to: ["revoked"],
      refusals: .unknownRequest, .noGrant, .revoked, .expired, .missingBasis
    ) { (judgement, payload) throws(Refusal) in try judgement.revoke(payload) },
    SharingTransition(
      SharingErase.self, .provider, .demander, act: "have vaults",
      party: "the delivery's provider, its demander",
      from: ["delivered", "received", "mismatch", "erased"], to: ["erased"],
      refusals: .unknownRequest, .wrongState, .duplicate, .missingReason
    ) { (judgement, payload) throws(Refusal) in try judgement.erase(payload) },
  ]
}
