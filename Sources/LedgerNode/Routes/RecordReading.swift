import HTTPTypes
import Hummingbird
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerStore
import Scenarios

/// Searches, which are by the node's word, and lists of the state.
extension LedgerSnapshot {
  /// What `GET /records` asks for.
  static let recordParameters = [
    QueryParameter("issuer", .text(most: 256), "the member id of the issuer"),
    nameParameter("subject", "exactly what it is about"),
    QueryParameter("type", .text(most: 256), "exactly the media type"),
    QueryParameter("since", .moment, "only blocks from then on"),
    QueryParameter("until", .moment, "only blocks up to the end of that second or millisecond"),
    QueryParameter("digest", .digest, "the SHA-256 of the payload, or one that the payload names"),
    QueryParameter(
      "list", .bytes(most: StateProof.maximumKeyByteCount),
      "with after and limit alone: the key of a list of the state, whose indices are given"),
    QueryParameter("after", .number, "only records behind this entry"),
    pageLimit,
  ]

  private static let pageLimit = QueryParameter(
    "limit", .count(1...1000), "the most of a page; \(pageLength) where it is not given")

  /// The key of the list that `GET /records?list=…` names; none for a search.
  static func listKeys(_ query: Query) throws(NodeProblem) -> [StateKey] {
    let keys = query.bytes("list").map { StateKey(bytes: $0) }
    guard let key = keys.first else { return [] }
    guard query.names.isSubset(of: ["list", "after", "limit"]) else {
      throw Query.wrong("list goes with after and limit alone")
    }
    guard StateQuery.isList(key) else { throw Query.wrong("list is not the key of a list of records") }
    return keys
  }

  /// `GET /records`: of a search a page of `NodeRecords`, or CSV; of a list a page of `NodeIndices`.
  func records(_ proofs: StateProofs?, _ ask: Ask) throws -> Answer {
    guard let proofs else { return try search(ask) }
    let (limit, proof) = (LedgerSnapshot.limit(ask.query), proofs.keys[0])
    guard let value = proof.value, let first = LedgerSnapshot.first(ask.query) else {
      return try Answer(.ok, json: NodeIndices(records: [], next: nil), .none)
    }
    let found = try reader.records(
      listedAt: proof.key, as: RecordList(decoding: value), from: first, limit: limit + 1)
    let page = Array(found.prefix(limit))
    return try Answer(
      .ok, json: NodeIndices(records: page, next: found.count > limit ? page.last : nil), .none)
  }

  private func search(_ ask: Ask) throws -> Answer {
    let page = try found(ask.query)
    var headers: HTTPFields = [.vary: "Accept"]
    if let next = page.next { headers[.link] = "<?\(LedgerSnapshot.query(ask, after: next))>; rel=\"next\"" }
    guard
      Accept.best(of: ["application/json", "text/csv"], ask.request.headers[.accept]) == "text/csv"
    else { return try Answer(.ok, json: page, .none, headers: headers) }
    var table = CSVTable(NodeRecords.Record.columns)
    for record in page.records { table.add(record.cells) }
    return Answer(.ok, "text/csv; charset=utf-8; header=present", .none, table.bytes, headers: headers)
  }

  private func found(_ query: Query) throws -> NodeRecords {
    reader.catchUpIndex()
    // Before the search: what is indexed meanwhile is said to be lacking rather than not.
    let lag = reader.unindexed
    guard let first = LedgerSnapshot.first(query) else {
      return NodeRecords(records: [], next: nil, indexLag: lag)
    }
    let limit = LedgerSnapshot.limit(query)
    var search = SearchQuery()
    (search.issuer, search.subject, search.type) = (
      query.text("issuer"), query.text("subject"), query.text("type")
    )
    (search.since, search.until) = (query.moment("since")?.lowerBound, query.moment("until")?.upperBound)
    (search.digest, search.first, search.limit) = (query.digest("digest"), first, limit + 1)
    var found: [NodeRecords.Record] = []
    try reader.search(search) { found.append(.init($0)) }
    let page = Array(found.prefix(limit))
    return NodeRecords(records: page, next: found.count > limit ? page.last?.index : nil, indexLag: lag)
  }

  /// The query of the next page.
  private static func query(_ ask: Ask, after: UInt64) -> String {
    let rest = (ask.request.uri.query ?? "").split(separator: "&").filter { !$0.hasPrefix("after=") }
    // A `>` would end the reference.
    return (rest.map(String.init) + ["after=\(after)"]).joined(separator: "&").replacing(">", with: "%3E")
  }

  // MARK: Values

  /// What `GET /values` asks for.
  static let valueParameters = [
    QueryParameter(
      "prefix", .bytes(most: StateProof.maximumKeyByteCount), isRequired: true,
      "the first parts of the keys, in hex"),
    QueryParameter(
      "where", .text(most: 4096), most: 8,
      "NAME:VALUE, a field that the value has, by the names and texts of the search index; at most 8"),
    QueryParameter(
      "after", .bytes(most: StateProof.maximumKeyByteCount), "only keys behind this one, in hex"),
    pageLimit,
  ]

  /// `GET /values`: the keys of the rule sets' values that begin with a prefix, in the order of their bytes.
  func values(_ query: Query) throws -> Answer {
    let prefix = query.bytes("prefix").first ?? []
    let fields = try query.texts("where").map(LedgerSnapshot.field)
    let limit = LedgerSnapshot.limit(query)
    let keys = try reader.ruleKeys(
      under: StateKey(bytes: prefix), where: fields,
      after: query.bytes("after").first.map { StateKey(bytes: $0) }, limit: limit + 1
    ).map { Hex.encode($0.bytes) }
    let page = Array(keys.prefix(limit))
    return try Answer(.ok, json: NodeKeys(keys: page, next: keys.count > limit ? page.last : nil), .none)
  }

  /// A name and a value with the first colon between them, by scalars: a mark behind it hides none.
  private static func field(_ text: String) throws(NodeProblem) -> (name: String, value: String) {
    guard let colon = text.unicodeScalars.firstIndex(of: ":") else {
      throw Query.wrong("where is not NAME:VALUE")
    }
    let value = text.unicodeScalars[colon...].dropFirst()
    return (String(text.unicodeScalars[..<colon]), String(value))
  }
}

extension NodeRecords.Record {
  fileprivate init(_ record: RecordSummary) {
    self.init(
      index: record.index, block: record.block, time: record.time, id: record.id.hex, issuer: record.issuer,
      subject: record.subject, type: record.type, issuedAt: record.issuedAt, bytes: record.byteCount,
      digest: record.digest.hex)
  }

  fileprivate static let columns = [
    "index", "block", "time", "id", "issuer", "subject", "type", "issuedAt", "bytes", "digest",
  ]

  /// The cells of its row; times by RFC 3339.
  fileprivate var cells: [String] {
    [
      String(index), String(block), Timestamp.text(milliseconds: time), id, issuer, subject ?? "", type,
      Timestamp.text(seconds: issuedAt), String(bytes), digest,
    ]
  }
}

extension HTTPField.Name {
  /// RFC 8288.
  fileprivate static let link = Self("Link")!
}
