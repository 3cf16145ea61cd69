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

  enum Body: Sendable {
    case bytes([UInt8])
    /// Pieces that are made when those before them were taken, so that who takes none costs no memory: `next` gives the piece of
    /// that number, and nil behind the last. `count` bytes in all, where that is known.
    case pieces(count: Int?, next: @Sendable (Int) throws -> [UInt8]?)
  }

  var status: HTTPResponse.Status = .ok
  let contentType: String
  let caching: Caching
  var headers: HTTPFields = [:]
  let body: Body

  init(
    _ status: HTTPResponse.Status, _ contentType: String, _ caching: Caching, _ body: Body,
    headers: HTTPFields = [:]
  ) {
    (self.status, self.contentType, self.caching, self.body, self.headers) = (
      status, contentType, caching, body, headers
    )
  }

  init(
    _ status: HTTPResponse.Status, _ contentType: String, _ caching: Caching, _ body: [UInt8],
    headers: HTTPFields = [:]
  ) {
    self.init(status, contentType, caching, .bytes(body), headers: headers)
  }

  /// What writes JSON.
  static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }

  /// `value` as JSON.
  init(
    _ status: HTTPResponse.Status, json value: some Encodable, _ caching: Caching,
    contentType: String = "application/json", headers: HTTPFields = [:]
  ) throws {
    self.init(status, contentType, caching, Array(try Answer.encoder.encode(value)), headers: headers)
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
    let response = Response(status: status, headers: allHeaders, body: responseBody)
    return isHead ? response.createHeadResponse() : response
  }

  private var responseBody: ResponseBody {
    switch body {
    case .bytes(let bytes): ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
    case .pieces(let count, let next):
      ResponseBody(contentLength: count) { writer in
        var number = 0
        // Waits while the connection takes no more.
        while let piece = try await Disk.run({ [number] in try next(number) }) {
          try await writer.write(ByteBuffer(bytes: piece))
          number += 1
        }
        try await writer.finish(nil)
      }
    }
  }
}
