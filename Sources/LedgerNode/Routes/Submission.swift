import Hummingbird
import LedgerStore
import Statements

/// `POST /entries`: one COSE_Sign1 entry in, and when it is final, where it stands and what proves it.
///
/// 201 where it is a new record, 200 where it was one already; JSON (`NodeReceipt`), or the proof alone where `Accept` prefers
/// `text/plain`. `Location` names the entry.
struct Submission: Sendable {
  let committer: Committer

  func answer(
    _ request: Request, _ settings: NodeSettings,
    blocking: (@escaping @Sendable () throws -> Answer) async throws -> Answer
  ) async throws -> Answer {
    let accepted = Accept.best(of: ["application/json", "text/plain"], request.headers[.accept])
    let entry = try await RequestEntry.read(request, timeout: settings.bodyTimeout)
    let commitment = try await committer.submit(entry)
    return try await blocking { try Submission.answer(commitment, asText: accepted == "text/plain") }
  }

  private static func answer(_ commitment: Committer.Commitment, asText: Bool) throws -> Answer {
    let (receipt, reader) = (commitment.receipt, commitment.reader)
    let proof = try reader.proof(of: receipt.index)
    var answer: Answer
    if asText {
      answer = .text(proof.bytes, .forbidden)
    } else {
      let time = try receipt.time ?? reader.block(of: receipt.index).time
      answer = try Answer(
        .ok,
        json: NodeReceipt(
          index: receipt.index, block: receipt.block, id: proof.statement.id.hex, time: time,
          proof: String(decoding: proof.bytes, as: UTF8.self),
          checkpoint: String(decoding: proof.proof.checkpoint.bytes, as: UTF8.self)),
        .forbidden)
    }
    answer.status = commitment.isNew ? .created : .ok
    answer.headers[.location] = "/entries/\(receipt.index)"
    return answer
  }
}
