import HTTPTypes
import Hummingbird
import Ledger
import LedgerCrypto
import Statements

/// Keeps what validators show each other to validators: a request must carry a token (`AccessToken`) signed with the vote key of one, as
/// `Authorization: Bearer …`, for this ledger and, in place of a URL, the name of this node's validator.
struct ValidatorAccess: Sendable {
  let ledger: Digest
  /// The validator that this node is.
  let validator: String
  /// The validator whose vote key has this thumbprint; nil where none has.
  let admitted: @Sendable (Digest) -> (name: String, key: PublicKey)?
  /// In s since the epoch.
  let now: @Sendable () -> UInt64

  /// How far another's clock may be off, in s: one that is keeps its validator's blocks from being voted for, and is to be seen here.
  private static let drift: UInt64 = 3600

  /// The name of the validator that asks.
  ///
  /// - Throws: a `NodeProblem` with `WWW-Authenticate`.
  func requireValidator(_ request: Request) throws -> String {
    do throws(Refusal) {
      guard let authorization = request.headers[.authorization] else {
        throw Refusal(.noToken, "only the ledger's other validators are answered here")
      }
      let token = try Access.token(authorization)
      guard let (name, key) = admitted(token.keyID) else {
        throw Refusal(.tokenNoMember, "the token's key \(token.keyID) is no validator's vote key")
      }
      guard token.claims.issuer == name, name != validator else {
        throw Refusal(.tokenNoMember, "the token's key is not that of the validator that it names")
      }
      try token.require(
        signedBy: key, of: ledger, now: now(),
        drift: (early: ValidatorAccess.drift, late: ValidatorAccess.drift),
        isNode: { $0 == validator })
      return name
    } catch { throw NodeProblem(unauthorized: error, ledger: ledger) }
  }
}
