import HTTPTypes
import Hummingbird

/// Serves below a path what `inner` serves at the root, as where the ledger's origin is `example.org/ledger`.
struct BelowPath<Inner: HTTPResponder>: HTTPResponder {
  typealias Context = Inner.Context

  /// Begins with a slash and does not end with one; empty for the root.
  let path: String
  let inner: Inner

  func respond(to request: Request, context: Context) async throws -> Response {
    guard !path.isEmpty else { return try await inner.respond(to: request, context: context) }
    let asked = request.head.path ?? ""
    var head = request.head
    if asked.hasPrefix(path + "/") {
      head.path = String(asked.dropFirst(path.count))
    } else if asked == path {
      // So that what the front page links to lies below it.
      return Response(status: .permanentRedirect, headers: [.location: path + "/"])
    } else {
      let problem = NodeProblem.notFound(
        "nothing has the address \(asked); the node is served below \(path)/")
      return problem.answer.response(isHead: request.method == .head)
    }
    var response = try await inner.respond(to: Request(head: head, body: request.body), context: context)
    for field in [HTTPField.Name.location, .contentLocation] {
      if let place = response.headers[field], place.hasPrefix("/") { response.headers[field] = path + place }
    }
    return response
  }
}
