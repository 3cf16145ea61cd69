import Hummingbird
import NIOCore

/// What a form of a page sends: `application/x-www-form-urlencoded` (WHATWG URL §5.1), each name once.
struct FormBody: Sendable {
  /// The most bytes of a statement's form: an entry has no more.
  static let mostBytes = 64 << 10

  private var fields: [String: String] = [:]

  init() {}

  /// The fields, as `text` has them.
  ///
  /// - Throws: `malformed`.
  init(_ text: String) throws(NodeProblem) {
    for part in text.split(separator: "&") {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let parts = pair.map { PercentEncoding.decode($0.replacing("+", with: " ")) }
      guard parts.count == 2, let name = parts[0], let value = parts[1], fields[name] == nil else {
        throw NodeProblem(.badRequest, "malformed", "the form is not of names and values, each name once")
      }
      fields[name] = value.replacing("\r\n", with: "\n")
    }
  }

  subscript(_ name: String) -> String? { fields[name] }

  var count: Int { fields.count }

  /// Every field by its name.
  var all: [String: String] { fields }

  /// The form that `request` sends.
  ///
  /// - Throws: `unsupported-media-type`, `too-large` beyond `most` bytes, `timeout`, `malformed`.
  static func read(_ request: Request, most: Int) async throws -> FormBody {
    guard request.headers[.contentType]?.split(separator: ";").first == "application/x-www-form-urlencoded"
    else {
      throw NodeProblem(
        .unsupportedMediaType, "unsupported-media-type", "the form is application/x-www-form-urlencoded")
    }
    do {
      return try FormBody(String(buffer: try await request.body.collect(upTo: most)))
    } catch is NIOTooManyBytesError {
      throw NodeProblem(.contentTooLarge, "too-large", "the form takes at most \(most) bytes")
    } catch is BodyTimeout {
      var problem = NodeProblem(.requestTimeout, "timeout", "the body took too long")
      problem.closesConnection = true
      throw problem
    }
  }
}
