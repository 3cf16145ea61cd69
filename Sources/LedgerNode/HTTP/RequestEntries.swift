import Hummingbird
import Ledger
import NIOHTTPTypes
import Statements

/// Reads what the body of a `POST /entries` is, by its `Content-Type`.
enum RequestEntries {
  /// What a body can be.
  enum Form: Sendable {
    /// One entry: `application/cose`, `application/octet-stream`, or no type at all.
    case one
    /// A CBOR sequence of entries (RFC 8742): `application/cbor-seq`.
    case sequence

    /// The most bytes that are taken.
    var limit: Int {
      switch self {
      case .one: EntryView.maximumEntryByteCount
      case .sequence: RequestEntries.sequenceLimit
      }
    }

    /// The most bytes that are read for the sake of answering in peace; then the connection is closed.
    var drained: Int { max(limit, 1 << 20) }

    var tooLarge: NodeProblem {
      switch self {
      case .one:
        NodeProblem(
          .contentTooLarge, "too-large",
          "an entry has at most \(limit) bytes: deposit the file's digest instead of the file")
      case .sequence:
        NodeProblem(
          .contentTooLarge, "too-large",
          "a sequence has at most \(limit) bytes: send it in parts, cut between two statements")
      }
    }
  }

  /// 8 MiB.
  static let sequenceLimit = 8 << 20

  /// What the body of a request with this `Content-Type` is.
  ///
  /// - Throws: `unsupported-media-type` for any other type, or one with a parameter that it does not have.
  static func form(_ header: String?) throws(NodeProblem) -> Form {
    guard let header, header != "application/cose" else { return .one }
    func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }
    let parts = header.split(separator: ";", omittingEmptySubsequences: false).map { part in
      String(part.drop(while: isSpace).reversed().drop(while: isSpace).reversed()).lowercased()
    }
    switch (parts[0], parts.dropFirst()) {
    case ("application/cose", []), ("application/octet-stream", []): return .one
    case ("application/cose", ["cose-type=\"cose-sign1\""]), ("application/cose", ["cose-type=cose-sign1"]):
      return .one
    case ("application/cbor-seq", []): return .sequence
    default:
      throw NodeProblem(
        .unsupportedMediaType, "unsupported-media-type",
        """
        the body is one entry, `application/cose; cose-type="cose-sign1"`, or a sequence of them, `application/cbor-seq`, \
        not \(header)
        """, headers: [.accept: "application/cose, application/cbor-seq"])
    }
  }

  /// The body of `request`.
  ///
  /// - Parameters:
  ///   - timeout: how long it may take, which `ConnectionGuard` sees to.
  ///   - held: takes the room that the bytes of sequences need, for as long as it lives.
  /// - Throws: `too-large`, `timeout`, `busy`, `too-many-requests`, `unknown-expectation`, `malformed` where there is none.
  static func read(
    _ request: Request, _ form: Form, _ context: NodeContext, timeout: Duration, held: Visitors.Share
  ) async throws -> [UInt8] {
    let length = request.headers[.contentLength].flatMap { Int($0) }
    if let expectation = request.headers[.expect] {
      guard expectation.lowercased() == "100-continue" else {
        throw NodeProblem(
          .expectationFailed, "unknown-expectation", "the only expectation that is met here is 100-continue")
      }
      if let length, length > form.limit { throw form.tooLarge }
      let go = HTTPResponsePart.head(HTTPResponse(status: .continue))
      try await context.channel.writeAndFlush(go)
    }
    do { return try await collect(request.body, form, length, held) } catch is BodyTimeout {
      var problem = NodeProblem(.requestTimeout, "timeout", "the body took longer than \(timeout)")
      problem.closesConnection = true
      throw problem
    }
  }

  private static func collect(
    _ body: RequestBody, _ form: Form, _ length: Int?, _ held: Visitors.Share
  ) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(max(length ?? 0, 0), form.limit))
    var count = 0
    for try await chunk in body {
      count += chunk.readableBytes
      if count <= form.limit {
        if form == .sequence { try take(chunk.readableBytes, held) }
        bytes.append(contentsOf: chunk.readableBytesView)
      } else if count > form.drained {
        var problem = form.tooLarge
        problem.closesConnection = true
        throw problem
      }
    }
    guard count <= form.limit else { throw form.tooLarge }
    guard count > 0 else {
      throw NodeProblem(
        .badRequest, "malformed", "the body is empty; it must be one entry, or more in a sequence")
    }
    return bytes
  }

  private static func take(_ count: Int, _ held: Visitors.Share) throws {
    var problem: NodeProblem
    switch held.add(count) {
    case .given: return
    case .full:
      problem = NodeProblem(
        .serviceUnavailable, "busy", "too many sequences are under way; send it again in a moment",
        headers: [.retryAfter: "1"])
    case .tooMuchForOne:
      problem = NodeProblem(
        .tooManyRequests, "too-many-requests",
        "too many sequences from your address are under way; send it again when some are answered",
        headers: [.retryAfter: "1"])
    }
    problem.closesConnection = true
    throw problem
  }
}
