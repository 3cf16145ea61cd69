import Hummingbird
import Ledger
import LedgerClient
import LedgerStore
import NIOCore
import Statements

/// Why a request was not granted: problem details (RFC 9457), `application/problem+json`.
///
/// `code` is stable; `type` is `urn:zheng:` and the code. These are the codes and their statuses:
///
/// | status | code |
/// |---|---|
/// | 400 | `malformed` (an entry, a sequence, an index, an id or a query), `bad-request` |
/// | 401 | `no-token`, `token-malformed`, `token-bad-signature`, `token-expired`, `token-not-yet`, `token-too-long`, `token-other-ledger`, `token-other-node`, with `WWW-Authenticate` |
/// | 403 | `not-here` (metrics, for another machine); `token-no-member`, with `WWW-Authenticate`; `unknown-member`, `unknown-key`, `key-not-in-force`, `bad-signature`, `not-administrator`, `role` |
/// | 404 | `not-found` |
/// | 405 | `method-not-allowed`, with `Allow` |
/// | 408 | `timeout`: the body took too long |
/// | 409 | `duplicate`, `proposal-void`, `already-approved` |
/// | 413 | `too-large` |
/// | 415 | `unsupported-media-type` |
/// | 417 | `unknown-expectation`: one other than 100-continue |
/// | 421 | `unknown-host`: a `Host` that is not this node's |
/// | 422 | every other refusal of the rules: `wrong-ledger`, `stale`, `after-block-time`, `unknown-kind`, `threshold` … |
/// | 429 | `too-many-connections`, `too-many-requests` (of one address or member), with `Retry-After` |
/// | 431 | `too-large`: an address or a header field of more than 16 KiB |
/// | 500 | `failed` (nothing is written any more), `damaged` (the ledger is not as it must be), `internal` |
/// | 503 | `busy`, `stopping`, `behind`, with `Retry-After`; `clock-jump` and `low-space`, for which a person must act |
///
/// What is no HTTP is 400 without a body. After a 5xx, a 408, a 429 or a lost connection a statement may be sent again: the same statement gets the first receipt.
struct NodeProblem: Error {
  let status: HTTPResponse.Status
  let code: String
  let detail: String
  var headers: HTTPFields = [:]
  /// Whether the connection must be closed, since a part of the request may still be coming.
  var closesConnection = false

  init(_ status: HTTPResponse.Status, _ code: String, _ detail: String, headers: HTTPFields = [:]) {
    (self.status, self.code, self.detail, self.headers) = (status, code, detail, headers)
  }

  /// Nothing has this address.
  static func notFound(_ detail: String) -> NodeProblem { NodeProblem(.notFound, "not-found", detail) }

  /// What `error` is to somebody outside.
  ///
  /// - Parameter remedies: the words of the node's operator.
  init(_ error: any Error, _ remedies: Remedies = Remedies()) {
    switch error {
    case let error as NodeProblem: self = error
    case let error as Refusal: self.init(NodeProblem.status(error.code), error.code.rawValue, error.reason)
    case let error as CommitterUnavailable: self.init(error)
    case let error as SequenceError:
      let code = Refusal(error.reason).code
      self.init(NodeProblem.status(code), code.rawValue, error.description)
    case let error as Failure where error.call == "read":
      self.init(.serviceUnavailable, "behind", error.description, headers: [.retryAfter: "1"])
    case is IOError, is ChannelError, is CancellationError:
      self.init(.badRequest, "bad-request", "the request did not come to its end")
      closesConnection = true
    case let error as Fault:
      self.init(
        .internalServerError, "damaged",
        "the ledger is damaged: \(error.place); \(remedies.audit) on its directory looks for every fault")
    default: self.init(.internalServerError, "internal", "the node could not do it; its log says why")
    }
  }

  private init(_ unavailable: CommitterUnavailable) {
    switch unavailable {
    case .busy:
      self.init(.serviceUnavailable, "busy", unavailable.description, headers: [.retryAfter: "1"])
    case .stopping:
      self.init(.serviceUnavailable, "stopping", unavailable.description, headers: [.retryAfter: "5"])
    case .undecided:
      self.init(.serviceUnavailable, "undecided", unavailable.description, headers: [.retryAfter: "1"])
    case .failed:
      self.init(
        .internalServerError, "failed",
        """
        the ledger can't be written any more and nothing is acknowledged; when the cause is mended and the node has been \
        started again, send it again
        """)
    }
  }

  /// Why a sequence of `count` statements was not judged to its end.
  init(_ unavailable: CommitterUnavailable, judged: Int, of count: Int) {
    self.init(unavailable)
    guard judged > 0 else { return }
    let problem = self
    self.init(
      status, code,
      "\(judged) of \(count) statements were judged, and those may be records; then: \(problem.detail)",
      headers: problem.headers)
  }

  private static func status(_ code: Refusal.Code) -> HTTPResponse.Status {
    switch code {
    case .malformed: .badRequest
    case .tooLarge: .contentTooLarge
    case .unknownMember, .unknownKey, .keyNotInForce, .badSignature, .notAdministrator: .forbidden
    case .duplicate, .proposalVoid, .alreadyApproved: .conflict
    case .clockJump, .lowSpace: .serviceUnavailable
    default: code.rawValue == "role" ? .forbidden : .unprocessableContent
    }
  }

  /// The problem as it is told.
  var details: ProblemDetails {
    ProblemDetails(
      type: "urn:zheng:\(code)", title: status.reasonPhrase, status: status.code, detail: detail, code: code)
  }

  /// The answer.
  var answer: Answer {
    do {
      return try Answer(
        status, json: details, .forbidden, contentType: "application/problem+json", headers: headers)
    } catch { return Answer(status, "application/problem+json", .forbidden, Array("{}".utf8)) }
  }
}
