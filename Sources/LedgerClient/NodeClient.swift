import Foundation
import Ledger
import LedgerCrypto
import NIOHTTP1
import Statements
import TransparencyLog

/// Talks to a node over HTTP, and believes it nothing that can be checked: which ledger it serves, and that a statement is a record
/// of it. Signs nothing.
///
/// A statement may be sent any number of times and is recorded once, so whatever leaves its fate open (a lost connection, a
/// 503) is answered by sending it again, until `patience` is over.
public struct NodeClient: Sendable {
  /// The node's URL, with no slash at its end; the node may be served below a path.
  public let url: String
  /// How long an answer may take, with all that is sent again for it.
  public var patience = Duration.seconds(60)
  /// How many statements go in one request, and about how many bytes of them.
  public var batch = (statements: 1000, bytes: 4 << 20)
  /// By what proofs are judged whole; without it only that they are of what was sent, and consistent in themselves.
  public var policy: Policy?
  /// Whether the proof of every record of a sequence is fetched and checked, where there is no `policy` too.
  public var checksProofs = false
  /// Told once, after so long, what an answer is still waited for.
  public var onWaiting: (after: Duration, notify: @Sendable (String) -> Void)?

  /// What to do where nobody answers, in words.
  public var wayOut = "start one, or correct the URL"
  /// What to do where nobody known vouches for the node's certificate, in words.
  public var authorityWayOut = "if it is the node's, trust its authority; otherwise correct the URL"

  /// Gives the value of `Authorization` (`ReadingTokens`); asked for each request, and sent only over TLS or to this machine.
  public var authorization: (@Sendable () throws -> String)?

  private let wire: NodeWire

  /// A client of the node at `url`, such as `http://127.0.0.1:8080`. Nothing is sent yet.
  ///
  /// - Parameter tls: whom a node of https is judged by, and by what it knows this client.
  /// - Throws: `not-a-node` where `url` is no URL of HTTP; `credentials` where a file of `tls` is not what it should be.
  public init(_ url: String, tls: NodeTLS = NodeTLS()) throws(NodeClientError) {
    let trimmed = String(url.reversed().drop { $0 == "/" }.reversed())
    guard let parsed = URL(string: trimmed), ["http", "https"].contains(parsed.scheme), parsed.host != nil,
      parsed.query == nil, parsed.fragment == nil
    else {
      throw NodeClientError(.notANode, "\"\(url)\" is not the URL of a node, such as http://127.0.0.1:8080")
    }
    self.url = trimmed
    wire = NodeWire(try tls.configuration)
  }

  // MARK: Asking

  /// How the node is doing.
  public func health() async throws -> NodeHealth {
    try await get("/health", ["application/json"], [200, 503])
  }

  /// Sees that the node says that it serves the ledger `id`, before anything is signed for it.
  ///
  /// - Throws: `other-ledger`.
  public func requireLedger(_ id: Digest) async throws {
    let named = try await health().ledger
    guard let found = Digest(hex: named) else {
      throw NodeClientError(.untrue, "\(url) names a ledger id that is none; is that the URL of a node?")
    }
    guard found == id else {
      throw NodeClientError(
        .otherLedger, "\(url) serves another ledger: asked for \(id), this is \(found); correct the URL")
    }
  }

  /// How the ledger's validators are doing, by the word of a node of one of several.
  public func consensus() async throws -> NodeConsensus {
    try await get("/consensus/status", ["application/json"], [200])
  }

  /// The roster in force, by the node's word.
  public func members() async throws -> NodeMembers { try await get("/members", ["application/json"], [200]) }

  /// The member whose key `key` is now, by the node's word: the proof of what it signs says whether that is so.
  ///
  /// - Throws: `unknown-key` where it is nobody's.
  public func issuer(of key: PublicKey) async throws -> String {
    let roster = try await members()
    let kid = key.thumbprint.hex
    guard let member = roster.members.first(where: { $0.keys.contains { $0.kid == kid } }) else {
      throw NodeClientError(.unknownKey, "the key \(kid) is no member's of the ledger at \(url)")
    }
    return member.id
  }

  private func get<Value: Decodable & Sendable>(
    _ path: String, _ types: [String], _ statuses: [Int]
  ) async throws -> Value {
    let answer = try await bounded { _ in try await send(.GET, path, nil) }
    guard statuses.contains(answer.status) else {
      throw NodeClientError(
        answer.status >= 500 ? .failed : .notANode,
        "\(url)\(path) answered with status \(answer.status)\(answer.detail); is that the URL of a node?")
    }
    do { return try answer.decoded() } catch {
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
  ///   - each: what became of entry number `number`, from 0; told one after the other.
  /// - Throws: `NodeClientError`; then every entry for which `each` was called has its verdict, and any other may be a record too:
  ///   sent again, it gets its place. What `next` throws, after what came before it has its verdict.
  public func append(
    next: (_ mayWait: Bool) throws -> Next,
    each: (_ number: Int, _ verdict: CheckedVerdict) async throws -> Void
  ) async throws {
    var supply = Supply(batch: batch)
    var given = 0
    while let ready = supply.take(mayWait: true, next) {
      var ready = ready
      while !ready.isEmpty {
        let sent = ready
        async let answered = answer(to: sent)
        ready = supply.take(mayWait: false, next) ?? []
        let (statements, verdicts) = try await answered
        // Told part by part: to check all proofs takes longer than to record all.
        for start in stride(from: 0, to: verdicts.count, by: NodeClient.proofsAtOnce) {
          let part = start..<min(start + NodeClient.proofsAtOnce, verdicts.count)
          for verdict in try await checked(statements[part], verdicts[part]) {
            try await each(given, verdict)
            given += 1
          }
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

  /// What a node says became of a statement, and what is wrong with its proof.
  public struct CheckedVerdict: Sendable {
    /// The node's word.
    public let verdict: NodeVerdict
    /// Why the proof does not make it more than that; nil also where it was not asked for.
    public let doubt: NodeClientError?
    /// The checkpoint under which its proof holds; nil where none was asked for, or it does not.
    public let checkpoint: SignedNote?
  }

  /// Sends signed entries as one sequence (RFC 8742), again and again while their fate is open.
  ///
  /// Where there is a `policy`, or `checksProofs` is set, the proof of each record is fetched and checked.
  ///
  /// - Returns: a verdict for each, in order.
  public func append(sequence entries: [[UInt8]]) async throws -> [CheckedVerdict] {
    let (statements, verdicts) = try await answer(to: entries)
    var checked: [CheckedVerdict] = []
    for start in stride(from: 0, to: verdicts.count, by: NodeClient.proofsAtOnce) {
      let part = start..<min(start + NodeClient.proofsAtOnce, verdicts.count)
      checked += try await self.checked(statements[part], verdicts[part])
    }
    return checked
  }

  /// As many proofs as are asked for at once, each on a connection of its own.
  static let proofsAtOnce = 16

  /// What `entries` are, and what the node says became of them.
  private func answer(to entries: [[UInt8]]) async throws -> ([SignedStatement], [NodeVerdict]) {
    let statements = try entries.map { try SignedStatement(decoding: $0) }
    let verdicts = try await settled("application/cbor-seq", Array(entries.joined())) {
      try self.verdicts(on: statements, $0)
    }
    return (statements, verdicts)
  }

  /// - Parameter verdicts: on `statements`, with the same indices.
  private func checked(
    _ statements: ArraySlice<SignedStatement>, _ verdicts: ArraySlice<NodeVerdict>
  ) async throws -> [CheckedVerdict] {
    guard policy != nil || checksProofs else {
      return verdicts.map { .init(verdict: $0, doubt: nil, checkpoint: nil) }
    }
    return try await withThrowingTaskGroup(of: (Int, CheckedVerdict).self) { group in
      var checked: [Int: CheckedVerdict] = [:]
      for number in verdicts.indices {
        group.addTask { (number, try await self.checked(statements[number], verdicts[number])) }
      }
      for try await (number, verdict) in group { checked[number] = verdict }
      return verdicts.indices.compactMap { checked[$0] }
    }
  }

  /// Sends one signed entry, again and again while its fate is open.
  public func append(_ entry: [UInt8]) async throws -> Outcome {
    let statement = try SignedStatement(decoding: entry)
    return try await settled("application/cose; cose-type=\"cose-sign1\"", entry) {
      try self.outcome(of: statement, $0)
    }
  }

  /// Posts `body` again and again until `outcome` makes something of the answer.
  private func settled<Result: Sendable>(
    _ type: String, _ body: [UInt8], _ outcome: @escaping @Sendable (NodeAnswer) throws -> Result?
  ) async throws -> Result {
    let deadline = ContinuousClock.now + patience
    return try await bounded("what was sent may be recorded all the same; it can be sent again as it is") {
      waiting in
      var pause = Duration.milliseconds(100)
      while true {
        let wait: Duration
        let reason: NodeClientError
        do {
          let answer = try await send(.POST, "/entries", (type, body))
          if let outcome = try outcome(answer) { return outcome }
          let seconds = answer.headers.first(name: "Retry-After").flatMap { Int($0) }
          wait = seconds.map { .seconds(min(max($0, 1), 10)) } ?? pause
          reason = NodeClientError(.busy, "\(url) is busy\(answer.detail); try again")
        } catch let error as NodeClientError where error.code == .unreachable {
          (wait, reason) = (pause, error)
        }
        waiting.reason = reason
        guard ContinuousClock.now + wait < deadline else { throw reason }
        try await Task.sleep(for: wait)
        pause = min(pause * 2, .seconds(2))
      }
    }
  }

  /// What became of `statements`, or nil where that is open.
  private func verdicts(
    on statements: [SignedStatement], _ answer: NodeAnswer
  ) throws -> [NodeVerdict]? {
    if answer.isOpen { return nil }
    guard answer.status == 200 else { throw unexpected(answer) }
    let verdicts: [NodeVerdict]
    do { verdicts = try answer.decoded() } catch {
      throw NodeClientError(
        .notANode, "what \(url)/entries answered are no verdicts; is that the URL of a node?")
    }
    guard verdicts.map(\.id) == statements.map(\.id.hex), verdicts.allSatisfy(\.isWhole) else {
      throw NodeClientError(.untrue, "the verdicts that \(url) gave are not on what was sent")
    }
    return verdicts
  }

  /// `verdict`, and whether the proof of `statement` shows what it says, where there is something to prove.
  private func checked(
    _ statement: SignedStatement, _ verdict: NodeVerdict
  ) async throws -> CheckedVerdict {
    guard let index = verdict.index, let block = verdict.block, let time = verdict.time else {
      return CheckedVerdict(verdict: verdict, doubt: nil, checkpoint: nil)
    }
    do {
      let answer = try await bounded { _ in try await send(.GET, "/proof/\(index)", nil) }
      guard answer.status == 200 else {
        throw NodeClientError(.failed, "\(url)/proof/\(index) answered with status \(answer.status)")
      }
      let proof = try RecordProof(parsing: answer.bytes.span)
      let receipt = NodeReceipt(
        index: index, block: block, id: verdict.id, time: time, proof: answer.text,
        checkpoint: String(decoding: proof.proof.checkpoint.bytes, as: UTF8.self))
      try receipt.check(is: statement, policy)
      return CheckedVerdict(verdict: verdict, doubt: nil, checkpoint: proof.proof.checkpoint)
    } catch let error as CancellationError {
      throw error
    } catch {
      return CheckedVerdict(
        verdict: verdict, doubt: .notProven(url, index, block, error), checkpoint: nil)
    }
  }

  private func unexpected(_ answer: NodeAnswer) -> NodeClientError {
    NodeClientError(
      answer.status >= 500 ? .failed : .notANode,
      "\(url)/entries answered with status \(answer.status)\(answer.detail)")
  }

  /// What became of `statement`, or nil where that is open.
  private func outcome(of statement: SignedStatement, _ answer: NodeAnswer) throws -> Outcome? {
    switch answer.status {
    case 200, 201:
      let receipt = try receipt(for: statement, answer)
      return answer.status == 201 ? .recorded(receipt) : .duplicate(receipt)
    case _ where answer.isOpen: return nil
    case 400, 403, 409, 413, 422, 503:
      if let problem = answer.problem {
        return .refused(Refusal(.init(rawValue: problem.code), problem.detail))
      }
      fallthrough
    default:
      throw unexpected(answer)
    }
  }

  private func receipt(for statement: SignedStatement, _ answer: NodeAnswer) throws -> NodeReceipt {
    let receipt: NodeReceipt
    do { receipt = try answer.decoded() } catch {
      throw NodeClientError(
        .notANode, "what \(url)/entries answered is no receipt; is that the URL of a node?")
    }
    do { try receipt.check(is: statement, policy) } catch {
      throw NodeClientError.notProven(url, receipt.index, receipt.block, error)
    }
    return receipt
  }

  // MARK: The wire

  /// One attempt.
  ///
  /// - Throws: `no-access` where the node shows what is asked for to members, and this is none.
  func send(
    _ method: HTTPMethod, _ path: String, _ body: (type: String, bytes: [UInt8])? = nil,
    accept: String = "application/json"
  ) async throws -> NodeAnswer {
    var headers = HTTPHeaders([("Accept", accept)])
    if let authorization, ReadingTokens.maySend(to: url) {
      headers.add(name: "Authorization", value: try authorization())
    }
    if let body { headers.add(name: "Content-Type", value: body.type) }
    let answer = try await wire.answer(
      method, url, path, headers, body?.bytes, wayOut: wayOut, authorityWayOut: authorityWayOut)
    if method == .GET, [401, 403].contains(answer.status), let problem = answer.problem {
      throw NodeClientError(.noAccess, "\(url) shows its ledger to members: \(problem.detail)")
    }
    return answer
  }
}
