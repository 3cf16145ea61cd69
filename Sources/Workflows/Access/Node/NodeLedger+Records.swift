import Ledger
import LedgerClient
import LedgerCrypto
import LedgerIndex
import Scenarios
import Statements
import TransparencyLog

/// What a node gives of entries, each with its proof; which there are is proven for lists of the state, and the node's word otherwise.
extension NodeLedger {
  /// A record that is proven against a checkpoint that was seen.
  struct ProvenEntry {
    let statement: SignedStatement
    let header: BlockHeader
  }

  // MARK: Entries

  package func entry(_ index: UInt64) async throws -> [UInt8]? {
    guard index < size else { return nil }
    if let record = try await record(index) { return record.statement.entry }
    return try await header(index).entry
  }

  package func entryIndex(of id: Digest) async throws -> UInt64? {
    try await value(.statement(id)).map { try StatementPlace(decoding: $0).index }
  }

  package func block(of index: UInt64) async throws -> BlockPlace {
    if let record = try await record(index) { return BlockPlace(record.header) }
    return BlockPlace(try BlockHeader(payload: await header(index).payload))
  }

  package func proof(of index: UInt64, atHead: Bool) async throws -> RecordProof {
    guard let proof = try await client.recordProof(index, atHead: atHead) else {
      throw Refusal(.malformed, "entry \(index) is the header of a block, not a record, by the node's word")
    }
    try await take(proof)
    return proof
  }

  /// The record at `index`; nil where there is none, which the node says.
  private func record(_ index: UInt64) async throws -> ProvenEntry? {
    if let known = records[index] { return known }
    guard headers[index] == nil, let proof = try await client.recordProof(index, atHead: true) else {
      return nil
    }
    try await take(proof)
    return records[index]
  }

  /// Sees that `proof` holds by the policy and is of the log that was seen.
  func take(_ proof: RecordProof) async throws {
    let proven: ProvenRecord
    do { proven = try proof.check(policy) } catch { throw unproven("entry \(proof.proof.index)", error) }
    guard proof.ledger == ledgerID else {
      throw WorkflowError(
        .notVerified, ProofError.Code.wrongLedger.rawValue,
        "\(place): entry \(proof.proof.index) is a record of another ledger")
    }
    try await requireConsistency(of: proof.proof.checkpoint, proven.checkpoint)
    records[proven.index] = ProvenEntry(statement: proven.statement, header: proven.header)
    headers[proof.headerPath.index] = proof.header
  }

  /// The header at `index`: the proof of a record of its block brings it, and that of a block without records is named by the next.
  ///
  /// - Parameter left: after how many blocks without records it gives up.
  private func header(_ index: UInt64, left: Int = 1000) async throws -> SignedStatement {
    if let known = headers[index] { return known }
    let block = try await client.block(of: index)
    guard block.header == index, left > 0 else { throw unknownHeader(index) }
    if block.first < index {
      _ = try await record(block.first)
    } else if try await newestHeader().path.index != index {
      let place = try await client.block(at: block.height + 1).header
      guard place > index, place < size, let bytes = try await client.entry(index) else {
        throw unknownHeader(index)
      }
      let next = try await header(place, left: left - 1)
      var hasher = TreeHasher()
      guard try BlockHeader(payload: next.payload).previous == hasher.leaf(bytes.span) else {
        throw unknownHeader(index)
      }
      headers[index] = try SignedStatement(decoding: bytes)
    }
    guard let header = headers[index] else { throw unknownHeader(index) }
    return header
  }

  private func unknownHeader(_ index: UInt64) -> NodeClientError {
    NodeClientError(.untrue, "\(client.url): entry \(index) is neither proven as a record nor as a header")
  }

  // MARK: Lists of the state

  package func records(listedAt key: StateKey) async throws -> [UInt64] {
    guard let value = try await value(key) else { return [] }
    if let known = lists[key], known.value == value { return known.indices }
    let list = try RecordList(decoding: value)
    var indices: [UInt64] = []
    var after: UInt64?
    repeat {
      let page = try await client.entries(listedAt: key, after: after)
      for index in page.items where index <= list.last {
        guard indices.last.map({ $0 < index }) ?? true else { throw incomplete(key, list, indices.count) }
        indices.append(index)
      }
      guard UInt64(indices.count) <= list.count, page.next == nil || page.next == page.items.last else {
        throw incomplete(key, list, indices.count)
      }
      after = page.next.flatMap { $0 < list.last ? $0 : nil }
    } while after != nil
    try await prove(indices)
    var hasher = StateHasher()
    let given = RecordList(
      indices.compactMap { index in records[index].map { ($0.statement.id, index) } }, using: &hasher)
    guard given == list else { throw incomplete(key, list, indices.count) }
    lists[key] = (value, indices)
    return indices
  }

  private func incomplete(_ key: StateKey, _ list: RecordList, _ count: Int) -> WorkflowError {
    WorkflowError(
      .notVerified, ProofError.Code.records.rawValue,
      "\(place): of \(Printable.text(key.name)) there are \(list.count) records, which is proven; the \(count) that it names are not these"
    )
  }

  /// Sees that the records at `indices` are proven.
  private func prove(_ indices: [UInt64]) async throws {
    for proof in try await client.recordProofs(indices.filter { records[$0] == nil }) {
      try await take(proof)
    }
  }

  // MARK: Searches

  /// How many records are a page.
  private static let pageLength = 256

  package func records(_ query: RecordQuery, from first: UInt64) async throws -> [RecordRow] {
    let limit = min(query.limit ?? .max, NodeLedger.pageLength)
    guard limit > 0 else { return [] }
    if let listed = try await listed(query) {
      var rows: [RecordRow] = []
      for index in listed where index >= first && rows.count < limit {
        guard let record = records[index] else { continue }
        let row = RecordRow(index, record)
        if query.matches(row, record) { rows.append(row) }
      }
      return rows
    }
    try requireNewest("a search")
    say("which records there are is the word of \(place); each of them is proven")
    let page = try await client.entries(
      found: query.filters, after: first == 0 ? nil : first - 1, limit: limit)
    if page.lag > 0 { say("the search did not see the newest \(page.lag) entries yet; try again") }
    let indices = page.items
    guard zip(indices, indices.dropFirst()).allSatisfy(<), indices.first.map({ $0 >= first }) ?? true else {
      throw NodeClientError(
        .untrue, "\(client.url)/records gives entries that were not asked for, or one twice")
    }
    try await prove(indices)
    return try indices.compactMap { index in
      guard let record = records[index] else { return nil }
      let row = RecordRow(index, record)
      guard query.matches(row, record) else {
        throw NodeClientError(
          .untrue, "\(client.url)/records gives entry \(index), which is not what was searched for")
      }
      return row
    }
  }

  /// The records among which are all that `query` finds, where lists of the state say which these are; ascending.
  private func listed(_ query: RecordQuery) async throws -> [UInt64]? {
    var keys: [StateKey] = []
    if let subject = query.subject {
      keys = StateQuery.subject(subject).keys
    } else if let digest = query.digest {
      keys = [.digest(digest)]
    } else {
      return nil
    }
    try await know(keys)
    var indices: Set<UInt64> = []
    for key in keys { indices.formUnion(try await records(listedAt: key)) }
    if query.subject == nil, query.type == nil, let digest = query.digest {
      let others = Set(try await mentions(of: digest)).subtracting(indices)
      if !others.isEmpty {
        say("which records merely mention \(digest) in their text is the word of \(place)")
      }
      indices.formUnion(others)
    }
    return indices.sorted()
  }

  /// The records that a node finds by `digest`, those that merely mention it among them.
  private func mentions(of digest: Digest) async throws -> [UInt64] {
    var (indices, after): ([UInt64], UInt64?) = ([], nil)
    repeat {
      let page = try await client.entries(
        found: [("digest", digest.hex)], after: after, limit: NodeLedger.pageLength)
      let last = after
      guard page.next.map({ next in last.map { $0 < next } ?? true }) ?? true else {
        throw NodeClientError(.untrue, "\(client.url)/records names a next page that does not follow")
      }
      indices += page.items
      after = page.next
    } while after != nil
    try await prove(indices)
    return indices
  }

  package func values(
    under prefix: StateKey, where fields: [(name: String, value: String)]
  ) async throws -> [(key: StateKey, value: [UInt8])] {
    try requireNewest("a search")
    var values: [(key: StateKey, value: [UInt8])] = []
    var after: StateKey?
    let start = prefix.bytes + [0]
    repeat {
      let page = try await client.keys(under: prefix, where: fields, after: after)
      var last = after
      for key in page.items {
        let follows = last.map { $0.bytes.lexicographicallyPrecedes(key.bytes) } ?? true
        guard follows, key == prefix || key.bytes.starts(with: start) else {
          throw NodeClientError(
            .untrue, "\(client.url)/values gives keys that were not asked for, or one twice")
        }
        last = key
      }
      try await know(page.items)
      for key in page.items {
        guard let value = known.values[key] ?? nil else { continue }
        let shown = IndexedFields.of(value.span)
        guard fields.allSatisfy({ field in shown.contains { $0 == field } }) else { continue }
        values.append((key, value))
      }
      guard page.next == nil || page.next == last, page.next == nil || !page.items.isEmpty else {
        throw NodeClientError(.untrue, "\(client.url)/values names a next page that does not follow")
      }
      after = page.next
    } while after != nil
    say("which there are is the word of \(place); each of them is proven")
    return values
  }
}

extension RecordRow {
  fileprivate init(_ index: UInt64, _ record: NodeLedger.ProvenEntry) {
    let statement = record.statement
    self.init(
      index: index, block: record.header.height, time: record.header.time, id: statement.id,
      issuer: statement.claims?.issuer ?? "", subject: statement.claims?.subject, type: statement.contentType,
      issuedAt: statement.claims?.issuedAt ?? 0, byteCount: UInt64(statement.payload.count),
      digest: SHA256.digest(of: statement.payload))
  }
}

extension RecordQuery {
  /// Whether it finds `row`.
  fileprivate func matches(_ row: RecordRow, _ record: NodeLedger.ProvenEntry?) -> Bool {
    guard issuer.map({ $0 == row.issuer }) ?? true, subject.map({ $0 == row.subject }) ?? true,
      type.map({ $0 == row.type }) ?? true, row.time >= since ?? 0, row.time <= until ?? .max
    else { return false }
    guard let digest, row.digest != digest else { return true }
    return record.map { NamedDigests.of($0.statement.payload.span).contains(digest) } ?? false
  }

  /// As a node is asked.
  fileprivate var filters: [(name: String, value: String)] {
    var filters: [(name: String, value: String)] = []
    if let issuer { filters.append(("issuer", issuer)) }
    if let type { filters.append(("type", type)) }
    if let since { filters.append(("since", String(since))) }
    if let until { filters.append(("until", String(until))) }
    return filters
  }
}
