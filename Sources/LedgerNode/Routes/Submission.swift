import Hummingbird
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerStore
import Statements

/// `POST /entries`: statements in, and when they are final, where each stands.
///
/// One entry (`application/cose`): 201 where it is a new record, 200 where it was one already; JSON (`NodeReceipt`), or the
/// proof alone where `Accept` prefers `text/plain`. `Location` names the entry. What is refused is a problem document. With
/// `Prefer: return=minimal` (RFC 7240 §4.2) the JSON is a `NodeVerdict`, which has no proof, and `Preference-Applied` says so.
///
/// A CBOR sequence of entries, RFC 8742 (`application/cbor-seq`), of at most 8 MiB: where all were judged 200 and a JSON array
/// of one `NodeVerdict` for each, in their order, which is the order in which they were judged. Each verdict is final. The
/// proof of each is `GET /proof/{index}`. A body that is not a sequence of well-formed entries up to its end is 400, and
/// nothing of it is taken. Where the node stops or its disk fails in the midst the answer is that problem; sent again, each
/// statement that is a record gets its first place.
struct Submission: Sendable {
  let committer: Committer
  let visitors: Visitors
  let rates: MemberRates
  let bodyTimeout: Duration
  let metrics: NodeMetrics

  /// What the answer to a single statement is.
  enum ReceiptForm: Sendable {
    /// A `NodeReceipt`.
    case receipt
    /// Its proof alone.
    case proof
    /// A `NodeVerdict`.
    case minimal

    /// What these header fields ask for.
    init(accept: String?, prefer: String?) {
      switch Accept.best(of: ["application/json", "text/plain"], accept) {
      case "text/plain": self = .proof
      default: self = Prefer.isMinimal(prefer) ? .minimal : .receipt
      }
    }
  }

  func answer(_ request: Request, _ context: NodeContext) async throws -> Answer {
    let form = try RequestEntries.form(request.headers[.contentType])
    let receipt = ReceiptForm(accept: request.headers[.accept], prefer: request.headers[.prefer])
    let held = Visitors.Share(visitors, context.visitor)
    defer { withExtendedLifetime(held) {} }
    let body = try await RequestEntries.read(request, form, context, timeout: bodyTimeout, held: held)
    let source = visitors.source(context.visitor)
    do {
      switch form {
      case .one: return try await one(body, source, receipt)
      case .sequence: return try await sequence(body, source, held)
      }
    } catch {
      metrics.refused(NodeProblem(error).code)
      throw error
    }
  }

  private func one(_ body: [UInt8], _ source: SignatureSource, _ form: ReceiptForm) async throws -> Answer {
    let issuer = MemberRates.issuers(body, [body.indices]).keys.first
    if let issuer { try rates.require([issuer]) }
    let start = ContinuousClock.now
    let commitment = try await committer.submit(body, from: source)
    let isNew = commitment.isNew
    metrics.count(
      recorded: isNew ? 1 : 0, duplicates: isNew ? 0 : 1, refused: [:], after: ContinuousClock.now - start)
    if let issuer, isNew { rates.count(1, of: issuer) }
    if let answer = try Submission.answerAtHand(commitment, form) { return answer }
    return try await Disk.run { try Submission.answer(commitment, form) }
  }

  private func sequence(
    _ body: [UInt8], _ source: SignatureSource, _ held: Visitors.Share
  ) async throws -> Answer {
    let ranges = try EntrySequence.split(body.span)
    try rates.require(MemberRates.issuers(body, ranges).keys)
    let start = ContinuousClock.now
    let outcome = await committer.submit(body, at: ranges, from: source)
    let recorded = zip(ranges, outcome.verdicts).compactMap { range, verdict in
      if case .accepted = verdict { range } else { nil }
    }
    let refused = outcome.verdicts.compactMap {
      if case .refused(let refusal) = $0 { refusal.code } else { nil }
    }
    metrics.count(
      recorded: recorded.count, duplicates: outcome.verdicts.count - recorded.count - refused.count,
      refused: Dictionary(refused.map { ($0, 1) }, uniquingKeysWith: +), after: ContinuousClock.now - start)
    for (issuer, count) in MemberRates.issuers(body, recorded) { rates.count(count, of: issuer) }
    if let interruption = outcome.interruption {
      throw NodeProblem(interruption, judged: outcome.verdicts.count, of: ranges.count)
    }
    return Submission.answer(outcome, body, ranges, held)
  }

  /// The answer where all that it takes is in memory, as it is for what was recorded just now; nil where a disk has to be waited
  /// for.
  static func answerAtHand(_ commitment: Committer.Commitment, _ form: ReceiptForm) throws -> Answer? {
    switch form {
    case .minimal: return try commitment.receipt.time.map { try verdict(commitment, time: $0) }
    case .receipt, .proof:
      return try commitment.reader.recordAtHand(commitment.receipt.index).map {
        try answer(commitment, $0, asText: form == .proof)
      }
    }
  }

  /// The answer, from the disk.
  static func answer(_ commitment: Committer.Commitment, _ form: ReceiptForm) throws -> Answer {
    let (reader, index) = (commitment.reader, commitment.receipt.index)
    switch form {
    case .minimal: return try verdict(commitment, time: reader.block(of: index).time)
    case .receipt, .proof: return try answer(commitment, reader.record(index), asText: form == .proof)
    }
  }

  private static func answer(
    _ commitment: Committer.Commitment, _ record: ProvenEntry, asText: Bool
  ) throws -> Answer {
    if asText { return about(commitment, .text(record.proof, .forbidden)) }
    let receipt = commitment.receipt
    let json = NodeReceipt(
      index: receipt.index, block: receipt.block, id: record.id.hex, time: record.time,
      proof: String(decoding: record.proof, as: UTF8.self),
      checkpoint: String(decoding: record.checkpoint, as: UTF8.self))
    return about(commitment, try Answer(.ok, json: json, .forbidden))
  }

  /// The answer without a proof.
  private static func verdict(_ commitment: Committer.Commitment, time: UInt64) throws -> Answer {
    let (receipt, status) = (commitment.receipt, commitment.isNew ? 201 : 200)
    let verdict = NodeVerdict(
      id: commitment.id.hex, status: status, index: receipt.index, block: receipt.block, time: time,
      problem: nil)
    var answer = about(commitment, try Answer(.ok, json: verdict, .forbidden))
    answer.headers[.preferenceApplied] = "return=minimal"
    return answer
  }

  /// `answer` with the status and the address of what it is about.
  private static func about(_ commitment: Committer.Commitment, _ answer: Answer) -> Answer {
    var answer = answer
    answer.status = commitment.isNew ? .created : .ok
    answer.headers[.location] = "/entries/\(commitment.receipt.index)"
    return answer
  }

  /// How many verdicts are written together.
  private static let piece = 256

  /// The verdicts, written as they are taken; `held` is kept until then.
  private static func answer(
    _ outcome: Committer.Outcome, _ body: [UInt8], _ ranges: [Range<Int>], _ held: Visitors.Share
  ) -> Answer {
    let next = { @Sendable (number: Int) throws -> [UInt8]? in
      try withExtendedLifetime(held) {
        let first = number * piece
        guard first < ranges.count else { return nil }
        let end = min(first + piece, ranges.count)
        let json = try Answer.encoder.encode(verdicts(outcome, body, ranges, first..<end))
        // The brackets are those of the whole.
        return Array((first == 0 ? "[" : ",").utf8) + json.dropFirst().dropLast()
          + Array((end == ranges.count ? "]" : "").utf8)
      }
    }
    return Answer(.ok, "application/json", .forbidden, .pieces(count: nil, next: next))
  }

  private static func verdicts(
    _ outcome: Committer.Outcome, _ body: [UInt8], _ ranges: [Range<Int>], _ part: Range<Int>
  ) throws -> [NodeVerdict] {
    var hasher = SHA256()
    return try part.map { number in
      let entry = body.span.extracting(ranges[number])
      let id = try EntryView(decoding: entry).statementID(of: entry, using: &hasher).hex
      switch outcome.verdicts[number] {
      case .accepted(let receipt), .duplicate(let receipt):
        let time = try receipt.time ?? outcome.reader.block(of: receipt.index).time
        let isNew = if case .accepted = outcome.verdicts[number] { true } else { false }
        return NodeVerdict(
          id: id, status: isNew ? 201 : 200, index: receipt.index, block: receipt.block, time: time,
          problem: nil)
      case .refused(let refusal):
        let problem = NodeProblem(refusal).details
        return NodeVerdict(
          id: id, status: problem.status, index: nil, block: nil, time: nil, problem: problem)
      }
    }
  }
}
