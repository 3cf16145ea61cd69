import Foundation
import Hummingbird

/// What a route gives: made without the server, so that all headers are made in one place.
struct Answer: ResponseGenerator {
  /// How long it may be kept by others.
  enum Caching: String, Sendable {
    /// What has this address never changes.
    case immutable = "public, max-age=31536000, immutable"
    /// It must be asked for again each time.
    case none = "no-cache"
    /// It must not be kept at all: it may not be true any more in a moment.
    case forbidden = "no-store"
  }

  var status: HTTPResponse.Status = .ok
  let contentType: String
  let caching: Caching
  var headers: HTTPFields = [:]
  let body: [UInt8]

  init(
    _ status: HTTPResponse.Status, _ contentType: String, _ caching: Caching, _ body: [UInt8],
    headers: HTTPFields = [:]
  ) {
    (self.status, self.contentType, self.caching, self.body, self.headers) = (
      status, contentType, caching, body, headers
    )
  }

  /// `value` as JSON.
  init(
    _ status: HTTPResponse.Status, json value: some Encodable, _ caching: Caching,
    contentType: String = "application/json", headers: HTTPFields = [:]
  ) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    self.init(status, contentType, caching, Array(try encoder.encode(value)), headers: headers)
  }

  /// A text, such as a checkpoint.
  static func text(_ bytes: [UInt8], _ caching: Caching, status: HTTPResponse.Status = .ok) -> Answer {
    Answer(status, "text/plain; charset=utf-8", caching, bytes)
  }

  /// The header fields, with those that each answer has.
  var allHeaders: HTTPFields {
    var headers = headers
    headers[.contentType] = contentType
    headers[.cacheControl] = caching.rawValue
    // What members write is served as it is: no browser shall take it for something else.
    headers[.xContentTypeOptions] = "nosniff"
    return headers
  }

  func response(from request: Request, context: some RequestContext) -> Response {
    response(isHead: request.method == .head)
  }

  /// The response; with `isHead` without its body, but with the header fields that it would have.
  func response(isHead: Bool) -> Response {
    let response = Response(
      status: status, headers: allHeaders, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    return isHead ? response.createHeadResponse() : response
  }
}
