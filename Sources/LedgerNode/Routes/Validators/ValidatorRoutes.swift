import HTTPTypes
import Hummingbird
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerStore
import Statements
import TransparencyLog

/// What the nodes of a ledger's validators ask each other (CONSORTIUM.md); a node that is one of several has these routes, and answers
/// them to validators alone (`ValidatorAccess`).
///
/// | route | body or answer |
/// |---|---|
/// | `POST /consensus` | messages of its validator: a CBOR array of byte strings, of at most 64 KiB |
/// | `GET /consensus/{height}` | the messages that are known here of a height: the same, of at most 8 MiB |
/// | `POST /consensus/statements` | statements to be recorded that came there: a CBOR sequence of entries (`application/cbor-seq`) |
/// | `GET /block/{digest}?height=H` | the body of a block of a height, decided or not: entries behind their lengths in two bytes, the header last |
/// | `GET /final/{height}`, `GET /final/newest` | a final block: `FinalDocument` |
enum ValidatorRoutes {
  static let all = [
    Route(
      "/consensus", "Takes messages of another validator", shows: .nothing, gives: [.text],
      work: .validator(isPosted: true) { consensus, _, ask in
        guard ask.body.count <= MessageList.postLimit else {
          throw NodeProblem(
            .contentTooLarge, "too-large", "messages have at most \(MessageList.postLimit) bytes at once")
        }
        let messages: [[UInt8]]
        do throws(StatementError) { messages = try MessageList.messages(ask.body) } catch {
          throw NodeProblem(.badRequest, "malformed", error.description)
        }
        await consensus.bulletin(of: ask.validator)?.take(messages)
        return done
      }),
    Route(
      "/consensus/statements", "Takes statements that another validator passes on", shows: .nothing,
      gives: [.text],
      work: .validator(isPosted: true) { consensus, _, ask in
        let ranges = try EntrySequence.split(ask.body.span)
        await consensus.committer.take(ask.body, at: ranges)
        return done
      }),
    Route(
      "/consensus/{height}", "The messages of a height", shows: .nothing, gives: [.bytes("application/cbor")],
      parts: [QueryParameter("height", .number, "a height")],
      work: .validator(isPosted: false) { consensus, _, ask in
        cbor(MessageList.bytes(await consensus.messages(height: try ask.ask.number("height"))))
      }),
    Route(
      "/final/newest", "The newest final block", shows: .nothing, gives: [.bytes("application/cbor")],
      work: .validator(isPosted: false) { consensus, reading, _ in
        let document = try await Disk.run { try reading.final(at: reading.reader.newestBlock()) }
        return cbor(await consensus.withCertificate(document).bytes)
      }),
    Route(
      "/final/{height}", "The final block of a height", shows: .nothing, gives: [.bytes("application/cbor")],
      parts: [QueryParameter("height", .number, "a height")],
      work: .validator(isPosted: false) { consensus, reading, ask in
        let height = try ask.ask.number("height")
        let document = try await Disk.run { try reading.final(at: reading.row(at: height)) }
        return cbor(await consensus.withDecision(document).bytes)
      }),
    Route(
      "/block/{digest}", "The body of a block", shows: .nothing, gives: [.bytes("application/octet-stream")],
      parts: [QueryParameter("digest", .digest, "the leaf hash of its header's entry")],
      query: [QueryParameter("height", .number, isRequired: true, "its height")],
      work: .validator(isPosted: false) { consensus, reading, ask in
        let digest = try ask.ask.digest("digest")
        let height = try Ask.required(ask.ask.query.number("height"))
        if let bytes = try await consensus.undecidedBody(of: digest, height: height) { return body(bytes) }
        return body(try await Disk.run { try reading.body(of: digest, height: height) })
      }),
  ]

  private static let done = Answer(.ok, "text/plain; charset=utf-8", .forbidden, [])

  private static func cbor(_ bytes: [UInt8]) -> Answer { Answer(.ok, "application/cbor", .forbidden, bytes) }

  private static func body(_ bytes: [UInt8]) -> Answer {
    Answer(.ok, "application/octet-stream", .forbidden, bytes)
  }
}

/// What a validator asks of this node.
struct ValidatorAsk: Sendable {
  let ask: Ask
  /// Its name.
  let validator: String
  /// What it hands over.
  let body: [UInt8]
}

extension LedgerSnapshot {
  /// The final block in `row`, as validators show it to each other.
  fileprivate func final(at row: BlockRow) throws -> FinalDocument {
    let header = try reader.header(of: row).entry
    let checkpoint = try reader.checkpoint(of: row)
    var hasher = TreeHasher()
    return FinalDocument(height: row.height, block: hasher.leaf(header.span), checkpoint: checkpoint)
  }

  /// The body of the final block of `height`.
  ///
  /// - Throws: `not-found` unless it is the one with this digest.
  fileprivate func body(of digest: Digest, height: UInt64) throws -> [UInt8] {
    let row = try row(at: height)
    let header = try reader.header(of: row).entry
    var hasher = TreeHasher()
    guard hasher.leaf(header.span) == digest else {
      throw NodeProblem.notFound("block \(height) is another than \(digest)")
    }
    var bytes: [UInt8] = []
    for index in row.first..<row.size {
      guard let entry = try reader.entry(index) else { throw beyond(index) }
      EntryBundle.append(entry.span, to: &bytes)
    }
    return bytes
  }

  /// `GET /consensus/status`: how the validators are doing, by this node's word.
  func consensusStatus() throws -> Answer {
    guard let consensus else { throw NodeProblem.notFound("this node is not one of several validators") }
    return try Answer(.ok, json: consensus, .forbidden)
  }
}
