import Hummingbird
import LedgerClient
import LedgerStore

/// The routes of a node.
///
/// | route | gives |
/// |---|---|
/// | `POST /entries` | 201 for a new record, 200 for one that was there: `NodeReceipt`, or the proof alone |
/// | … with `Prefer: return=minimal` | the same without the proof: a `NodeVerdict` |
/// | … with `application/cbor-seq` | 200 and a `NodeVerdict` for each statement of the sequence |
/// | `GET /entries/{index or id}` | the entry as COSE, or `NodeEntry` |
/// | `GET /proof/{index or id}` | the proof against its block's checkpoint, or `?at=head` against the newest |
/// | `GET /checkpoint`, `/tile/…`, `/tile/entries/…` | C2SP tlog-tiles |
/// | `GET /policy` | the trust file |
/// | `GET /members`, `/health`, `/` | `NodeMembers`, `NodeHealth`, a page for people |
///
/// `HEAD` works as `GET`. What goes wrong is a `NodeProblem`, which has the table of statuses.
struct NodeRoutes: Sendable {
  /// The value of `Server`.
  static let serverName = "zheng"

  /// The methods that are answered with 405 where a route does not have them.
  private static let methods: [HTTPRequest.Method] = [
    .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect,
  ]

  let committer: Committer
  let visitors: Visitors
  let settings: NodeSettings
  let log: LimitedLog

  func router() -> Router<NodeContext> {
    let router = Router(context: NodeContext.self)
    let waysOut = committer.reader.folder.waysOut
    router.add(middleware: Problems(log: log, waysOut: waysOut))
    router.add(middleware: KnownHosts([settings.host] + settings.hostNames, waysOut))
    let submission = Submission(
      committer: committer, visitors: visitors, rates: MemberRates(perMinute: settings.recordsPerMinute),
      bodyTimeout: settings.bodyTimeout)
    on("entries", [.post], router) { try await submission.answer($0, $1) }
    get("", router) { [settings] reading, _, _ in try FrontPage.answer(reading, settings.commands) }
    get("checkpoint", router) { reading, _, _ in .text(reading.reader.checkpoint.bytes, .none) }
    get("health", router) { reading, _, _ in try reading.health() }
    get("members", router) { reading, _, _ in try reading.members() }
    get("policy", router) { reading, _, _ in try reading.policy() }
    get("entries/:name", router) { try $0.entry($2.require("name"), accept: $1.headers[.accept]) }
    get("proof/:name", router) { try $0.proof($2.require("name"), query: $1.uri.query) }
    get("tile/**", router) { reading, request, _ in try reading.tile(String(request.uri.path.dropFirst())) }
    return router
  }

  /// Registers `body` for `methods` of `path`, and 405 for the others.
  private func on(
    _ path: RouterPath, _ methods: [HTTPRequest.Method], _ router: Router<NodeContext>,
    _ body: @escaping @Sendable (Request, NodeContext) async throws -> Answer
  ) {
    let allow = methods.map(\.rawValue).joined(separator: ", ")
    for method in NodeRoutes.methods {
      if methods.contains(method) {
        router.on(path, method: method, use: body)
      } else {
        router.on(path, method: method) { request, _ -> Answer in
          throw NodeProblem(
            .methodNotAllowed, "method-not-allowed", "\(request.uri.path) does not know \(request.method)",
            headers: [.allow: allow])
        }
      }
    }
  }

  /// Registers what is read of the ledger as it stands when it is asked for.
  private func get(
    _ path: RouterPath, _ router: Router<NodeContext>,
    _ body: @escaping @Sendable (Reading, Request, Parameters) throws -> Answer
  ) {
    on(path, [.get, .head], router) { [committer, settings] request, context in
      let reading = Reading(
        reader: committer.reader, condition: committer.condition, version: settings.version)
      return try await Disk.run { try body(reading, request, context.parameters) }
    }
  }
}
