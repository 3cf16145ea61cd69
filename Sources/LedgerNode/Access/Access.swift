import HTTPTypes
import Hummingbird
import Ledger
import LedgerCrypto
import LedgerStore
import Statements

/// Keeps what shows records to members (DESIGN §7): a request must carry a token (`AccessToken`) that the newest roster accepts, as
/// `Authorization: Bearer …` (RFC 6750) or as a browser's cookie (`Session`). What shows records each `Route` says.
struct Access: Sendable {
  let committer: Committer
  let audience: Audience
  /// In s since the epoch.
  let now: @Sendable () -> UInt64

  /// A token that lets a member read, and whose it is.
  struct Pass {
    let token: AccessToken
    let member: String
  }

  /// The token of the member that asks.
  ///
  /// - Throws: as `judge`.
  func requireMember(_ request: Request, _ context: NodeContext) throws -> Pass {
    let cookie = Session.token(request.headers[.cookie]).map { "Bearer \($0)" }
    return try judge(request.headers[.authorization] ?? cookie, request, context)
  }

  /// The token in the field `authorization` of a request.
  ///
  /// - Throws: a `NodeProblem` with `WWW-Authenticate`.
  func judge(_ authorization: String?, _ request: Request, _ context: NodeContext) throws -> Pass {
    let state = try committer.reader.state()
    do throws(Refusal) {
      let token = try Access.token(authorization)
      let member = try state.roster.reader(
        by: token, of: state.ledgerID, height: state.height, now: now(),
        isNode: { audience.isOwn($0, asked: request.head.authority, isLoopback: context.isLoopback) })
      return Pass(token: token, member: member.id)
    } catch { throw NodeProblem(unauthorized: error, ledger: state.ledgerID) }
  }

  /// Whether `token`, which has let a member read, does so by the roster of `reader`, and now.
  func stillReads(_ token: AccessToken, _ reader: LedgerReader) throws -> Bool {
    let state = try reader.state()
    do throws(Refusal) {
      _ = try state.roster.reader(
        by: token, of: state.ledgerID, height: state.height, now: now(), isNode: { _ in true })
      return true
    } catch { return false }
  }

  static func token(_ field: String?) throws(Refusal) -> AccessToken {
    guard let field else {
      throw Refusal(
        .noToken, "only members may read this ledger; send a token made with a member's key")
    }
    let parts = field.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else {
      throw Refusal(.tokenMalformed, "the field Authorization must be Bearer and a token")
    }
    do { return try AccessToken(text: String(parts[1])) } catch {
      throw Refusal(.tokenMalformed, "the token is malformed: \(error.description)")
    }
  }
}

extension NodeProblem {
  /// Why a request may not read: 403 for who is no member, otherwise 401 (RFC 6750 §3.1).
  init(unauthorized refusal: Refusal, ledger: Digest) {
    let isNoMember = refusal.code == .tokenNoMember
    var challenge = "Bearer realm=\"\(ledger.hex)\""
    if refusal.code != .noToken {
      challenge += ", error=\"\(isNoMember ? "insufficient_scope" : "invalid_token")\""
    }
    self.init(
      isNoMember ? .forbidden : .unauthorized, refusal.code.rawValue, refusal.reason,
      headers: [.wwwAuthenticate: challenge])
  }
}
