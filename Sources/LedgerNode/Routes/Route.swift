import HTTPTypes
import Hummingbird
import Ledger
import LedgerCrypto

/// A route: its address, what may be asked of it, and what it does. The router, and the document that describes the node to
/// programs, are made of these.
struct Route: Sendable {
  /// What it does.
  enum Work: Sendable {
    /// Tells of each block as it comes.
    case follow
    /// Takes statements.
    case submit
    /// Says what the node measures of itself.
    case measure
    /// Gives the form for a token.
    case form
    /// Changes a token for a cookie.
    case beginSession
    /// Begins an audit of the whole ledger.
    case beginAudit
    /// Answers another validator, which may hand something over.
    case validator(isPosted: Bool, @Sendable (Consensus, LedgerSnapshot, ValidatorAsk) async throws -> Answer)
    /// Reads the ledger as it stands when it is asked for.
    case read(@Sendable (LedgerSnapshot, Ask) throws -> Answer)
    /// Makes a page of it.
    case page(@Sendable (LedgerSnapshot, Ask) async throws -> Answer)
    /// Makes a page of it and of a form that was filled in.
    case posted(@Sendable (LedgerSnapshot, Ask) async throws -> Answer)
    /// Reads it with what is proven of keys of the state as of the newest block, and of `further` ones that their values name; with
    /// nothing where there are no keys.
    case prove(
      keys: @Sendable (Ask) throws -> [StateKey],
      further: @Sendable (Ask, [StateProof]) throws -> [StateKey] = { _, _ in [] },
      @Sendable (LedgerSnapshot, StateProofs?, Ask) throws -> Answer)
  }

  /// What it gives where it grants what is asked for.
  struct Content: Sendable {
    /// The media type, without parameters.
    let type: String
    /// What it is, where it is JSON.
    let form: Schema.Form?
    let statuses: [HTTPResponse.Status]

    private init(_ type: String, _ form: Schema.Form?, _ statuses: [HTTPResponse.Status]) {
      (self.type, self.form, self.statuses) = (type, form, statuses)
    }

    static func json(_ schema: Schema, _ statuses: HTTPResponse.Status...) -> Content {
      Content("application/json", .object(schema), statuses.isEmpty ? [.ok] : statuses)
    }

    static func json(either forms: [Schema.Form], _ status: HTTPResponse.Status = .ok) -> Content {
      Content("application/json", .either(forms), [status])
    }

    static func bytes(_ type: String, _ statuses: HTTPResponse.Status...) -> Content {
      Content(type, nil, statuses.isEmpty ? [.ok] : statuses)
    }

    static let text = bytes("text/plain")
  }

  /// What an answer shows somebody who is no member.
  enum Showing: Sendable {
    /// Records, or what is derived from them: for those who may read.
    case records
    /// What anybody may know.
    case nothing
  }

  /// The address below the node's: parts in braces are parameters, and `{path}` is all that follows.
  let path: String
  /// What it is for, in a sentence.
  let summary: String
  /// What its answers show.
  let shows: Showing
  /// What it gives, the first of a status where nothing else is asked for.
  let gives: [Content]
  /// The parts of the path that are in braces, in their order.
  let parts: [QueryParameter]
  /// What its query may ask.
  let query: [QueryParameter]
  /// What it looks at in the head of a request, besides `Accept` and `If-None-Match`.
  let headers: [QueryParameter]
  let work: Work

  init(
    _ path: String, _ summary: String, shows: Showing, gives: [Content], parts: [QueryParameter] = [],
    query: [QueryParameter] = [], headers: [QueryParameter] = [], work: Work
  ) {
    (self.path, self.summary, self.shows, self.parts, self.query) = (path, summary, shows, parts, query)
    (self.gives, self.headers, self.work) = (gives, headers, work)
  }

  /// A route that reads the ledger as it stands when it is asked for.
  init(
    _ path: String, _ summary: String, shows: Showing, gives: [Content], parts: [QueryParameter] = [],
    query: [QueryParameter] = [], read: @escaping @Sendable (LedgerSnapshot, Ask) throws -> Answer
  ) {
    self.init(path, summary, shows: shows, gives: gives, parts: parts, query: query, work: .read(read))
  }

  /// The methods that it answers.
  var methods: [HTTPRequest.Method] {
    switch work {
    case .submit, .beginSession, .beginAudit, .posted, .validator(isPosted: true, _): [.post]
    case .validator(isPosted: false, _): [.get, .head]
    case .follow, .measure, .form, .read, .page, .prove: [.get, .head]
    }
  }

  /// The path as the router has it.
  var routerPath: RouterPath { RouterPath(path.replacing("{path}", with: "**")) }
}

/// What somebody asks a route for.
struct Ask: Sendable {
  let request: Request
  /// The parts of the path that are parameters.
  let parts: Query
  let query: Query
  let headers: Query
  /// The member whose token came with it, where members read.
  let member: String?
  /// What a form sent.
  var form = FormBody()

  /// - Throws: `malformed` for parts, queries and fields that are not as the route knows them.
  init(_ request: Request, _ context: NodeContext, of route: Route) throws {
    (self.request, member) = (request, context.member)
    parts = try Query(
      parts: route.parts.map { part in
        let name = part.name == "path" ? Parameters.recursiveCaptureKey : part.name[...]
        guard let text = context.parameters[name] else { throw HTTPError(.notFound) }
        return (part, String(text))
      })
    query = try Query(request.uri.query, route.query)
    headers = try Query(
      parts: route.headers.compactMap { header in
        HTTPField.Name(header.name).flatMap { request.headers[$0] }.map { (header, $0) }
      })
  }

  /// The part of the path that the route calls `name`, which is a text.
  func text(_ name: String) throws -> String { try Ask.required(parts.text(name)) }

  /// The part of the path that the route calls `name`, which is a number.
  func number(_ name: String) throws -> UInt64 { try Ask.required(parts.number(name)) }

  /// The part of the path that the route calls `name`, which is a digest.
  func digest(_ name: String) throws -> Digest { try Ask.required(parts.digest(name)) }

  static func required<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw HTTPError(.notFound) }
    return value
  }
}
