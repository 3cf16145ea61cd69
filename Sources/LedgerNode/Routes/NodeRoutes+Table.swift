import Ledger
import LedgerStore
import Scenarios

extension NodeRoutes {
  /// Every route.
  static func table(_ settings: NodeSettings) -> [Route] {
    let front = Route("/", "A page for people", shows: .nothing) {
      [commands = settings.commands] reading, _ in
      try FrontPage.answer(reading, commands)
    }
    return [front] + log + proofs + lists + blocks
  }

  private static let name = QueryParameter(
    "name", .text(most: 64), "the index of an entry, or the id of a statement in hex")

  /// The log, and what is told of the whole.
  private static let log = [
    Route(
      "/entries", "Makes statements records, and answers when that is final", shows: .nothing, work: .submit),
    Route(
      "/entries", "Some entries: a CBOR sequence of byte strings", shows: .records,
      query: [QueryParameter("index", .number, most: 64, "the index of an entry; 1 to 64 of them")]
    ) { try $0.entries($1.query.numbers("index")) },
    Route("/entries/{name}", "An entry: COSE, or JSON", shows: .records, parts: [name]) {
      try $0.entry($1.text("name"), accept: $1.request.headers[.accept])
    },
    Route(
      "/checkpoint", "The newest checkpoint; with since also what shows that it extends a tree of that size",
      shows: .nothing, query: [QueryParameter("since", .number, "the size of a tree that is known")]
    ) { try $0.checkpoint(since: $1.query.number("since")) },
    Route(
      "/tile/{path}", "A tile or an entry bundle (C2SP tlog-tiles)", shows: .records,
      parts: [QueryParameter("path", .text(most: 128), "a path of C2SP tlog-tiles, behind its tile/")]
    ) { try $0.tile("tile/" + $1.text("path")) },
    Route("/policy", "The trust file (C2SP tlog-policy)", shows: .nothing) { reading, _ in
      try reading.policy()
    },
    Route("/health", "How the node is doing", shows: .nothing) { reading, _ in try reading.health() },
  ]

  // MARK: What is proven

  private static let proofs =
    [
      Route(
        "/proof/{name}", "The proof of a record: a C2SP tlog-proof with the record in it", shows: .records,
        parts: [name], query: [QueryParameter("at", .word(["head"]), "head: against the newest checkpoint")]
      ) { try $0.proof($1.text("name"), atHead: $1.query.has("at")) },
      Route(
        "/proof", "What is recorded about something, proven, with a page of the records", shows: .records,
        query: Reading.proofParameters,
        work: .prove(keys: { try Reading.proofKeys($0.query) }) { try $0.proofs($1, $2) }),
      state("", query: Reading.stateParameters) { try Reading.keys($0.query) },
      state(
        "/subject/{owner}/{subject}",
        [
          Reading.nameParameter("owner", "the name of a scenario, or plain"),
          Reading.nameParameter("subject", "a subject"),
        ]
      ) { [.subject(try $0.text("subject"), of: try Reading.owner($0.text("owner")))] },
      state("/digest/{digest}", [QueryParameter("digest", .digest, "a SHA-256")]) {
        [.digest(try $0.digest("digest"))]
      },
      state("/statement/{id}", [QueryParameter("id", .digest, "the id of a statement")]) {
        [.statement(try $0.digest("id"))]
      },
      state("/item/{item}", [Reading.nameParameter("item", "an item of evidence")]) {
        StateQuery.item(try $0.text("item")).keys
      },
      state("/request/{request}", [Reading.nameParameter("request", "a request of data sharing")]) {
        StateQuery.request(try $0.text("request")).keys
      },
    ]

  private static func state(
    _ path: String, _ parts: [QueryParameter] = [], query: [QueryParameter] = Reading.namedStateParameters,
    keys: @escaping @Sendable (Ask) throws -> [StateKey]
  ) -> Route {
    Route(
      "/state\(path)", "What keys have in the state after the newest block: a C2SP tlog-proof",
      shows: .records,
      parts: parts, query: query,
      work: .prove(keys: { try Reading.bounded(keys($0)) }) { reading, proofs, _ in try reading.state(proofs)
      })
  }

  // MARK: Searches

  private static let lists = [
    Route(
      "/records",
      "Records that were searched for, by the node's word, or the entries that a list of the state has",
      shows: .records, query: Reading.recordParameters,
      work: .prove(keys: { try Reading.listKeys($0.query) }) { try $0.records($1, $2) }),
    Route(
      "/values", "Keys of the rule sets' values, by the node's word", shows: .records,
      query: Reading.valueParameters
    ) { try $0.values($1.query) },
  ]

  // MARK: Blocks and members

  private static let blocks = [
    Route(
      "/blocks", "Blocks, in the order of their heights, or the one that holds an entry; by the node's word",
      shows: .records, query: Reading.blockParameters
    ) { try $0.blocks($1.query) },
    Route(
      "/blocks/{height}", "A block with its header and its checkpoint", shows: .records,
      parts: [QueryParameter("height", .number, "a height")]
    ) { try $0.block($1.number("height")) },
    Route(
      "/events",
      "Server-sent events: each block as it comes, without its header and its checkpoint; by the node's word",
      shows: .records, headers: BlockEvents.headers, work: .follow),
    Route("/roster", "The items of the roster in force: a CBOR array of byte strings", shows: .records) {
      reading, _ in try reading.roster()
    },
    Route(
      "/roster/{root}", "The items of the roster with this root: a CBOR array of byte strings",
      shows: .records,
      parts: [QueryParameter("root", .digest, "a root over a roster's items")],
      query: [QueryParameter("height", .number, "the height of a block whose header names it")]
    ) { try $0.roster($1.digest("root"), at: $1.query.number("height")) },
    Route(
      "/members", "The members and their keys, by the roster in force or by that of a block", shows: .records,
      query: [QueryParameter("at", .number, "the height of a block; the next one's where it is not given")]
    ) { try $0.members(at: $1.query.number("at")) },
  ]
}
