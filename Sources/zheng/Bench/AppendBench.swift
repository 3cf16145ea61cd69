import ArgumentParser
import Foundation
import Ledger
import LedgerNode
import LedgerStore
import Logging
import Scenarios
import Synchronization

/// `zheng bench append`.
struct AppendBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "append", abstract: "Measure durable appends of signed statements.",
    discussion: """
      A ledger of 16 members is made in a temporary folder. First it gets sequences of 1,000 statements of 256 B, signed \
      beforehand, from several submitters at once, in this process: every signature is verified, every statement judged, and a \
      sequence is answered when its last statement is on the disk. That is compared with what OpenSSL verifies on all cores at \
      once, were there nothing else to do. The index, from which nothing but searches are answered, follows beside it; the \
      second figure waits for it.

      Then a node takes single statements over HTTP, one to a POST, from clients that wait for each answer, and that is \
      compared with equal requests that the same server answers without doing anything. The clients take their share of the \
      processor, in both. An answer comes with the record's proof; with Prefer: return=minimal it says only where the record \
      stands. A single POST costs what the server library costs: who has many statements sends them in sequences.

        zheng bench append
        zheng bench append --folder /mnt/disk --rounds 9 --plot append.svg
      """)
  static let title = "Durable appends of signed statements"

  @Option(help: "How many sequences are appended in a turn.") var sequences = 40
  @Option(help: "How many statements a sequence has.") var sequence = 1000
  @Option(help: "How many submit sequences at once.") var submitters = 8
  @Option(help: "How many single statements are posted in a turn.") var posts = 10_000
  @Option(help: "How many clients post them at once.") var clients = 64
  @Option(help: "How many members sign, in turns.") var members = 16
  @Option(help: "A folder on the disk to measure.", completion: .directory) var folder: String?
  @OptionGroup var measuring: MeasureOptions

  func validate() throws {
    for (name, value, limit) in [
      ("sequences", sequences, 10_000), ("sequence", sequence, 16_384), ("submitters", submitters, 1000),
      ("posts", posts, 1_000_000), ("clients", clients, 500), ("members", members, 1000),
    ] where !(1...limit).contains(value) { throw ValidationError("--\(name) may be 1 to \(limit)") }
  }

  func measure(_ tell: (Measure) throws -> Void) throws {
    try ScratchFolder.with(in: folder) { path in
      let consortium = try BenchConsortium(members: members)
      let id = try consortium.found(at: "\(path)/ledger")
      let mill = RecordMill(consortium: consortium, ledgerID: id, payloadByteCount: 256)
      let folder = LedgerFolder("\(path)/ledger", rules: Scenarios.rules)
      try measureSequences(mill, folder, tell)
      try measurePosts(mill, folder, tell)
    }
  }

  // MARK: Sequences, in this process

  private func measureSequences(
    _ mill: RecordMill, _ folder: LedgerFolder, _ tell: (Measure) throws -> Void
  ) throws {
    var settings = Committer.Settings()
    settings.statementLimit = max(settings.statementLimit, submitters * sequence)
    let committer = try Committer(LedgerWriter(folder, .measured(folder)), settings)
    let yardstick = try SignatureYardstick()
    let count = sequences * sequence
    var (durable, indexed, openSSL): ([Double], [Double], [Double]) = ([], [], [])
    // A round before the first that counts: tables of keys are made then, and caches filled.
    for round in 0...measuring.rounds {
      let queue = SequenceQueue(try mill.signed(0..<count), each: sequence)
      let start = ContinuousClock.now
      try Blocking.wait { try await submit(queue, to: committer) }
      let appending = ContinuousClock.now - start
      while committer.reader.unindexed > 0 { usleep(1000) }
      let whole = ContinuousClock.now - start
      let speed = yardstick.perSecondOnAllCores(for: BenchCommand.isOptimised ? 1 : 0.05)
      guard round > 0 else { continue }
      durable.append(Double(count) / (appending / .seconds(1)))
      indexed.append(Double(count) / (whole / .seconds(1)))
      openSSL.append(speed)
    }
    try Blocking.wait { try await committer.stop() }
    let against = (
      "\(SignatureYardstick.name), on \(Printable.count(Machine.cores, "core")) at once", openSSL
    )
    try tell(
      Measure(
        "append-sequences", "durable appends, sequences of \(sequence) by \(submitters)", unit: "records/s",
        durable, against: against, goal: .atLeast(1.8, aim: 2.8)))
    try tell(
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
    _ mill: RecordMill, _ folder: LedgerFolder, _ tell: (Measure) throws -> Void
  ) throws {
    let idle = "/nothing"
    var settings = NodeSettings()
    (settings.port, settings.handlesSignals, settings.idlePath) = (0, false, idle)
    settings.connectionLimit = max(settings.connectionLimit, 2 * clients)
    settings.connectionsPerAddress = max(settings.connectionsPerAddress, 2 * clients)
    settings.recordsPerMinute = .max
    settings.writer = .measured(folder)
    var logger = Logger(label: "zheng.bench", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .error
    let (addresses, heard) = AsyncStream<NodeAddress>.makeStream()
    let node = try Node(folder, settings, logger: logger) { heard.yield($0) }
    let running = Task {
      defer { heard.finish() }
      try await node.run()
    }
    guard let port = try Blocking.wait({ await addresses.first { _ in true } })?.port else {
      return try Blocking.wait { try await running.value }
    }
    var load = try LoadClients(clients, port: port)
    var (proven, placed, nothing): ([Double], [Double], [Double]) = ([], [], [])
    for round in 0...measuring.rounds {
      let entries = try mill.signed(0..<2 * posts)
      let (first, second) = (Array(entries[..<posts]), Array(entries[posts...]))
      let seconds = [
        try load.post(first, to: "/entries", expecting: 201),
        try load.post(second, to: "/entries", "Prefer: return=minimal", expecting: 201),
        try load.post(first, to: idle, expecting: 200),
      ]
      guard round > 0 else { continue }
      proven.append(Double(posts) / seconds[0])
      placed.append(Double(posts) / seconds[1])
      nothing.append(Double(posts) / seconds[2])
    }
    load.close()
    try Blocking.wait {
      await node.stop()
      try await running.value
    }
    let (against, unit) = (("equal POSTs to the same server, which does nothing", nothing), "requests/s")
    let goal = Goal.atLeast(0.25, aim: 0.5)
    try tell(
      Measure(
        "append-posts",
        "single POST /entries by \(clients) clients, each final when answered, with its proof",
        unit: unit, proven, against: against, goal: goal))
    try tell(
      Measure(
        "append-posts-minimal", "the same with Prefer: return=minimal, without the proof", unit: unit, placed,
        against: against, goal: goal))
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

/// Runs what is asynchronous from where nothing is.
enum Blocking {
  /// Waits for what `body` gives. Not for use on a thread of the pool that tasks run on.
  static func wait<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
    let shared = Shared<Value>()
    Task.detached {
      let outcome: Result<Value, any Error>
      do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
      shared.result.withLock { $0 = outcome }
      shared.isDone.signal()
    }
    shared.isDone.wait()
    guard let outcome = shared.result.withLock({ $0 }) else { preconditionFailure("it has ended") }
    return try outcome.get()
  }

  private final class Shared<Value: Sendable>: Sendable {
    let result = Mutex<Result<Value, any Error>?>(nil)
    let isDone = DispatchSemaphore(value: 0)
  }
}
