import Foundation
import Hummingbird
import Ledger
import LedgerClient
import LedgerStore

/// The routes of a node, as its table has them: `GET /openapi.json` says what each takes and gives.
///
/// Where members read, whatever shows records wants a member's token (`Access`). `HEAD` works as `GET`, and `If-None-Match` where an answer has an `ETag`. A query with a parameter that the route does not know is
/// refused. What comes with neither a proof nor a signature is by the node's word. What goes wrong is a `NodeProblem`, which has the
/// table of statuses.
/// Pages for people are `PageRoute.all`.
struct NodeRoutes: Sendable {
  /// The value of `Server`.
  static let serverName = "zheng"

  /// The methods that are answered with 405 where a route does not have them.
  private static let methods: [HTTPRequest.Method] = [
    .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect,
    .init("QUERY")!,
  ]

  let committer: Committer
  let visitors: Visitors
  let settings: NodeSettings
  let log: LimitedLog
  var metrics = NodeMetrics()
  let audits: NodeAudits
  /// The validator that this node is, where it is one of several.
  var consensus: Consensus?

  func router() -> Router<NodeContext> {
    let router = Router(context: NodeContext.self)
    let remedies = committer.reader.folder.remedies
    router.add(middleware: TrustedProxies(settings, visitors))
    router.add(middleware: RequestLog(log: log, metrics: metrics, isSecure: settings.certificate != nil))
    router.add(middleware: Problems(log: log, remedies: remedies))
    // The other validators know it by the URL that they are told.
    let ownHost = settings.consortium?.ownURL.flatMap { URL(string: $0)?.host }
    let hosts = KnownHosts([settings.host] + settings.hostNames + [ownHost].compactMap(\.self), remedies)
    router.add(middleware: hosts)
    let access = Access(
      committer: committer, audience: Audience(hosts, basePath: settings.basePath),
      now: { [settings] in settings.writer.now().wall / 1000 })
    let submission = Submission(
      committer: committer, visitors: visitors, rates: MemberRates(perMinute: settings.recordsPerMinute),
      bodyTimeout: settings.bodyTimeout, metrics: metrics)
    let routes = NodeRoutes.table(settings)
    for path in Set(routes.map(\.path)) {
      let here = routes.filter { $0.path == path }
      // In the order in which they are told.
      let allow = NodeRoutes.methods.filter { method in here.contains { $0.methods.contains(method) } }
        .map(\.rawValue).joined(separator: ", ")
      for method in NodeRoutes.methods {
        guard let route = here.first(where: { $0.methods.contains(method) }) else {
          router.on(here[0].routerPath, method: method) { request, _ -> Answer in
            throw NodeProblem(
              .methodNotAllowed, "method-not-allowed", "\(request.uri.path) does not know \(request.method)",
              headers: [.allow: allow])
          }
          continue
        }
        router.on(route.routerPath, method: method) { request, context in
          var context = context
          let isForMembers = route.shows == .records && settings.readers == .members
          if isForMembers {
            let pass = try access.requireMember(request, context)
            (context.token, context.member) = (pass.token, pass.member)
          }
          var answer = try await answer(request, context, route, submission, access).conditional(
            request, ledger: committer.reader.ledgerID)
          if isForMembers { answer.caching = .members }
          return answer
        }
      }
    }
    return router
  }

  private func answer(
    _ request: Request, _ context: NodeContext, _ route: Route, _ submission: Submission, _ access: Access
  ) async throws -> Answer {
    let ask = try Ask(request, context, of: route)
    switch route.work {
    case .submit: return try await submission.answer(request, context)
    case .follow:
      let last = ask.headers.number("Last-Event-ID")
      return BlockEvents(
        committer: committer, first: last.map { $0 == .max ? .max : $0 + 1 },
        closing: context.channel.closeFuture, pause: settings.eventPause,
        life: context.token.map { .seconds($0.claims.expiresAt - min($0.claims.expiresAt, access.now())) },
        mayRead: { [token = context.token] reader in
          try token.map { try access.stillReads($0, reader) } ?? true
        },
        reading: reading
      ).answer
    case .form: return Session(access: access).form()
    case .beginSession: return try await Session(access: access).begin(request, context)
    case .beginAudit:
      audits.begin()
      let language = ask.query.text("lang").map { "?lang=\($0)" } ?? ""
      return Answer(
        .seeOther, "text/plain; charset=utf-8", .forbidden, [], headers: [.location: "audit\(language)"])
    case .measure:
      guard settings.metricsReaders == .public || context.isOwnMachine(request) else {
        throw NodeProblem(.forbidden, "not-here", "metrics are served only to programs on the node's machine")
      }
      let text = metrics.text(committer.reader, committer.condition, consensus?.standing.newest)
      return Answer(.ok, "text/plain; version=0.0.4; charset=utf-8", .forbidden, Array(text.utf8))
    case .validator(let isPosted, let body):
      return try await answer(request, context, ask, isPosted: isPosted, submission, body)
    case .read(let body):
      return try await read(ask, body)
    case .page(let body), .posted(let body):
      var filled = ask
      if case .posted = route.work {
        filled.form = try await FormBody.read(request, most: FormBody.mostBytes)
      }
      let (reading, asked) = (reading(committer.reader), filled)
      return try await Disk.working { try await body(reading, asked) }
    case .prove(let keys, let further, let body):
      let keys = try keys(ask)
      guard !keys.isEmpty else { return try await read(ask) { try body($0, nil, $1) } }
      let found = try await Disk.run { [reader = committer.reader] in
        try NodeRoutes.found(keys, reader) { try further(ask, $0) }
      }
      // The block that was judged last may still be on its way to the disk.
      let reading = try await reading(committer.reader(reaching: found.height))
      return try await Disk.run {
        try body(reading, reading.proofs(found, asOf: ask.query.number("at")), ask)
      }
    }
  }

  /// The answer to another validator; nobody else gets one.
  private func answer(
    _ request: Request, _ context: NodeContext, _ ask: Ask, isPosted: Bool, _ submission: Submission,
    _ body: @Sendable (Consensus, LedgerSnapshot, ValidatorAsk) async throws -> Answer
  ) async throws -> Answer {
    guard let consensus else { throw NodeProblem.notFound("this node is not one of several validators") }
    let access = ValidatorAccess(
      ledger: consensus.ledger, validator: consensus.validator,
      admitted: { consensus.standing.admitted($0) }, now: { [settings] in settings.writer.now().wall / 1000 })
    let validator = try access.requireValidator(request)
    let held = Visitors.Share(visitors, context.visitor)
    defer { withExtendedLifetime(held) {} }
    var bytes: [UInt8] = []
    if isPosted {
      bytes = try await RequestEntries.read(
        request, .sequence, context, timeout: submission.bodyTimeout, held: held)
    }
    return try await body(
      consensus, reading(committer.reader), ValidatorAsk(ask: ask, validator: validator, body: bytes))
  }

  /// What `keys` have, and the keys that `further` names by what these have, all of one moment. Where the ledger goes on meanwhile
  /// some may be lacking: whoever asks asks for these too.
  private static func found(
    _ keys: [StateKey], _ reader: LedgerReader, _ further: ([StateProof]) throws -> [StateKey]
  ) throws -> LedgerReader.FoundProofs {
    var found = try reader.foundProofs(keys)
    for _ in 0..<4 {
      let all = try keys + further(found.proofs)
      if Set(all).isSubset(of: found.proofs.map(\.key)) { break }
      found = try reader.foundProofs(all)
    }
    return found
  }

  private func read(
    _ ask: Ask, _ body: @escaping @Sendable (LedgerSnapshot, Ask) throws -> Answer
  ) async throws -> Answer {
    let reading = reading(committer.reader)
    return try await Disk.run { try body(reading, ask) }
  }

  private func reading(_ reader: LedgerReader) -> LedgerSnapshot {
    LedgerSnapshot(
      reader: reader, condition: committer.condition, version: settings.version, audits: audits.standing,
      consensus: consensus?.standing.newest, obstacle: consensus?.standing.obstacle)
  }
}
