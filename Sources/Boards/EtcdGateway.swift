import AsyncHTTPClient
import Foundation
import LedgerClient
import NIOCore
import NIOHTTP1

/// Why a board could not do what was asked; equal by its code.
public struct BoardError: Error, Hashable, CustomStringConvertible {
  /// What is wrong, as a stable name.
  public enum Code: String, Sendable, CaseIterable {
    /// None of the members answers.
    case unreachable
    /// A member answers that it will not: the user's rights, or a store that is full.
    case refused
    /// An answer that is not etcd's.
    case malformed
    /// Another process runs with this validator's keys.
    case taken
  }

  /// What is wrong.
  public let code: Code
  /// A sentence for a person.
  public let description: String

  init(_ code: Code, _ description: String) { (self.code, self.description) = (code, description) }

  /// Equal by code.
  public static func == (left: BoardError, right: BoardError) -> Bool { left.code == right.code }

  /// Hashes the code.
  public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

/// Calls etcd's v3 JSON gateway (etcd 3.4 and later), at any of its members.
actor EtcdGateway {
  /// What an answer to a call is at most, in bytes: a page of messages.
  static let answerLimit = 32 << 20

  private let endpoints: [String]
  private let user: EtcdUser?
  private let client: HTTPClient
  private let patience: TimeAmount
  /// The member that answered last.
  private var current = 0
  private var token: String?
  /// The greatest revision that any answer had.
  private var revision: Int64 = 0
  /// What ends where the store's revision falls.
  private var watch: Task<Void, Never>?

  init(_ endpoints: [String], user: EtcdUser?, tls: NodeTLS, patience: TimeAmount) throws {
    precondition(!endpoints.isEmpty, "a board has a member at least")
    (self.endpoints, self.user, self.patience) = (endpoints, user, patience)
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: try tls.configuration, redirectConfiguration: .disallow)
    configuration.httpVersion = .http1Only
    configuration.timeout = .init(connect: patience)
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  deinit {
    let client = client
    client.shutdown { _ in withExtendedLifetime(client) {} }
  }

  /// The answer to a call.
  ///
  /// - Throws: `BoardError`; `CancellationError`.
  func call<Answer: EtcdAnswer>(_ path: String, _ body: some Encodable & Sendable) async throws -> Answer {
    let known = revision
    let response = try await open(path, body, isStream: false)
    let bytes = try await collect(response.body)
    let answer: Answer = try decode(bytes)
    if let number = answer.header?.revision.flatMap(Int64.init) {
      // Whatever was asked after an answer shows what that showed, or it is another store, or an older state of it.
      if number < known {
        watch?.cancel()
        revision = number
      } else {
        revision = max(revision, number)
      }
    }
    return answer
  }

  /// The lines of a stream, until it ends.
  func stream<Line: EtcdAnswer>(
    _ path: String, _ body: some Encodable & Sendable, of: Line.Type,
    _ take: @Sendable (Line) async throws -> Bool
  ) async throws {
    let response = try await open(path, body, isStream: true)
    var rest: [UInt8] = []
    for try await part in response.body {
      rest += part.readableBytesView
      guard rest.count <= EtcdGateway.answerLimit else {
        throw BoardError(.malformed, "\(path): a line of more than \(EtcdGateway.answerLimit) bytes")
      }
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let line: EtcdStreamed<Line> = try decode(Array(rest[..<end]))
        rest.removeFirst(end + 1)
        if let error = line.error { throw BoardError(.refused, "\(path): \(error.message ?? "no reason")") }
        guard let result = line.result else { throw BoardError(.malformed, "\(path): a line without result") }
        guard try await take(result) else { return }
      }
    }
  }

  /// An answer that has begun, from the member that answered last or from any other.
  private func open(
    _ path: String, _ body: some Encodable & Sendable, isStream: Bool
  ) async throws -> HTTPClientResponse {
    let bytes = ByteBuffer(bytes: try JSONEncoder().encode(body))
    var reason = ""
    for attempt in 0..<endpoints.count {
      let place = (current + attempt) % endpoints.count
      do {
        var response = try await send(endpoints[place] + path, bytes, isStream)
        // A token that has run out, or none yet.
        if user != nil, [400, 401].contains(response.status.code), path != EtcdUser.path {
          _ = try await collect(response.body)
          token = try await logIn(endpoints[place])
          response = try await send(endpoints[place] + path, bytes, isStream)
        }
        let status = response.status.code
        if status == 200 {
          current = place
          return response
        }
        let answer = try await collect(response.body)
        let message = (try? JSONDecoder().decode(EtcdFailure.self, from: Data(answer)))?.message
        reason = "\(endpoints[place]) answers \(status): \(message ?? "no reason")"
        // What one member refuses for its own state another may do.
        guard status >= 500 else { throw BoardError(.refused, reason) }
      } catch let error as BoardError {
        throw error
      } catch {
        if Task.isCancelled { throw CancellationError() }
        reason = "\(endpoints[place]): \(error)"
      }
    }
    throw BoardError(.unreachable, "no member of the board answers; \(reason)")
  }

  private func send(_ url: String, _ body: ByteBuffer, _ isStream: Bool) async throws -> HTTPClientResponse {
    var request = HTTPClientRequest(url: url)
    request.method = .POST
    request.headers.add(name: "Content-Type", value: "application/json")
    if let token { request.headers.add(name: "Authorization", value: token) }
    request.body = .bytes(body)
    return try await client.execute(request, deadline: isStream ? .distantFuture : .now() + patience)
  }

  private func logIn(_ endpoint: String) async throws -> String? {
    guard let user else { return nil }
    token = nil
    let body = ByteBuffer(bytes: try JSONEncoder().encode(user))
    let response = try await send(endpoint + EtcdUser.path, body, false)
    let bytes = try await collect(response.body)
    guard response.status.code == 200 else {
      throw BoardError(.refused, "\(endpoint) does not let the user \(user.name) in")
    }
    let answer: EtcdToken = try decode(bytes)
    return answer.token
  }

  private func collect(_ body: HTTPClientResponse.Body) async throws -> [UInt8] {
    do {
      return Array(try await body.collect(upTo: EtcdGateway.answerLimit).readableBytesView)
    } catch is NIOTooManyBytesError {
      throw BoardError(.malformed, "an answer of more than \(EtcdGateway.answerLimit) bytes")
    }
  }

  private func decode<Value: Decodable>(_ bytes: [UInt8]) throws -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(bytes))
    } catch {
      throw BoardError(.malformed, "an answer that is not etcd's: \(error)")
    }
  }

  /// Has `watch`, the newest, cancelled where the store's revision falls: a snapshot was restored.
  func cancelWhereItFalls(_ watch: Task<Void, Never>) { self.watch = watch }
}
