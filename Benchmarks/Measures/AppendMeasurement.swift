import Foundation
import Ledger
import LedgerNode
import LedgerIndex
import LedgerStore
import Logging
import Scenarios
import Synchronization

/// Durable appends of signed statements, to a ledger that is made.
///
/// First it gets sequences of statements of 256 B, signed beforehand, from several submitters at once, in this process: every
/// signature is verified, every statement judged, and a sequence is answered when its last statement is on the disk. That is compared
/// with what OpenSSL verifies on all cores at once, were there nothing else to do. The index follows beside it; the second figure
/// waits for it. Then a node takes single statements over HTTP, one to a POST, from clients that wait for each answer, and that is
/// compared with equal requests to the same server library that does nothing with them.
package struct AppendMeasurement: Measurement {
  package static let title = "Durable appends of signed statements"

  /// How many sequences are appended in a turn.
  let sequences: Int
  /// How many statements a sequence has.
  let sequence: Int
  /// How many submit sequences at once.
  let submitters: Int
  /// How many single statements are posted in a turn.
  let posts: Int
  /// How many clients post them at once.
  let clients: Int
  /// How many members sign, in turns.
  let members: Int
  /// A folder on the disk to measure; nil for the system's place for temporary files.
  let folder: String?

  package init(
    sequences: Int, sequence: Int, submitters: Int, posts: Int, clients: Int, members: Int, folder: String?
  ) {
    (self.sequences, self.sequence, self.submitters, self.posts, self.clients, self.members, self.folder) = (
      sequences, sequence, submitters, posts, clients, members, folder
    )
  }

  package func measure(rounds: Int, _ watcher: Watcher, _ report: (Measure) throws -> Void) throws {
    try ScratchFolder.with(in: folder, watcher.note) { path in
      let consortium = try MeasuredConsortium(members: members)
      let id = try consortium.found(at: "\(path)/ledger")
      let generator = RecordGenerator(consortium: consortium, ledgerID: id, payloadByteCount: 256)
      let folder = LedgerFolder("\(path)/ledger", rules: Scenarios.rules)
      try measureSequences(generator, folder, rounds, report)
      try measurePosts(generator, folder, rounds, report)
    }
  }

  // MARK: Sequences, in this process

  private func measureSequences(
    _ generator: RecordGenerator, _ folder: LedgerFolder, _ rounds: Int, _ report: (Measure) throws -> Void
  ) throws {
    var settings = Committer.Settings()
    settings.statementLimit = max(settings.statementLimit, submitters * sequence)
    let committer = try Committer(LedgerWriter(folder, .measured(folder)), settings)
    let yardstick = try SignatureYardstick()
    let count = sequences * sequence
    var (durable, indexed, openSSL): ([Double], [Double], [Double]) = ([], [], [])
    // A round before the first that counts: tables of keys are made then, and caches filled.
    for round in 0...rounds {
      let queue = SequenceQueue(try generator.signed(0..<count), each: sequence)
      let start = ContinuousClock.now
      try Blocking.wait { try await submit(queue, to: committer) }
      let appending = ContinuousClock.now - start
      while committer.reader.unindexed > 0 { usleep(1000) }
      let whole = ContinuousClock.now - start
      let speed = yardstick.perSecondOnAllCores(for: Build.isOptimised ? 1 : 0.05)
      guard round > 0 else { continue }
      durable.append(Double(count) / (appending / .seconds(1)))
      indexed.append(Double(count) / (whole / .seconds(1)))
      openSSL.append(speed)
    }
    try Blocking.wait { try await committer.stop() }
    let against = (
      "\(SignatureYardstick.name), on \(Machine.coreCount) at once", openSSL
    )
    try report(
      Measure(
        "append-sequences", "durable appends, sequences of \(sequence) by \(submitters)", unit: "records/s",
        durable, against: against, goal: .sequences))
    try report(
      Measure(
        "append-indexed", "the same, waiting for the index", unit: "records/s", indexed, against: against))
  }

  private func submit(_ queue: SequenceQueue, to committer: Committer) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<submitters {
        group.addTask {
          while let (bytes, ranges) = queue.next() {
            let outcome = await committer.submit(bytes, at: ranges)
            if let interruption = outcome.interruption { throw interruption }
            for case .refused(let refusal) in outcome.verdicts { throw refusal }
          }
        }
      }
      try await group.waitForAll()
    }
  }

  // MARK: Single statements, over HTTP

  private func measurePosts(
    _ generator: RecordGenerator, _ folder: LedgerFolder, _ rounds: Int, _ report: (Measure) throws -> Void
  ) throws {
    var settings = NodeSettings()
    (settings.port, settings.handlesSignals) = (0, false)
    settings.connectionLimit = max(settings.connectionLimit, 2 * clients)
    settings.connectionsPerAddress = max(settings.connectionsPerAddress, 2 * clients)
    settings.recordsPerMinute = .max
    settings.readers = .public
    settings.writer = .measured(folder)
    var logger = Logger(label: "zheng.bench", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .error
    let (ports, heard) = AsyncStream<Int>.makeStream()
    let node = try Node(folder, settings, logger: logger) { heard.yield($0.port) }
    let serving = Serving(ports, heard) { try await node.run() }
    let idle = IdleServer(logger)
    var (load, idleLoad) = (
      try LoadClients(clients, port: try serving.port()),
      try LoadClients(clients, port: try idle.serving.port())
    )
    var (proven, placed, nothing): ([Double], [Double], [Double]) = ([], [], [])
    for round in 0...rounds {
      let entries = try generator.signed(0..<2 * posts)
      let (first, second) = (Array(entries[..<posts]), Array(entries[posts...]))
      let seconds = [
        try load.post(first, to: "/entries", expecting: 201),
        try load.post(second, to: "/entries", "Prefer: return=minimal", expecting: 201),
        try idleLoad.post(first, to: "/entries", expecting: 200),
      ]
      guard round > 0 else { continue }
      proven.append(Double(posts) / seconds[0])
      placed.append(Double(posts) / seconds[1])
      nothing.append(Double(posts) / seconds[2])
    }
    load.close()
    idleLoad.close()
    try serving.end { await node.stop() }
    try idle.serving.end { await idle.stop() }
    let (against, unit) = (
      ("equal POSTs to the same server library, which does nothing", nothing), "requests/s"
    )
    try report(
      Measure(
        "append-posts",
        "single POST /entries by \(clients) clients, each final when answered, with its proof",
        unit: unit, proven, against: against, goal: .posts))
    try report(
      Measure(
        "append-posts-minimal", "the same with Prefer: return=minimal, without the proof", unit: unit, placed,
        against: against, goal: .posts))
  }
}

/// Sequences, to be taken by whoever is free.
private final class SequenceQueue: Sendable {
  private let sequences: Mutex<[(bytes: [UInt8], ranges: [Range<Int>])]>

  /// `entries`, so many to a sequence.
  init(_ entries: [[UInt8]], each count: Int) {
    let sequences = stride(from: 0, to: entries.count, by: count).map { start in
      let part = entries[start..<min(start + count, entries.count)]
      var ranges: [Range<Int>] = []
      for entry in part {
        let start = ranges.last?.upperBound ?? 0
        ranges.append(start..<start + entry.count)
      }
      return (bytes: Array(part.joined()), ranges: ranges)
    }
    self.sequences = Mutex(sequences)
  }

  func next() -> (bytes: [UInt8], ranges: [Range<Int>])? { sequences.withLock { $0.popLast() } }
}
