public import LedgerCrypto
import Statements

extension RosterChange {
  /// What a proposal of one of the kinds that concern keys' owners, administrators, validators and the log key changes.
  static func later(
    _ contentType: String, _ fields: inout CBORFields
  ) throws(StatementError) -> Action {
    switch contentType {
    case Kind.renewKey:
      return .renewKey(
        member: try fields.text("member", bytes: 1...64), key: try PublicKey(coseKey: fields.value("key")),
        possession: try fields.bytes("possession", count: 64), retires: try retired(&fields))
    case Kind.revokeKey:
      return .revokeKey(
        member: try fields.text("member", bytes: 1...64), key: try fields.digest("revokes"),
        reason: try fields.text("reason", bytes: 1...MemberKey.mostReasonBytes),
        since: try fields.optionalUnsigned("since", in: 0...BlockHeader.maximumTime),
        replacement: try fields.optionalValue("key").map { key throws(StatementError) in
          try PublicKey(coseKey: key)
        })
    case Kind.setAdministrators:
      let members = try texts(fields.array("members", count: 1...Roster.maximumMemberCount))
      return .setAdministrators(members, threshold: Int(clamping: try fields.unsigned("threshold")))
    case Kind.setLogKey:
      return .setLogKey(
        try fields.verifierKey("log"), possession: try fields.bytes("possession", count: 64))
    default:
      let validators = try fields.array("validators", count: 1...Terms.maximumValidatorCount)
        .map { item throws(StatementError) in try Validator(item) }
      let quorum = Int(clamping: try fields.unsigned("quorum"))
      let isCrashFaultsOnly = try fields.optionalBool("crash-faults-only")
      guard isCrashFaultsOnly != false else {
        throw StatementError(.malformed, "crash-faults-only is left out where it is false")
      }
      let joins = try fields.array("joins", count: 0...Terms.maximumValidatorCount)
        .map { item throws(StatementError) in try ValidatorJoin(item) }
      return .setValidators(
        validators, quorum: quorum, isCrashFaultsOnly: isCrashFaultsOnly ?? false, joins: joins)
    }
  }

  /// The keys that a proposal ends, by thumbprint.
  static func retired(_ fields: inout CBORFields) throws(StatementError) -> [Digest] {
    let retires = try fields.array("retires", count: 0...Member.maximumKeyCount)
      .map { id throws(StatementError) in
        guard case .bytes(let bytes) = id, let id = Digest(bytes) else {
          throw StatementError(.malformed, "a retired key is not a thumbprint of 32 bytes")
        }
        return id
      }
    guard Set(retires).count == retires.count else {
      throw StatementError(.malformed, "a key is retired twice")
    }
    return retires
  }

  /// Ids in their one order, so that a change has one payload.
  private static func texts(_ items: [CBOR]) throws(StatementError) -> [String] {
    var texts: [String] = []
    for item in items {
      guard case .text(let text) = item, Member.isID(text), texts.last.map({ $0 < text }) ?? true else {
        throw StatementError(.malformed, "the administrators are not ids in order, each once")
      }
      texts.append(text)
    }
    return texts
  }

  /// What a key that a member gives itself signs, to prove that the member has it.
  ///
  /// - Parameter ledger: the ledger id.
  public static func possession(of key: PublicKey, by member: String, on ledger: Digest) -> [UInt8] {
    possession(of: key, ("member", .text(member)), on: ledger)
  }

  /// What a new log key signs, to prove that its private key is there.
  ///
  /// - Parameter ledger: the ledger id.
  public static func possession(ofLogKey key: PublicKey, on ledger: Digest) -> [UInt8] {
    possession(of: key, ("use", .text("log")), on: ledger)
  }

  private static func possession(
    of key: PublicKey, _ holder: (CBOR, CBOR), on ledger: Digest
  ) -> [UInt8] {
    let pairs: [(CBOR, CBOR)] = [
      ("ledger", .bytes(ledger.bytes)), holder, ("key", .bytes(key.thumbprint.bytes)),
    ]
    return Array("zheng/key/v1\n".utf8) + CBOR.map(CBORMap(pairs)).encoded
  }

  /// Checks what a proposal proves by signatures of its own: the possession of a new key, and what validators signed that join.
  ///
  /// - Parameters:
  ///   - issuer: who proposes it.
  ///   - roster: the one that it changes.
  ///   - ledger: the ledger id.
  /// - Throws: `not-administrator` where a key is renewed by another than its member; `bad-signature`; `malformed` where validators sign
  ///   that need not, or do not that must.
  func checkProofs(by issuer: String, _ roster: Roster, of ledger: Digest) throws(Refusal) {
    switch action {
    case .renewKey(let member, let key, let possession, _):
      guard issuer == member else {
        throw Refusal(
          .notAdministrator, "\(issuer) can't renew a key of \(member.quoted): a member renews its own key")
      }
      let subject = RosterChange.possession(of: key, by: member, on: ledger)
      guard key.isValid(signature: possession.span, over: subject.span) else {
        throw Refusal(.badSignature, "the new key of \(member) does not prove that \(member) has it")
      }
    case .setValidators(let validators, _, _, let joins):
      let known = Set(roster.terms.validators.flatMap(\.keys).map(\.thumbprint))
      let joining = validators.filter { !known.isSuperset(of: $0.keys.map(\.thumbprint)) }
      guard joining.map(\.name) == joins.map(\.name) else {
        throw Refusal(
          .malformed,
          """
          those that join must sign, in the order of the validators, and nobody else: \
          \(joining.isEmpty ? "nobody" : joining.map(\.name.quoted).joined(separator: ", "))
          """)
      }
      for (validator, join) in zip(joining, joins) {
        try join.check(validator, of: ledger, origin: roster.terms.origin)
      }
    case .setLogKey(let key, let possession):
      let subject = RosterChange.possession(ofLogKey: key.publicKey, on: ledger)
      guard key.publicKey.isValid(signature: possession.span, over: subject.span) else {
        throw Refusal(.badSignature, "the new log key does not prove that its private key is there")
      }
    default: break
    }
  }
}

extension RosterChange.Action {
  /// Whether a member proposes it for itself, administrator or not.
  var isOwn: Bool {
    if case .renewKey = self { true } else { false }
  }
}
