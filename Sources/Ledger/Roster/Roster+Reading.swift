public import LedgerCrypto
public import Statements

extension Refusal.Code {
  /// A request without a token, where only members may read.
  public static let noToken = Self(rawValue: "no-token")
  /// Not a token.
  public static let tokenMalformed = Self(rawValue: "token-malformed")
  /// The token is signed with a key that no member has now.
  public static let tokenNoMember = Self(rawValue: "token-no-member")
  /// The token's signature does not verify with that key.
  public static let tokenBadSignature = Self(rawValue: "token-bad-signature")
  /// The token is for another ledger.
  public static let tokenOtherLedger = Self(rawValue: "token-other-ledger")
  /// The token is for another node.
  public static let tokenOtherNode = Self(rawValue: "token-other-node")
  /// The token has expired.
  public static let tokenExpired = Self(rawValue: "token-expired")
  /// The token is not valid yet, by the node's clock.
  public static let tokenNotYet = Self(rawValue: "token-not-yet")
  /// The token is valid for longer than ten minutes.
  public static let tokenTooLong = Self(rawValue: "token-too-long")
}

extension Roster {
  /// How far the clocks of reader and node may differ, in s.
  private static var tokenDrift: UInt64 { 60 }

  /// The member that may read by `token`, judged by this roster.
  ///
  /// - Parameters:
  ///   - ledger: the ledger that is read.
  ///   - height: the height of the next block.
  ///   - now: in s since the epoch.
  ///   - isNode: whether a URL is the node's own.
  /// - Throws: `token-no-member`, `token-bad-signature`, `token-other-ledger`, `token-other-node`, `token-too-long`,
  ///   `token-expired`, `token-not-yet`.
  public func reader(
    by token: AccessToken, of ledger: Digest, height: UInt64, now: UInt64, isNode: (String) -> Bool
  ) throws(Refusal) -> Member {
    let claims = token.claims
    guard let place = place(of: token.keyID) else {
      throw Refusal(.tokenNoMember, "the token's key \(token.keyID) is no member's")
    }
    let member = members[place.member]
    let key = member.keys[place.key]
    guard key.isInForce(at: height) else {
      throw Refusal(.tokenNoMember, "the token's key \(token.keyID) is not in force any more")
    }
    guard claims.issuer == nil || claims.issuer == member.id else {
      throw Refusal(.tokenNoMember, "the token's key is not that of the member that it names")
    }
    try token.require(
      signedBy: key.key, of: ledger, now: now, drift: (early: Roster.tokenDrift, late: 0), isNode: isNode)
    return member
  }
}

extension AccessToken {
  /// Sees that it is signed with `key`, which is the one that it names, and is for this ledger and node, and now.
  ///
  /// - Parameters:
  ///   - now: in s since the epoch.
  ///   - drift: how far the clock of its maker may be ahead of this one, and behind it, in s.
  ///   - isNode: whether what it names is the node.
  /// - Throws: `token-bad-signature`, `token-other-ledger`, `token-other-node`, `token-too-long`, `token-expired`, `token-not-yet`.
  package func require(
    signedBy key: PublicKey, of ledger: Digest, now: UInt64, drift: (early: UInt64, late: UInt64),
    isNode: (String) -> Bool
  ) throws(Refusal) {
    guard isSigned(by: key) else {
      throw Refusal(.tokenBadSignature, "the token is not signed with the key that it names")
    }
    guard claims.ledger == ledger else {
      throw Refusal(.tokenOtherLedger, "the token is for the ledger \(claims.ledger), and this is \(ledger)")
    }
    guard isNode(claims.node) else {
      throw Refusal(.tokenOtherNode, "the token is for another node than this")
    }
    guard claims.expiresAt - claims.issuedAt <= AccessToken.longestLife else {
      throw Refusal(.tokenTooLong, "the token holds for more than \(AccessToken.longestLife) s")
    }
    // No sum: a token may name any time.
    guard claims.expiresAt > now - min(now, drift.late) else {
      throw Refusal(.tokenExpired, "the token ended at \(claims.expiresAt)")
    }
    guard claims.issuedAt <= now + drift.early else {
      throw Refusal(
        .tokenNotYet,
        "the token begins \(claims.issuedAt - now) s after this node's clock; one of the two clocks is wrong")
    }
  }
}
