import NIOCore
import NIOHTTP1

/// Asks the nodes of a ledger's other validators: each answer is bounded in time and bytes, and whoever asks asks again.
package struct ValidatorClient: Sendable {
  private let wire: NodeWire

  /// How long a connection may take to come about, in s.
  private static let connectPatience: Int64 = 5

  /// - Parameter tls: whom a node of https is judged by.
  /// - Throws: `credentials` where a file of `tls` is not what it should be.
  package init(tls: NodeTLS) throws(NodeClientError) {
    wire = NodeWire(try tls.configuration, connecting: .seconds(ValidatorClient.connectPatience))
  }

  /// What the node at `base` has at `path`; nil where it has nothing there.
  ///
  /// - Parameters:
  ///   - authorization: the value of the field of that name.
  ///   - seconds: how long the whole answer may take.
  /// - Throws: `NodeClientError`; `CancellationError`.
  package func get(
    _ base: String, _ path: String, authorization: String, within seconds: Int64
  ) async throws -> [UInt8]? {
    let answer = try await send(.GET, base, path, authorization, nil, seconds)
    if answer.status == 404 { return nil }
    try require(answer, base, path)
    return answer.bytes
  }

  /// Hands `body` to the node at `base`.
  ///
  /// - Throws: as `get`.
  package func post(
    _ base: String, _ path: String, _ body: (type: String, bytes: [UInt8]), authorization: String,
    within seconds: Int64
  ) async throws {
    try require(await send(.POST, base, path, authorization, body, seconds), base, path)
  }

  private func send(
    _ method: HTTPMethod, _ base: String, _ path: String, _ authorization: String,
    _ body: (type: String, bytes: [UInt8])?, _ seconds: Int64
  ) async throws -> NodeAnswer {
    var headers = HTTPHeaders([("Authorization", authorization)])
    if let body { headers.add(name: "Content-Type", value: body.type) }
    return try await wire.answer(
      method, base, path, headers, body?.bytes, wayOut: "it is asked again",
      authorityWayOut: "trust its authority in the settings for the other validators",
      deadline: .now() + .seconds(seconds))
  }

  private func require(_ answer: NodeAnswer, _ base: String, _ path: String) throws(NodeClientError) {
    guard (200..<300).contains(answer.status) else {
      throw NodeClientError(
        [401, 403].contains(answer.status) ? .noAccess : .failed,
        "\(base)\(path) answered with status \(answer.status)\(answer.detail)")
    }
  }
}
