public import LedgerCrypto
public import Statements
import TransparencyLog

/// The founding statement: entry 0, signed by an administrator, whose leaf hash is the ledger id.
///
/// ```cddl
/// found = { terms: terms, members: [+ member] }
/// ```
///
/// It is the only statement without an audience. Every key in it holds from height 0.
public enum Founding {
  /// The founding statement of a ledger with this roster.
  ///
  /// - Parameters:
  ///   - administrator: the member that signs, and `key` one of its keys.
  ///   - issuedAt: s since the epoch.
  ///   - tokenID: 16 random bytes.
  /// - Throws: `not-administrator`, `unknown-key`, or `too-large` if the roster does not fit into one entry.
  public static func statement(
    _ roster: Roster, administrator: String, key: PrivateKey, issuedAt: UInt64, tokenID: [UInt8]
  ) throws -> SignedStatement {
    let payload = CBOR.map([
      .text("terms"): roster.terms.cbor, .text("members"): .array(roster.members.map(\.cbor)),
    ])
    let claims = Claims(
      issuer: administrator, subject: nil, audience: nil, issuedAt: issuedAt, tokenID: tokenID)
    let draft = StatementDraft(contentType: Kind.found, claims: claims, payload: payload.encoded)
    let statement = try draft.signed(by: key)
    _ = try state(of: statement)
    return statement
  }

  /// The state that a founding statement sets, before the block that holds it.
  ///
  /// The signature is judged with the block, as every statement's.
  /// - Throws: `malformed`, `not-administrator`, `unknown-key`, `threshold`.
  public static func state(of statement: SignedStatement) throws(Refusal) -> LedgerState {
    guard statement.contentType == Kind.found, let claims = statement.claims, claims.audience == nil else {
      throw Refusal(.malformed, "entry 0 is not a founding statement")
    }
    let roster: Roster
    do {
      var fields = try CBORFields(CBOR(decoding: statement.payload), of: "founding statement")
      let terms = try fields.value("terms")
      let members = try fields.array("members", count: 1...Roster.maximumMemberCount)
      try fields.finish()
      roster = try Roster(items: [terms] + members, inForceFrom: 0)
    } catch let error as Refusal {
      throw error
    } catch {
      throw Refusal(.malformed, "\(error)")
    }
    guard roster.terms.since == 0, roster.terms.former.isEmpty else {
      throw Refusal(.malformed, "the founding statement names validators that held office before it")
    }
    for member in roster.members where member.keys.contains(where: { $0.from != 0 || $0.until != nil }) {
      throw Refusal(.malformed, "a key of \(member.id) does not simply hold from the founding on")
    }
    guard roster.isAdministrator(claims.issuer) else {
      throw Refusal(
        .notAdministrator,
        "\(claims.issuer) is not an administrator; one of them signs the founding statement")
    }
    guard let place = roster.place(of: statement.keyID), roster.members[place.member].id == claims.issuer
    else {
      throw Refusal(.unknownKey, "the key that signs is none of \(claims.issuer)'s")
    }
    var hasher = TreeHasher()
    return LedgerState(founding: hasher.leaf(statement.entry.span), roster: roster)
  }
}
