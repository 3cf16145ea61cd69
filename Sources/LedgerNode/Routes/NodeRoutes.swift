import Hummingbird
import Ledger
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
/// | `GET /state?key=HEX…` | what these keys have in the state, proven: a C2SP tlog-proof as `StateProofs` reads it |
/// | `GET /state/subject/OWNER/SUBJECT`, `/state/digest/HEX`, `/state/statement/HEX`, `/state/item/ITEM`, `/state/request/REQUEST` | the same by name |
/// | `GET /proof?subject=…` (or `digest`, `item`, `request`) | the same with a page of the lists' records: `NodeProofs` |
/// | `GET /checkpoint`, `/tile/…`, `/tile/entries/…` | C2SP tlog-tiles |
/// | `GET /policy` | the trust file |
/// | `GET /members`, `/health`, `/` | `NodeMembers`, `NodeHealth`, a page for people |
///
/// `HEAD` works as `GET`. A query with a parameter that the route does not know is refused. What goes wrong is a `NodeProblem`, which
/// has the table of statuses.
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
    get("", router) { [settings] reading, _ in try FrontPage.answer(reading, settings.commands) }
    get("checkpoint", router) { reading, _ in .text(reading.reader.checkpoint.bytes, .none) }
    get("health", router) { reading, _ in try reading.health() }
    get("members", router) { reading, _ in try reading.members() }
    get("policy", router) { reading, _ in try reading.policy() }
    get("entries/:name", router) { try $0.entry($1.name(), accept: $1.request.headers[.accept]) }
    get("proof/:name", router, Reading.proofOfRecordParameters) {
      try $0.proof($1.name(), atHead: $1.query.has("at"))
    }
    get("tile/**", router) { try $0.tile(String($1.path.dropFirst())) }
    proven("state", router, Reading.stateParameters, keys: { try Reading.keys($0.query) }) {
      reading, proofs, _ in
      reading.state(proofs)
    }
    proven("state/**", router, keys: { try Reading.keys(path: $0.path) }) { reading, proofs, _ in
      reading.state(proofs)
    }
    proven("proof", router, Reading.proofParameters, keys: { try Reading.proofKeys($0.query) }) {
      try $0.proofs($1, after: $2.query.number("after"))
    }
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

  /// What somebody asks a route for.
  struct Ask: Sendable {
    let request: Request
    let parameters: Hummingbird.Parameters
    let query: Query

    init(_ request: Request, _ context: NodeContext, _ known: [QueryParameter]) throws(NodeProblem) {
      (self.request, parameters) = (request, context.parameters)
      query = try Query(request.uri.query, known)
    }

    var path: String { request.uri.path }

    /// The part of the path that the route calls `name`.
    func name() throws -> String { try parameters.require("name") }
  }

  private func reading(_ reader: LedgerReader) -> Reading {
    Reading(reader: reader, condition: committer.condition, version: settings.version)
  }

  /// Registers what is read of the ledger as it stands when it is asked for.
  private func get(
    _ path: RouterPath, _ router: Router<NodeContext>, _ parameters: [QueryParameter] = [],
    _ body: @escaping @Sendable (Reading, Ask) throws -> Answer
  ) {
    on(path, [.get, .head], router) { [self] request, context in
      let ask = try Ask(request, context, parameters)
      let reading = reading(committer.reader)
      return try await Disk.run { try body(reading, ask) }
    }
  }

  /// Registers what is proven of keys of the state as of the newest block.
  private func proven(
    _ path: RouterPath, _ router: Router<NodeContext>, _ parameters: [QueryParameter] = [],
    keys: @escaping @Sendable (Ask) throws -> [StateKey],
    _ body: @escaping @Sendable (Reading, StateProofs, Ask) throws -> Answer
  ) {
    on(path, [.get, .head], router) { [self] request, context in
      let ask = try Ask(request, context, parameters)
      let keys = try keys(ask)
      let found = try await Disk.run { [reader = committer.reader] in try reader.foundProofs(keys) }
      // The block that was judged last may still be on its way to the disk.
      let reading = try await reading(committer.reader(reaching: found.height))
      return try await Disk.run { try body(reading, reading.proofs(found), ask) }
    }
  }
}
