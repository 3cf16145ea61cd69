import Hummingbird
import Ledger
import Statements

/// Reads the one entry that the body of a request is.
enum RequestEntry {
  /// The most bytes of a body that are read for the sake of answering in peace; then the connection is closed.
  private static let drained = 1 << 20

  /// The body of `request`.
  ///
  /// - Throws: `unsupported-media-type`, `too-large`, `timeout`, `malformed` where there is none.
  static func read(_ request: Request, timeout: Duration) async throws -> [UInt8] {
    try checkType(request.headers[.contentType])
    let body = request.body
    return try await withThrowingTaskGroup(of: [UInt8].self) { group in
      group.addTask { try await collect(body) }
      group.addTask {
        try await Task.sleep(for: timeout)
        var problem = NodeProblem(.requestTimeout, "timeout", "the body took longer than \(timeout)")
        problem.closesConnection = true
        throw problem
      }
      defer { group.cancelAll() }
      return try await group.next() ?? []
    }
  }

  private static func checkType(_ header: String?) throws {
    guard let header else { return }
    let parts = header.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
    let types = ["application/cose", "application/octet-stream"]
    let isOther = parts.dropFirst().contains {
      $0.hasPrefix("cose-type=") && !["cose-type=\"cose-sign1\"", "cose-type=cose-sign1"].contains($0)
    }
    guard let type = parts.first, types.contains(type), !isOther else {
      throw NodeProblem(
        .unsupportedMediaType, "unsupported-media-type",
        "the body is one entry, `application/cose; cose-type=\"cose-sign1\"`, not \(header)",
        headers: [.accept: "application/cose"])
    }
  }

  private static func collect(_ body: RequestBody) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    var count = 0
    for try await chunk in body {
      count += chunk.readableBytes
      if count <= EntryView.maximumEntryByteCount {
        bytes.append(contentsOf: chunk.readableBytesView)
      } else if count > drained {
        var problem = tooLarge
        problem.closesConnection = true
        throw problem
      }
    }
    guard count <= EntryView.maximumEntryByteCount else { throw tooLarge }
    guard count > 0 else {
      throw NodeProblem(.badRequest, "malformed", "the body is empty; it must be one entry")
    }
    return bytes
  }

  private static let tooLarge = NodeProblem(
    .contentTooLarge, "too-large",
    "an entry has at most \(EntryView.maximumEntryByteCount) bytes: deposit the file's digest instead of the file"
  )
}
