import Hummingbird
import LedgerStore
import NIOHTTP1

/// Answers every error with problem details (RFC 9457), and logs those that somebody here must see to.
struct Problems: RouterMiddleware {
  let log: LimitedLog
  let remedies: Remedies

  func handle(
    _ request: Request, context: NodeContext, next: (Request, NodeContext) async throws -> Response
  ) async throws -> Response {
    do {
      try requireOneSpelling(request.uri.path)
      return try await next(request, context)
    } catch let error as HTTPParserError {
      // The server library answers it with 400 and closes the connection.
      throw error
    } catch {
      let problem = problem(error, request, context)
      let response = problem.answer.response(isHead: request.method == .head)
      return problem.closesConnection ? closing(response) : response
    }
  }

  /// Each resource has one address: no empty part, and no percent-encoding but where a part is what members write.
  private func requireOneSpelling(_ path: String) throws {
    let isEncoded = path.contains("%") && !path.hasPrefix("/state/")
    if path.contains("//") || isEncoded || path.hasSuffix("/") && path != "/" {
      throw HTTPError(.notFound)
    }
  }

  private func problem(_ error: any Error, _ request: Request, _ context: NodeContext) -> NodeProblem {
    if let error = error as? HTTPError, error.status == .notFound {
      return .notFound("nothing has the address \(request.uri.path)")
    }
    var problem = NodeProblem(error, remedies)
    // Whether the body comes now, or another request, is not known.
    if request.headers[.expect] != nil { problem.closesConnection = true }
    if problem.status.kind == .serverError, problem.status != .serviceUnavailable {
      log.log(
        .failure,
        "request \(context.requestID) of \(context.peer): \(request.method) \(request.uri.path): \(error)",
        level: .error)
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
}

/// Says to the server that the connection is of no more use.
private struct ConnectionEnds: Error {}
