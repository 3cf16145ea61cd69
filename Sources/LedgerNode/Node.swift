import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Ledger
import LedgerStore
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// Where a node listens.
public struct NodeAddress: Hashable, Sendable {
  /// The address, as it was asked for.
  public let host: String
  /// The true port.
  public let port: Int
  /// Whether it is served over TLS.
  public let isSecure: Bool
  /// The path below which everything is served; empty for the root.
  public let basePath: String
  /// The ledger id, in hex.
  public let ledgerID: String
  /// The number of entries when it began to serve.
  public let size: UInt64

  /// The URL of the node's front page, with no slash at its end.
  public var url: String {
    "http\(isSecure ? "s" : "")://\(host.contains(":") ? "[\(host)]" : host):\(port)\(basePath)"
  }
}

/// A node: one ledger with its writer, served over HTTP.
///
/// When it is told to stop it takes no new connections, answers the requests in flight, commits what waits, completes the index
/// and gives up the lock; nothing that was acknowledged is lost. As one of several validators it decides nothing more then, and whoever
/// waits for a decision is told to send again.
public final class Node: Sendable {
  private let committer: Committer
  let audits: NodeAudits
  /// The validator that this node is, where it is one of several.
  let consensus: Consensus?
  private let group: ServiceGroup
  private let settings: NodeSettings
  private let listening = Milestone()
  private let logger: Logger

  /// Opens the ledger in `folder`, recovering from whatever a crash left behind; nothing is served before `run`.
  ///
  /// - Parameter onListening: called once, when connections are accepted.
  /// - Throws: what `LedgerWriter.init` throws.
  public init(
    _ folder: LedgerFolder, _ settings: NodeSettings = NodeSettings(), logger: Logger,
    onListening: @escaping @Sendable (NodeAddress) async throws -> Void = { _ in }
  ) throws {
    (self.settings, self.logger) = (settings, logger)
    let tls = try settings.certificate?.configuration
    var options = settings.writer
    options.leastFreeByteCount = settings.leastFreeByteCount
    let metrics = NodeMetrics()
    let onClockDoubt = options.onClockDoubt
    options.onClockDoubt = { doubt in
      onClockDoubt(doubt)
      if let doubt { logger.error("\(doubt.reason)") } else { logger.notice("the clock is believed again") }
    }
    // As it is before the writer looks at it.
    let signed = try settings.consortium.flatMap {
      try folder.lastSignedHeight(of: $0.validator, state: options.stateFolder)
    }
    options.validator = settings.consortium?.validator
    let writer = try LedgerWriter(folder, options)
    for note in writer.notes { logger.notice("\(note)") }
    var taking = settings.committer
    taking.logger = logger
    taking.onBlock = metrics.block
    let log = LimitedLog(logger)
    if let consortium = settings.consortium {
      (committer, consensus) = try Node.share(
        writer, taking, consortium, state: options.stateFolder, signed: signed, log, now: options.now)
    } else {
      (committer, consensus) = (try Committer(writer, taking), nil)
    }
    // A doubt is logged where it is found.
    if committer.condition.clockDoubt == nil, !committer.condition.isClockSynchronised {
      logger.notice(
        "the system does not say that the clock is synchronised; blocks are dated by it all the same")
    }
    let audits = NodeAudits(committer, settings)
    self.audits = audits
    let (host, basePath, reader) = (settings.host, settings.basePath, committer.reader)
    let visitors = Visitors(
      connectionLimit: settings.connectionsPerAddress,
      byteLimit: max(settings.committer.byteLimit, 2 * RequestEntries.sequenceLimit))
    let http = HTTPServerBuilder.http1(
      configuration: .init(
        additionalChannelHandlers: [ConnectionGuard(settings, visitors, log)],
        idleTimeout: TimeAmount(settings.idleTimeout),
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: ConnectionGuard.fieldLimit, maxHeaderListSize: 32_768, maxHeaderFieldCount: 100)
      ))
    var quiet = logger
    // What the server says of itself at lower levels is for its own developers.
    quiet.logLevel = max(logger.logLevel, .warning)
    let application = Application(
      responder: BelowPath(
        path: settings.basePath,
        inner: NodeRoutes(
          committer: committer, visitors: visitors, settings: settings, log: log, metrics: metrics,
          audits: audits, consensus: consensus
        ).router()
          .buildResponder()),
      server: try tls.map { try HTTPServerBuilder.tls(http, tlsConfiguration: $0) } ?? http,
      configuration: .init(
        address: .hostname(settings.host, port: settings.port), serverName: NodeRoutes.serverName,
        availableConnectionsDelegate: MaximumAvailableConnections(settings.connectionLimit, logger: quiet)),
      onServerRunning: { [logger, listening, consensus] channel in
        do {
          try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.addHandler(AcceptPause(log), position: .first)
          }.get()
        } catch { logger.error("the listening socket can't be watched: \(error)") }
        listening.reach()
        let address = NodeAddress(
          host: host, port: channel.localAddress?.port ?? settings.port, isSecure: tls != nil,
          basePath: basePath,
          ledgerID: reader.ledgerID.hex,
          size: reader.size)
        logger.notice("listening on \(address.url), ledger \(address.ledgerID), \(address.size) entries")
        await consensus?.announce(address.url)
        do { try await onListening(address) } catch { logger.error("the address can't be told: \(error)") }
      },
      logger: quiet)
    // What is last stops first.
    var services: [any Service] = [application]
    if let consensus { services.append(ConsensusService(consensus: consensus, committer: committer)) }
    var configuration = ServiceGroupConfiguration(
      services: services, gracefulShutdownSignals: settings.handlesSignals ? [.sigterm, .sigint] : [],
      logger: quiet)
    configuration.maximumGracefulShutdownDuration = settings.stopTimeout
    group = ServiceGroup(configuration: configuration)
  }

  /// What writes the ledger, and what decides about that together with the others.
  private static func share(
    _ writer: sending LedgerWriter, _ settings: Committer.Settings, _ consortium: ConsortiumSettings,
    state: String?, signed: UInt64?, _ log: LimitedLog, now: @escaping @Sendable () -> ProposalClock.Moment
  ) throws -> (Committer, Consensus) {
    let reader = try writer.reader()
    let ledgerState = try reader.state()
    let place = try StateFolder.path(of: reader.ledgerID, validator: consortium.validator, in: state)
    try StateFolder.make(place)
    // One that the roster does not have, any more or yet, has no office.
    let isValidator = ledgerState.roster.terms.validators.contains { $0.name == consortium.validator }
    let office =
      isValidator
      ? try ValidatorOffice.open(
        consortium.validator, reader, in: place, signed: signed, note: { log.logger.notice("\($0)") }) : nil
    let (waiting, told) = AsyncStream.makeStream(of: [[UInt8]].self)
    let committer = try Committer(sharing: writer, settings) { told.yield($0) }
    let consensus = try Consensus(
      consortium, office, ledgerState, committer: committer, in: place, waiting: waiting, log: log,
      now: { now().wall })
    return (committer, consensus)
  }

  /// Opens the ledger in `folder` and serves it until a signal says to stop: a whole node in one call.
  ///
  /// - Throws: what `init` and `run` throw.
  public static func serve(
    _ folder: LedgerFolder, _ settings: NodeSettings = NodeSettings(), logger: Logger,
    onListening: @escaping @Sendable (NodeAddress) async throws -> Void = { _ in }
  ) async throws {
    try await Node(folder, settings, logger: logger, onListening: onListening).run()
  }

  /// Serves until it is told to stop, by `stop` or by a signal.
  ///
  /// - Throws: what keeps it from listening; what made an end to writing, if something did.
  public func run() async throws {
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await group.run()) } catch {
      let failure = Failure("listen", "\(settings.host):\(settings.port)", reason: "\(error)")
      outcome = .failure(listening.isReached ? error : failure)
    }
    // Only now: the requests in flight needed the committer to be answered.
    try await committer.stop()
    try outcome.get()
    logger.notice("stopped; all that was taken is recorded and answered")
  }

  /// Begins to stop; `run` returns when it is done.
  public func stop() async { await group.triggerGracefulShutdown() }
}

/// Something that happens once.
private final class Milestone: Sendable {
  private let state = Mutex(false)

  var isReached: Bool { state.withLock { $0 } }

  func reach() { state.withLock { $0 = true } }
}
