import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Statements
import TransparencyLog

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Talks to a node over HTTP: signs nothing and trusts little.
///
/// A statement may be sent any number of times and is recorded once, so whatever leaves its fate open (a lost connection, a
/// 503) is answered by sending it again, until `patience` is over.
public struct NodeClient: Sendable {
  /// The node's URL, with no slash at its end.
  public let url: String
  /// How long a statement is sent again before the client gives up.
  public var patience = Duration.seconds(60)
  /// How many statements go in one request, and about how many bytes of them.
  public var batch = (statements: 1000, bytes: 4 << 20)
  /// By what receipts are judged whole; without it only that they are of what was sent, and consistent in themselves.
  public var policy: Policy?

  private let session: URLSession

  /// A client of the node at `url`, such as `http://127.0.0.1:8080`. Nothing is sent yet.
  ///
  /// - Throws: `not-a-node` where `url` is no URL of HTTP.
  public init(_ url: String) throws(NodeClientError) {
    let trimmed = String(url.reversed().drop { $0 == "/" }.reversed())
    guard let parsed = URL(string: trimmed), ["http", "https"].contains(parsed.scheme), parsed.host != nil,
      parsed.query == nil, parsed.fragment == nil
    else {
      throw NodeClientError(.notANode, "\"\(url)\" is not the URL of a node, such as http://127.0.0.1:8080")
    }
    self.url = trimmed
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpMaximumConnectionsPerHost = 64
    configuration.timeoutIntervalForRequest = 90
    configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
    session = URLSession(configuration: configuration)
  }

  // MARK: Asking

  /// How the node is doing.
  public func health() async throws -> NodeHealth {
    try await get("/health", ["application/json"], [200, 503])
  }

  /// The roster in force.
  public func members() async throws -> NodeMembers { try await get("/members", ["application/json"], [200]) }

  /// What a statement's claims need to be made with `key`: the ledger, and the member whose key it is now.
  ///
  /// - Throws: `unknown-key` where it is nobody's.
  public func issuer(of key: PublicKey) async throws -> (ledger: Digest, member: String) {
    let roster = try await members()
    let kid = key.thumbprint.hex
    guard let ledger = Digest(hex: roster.ledger) else {
      throw NodeClientError(.untrue, "\(url) names a ledger id that is none: \(roster.ledger)")
    }
    guard let member = roster.members.first(where: { $0.keys.contains { $0.kid == kid } }) else {
      throw NodeClientError(.unknownKey, "the key \(kid) is no member's of the ledger at \(url)")
    }
    return (ledger, member.id)
  }

  private func get<Value: Decodable>(
    _ path: String, _ types: [String], _ statuses: [Int]
  ) async throws -> Value {
    let (data, response) = try await send("GET", path, nil)
    guard statuses.contains(response.statusCode) else {
      throw NodeClientError(
        response.statusCode >= 500 ? .failed : .notANode,
        "\(url)\(path) answered with status \(response.statusCode)\(detail(of: data)); is that the URL of a node?"
      )
    }
    do { return try JSONDecoder().decode(Value.self, from: data) } catch {
      throw NodeClientError(
        .notANode, "what \(url)\(path) answered is not a node's; is that the URL of a node?")
    }
  }

  // MARK: Sending

  /// What became of a statement.
  public enum Outcome: Sendable {
    /// It is a record now.
    case recorded(NodeReceipt)
    /// It was one already: the first receipt.
    case duplicate(NodeReceipt)
    /// The rules say no.
    case refused(Refusal)
  }

  /// What comes next to be sent.
  public enum Next: Sendable {
    case entry([UInt8])
    /// Nothing is there right now; only where the client did not offer to wait.
    case pause
    case end
  }

  /// Sends signed entries, as many as are there in one request, and gives what became of each in the order in which they came,
  /// which is the order in which they were judged. While some are under way the next are made ready.
  ///
  /// - Parameters:
  ///   - next: the next entry, which must be well-formed; it may wait for one where `mayWait` is true, and should not where
  ///     answers are on their way. Called on the caller's task, as `each` is.
  ///   - each: what became of entry number `number`, from 0.
  /// - Throws: `NodeClientError`; then every entry for which `each` was called has its verdict, and any other may be a record too:
  ///   sent again, it gets its place. What `next` throws, after what came before it has its verdict.
  public func append(
    next: (_ mayWait: Bool) throws -> Next, each: (_ number: Int, _ verdict: NodeVerdict) throws -> Void
  ) async throws {
    var supply = Supply(batch: batch)
    var given = 0
    while let ready = supply.take(mayWait: true, next) {
      var ready = ready
      while !ready.isEmpty {
        let sent = ready
        async let verdicts = append(sequence: sent)
        ready = supply.take(mayWait: false, next) ?? []
        for verdict in try await verdicts {
          try each(given, verdict)
          given += 1
        }
      }
    }
    if let failure = supply.failure { throw failure }
  }

  /// What is made ready to be sent.
  private struct Supply {
    let batch: (statements: Int, bytes: Int)
    private(set) var failure: (any Error)?
    private var isAtEnd = false

    init(batch: (statements: Int, bytes: Int)) { self.batch = batch }

    /// As many as are there, but no more than go in one request; nil at the end, and where `next` has failed.
    mutating func take(mayWait: Bool, _ next: (_ mayWait: Bool) throws -> Next) -> [[UInt8]]? {
      var (entries, byteCount): ([[UInt8]], Int) = ([], 0)
      while !isAtEnd, entries.count < batch.statements, byteCount < batch.bytes {
        do {
          switch try next(mayWait && entries.isEmpty) {
          case .entry(let entry):
            entries.append(entry)
            byteCount += entry.count
          case .pause: return entries
          case .end: isAtEnd = true
          }
        } catch { (failure, isAtEnd) = (error, true) }
      }
      return isAtEnd && entries.isEmpty ? nil : entries
    }
  }

  /// Sends signed entries as one sequence (RFC 8742), again and again while their fate is open.
  ///
  /// Where there is a `policy`, the proof of each record is fetched and checked by it; without one a place is the node's word.
  ///
  /// - Returns: a verdict for each, in order.
  public func append(sequence entries: [[UInt8]]) async throws -> [NodeVerdict] {
    let statements = try entries.map { try SignedStatement(decoding: $0) }
    let verdicts = try await settled("application/cbor-seq", Array(entries.joined())) {
      try self.verdicts(on: statements, $0, $1)
    }
    if policy != nil {
      for (statement, verdict) in zip(statements, verdicts) { try await checkProof(of: statement, verdict) }
    }
    return verdicts
  }

  /// Sends one signed entry, again and again while its fate is open.
  public func append(_ entry: [UInt8]) async throws -> Outcome {
    let statement = try SignedStatement(decoding: entry)
    return try await settled("application/cose; cose-type=\"cose-sign1\"", entry) {
      try self.outcome(of: statement, $0, $1)
    }
  }

  /// Posts `body` again and again until `outcome` makes something of the answer.
  private func settled<Result>(
    _ type: String, _ body: [UInt8], _ outcome: (Data, HTTPURLResponse) throws -> Result?
  ) async throws -> Result {
    let deadline = ContinuousClock.now + patience
    var pause = Duration.milliseconds(100)
    while true {
      let wait: Duration
      let reason: NodeClientError
      do {
        let (data, response) = try await send("POST", "/entries", (type, body))
        if let outcome = try outcome(data, response) { return outcome }
        let seconds = response.value(forHTTPHeaderField: "Retry-After").flatMap { Int($0) }
        wait = seconds.map { .seconds(min(max($0, 1), 10)) } ?? pause
        reason = NodeClientError(.busy, "\(url) is busy\(detail(of: data)); try again")
      } catch let error as NodeClientError where error.code == .unreachable {
        (wait, reason) = (pause, error)
      }
      guard ContinuousClock.now + wait < deadline else { throw reason }
      try await Task.sleep(for: wait)
      pause = min(pause * 2, .seconds(2))
    }
  }

  /// Whether an answer leaves open what became of what was sent.
  private func isOpen(_ response: HTTPURLResponse) -> Bool {
    response.statusCode == 408
      || response.statusCode == 503 && response.value(forHTTPHeaderField: "Retry-After") != nil
  }

  /// What became of `statements`, or nil where that is open.
  private func verdicts(
    on statements: [SignedStatement], _ data: Data, _ response: HTTPURLResponse
  ) throws -> [NodeVerdict]? {
    if isOpen(response) { return nil }
    guard response.statusCode == 200 else { throw unexpected(data, response) }
    let verdicts: [NodeVerdict]
    do { verdicts = try JSONDecoder().decode([NodeVerdict].self, from: data) } catch {
      throw NodeClientError(
        .notANode, "what \(url)/entries answered are no verdicts; is that the URL of a node?")
    }
    guard verdicts.map(\.id) == statements.map(\.id.hex), verdicts.allSatisfy(\.isWhole) else {
      throw NodeClientError(.untrue, "the verdicts that \(url) gave are not on what was sent")
    }
    return verdicts
  }

  private func checkProof(of statement: SignedStatement, _ verdict: NodeVerdict) async throws {
    guard let policy, let index = verdict.index, let block = verdict.block, let time = verdict.time else {
      return
    }
    let (data, response) = try await send("GET", "/proof/\(index)", nil)
    guard response.statusCode == 200 else { throw unexpected(data, response) }
    do {
      let proof = try RecordProof(parsing: Array(data).span)
      let receipt = NodeReceipt(
        index: index, block: block, id: verdict.id, time: time, proof: String(decoding: data, as: UTF8.self),
        checkpoint: String(decoding: proof.proof.checkpoint.bytes, as: UTF8.self))
      try receipt.check(is: statement, policy)
    } catch { throw NodeClientError(.untrue, "the proof that \(url) gave does not hold: \(error)") }
  }

  private func unexpected(_ data: Data, _ response: HTTPURLResponse) -> NodeClientError {
    NodeClientError(
      response.statusCode >= 500 ? .failed : .notANode,
      "\(url)/entries answered with status \(response.statusCode)\(detail(of: data))")
  }

  /// What became of `statement`, or nil where that is open.
  private func outcome(
    of statement: SignedStatement, _ data: Data, _ response: HTTPURLResponse
  ) throws -> Outcome? {
    switch response.statusCode {
    case 200, 201:
      let receipt = try receipt(for: statement, data)
      return response.statusCode == 201 ? .recorded(receipt) : .duplicate(receipt)
    case _ where isOpen(response): return nil
    case 400, 403, 409, 413, 422, 503:
      if let problem = problem(of: data) {
        return .refused(Refusal(.init(rawValue: problem.code), problem.detail))
      }
      fallthrough
    default:
      throw unexpected(data, response)
    }
  }

  private func receipt(for statement: SignedStatement, _ data: Data) throws -> NodeReceipt {
    let receipt: NodeReceipt
    do { receipt = try JSONDecoder().decode(NodeReceipt.self, from: data) } catch {
      throw NodeClientError(
        .notANode, "what \(url)/entries answered is no receipt; is that the URL of a node?")
    }
    do { try receipt.check(is: statement, policy) } catch {
      throw NodeClientError(.untrue, "the receipt that \(url) gave does not hold: \(error)")
    }
    return receipt
  }

  // MARK: The wire

  private func send(
    _ method: String, _ path: String, _ body: (type: String, bytes: [UInt8])?
  ) async throws -> (Data, HTTPURLResponse) {
    guard let address = URL(string: url + path) else { throw NodeClientError(.notANode, "\(url) is no URL") }
    var request = URLRequest(url: address)
    request.httpMethod = method
    request.setValue("application/json", forHTTPHeaderField: "Accept")
    if let body {
      request.setValue(body.type, forHTTPHeaderField: "Content-Type")
      request.httpBody = Data(body.bytes)
    }
    let (data, response): (Data, URLResponse)
    do { (data, response) = try await session.data(for: request) } catch is CancellationError {
      throw CancellationError()
    } catch {
      throw NodeClientError(
        .unreachable,
        "no node answers at \(url) (\((error as NSError).localizedDescription)); start one with `zheng node LEDGER`, or correct the URL"
      )
    }
    guard let response = response as? HTTPURLResponse else {
      throw NodeClientError(.notANode, "what answers at \(url) does not speak HTTP")
    }
    return (data, response)
  }

  private func problem(of data: Data) -> ProblemDetails? {
    do { return try JSONDecoder().decode(ProblemDetails.self, from: data) } catch { return nil }
  }

  private func detail(of data: Data) -> String { problem(of: data).map { ": \($0.detail)" } ?? "" }
}

extension NodeVerdict {
  /// Whether it says where the record stands, or else why it is none.
  fileprivate var isWhole: Bool {
    let isPlaced = index != nil && block != nil && time != nil
    return problem == nil ? isPlaced && (200...201).contains(status) : !isPlaced && status >= 400
  }
}

extension NodeReceipt {
  /// Checks that this is a receipt of `statement`, and what it says of its place by its own proof; with `policy` also who says so.
  ///
  /// - Throws: `ProofError`, `LogError` or `StatementError` of the first part that does not hold.
  public func check(is statement: SignedStatement, _ policy: Policy? = nil) throws {
    let proof = try RecordProof(parsing: Array(proof.utf8).span)
    guard id == statement.id.hex, proof.statement.id == statement.id else {
      throw NodeClientError(.untrue, "it is of another statement")
    }
    guard proof.proof.index == index, try BlockHeader(payload: proof.header.payload).height == block else {
      throw NodeClientError(.untrue, "its proof is of another place")
    }
    if let policy { _ = try proof.check(policy) }
    let checkpoint = try Checkpoint(parsing: proof.proof.checkpoint.text)
    var hasher = TreeHasher()
    try InclusionProof(index: index, size: checkpoint.size, path: proof.proof.path)
      .verify(leaf: hasher.leaf(proof.statement.entry.span), root: checkpoint.root, using: &hasher)
    try proof.headerPath.verify(
      leaf: hasher.leaf(proof.header.entry.span), root: checkpoint.root, using: &hasher)
  }
}
