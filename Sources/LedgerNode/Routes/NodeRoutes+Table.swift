import Ledger
import LedgerStore
import Scenarios

extension NodeRoutes {
  /// Every route.
  static func table(_ settings: NodeSettings) -> [Route] {
    let pages = PageRoute.all + (settings.consortium == nil ? [] : [Page.validators])
    return pages.map { $0.route(settings) } + [
      Page.beginAudit, PageAsset.style.route, PageAsset.script.route,
    ]
      + programs(settings) + (settings.consortium == nil ? [] : ValidatorRoutes.all)
  }

  /// Those for programs, which the document describes.
  static func programs(_ settings: NodeSettings) -> [Route] {
    let described = [
      Route("/openapi.json", "This document", shows: .nothing, gives: [.bytes("application/json")]) { _, _ in
        try OpenAPI.answer(programs(settings), version: settings.version)
      },
      Route("/formats", "How statements and their payloads are made: CDDL", shows: .nothing, gives: [.text]) {
        reading, _ in Formats.answer(ledger: reading.reader.ledgerID)
      },
    ]
    return described + log + proofs + lists + blocks + members
      + (settings.consortium == nil ? [] : consensus)
  }

  private static let consensus = [
    Route(
      "/consensus/status", "How the ledger's validators are doing; by the node's word", shows: .nothing,
      gives: [.json(.consensus)]
    ) { reading, _ in try reading.consensusStatus() }
  ]

  // MARK: The log

  private static let name = QueryParameter(
    "name", .text(most: 64), "the index of an entry, or the id of a statement in hex")

  private static let log = [
    Route(
      "/entries", "Makes statements records, and answers when that is final", shows: .nothing,
      gives: [
        .json(either: [.object(.receipt), .object(.verdict), .list(.object(.verdict))]),
        .json(either: [.object(.receipt), .object(.verdict)], .created), .bytes("text/plain", .ok, .created),
      ], work: .submit),
    Route(
      "/entries", "Some entries: a CBOR sequence of byte strings", shows: .records,
      gives: [.bytes("application/cbor-seq")],
      query: [QueryParameter("index", .number, isRequired: true, most: 64, "the index of an entry")]
    ) { try $0.entries($1.query.numbers("index")) },
    Route(
      "/entries/{name}", "An entry: COSE, or JSON", shows: .records,
      gives: [.bytes("application/cose"), .json(.entry)], parts: [name]
    ) { try $0.entry($1.text("name"), accept: $1.request.headers[.accept]) },
    Route(
      "/checkpoint", "The newest checkpoint; with since also what shows that it extends a tree of that size",
      shows: .nothing, gives: [.text, .json(.checkpoint)],
      query: [LedgerSnapshot.since]
    ) { try $0.checkpoint(since: $1.query.number("since")) },
    Route(
      "/tile/{path}", "A tile or an entry bundle (C2SP tlog-tiles); the path has slashes in it",
      shows: .records,
      gives: [.bytes("application/octet-stream")],
      parts: [QueryParameter("path", .text(most: 128), "a path of C2SP tlog-tiles, behind its tile/")]
    ) { try $0.tile("tile/" + $1.text("path")) },
    Route("/policy", "The trust file (C2SP tlog-policy)", shows: .nothing, gives: [.text]) { reading, _ in
      try reading.policy()
    },
    Route(
      "/health", "How the node is doing; 503 where it takes no statements", shows: .nothing,
      gives: [.json(.health, .ok, .serviceUnavailable)]
    ) { reading, _ in try reading.health() },
    Route(
      "/session", "A form that changes a token for a cookie", shows: .nothing, gives: [.bytes("text/html")],
      work: .form),
    Route(
      "/session", "Changes a token for a cookie", shows: .nothing, gives: [.bytes("text/plain", .seeOther)],
      work: .beginSession),
    Route(
      "/metrics", "What the node measures of itself (Prometheus)", shows: .nothing, gives: [.text],
      work: .measure),
  ]

  // MARK: What is proven

  private static let proofs = [
    Route(
      "/proof/{name}", "The proof of a record: a C2SP tlog-proof with the record in it", shows: .records,
      gives: [.text], parts: [name],
      query: [QueryParameter("at", .word(["head"]), "head: against the newest checkpoint, not its block's")]
    ) { try $0.proof($1.text("name"), atHead: $1.query.has("at")) },
    Route(
      "/proof",
      "What is recorded about one subject, digest, item or request, proven, with a page of the records",
      shows: .records, gives: [.json(.proofs)], query: LedgerSnapshot.proofParameters,
      work: .prove(keys: { try LedgerSnapshot.proofKeys($0.query) }) { try $0.proofs($1, $2) }),
    Route(
      "/status",
      "How an item of evidence stands: what proves all that is shown of it, and with since that this extends a tree of that size",
      shows: .records, gives: [.json(.status)], query: LedgerSnapshot.statusParameters,
      work: LedgerSnapshot.status),
    state("", "keys", query: LedgerSnapshot.stateParameters) { try LedgerSnapshot.keys($0.query) },
    state(
      "/subject/{owner}/{subject}", "the list of the records about a subject",
      [
        LedgerSnapshot.nameParameter("owner", "the name of a scenario, or plain"),
        LedgerSnapshot.nameParameter("subject", "a subject"),
      ]
    ) { [.subject(try $0.text("subject"), of: try LedgerSnapshot.owner($0.text("owner")))] },
    state(
      "/digest/{digest}", "the list of the records of a file",
      [QueryParameter("digest", .digest, "a SHA-256")]
    ) { [.digest(try $0.digest("digest"))] },
    state(
      "/statement/{id}", "the place of a statement", [QueryParameter("id", .digest, "the id of a statement")]
    ) { [.statement(try $0.digest("id"))] },
    state(
      "/item/{item}", "an item of evidence, and the list of its records",
      [LedgerSnapshot.nameParameter("item", "an item of evidence")]
    ) { StateQuery.item(try $0.text("item")).keys(asOf: $0.query.number("at")) },
    state(
      "/request/{request}", "a request of data sharing, and the list of its records",
      [LedgerSnapshot.nameParameter("request", "a request of data sharing")]
    ) { StateQuery.request(try $0.text("request")).keys(asOf: $0.query.number("at")) },
  ]

  private static func state(
    _ path: String, _ what: String, _ parts: [QueryParameter] = [],
    query: [QueryParameter] = LedgerSnapshot.namedStateParameters,
    keys: @escaping @Sendable (Ask) throws -> [StateKey]
  ) -> Route {
    Route(
      "/state\(path)",
      "What the state has at \(what) after the newest block, or that it has nothing: a C2SP tlog-proof",
      shows: .records, gives: [.text], parts: parts, query: query,
      work: .prove(keys: { try LedgerSnapshot.bounded(keys($0)) }) { reading, proofs, _ in
        try reading.state(proofs)
      })
  }

  // MARK: Searches

  private static let lists = [
    Route(
      "/records",
      "Records that were searched for, by the node's word, or the entries that a list of the state has",
      shows: .records, gives: [.json(either: [.object(.records), .object(.indices)]), .bytes("text/csv")],
      query: LedgerSnapshot.recordParameters,
      work: .prove(keys: { try LedgerSnapshot.listKeys($0.query) }) { try $0.records($1, $2) }),
    Route(
      "/values", "Keys of the rule sets' values, by the node's word", shows: .records, gives: [.json(.keys)],
      query: LedgerSnapshot.valueParameters
    ) { try $0.values($1.query) },
  ]

  // MARK: Blocks and members

  private static let blocks = [
    Route(
      "/blocks", "Blocks, in the order of their heights, or the one that holds an entry; by the node's word",
      shows: .records, gives: [.json(either: [.object(.blocks), .object(.block)])],
      query: LedgerSnapshot.blockParameters
    ) { try $0.blocks($1.query) },
    Route(
      "/blocks/{height}", "A block with its header and its checkpoint", shows: .records,
      gives: [.json(.block)],
      parts: [QueryParameter("height", .number, "a height")]
    ) { try $0.block($1.number("height")) },
    Route(
      "/events",
      "Server-sent events, one a block: its JSON without its header and its checkpoint; by the node's word",
      shows: .records, gives: [.bytes("text/event-stream")], headers: BlockEvents.headers, work: .follow),
  ]

  private static let members = [
    Route(
      "/roster", "The items of the roster in force: a CBOR array of byte strings", shows: .records,
      gives: [.bytes("application/cbor")]
    ) { reading, _ in try reading.roster() },
    Route(
      "/roster/{root}", "The items of the roster with this root: a CBOR array of byte strings",
      shows: .records,
      gives: [.bytes("application/cbor")],
      parts: [QueryParameter("root", .digest, "a root over a roster's items")],
      query: [QueryParameter("height", .number, "the height of a block whose header names it")]
    ) { try $0.roster($1.digest("root"), at: $1.query.number("height")) },
    Route(
      "/members",
      "The members and their keys, by the roster in force or by that of a block; by the node's word",
      shows: .records, gives: [.json(.members)],
      query: [QueryParameter("at", .number, "the height of a block; the next one's where it is not given")]
    ) { try $0.members(at: $1.query.number("at")) },
  ]
}
