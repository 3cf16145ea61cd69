import LedgerNode
import LedgerIndex
import LedgerStore
import Logging
import Scenarios

/// A node in this process, on a free port of its own, that serves a sandbox's ledger.
final class LocalNode {
  let url: String
  private let node: Node
  private let running: Task<Void, any Error>

  /// - Parameters:
  ///   - ledger: the directory's name.
  ///   - state: where the node keeps what it signed last, where that is not the sandbox's own folder.
  init(
    _ box: Sandbox, _ ledger: String = "ledger", state: String? = nil,
    readers: NodeSettings.Readers = .public
  ) async throws {
    var settings = NodeSettings()
    settings.readers = readers
    (settings.port, settings.handlesSignals) = (0, false)
    settings.writer.stateFolder = state.map { "\(box.path)/\($0)" } ?? box.stateFolder
    // A copy of a ledger is signed by a machine that did not sign it before.
    settings.writer.adoptsHead = state != nil
    // Other tests may keep the machine busy for long.
    (settings.bodyTimeout, settings.idleTimeout) = (.seconds(600), .seconds(600))
    let folder = LedgerFolder("\(box.path)/\(ledger)", rules: Scenarios.rules)
    let (addresses, heard) = AsyncStream<NodeAddress>.makeStream()
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let node = try Node(folder, settings, logger: logger) { heard.yield($0) }
    let running = Task {
      defer { heard.finish() }
      try await node.run()
    }
    var iterator = addresses.makeAsyncIterator()
    guard let address = await iterator.next() else {
      try await running.value
      throw CancellationError()
    }
    (self.node, self.running, url) = (node, running, address.url)
  }

  deinit { running.cancel() }

  /// Stops it, and waits until it has stopped.
  func stop() async throws {
    await node.stop()
    try await running.value
  }
}
