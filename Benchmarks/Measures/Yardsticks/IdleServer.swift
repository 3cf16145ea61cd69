import Hummingbird
import Logging
import ServiceLifecycle
import Workflows

/// A server of the library that a node uses, as the library makes it, that reads what is posted and does nothing with it.
struct IdleServer {
  private let group: ServiceGroup
  let serving: Serving

  /// Begins to serve, on a free port of this machine.
  init(_ logger: Logger) {
    let router = Router()
    router.post("entries") { request, _ -> HTTPResponse.Status in
      for try await _ in request.body {}
      return .ok
    }
    let (ports, heard) = AsyncStream<Int>.makeStream()
    let application = Application(
      router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { channel in if let port = channel.localAddress?.port { heard.yield(port) } },
      logger: logger)
    let group = ServiceGroup(configuration: .init(services: [application], logger: logger))
    self.group = group
    serving = Serving(ports, heard) { try await group.run() }
  }

  func stop() async { await group.triggerGracefulShutdown() }
}

/// A server that runs beside a measurement.
struct Serving {
  private let ports: AsyncStream<Int>
  private let running: Task<Void, any Error>

  /// - Parameters:
  ///   - ports: where `run` tells, by `heard`, on which port it listens.
  ///   - run: serves until it is told to stop.
  init(
    _ ports: AsyncStream<Int>, _ heard: AsyncStream<Int>.Continuation,
    run: @escaping @Sendable () async throws -> Void
  ) {
    self.ports = ports
    running = Task {
      defer { heard.finish() }
      try await run()
    }
  }

  /// The port, as soon as it listens; called once.
  ///
  /// - Throws: what keeps it from listening.
  func port() throws -> Int {
    try Blocking.wait { [ports, running] in
      if let port = await ports.first(where: { _ in true }) { return port }
      try await running.value
      throw WorkflowError(.inputOutput, "io", "a server ended before it listened")
    }
  }

  /// Ends it, by `stop`, and waits for that.
  func end(_ stop: @escaping @Sendable () async -> Void) throws {
    try Blocking.wait { [running] in
      await stop()
      try await running.value
    }
  }
}
