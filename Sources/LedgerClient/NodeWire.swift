import Foundation
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Sends requests and takes bounded answers. Redirects are not followed: a body would be lost on the way, and the answer would be
/// another host's.
final class NodeWire: Sendable {
  /// The most bytes of an answer; the longest that a node gives is a roster, or the verdicts on one request.
  static let answerLimit = 16 << 20

  private let session: URLSession
  private let exchanges = Exchanges()

  init() {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpMaximumConnectionsPerHost = 64
    configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
    configuration.httpCookieStorage = nil
    // Whoever asks bounds the time.
    configuration.timeoutIntervalForRequest = 86_400
    session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
  }

  deinit { session.invalidateAndCancel() }

  /// The answer to `request`; waits for it until the task is cancelled.
  ///
  /// - Parameter wayOut: what to do where nobody answers.
  /// - Throws: `NodeClientError`: `unreachable`, `not-a-node` for a redirect or for what is not HTTP, `untrue` for an answer without
  ///   an end; `CancellationError`.
  func answer(to request: URLRequest, wayOut: String) async throws -> (Data, HTTPURLResponse) {
    let task = session.dataTask(with: request)
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        exchanges.begin(task, continuation, wayOut)
        if Task.isCancelled { exchanges.end(task, CancellationError()) } else { task.resume() }
      }
    } onCancel: {
      exchanges.end(task, CancellationError())
    }
  }

  /// What is under way, by the numbers of the session's tasks.
  private final class Exchanges: NSObject, URLSessionDataDelegate, Sendable {
    typealias Continuation = CheckedContinuation<(Data, HTTPURLResponse), any Error>

    private struct Exchange {
      let continuation: Continuation
      let wayOut: String
      var data = Data()
    }

    private let underWay = Mutex<[Int: Exchange]>([:])

    func begin(_ task: URLSessionTask, _ continuation: Continuation, _ wayOut: String) {
      let exchange = Exchange(continuation: continuation, wayOut: wayOut)
      underWay.withLock { $0[task.taskIdentifier] = exchange }
    }

    /// Ends an exchange before its answer is whole.
    func end(_ task: URLSessionTask, _ error: any Error) {
      guard let exchange = underWay.withLock({ $0.removeValue(forKey: task.taskIdentifier) }) else { return }
      task.cancel()
      exchange.continuation.resume(throwing: error)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
      let isTooLong = underWay.withLock { underWay in
        underWay[dataTask.taskIdentifier]?.data.append(data)
        return (underWay[dataTask.taskIdentifier]?.data.count ?? 0) > NodeWire.answerLimit
      }
      guard isTooLong else { return }
      let url = dataTask.originalRequest?.url?.absoluteString ?? ""
      end(
        dataTask,
        NodeClientError(
          .untrue,
          "\(url) answered with more than \(NodeWire.answerLimit >> 20) MiB, which no node does; is that the URL of a node?"
        ))
    }

    func urlSession(
      _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
      newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
      completionHandler(nil)
      end(task, NodeClientError.redirected(task.originalRequest?.url, to: request.url?.absoluteString ?? ""))
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
      guard let exchange = underWay.withLock({ $0.removeValue(forKey: task.taskIdentifier) }) else { return }
      exchange.continuation.resume(
        with: Result {
          if let error {
            throw NodeClientError(error, at: task.originalRequest?.url, wayOut: exchange.wayOut)
          }
          guard let response = task.response as? HTTPURLResponse else {
            let url = task.originalRequest?.url?.absoluteString ?? ""
            throw NodeClientError(.notANode, "what answers at \(url) does not speak HTTP; correct the URL")
          }
          if (300..<400).contains(response.statusCode),
            let place = response.value(forHTTPHeaderField: "Location")
          {
            throw NodeClientError.redirected(task.originalRequest?.url, to: place)
          }
          return (exchange.data, response)
        })
    }
  }
}

extension NodeClientError {
  fileprivate static func redirected(_ url: URL?, to other: String) -> NodeClientError {
    NodeClientError(
      .redirected,
      "\(url?.absoluteString ?? "") redirects to \(other), and redirects are not followed; if that is the node, give its URL"
    )
  }

  /// Why a connection did not come about, or ended, in words.
  fileprivate init(_ error: any Error, at url: URL?, wayOut: String) {
    let host = url?.host ?? ""
    let reason =
      switch (error as? URLError)?.code {
      case .cannotFindHost, .dnsLookupFailed: "no host is called \(host)"
      case .cannotConnectToHost: "the connection was refused"
      case .networkConnectionLost: "the connection was lost"
      case .notConnectedToInternet: "there is no network"
      case .timedOut: "the host does not answer"
      case .secureConnectionFailed: "TLS could not be agreed on"
      case .serverCertificateUntrusted, .serverCertificateHasUnknownRoot, .serverCertificateHasBadDate,
        .serverCertificateNotYetValid:
        "its certificate is not trusted"
      case .badServerResponse, .cannotParseResponse: "the answer is not HTTP"
      case .some where url?.scheme == "https": "TLS could not be agreed on, or the connection was closed"
      case .some(let code): "the connection failed or was closed without an answer, code \(code.rawValue)"
      case nil: "\(error)"
      }
    var place = url?.absoluteString ?? ""
    if let path = url?.path, place.hasSuffix(path) { place.removeLast(path.count) }
    self.init(
      .unreachable,
      "no node answers at \(place): \(reason); \(wayOut)")
  }
}
