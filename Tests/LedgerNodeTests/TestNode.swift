import Foundation
import LedgerClient
import LedgerStore
import Logging
import Synchronization
import TestKit
import Testing

@testable import LedgerNode

/// A node on a free port.
final class TestNode: Sendable {
  let ledger: TestLedger
  let url: String
  let port: Int
  private let node: Node
  private let running: Task<Void, any Error>

  private init(_ ledger: TestLedger, _ address: NodeAddress, _ node: Node, _ running: Task<Void, any Error>) {
    (self.ledger, url, port, self.node, self.running) = (ledger, address.url, address.port, node, running)
  }

  /// What a node does that nobody hurries: other tests may keep the machine busy for long.
  static var patient: NodeSettings {
    var settings = NodeSettings()
    settings.bodyTimeout = .seconds(600)
    settings.idleTimeout = .seconds(600)
    settings.headTimeout = .seconds(600)
    settings.writeTimeout = .seconds(600)
    settings.stopTimeout = .seconds(600)
    return settings
  }

  static func start(
    _ ledger: TestLedger, _ settings: NodeSettings = patient, port: Int = 0, logger: Logger? = nil,
    readers: NodeSettings.Readers = .public
  )
    async throws -> TestNode
  {
    var settings = settings
    settings.readers = readers
    (settings.port, settings.handlesSignals, settings.version) = (port, false, "test")
    settings.writer.keepsLastSigned = false
    let logger = logger ?? Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let (addresses, said) = AsyncStream<NodeAddress>.makeStream()
    let node = try Node(ledger.folder, settings, logger: logger) { said.yield($0) }
    let running = Task {
      defer { said.finish() }
      try await node.run()
    }
    guard let address = await addresses.first(where: { _ in true }) else {
      try await running.value
      throw CancellationError()
    }
    return TestNode(ledger, address, node, running)
  }

  /// Waits until no audit is under way.
  func audited() async { await node.audits.ended() }

  /// Begins to stop.
  func beginToStop() async { await node.stop() }

  /// Waits until it has stopped.
  func stopped() async throws { try await running.value }

  /// Stops it and waits.
  func stop() async throws {
    await node.stop()
    try await running.value
  }

  /// Runs `body` on a thread of its own, with a connection.
  func connected<Result: Sendable>(_ body: @escaping @Sendable (Wire) throws -> Result) async throws -> Result
  {
    let port = port
    return try await OwnThread.run { try body(Wire(port: port)) }
  }
}

extension TestNode {
  /// Expects that each of `paths` is answered with a problem of this status and code, and `HEAD` without its body.
  func expectProblem(_ status: Int, _ code: String, at paths: [String]) async throws {
    for path in paths {
      let answer = try await connected { try $0.request("GET", path) }
      let name = "\(path.prefix(100)): \(answer.status) \(answer.text.prefix(200))"
      #expect(answer.status == status && answer["content-type"] == "application/problem+json", "\(name)")
      #expect(try answer.json(ProblemDetails.self).code == code, "\(name)")
      let head = try await connected { try $0.request("HEAD", path) }
      #expect(head.status == status && head["content-length"] == "\(answer.body.count)", "\(name)")
    }
  }
}

/// Serves `ledger` while `body` runs.
func withNode(
  _ ledger: TestLedger, _ settings: NodeSettings = TestNode.patient, _ logger: Logger? = nil,
  readers: NodeSettings.Readers = .public, _ body: (TestNode) async throws -> Void
) async throws {
  let node = try await TestNode.start(ledger, settings, logger: logger, readers: readers)
  do { try await body(node) } catch {
    try await node.stop()
    throw error
  }
  try await node.stop()
}

extension NodeClient {
  /// A client that no busy machine makes give up: its task may wait for longer than any patience behind those of other tests.
  static func patient(_ url: String) throws -> NodeClient {
    var client = try NodeClient(url)
    client.patience = .seconds(3600)
    return client
  }
}
