import ArgumentParser
import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import TransparencyLog

/// `zheng bench prove`.
struct ProveBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove", abstract: "Measure proofs from tiles on disk: how long one takes, and its check.",
    discussion: """
      The tiles of a large log, of leaf hashes that are made from counters, are written to a temporary folder, and inclusion \
      and consistency proofs at random places read from them, each timed alone. Then a ledger is opened and a record of it \
      proven, which is what `zheng prove` does; LEDGER, or one that is made. The tiles are in the system's cache.

        zheng bench prove
        zheng bench prove ledger --leaves 100000000
      """)
  static let title = "Proofs from tiles on disk"

  @Argument(help: "A ledger to open and to prove records of.", completion: .directory) var ledger: String?
  @Option(help: "How many leaves the log has.") var leaves: UInt64 = 10_000_000
  @Option(help: "How many proofs of each kind are made in a round.") var proofs = 2000
  @Option(help: "How many records the ledger that is made has.") var records = 20_000
  @Option(help: "Where to write tiles.", completion: .directory) var folder: String?
  @OptionGroup var measuring: MeasureOptions

  /// What a proof may take, and its check, in µs: a millisecond is what is asked, "well under" it.
  private static let limit = Goal.atMost(1000, aim: 100)

  func validate() throws {
    guard (2...1_000_000_000).contains(leaves) else {
      throw ValidationError("--leaves may be 2 to 1000000000")
    }
    guard (1...1_000_000).contains(proofs) else { throw ValidationError("--proofs may be 1 to 1000000") }
    guard (1...100_000_000).contains(records) else {
      throw ValidationError("--records may be 1 to 100000000")
    }
  }

  func measure(_ tell: (Measure) throws -> Void) throws {
    try ScratchFolder.with(in: folder) { path in
      let log = try SyntheticLog(leaves, in: "\(path)/log")
      try ofLog(log, tell)
      try ofLedger(ledger.map { try LedgerArgument.folder(at: $0) } ?? made("\(path)/ledger"), tell)
    }
  }

  private func ofLog(_ log: SyntheticLog, _ tell: (Measure) throws -> Void) throws {
    let size = Printable.count(leaves, "leaf", plural: "leaves")
    var timings = [
      Timings("inclusion", "an inclusion proof, \(size)"),
      Timings("inclusion-check", "check of such a proof"),
      Timings("consistency", "a consistency proof, \(size)"),
      Timings("consistency-check", "check of such a proof between two sizes"),
    ]
    for _ in 0..<measuring.rounds {
      for _ in 0..<proofs {
        let inclusion = try log.inclusion(of: .random(in: 0..<leaves))
        timings[0].add(inclusion.proving)
        timings[1].add(inclusion.checking)
        let consistency = try log.consistency(from: .random(in: 1...leaves))
        timings[2].add(consistency.proving)
        timings[3].add(consistency.checking)
      }
      for number in timings.indices { timings[number].endRound() }
    }
    for timing in timings { try timing.measures(ProveBench.limit).forEach(tell) }
  }

  private func made(_ path: String) throws -> LedgerFolder {
    try AuditedLedger.made(at: path, records: records, byteCount: 256, members: 16).folder
  }

  private func ofLedger(_ folder: LedgerFolder, _ tell: (Measure) throws -> Void) throws {
    // What is derived is caught up before anything is timed.
    let size = try LedgerReader(folder).size
    let policy = try PolicyFile.read(folder.policy)
    let count = Printable.count(size, "entry", plural: "entries")
    var opening = Timings("open", "opening a ledger of \(count)")
    var proving = Timings("prove-record", "the proof of a record of it")
    var checking = Timings("check-record", "check of such a proof, signatures too")
    for _ in 0..<measuring.rounds {
      for _ in 0..<min(proofs, 20) {
        opening.add(try Turns.wallSeconds { _ = try LedgerReader(folder) })
      }
      let reader = try LedgerReader(folder)
      for _ in 0..<min(proofs, 500) {
        let index = try randomRecord(of: reader)
        var proof: RecordProof?
        proving.add(try Turns.wallSeconds { proof = try reader.proof(of: index) })
        checking.add(try Turns.wallSeconds { _ = try proof?.check(policy) })
      }
      opening.endRound()
      proving.endRound()
      checking.endRound()
    }
    // In ms, as it is asked.
    try opening.measures(.atMost(50, aim: 10), unit: "ms").forEach(tell)
    try proving.measures(ProveBench.limit).forEach(tell)
    try checking.measures(ProveBench.limit).forEach(tell)
  }

  /// The index of an entry that is no block header.
  private func randomRecord(of reader: LedgerReader) throws -> UInt64 {
    while true {
      let index = UInt64.random(in: 0..<reader.size)
      if try reader.block(of: index).size - 1 != index { return index }
    }
  }
}

/// How long something takes each time, in rounds.
private struct Timings {
  private let id: String
  private let name: String
  private var round: [Double] = []
  private var medians: [Double] = []
  private var tails: [Double] = []

  init(_ id: String, _ name: String) { (self.id, self.name) = (id, name) }

  /// Takes note of one time, in s.
  mutating func add(_ seconds: Double) { round.append(seconds) }

  mutating func endRound() {
    let spread = Spread(round)
    medians.append(spread.median)
    tails.append(spread.percentile(0.99))
    round.removeAll(keepingCapacity: true)
  }

  /// The median of each round's medians, of which something is asked, and of its 99th percentiles.
  func measures(_ goal: Goal, unit: String = "µs") -> [Measure] {
    let factor = unit == "ms" ? 1e3 : 1e6
    return [
      Measure(id, name, unit: unit, medians.map { $0 * factor }, goal: goal),
      Measure("\(id)-p99", "  the slowest in a hundred", unit: unit, tails.map { $0 * factor }),
    ]
  }
}

/// A log of leaf hashes that are made from counters, its tiles on the disk as a ledger's lie there.
private struct SyntheticLog {
  private let size: UInt64
  private let reader: TileHashReader<TileFiles>
  private let root: Digest

  /// What a proof took, and its check, in s.
  struct Taken {
    let proving: Double
    let checking: Double
  }

  /// Writes the tiles of `size` leaves to a new folder `path`.
  init(_ size: UInt64, in path: String) throws {
    // What it lies in is there, or is being removed: it is not made anew.
    for path in [path, "\(path)/tiles"] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }
    let directory = try Directory(path)
    var tiles = try TileFiles(in: directory, writing: true)
    var hasher = TreeHasher()
    let progress = Progress("writing tiles", unit: "leaves")
    defer { progress.finish() }
    var start: UInt64 = 0
    while start < size {
      let end = min(size, start + 1 << 16)
      try tiles.append(leaves: LeafHashes.counted(start..<end), using: &hasher)
      start = end
      progress.update(start, of: size)
    }
    self.size = size
    reader = TileHashReader(try TileFiles(in: directory, writing: false))
    root = try Merkle.root(size: size, from: reader, using: &hasher)
  }

  func inclusion(of index: UInt64) throws -> Taken {
    let leaf = LeafHashes.counted(index..<index + 1)[0]
    var proof: InclusionProof?
    let proving = try Turns.wallSeconds {
      var hasher = TreeHasher()
      proof = try InclusionProof(index: index, size: size, from: reader, using: &hasher)
    }
    let checking = try Turns.wallSeconds {
      var hasher = TreeHasher()
      try proof?.verify(leaf: leaf, root: root, using: &hasher)
    }
    return Taken(proving: proving, checking: checking)
  }

  func consistency(from oldSize: UInt64) throws -> Taken {
    var hasher = TreeHasher()
    let oldRoot = try Merkle.root(size: oldSize, from: reader, using: &hasher)
    var proof: ConsistencyProof?
    let proving = try Turns.wallSeconds {
      var hasher = TreeHasher()
      proof = try ConsistencyProof(oldSize: oldSize, newSize: size, from: reader, using: &hasher)
    }
    let checking = try Turns.wallSeconds {
      var hasher = TreeHasher()
      try proof?.verify(oldRoot: oldRoot, newRoot: root, using: &hasher)
    }
    return Taken(proving: proving, checking: checking)
  }
}
