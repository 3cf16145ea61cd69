import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// An answer of a node, whole.
struct NodeAnswer: Sendable {
  let status: Int
  let headers: HTTPHeaders
  let bytes: [UInt8]

  /// Whether it leaves open what became of what was sent.
  var isOpen: Bool { [408, 429].contains(status) || status == 503 && headers.contains(name: "Retry-After") }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The JSON value that it is.
  func decoded<Value: Decodable>() throws -> Value { try JSONDecoder().decode(Value.self, from: Data(bytes)) }

  /// What it says went wrong, where it says so as a node does.
  var problem: ProblemDetails? { do { return try decoded() } catch { return nil } }

  /// What it says went wrong, to follow a status.
  var detail: String { problem.map { ": \($0.detail.prefix(1000))" } ?? "" }
}

/// Sends requests and takes bounded answers. Redirects are not followed: a body would be lost on the way, and the answer would be
/// another host's.
final class NodeWire: Sendable {
  /// The most bytes of an answer; the longest that a node gives is a bundle of 256 entries, each with its length before it.
  static let answerLimit = 256 * (2 + 65_535)

  private let client: HTTPClient

  /// - Parameters:
  ///   - tls: what is used where the URL is one of https; the system's authorities where it is nil.
  ///   - patience: how long a connection may take to come about. Whoever asks bounds the time of the whole.
  init(_ tls: TLSConfiguration, connecting patience: TimeAmount = .hours(24)) {
    var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
    configuration.httpVersion = .http1Only
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
    // Whoever asks asks again.
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.timeout = .init(connect: patience)
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  deinit {
    let client = client
    client.shutdown { _ in withExtendedLifetime(client) {} }
  }

  /// The answer to a request of `path` at the node `base`; waits for it until the task is cancelled.
  ///
  /// - Parameters:
  ///   - wayOut: what to do where nobody answers.
  ///   - authorityWayOut: what to do where nobody known vouches for the node's certificate.
  ///   - deadline: when to give up.
  /// - Throws: `NodeClientError`: `unreachable`, `untrusted-certificate`, `redirected`, `untrue` for an answer without an end; `CancellationError`.
  func answer(
    _ method: HTTPMethod, _ base: String, _ path: String, _ headers: HTTPHeaders, _ body: [UInt8]?,
    wayOut: String, authorityWayOut: String, deadline: NIODeadline = .distantFuture
  ) async throws -> NodeAnswer {
    let url = base + path
    var request = HTTPClientRequest(url: url)
    (request.method, request.headers) = (method, headers)
    if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
    do {
      let response: HTTPClientResponse
      do { response = try await client.execute(request, deadline: deadline) } catch let error
        where body == nil && error.isLost
      {
        // A connection that was kept open, and that the node had given up.
        response = try await client.execute(request, deadline: deadline)
      }
      let status = Int(response.status.code)
      if (300..<400).contains(status), let place = response.headers.first(name: "Location") {
        throw NodeClientError(
          .redirected,
          "\(url) redirects to \(place), and redirects are not followed; if that is the node, give its URL")
      }
      let bytes = try await response.body.collect(upTo: NodeWire.answerLimit)
      return NodeAnswer(status: status, headers: response.headers, bytes: Array(bytes.readableBytesView))
    } catch {
      if Task.isCancelled { throw CancellationError() }
      switch error {
      case let error as NodeClientError: throw error
      case is NIOTooManyBytesError:
        throw NodeClientError(
          .untrue,
          "\(url) answered with more than 16 MiB, which no node does; is that the URL of a node?"
        )
      default:
        throw NodeClientError(connecting: error, to: base, wayOut: wayOut, authorityWayOut: authorityWayOut)
      }
    }
  }
}

extension Error {
  /// Whether a connection ended before the answer began.
  fileprivate var isLost: Bool {
    if let error = self as? IOError { return [ECONNRESET, EPIPE].contains(error.errnoCode) }
    if let error = self as? ChannelError { return error == .ioOnClosedChannel || error == .eof }
    return (self as? HTTPClientError) == .remoteConnectionClosed
  }
}

extension NodeClientError {
  /// Why a connection did not come about, or ended, in words.
  fileprivate init(connecting error: any Error, to url: String, wayOut: String, authorityWayOut: String) {
    let cause = ((error as? NIOConnectionError)?.connectionErrors.first?.error) ?? error
    if cause is NIOSSLExtraError {
      self.init(
        .untrustedCertificate,
        "\(url): its certificate is another host's; correct the URL, or have a certificate made for this name"
      )
      return
    }
    if "\(cause)".contains("CERTIFICATE_VERIFY_FAILED") {
      self.init(.untrustedCertificate, "\(url): its certificate is not trusted; \(authorityWayOut)")
      return
    }
    let reason = NodeClientError.reason(error, host: URL(string: url)?.host ?? "")
    self.init(.unreachable, "no node answers at \(url): \(reason); \(wayOut)")
  }

  private static func reason(_ error: any Error, host: String) -> String {
    switch error {
    case let error as NIOConnectionError:
      error.connectionErrors.first.map { reason($0.error, host: host) } ?? "no host is called \(host)"
    case is SocketAddressError, is SocketAddressError.UnknownHost: "no host is called \(host)"
    case let error as IOError:
      switch error.errnoCode {
      case ECONNREFUSED: "the connection was refused"
      case ECONNRESET, EPIPE, ECONNABORTED: "the connection was lost"
      case ENETUNREACH, ENETDOWN: "there is no network"
      case ETIMEDOUT, EHOSTUNREACH: "the host does not answer"
      default: "\(error)"
      }
    case is ChannelError: "the connection was lost"
    case is HTTPParserError: "the answer is not HTTP"
    case is NIOSSLError, is BoringSSLError:
      "\(error)".contains("CERTIFICATE_REQUIRED")
        ? "it asks for a client's certificate" : "TLS could not be agreed on"
    case let error as HTTPClientError:
      switch error {
      case .remoteConnectionClosed: "the connection was lost"
      case .connectTimeout: "the host does not answer"
      default: "the connection failed: \(error.shortDescription)"
      }
    default: "\(error)"
    }
  }
}
