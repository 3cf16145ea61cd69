import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import LedgerCrypto
import NIOCore

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
    /// The same: members alone may see it, and no cache shared with others may hold it.
    case members = "private, no-store"
  }

  enum Body: Sendable {
    case bytes([UInt8])
    /// Pieces that are made when those before them were taken, so that who takes none costs no memory: `next` gives the piece of
    /// that number, and nil behind the last. `count` bytes in all, where that is known.
    case pieces(count: Int?, next: @Sendable (Int) throws -> [UInt8]?)
    /// What is written as it comes, for as long as somebody listens.
    case stream(@Sendable (inout any ResponseBodyWriter) async throws -> Void)
  }

  var status: HTTPResponse.Status = .ok
  let contentType: String
  var caching: Caching
  var headers: HTTPFields = [:]
  var body: Body

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
    // RFC 9110 §15.4.5: 304 says nothing of the content.
    if status != .notModified { headers[.contentType] = contentType }
    headers[.cacheControl] = caching.rawValue
    // What members write is served as it is: no browser shall take it for something else.
    headers[.xContentTypeOptions] = "nosniff"
    headers[.referrerPolicy] = "no-referrer"
    headers[.crossOriginResourcePolicy] = "same-origin"
    if headers[.contentSecurityPolicy] == nil {
      headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
    }
    return headers
  }

  /// The answer with its entity tag, or 304 without content where the request names that tag (RFC 9110 §13.1.2).
  ///
  /// - Parameter ledger: whose entries what is made of pieces is.
  func conditional(_ request: Request, ledger: Digest) -> Answer {
    guard status == .ok, caching != .forbidden, let tag = tag(request, ledger) else { return self }
    var answer = self
    answer.headers[.eTag] = tag
    guard let known = request.headers[.ifNoneMatch] else { return answer }
    let names = known.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
    guard names.contains("*") || names.contains(where: { $0 == tag || $0 == "W/" + tag }) else {
      return answer
    }
    answer.status = .notModified
    // RFC 9110 §8.6: with the length that the content would have.
    switch body {
    case .bytes(let bytes): answer.body = .pieces(count: bytes.count) { _ in nil }
    case .pieces(let count, _): answer.body = .pieces(count: count) { _ in nil }
    case .stream: break
    }
    return answer
  }

  /// What names this content: its hash, or its address where it is never another.
  private func tag(_ request: Request, _ ledger: Digest) -> String? {
    let hash: Digest
    switch body {
    case .bytes(let bytes): hash = SHA256.digest(of: bytes)
    case .pieces where caching == .immutable:
      hash = SHA256.digest(of: ledger.bytes + Array(request.uri.description.utf8))
    case .pieces, .stream: return nil
    }
    return "\"\(hash.hex.prefix(32))\""
  }

  func response(from request: Request, context: some RequestContext) -> Response {
    response(isHead: request.method == .head, on: (context as? NodeContext)?.channel.eventLoop)
  }

  /// The response; with `isHead` without its body, but with the header fields that it would have.
  func response(isHead: Bool, on eventLoop: (any EventLoop)? = nil) -> Response {
    let response = Response(status: status, headers: allHeaders, body: responseBody(on: eventLoop))
    return isHead ? response.createHeadResponse() : response
  }

  private func responseBody(on eventLoop: (any EventLoop)?) -> ResponseBody {
    switch body {
    case .bytes(let bytes): ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
    case .stream(let write): ResponseBody(contentLength: nil, write)
    case .pieces(let count, let next):
      ResponseBody(contentLength: count) { writer in
        var number = 0
        // Waits while the connection takes no more.
        while let piece = try await Disk.run({ [number] in try next(number) }) {
          try await writer.write(ByteBuffer(bytes: piece))
          number += 1
          // Whether it takes more is known once its thread has taken this: where that is late, all would be waiting in memory.
          try await eventLoop?.submit {}.get()
        }
        try await writer.finish(nil)
      }
    }
  }
}

extension HTTPField.Name {
  fileprivate static let referrerPolicy = Self("Referrer-Policy")!
  fileprivate static let crossOriginResourcePolicy = Self("Cross-Origin-Resource-Policy")!
}
