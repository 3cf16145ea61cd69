import Dispatch
import Hummingbird
import LedgerStore
import Logging
import TransparencyLog

/// Finds the route of a request, and makes a response of whatever comes of it.
///
/// | route | gives |
/// |---|---|
/// | `POST /entries` | 201 for a new record, 200 for one that was there: `NodeReceipt`, or the proof alone |
/// | … with `Prefer: return=minimal` | the same without the proof: a `NodeVerdict` |
/// | … with `application/cbor-seq` | 200 and a `NodeVerdict` for each statement of the sequence |
/// | `GET /entries/{index or id}` | the entry as COSE, or `NodeEntry` |
/// | `GET /proof/{index or id}` | the proof against its block's checkpoint, or `?at=head` against the newest |
/// | `GET /checkpoint`, `/tile/…`, `/tile/entries/…` | C2SP tlog-tiles, below no prefix |
/// | `GET /policy` | the trust file |
/// | `GET /members`, `/health`, `/` | `NodeMembers`, `NodeHealth`, a page for people |
///
/// `HEAD` works as `GET`. What goes wrong is a `NodeProblem`, which has the table of statuses. Paths are compared byte by
/// byte, so that each resource has one address: no second slash, no percent-encoding.
struct NodeResponder: HTTPResponder {
  /// Nothing of a request needs to be kept beside it.
  struct Context: InitializableFromSource {
    init(source: ApplicationRequestContextSource) {}
  }

  /// The value of `Server`.
  static let serverName = "zheng"

  let committer: Committer
  let settings: NodeSettings
  let logger: Logger
  // As many bytes as may be under way behind it.
  private let room: BodyRoom
  // Disk and database are waited for here, not on the threads that all requests share.
  private let queue = DispatchQueue(label: "zheng.reads", attributes: .concurrent)

  init(committer: Committer, settings: NodeSettings, logger: Logger) {
    (self.committer, self.settings, self.logger) = (committer, settings, logger)
    room = BodyRoom(byteCount: max(settings.committer.byteLimit, RequestEntries.sequenceLimit))
  }

  func respond(to request: Request, context: Context) async throws -> Response {
    let isHead = request.method == .head
    do {
      return try await route(request).response(isHead: isHead)
    } catch {
      let problem = problem(error, of: "\(request.method) \(request.uri.path)")
      let response = problem.answer.response(isHead: isHead)
      return problem.closesConnection ? closing(response) : response
    }
  }

  /// What `error` is to who sent `request`; what somebody here must see to is logged.
  func problem(_ error: any Error, of request: @autoclosure () -> String) -> NodeProblem {
    let problem = NodeProblem(error)
    if problem.status.kind == .serverError, problem.status != .serviceUnavailable {
      logger.error("\(request()): \(error)")
    }
    return problem
  }

  /// The response, after which the connection is closed.
  private func closing(_ response: Response) -> Response {
    var headers = response.headers
    headers[.connection] = "close"
    return Response(
      status: response.status, headers: headers,
      body: ResponseBody(contentLength: response.body.contentLength) { writer in
        try await response.body.write(writer)
        throw ConnectionEnds()
      })
  }

  private func route(_ request: Request) async throws -> Answer {
    let path = request.uri.path
    let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
      String(Substring($0))
    }
    guard parts.count >= 2, parts[0].isEmpty else {
      throw NodeProblem.notFound("nothing has the address \(path)")
    }
    switch (parts[1], parts.count) {
    case ("entries", 2):
      try require([.post], request)
      let submission = Submission(committer: committer, room: room, bodyTimeout: settings.bodyTimeout)
      return try await submission.answer(request) { try await blocking($0) }
    case ("", 2): return try await read(request, FrontPage.answer)
    case ("checkpoint", 2): return try await read(request) { .text($0.reader.checkpoint.bytes, .none) }
    case ("health", 2): return try await read(request) { try $0.health() }
    case ("members", 2): return try await read(request) { try $0.members() }
    case ("policy", 2): return try await read(request) { try $0.policy() }
    case ("entries", 3) where !parts[2].isEmpty:
      let accept = request.headers[.accept]
      return try await read(request) { try $0.entry(parts[2], accept: accept) }
    case ("proof", 3) where !parts[2].isEmpty:
      let query = request.uri.query
      return try await read(request) { try $0.proof(parts[2], query: query) }
    case ("tile", _): return try await read(request) { try $0.tile(String(path.dropFirst())) }
    default:
      guard path == settings.idlePath else { throw NodeProblem.notFound("nothing has the address \(path)") }
      for try await _ in request.body {}
      return .text([], .forbidden)
    }
  }

  private func read(_ request: Request, _ body: @escaping @Sendable (Reading) throws -> Answer) async throws
    -> Answer
  {
    try require([.get, .head], request)
    let reading = Reading(reader: committer.reader, condition: committer.condition, version: settings.version)
    return try await blocking { try body(reading) }
  }

  private func require(_ methods: [HTTPRequest.Method], _ request: Request) throws {
    guard methods.contains(request.method) else {
      throw NodeProblem(
        .methodNotAllowed, "method-not-allowed", "\(request.uri.path) does not know \(request.method)",
        headers: [.allow: methods.map(\.rawValue).joined(separator: ", ")])
    }
  }

  private func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
  {
    try await withCheckedThrowingContinuation { continuation in
      blocking(body) { continuation.resume(with: $0) }
    }
  }

  /// Calls `body`, which may wait for the disk, and then `done`, on a thread where nobody else has to wait for it.
  func blocking<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value,
    _ done: @escaping @Sendable (Result<Value, any Error>) -> Void
  ) {
    queue.async { done(Result { try body() }) }
  }
}

/// Says to the server that the connection is of no more use.
private struct ConnectionEnds: Error {}
