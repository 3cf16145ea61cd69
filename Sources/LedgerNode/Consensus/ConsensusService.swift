import LedgerStore
import ServiceLifecycle

/// Runs a validator for as long as its node serves. It stops first: whoever still waits for a decision is answered then, and the
/// server's requests come to their end.
struct ConsensusService: Service {
  let consensus: Consensus
  let committer: Committer

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await consensus.run()
    } onGracefulShutdown: {
      Task { await consensus.stop() }
    }
    try await committer.stop()
  }
}
