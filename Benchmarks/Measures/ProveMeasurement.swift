import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import TransparencyLog

/// Proofs from tiles on disk: how long one takes, and its check.
///
/// The tiles of a large log, of leaf hashes that are made from counters, are written to a temporary folder, and inclusion and
/// consistency proofs at random places read from them, each timed alone. Then a ledger is opened and a record of it proven. The tiles
/// are in the system's cache.
package struct ProveMeasurement: Measurement {
  package static let title = "Proofs from tiles on disk"

  /// A ledger to open and to prove records of; nil for one that is made.
  let ledger: LedgerFolder?
  /// How many leaves the log has.
  let leaves: UInt64
  /// How many proofs of each kind are made in a round.
  let proofs: Int
  /// How many records the ledger that is made has.
  let records: Int
  /// Where tiles are written; nil for the system's place for temporary files.
  let folder: String?

  package init(ledger: LedgerFolder?, leaves: UInt64, proofs: Int, records: Int, folder: String?) {
    (self.ledger, self.leaves, self.proofs, self.records, self.folder) = (
      ledger, leaves, proofs, records, folder
    )
  }

  package func measure(rounds: Int, _ watcher: Watcher, _ report: (Measure) throws -> Void) throws {
    try ScratchFolder.with(in: folder, watcher.note) { path in
      let log = try SyntheticLog(leaves, in: "\(path)/log", watcher)
      try ofLog(log, rounds, report)
      try ofLedger(ledger ?? made("\(path)/ledger", watcher), rounds, report)
    }
  }

  private func ofLog(_ log: SyntheticLog, _ rounds: Int, _ report: (Measure) throws -> Void) throws {
    let size = "\(leaves) leaves"
    var timings = [
      Timings("inclusion", "an inclusion proof, \(size)"),
      Timings("inclusion-check", "check of such a proof"),
      Timings("consistency", "a consistency proof, \(size)"),
      Timings("consistency-check", "check of such a proof between two sizes"),
    ]
    for _ in 0..<rounds {
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
    for timing in timings { try timing.measures(.proof).forEach(report) }
  }

  private func made(_ path: String, _ watcher: Watcher) throws -> LedgerFolder {
    try AuditedLedger.made(at: path, records: records, byteCount: 256, members: 16, watcher).folder
  }

  private func ofLedger(_ folder: LedgerFolder, _ rounds: Int, _ report: (Measure) throws -> Void) throws {
    // What is derived is caught up before anything is timed.
    let size = try LedgerReader(folder).size
    let policy = try Policy(parsing: Array(Data(contentsOf: URL(fileURLWithPath: folder.policy))).span)
    let count = "\(size) entries"
    var opening = Timings("open", "opening a ledger of \(count)")
    var proving = Timings("prove-record", "the proof of a record of it")
    var checking = Timings("check-record", "check of such a proof, signatures too")
    for _ in 0..<rounds {
      for _ in 0..<min(proofs, 20) {
        opening.add(try Rounds.wallSeconds { _ = try LedgerReader(folder) })
      }
      let reader = try LedgerReader(folder)
      for _ in 0..<min(proofs, 500) {
        let index = try randomRecord(of: reader)
        var proof: RecordProof?
        proving.add(try Rounds.wallSeconds { proof = try reader.proof(of: index) })
        checking.add(try Rounds.wallSeconds { _ = try proof?.check(policy) })
      }
      opening.endRound()
      proving.endRound()
      checking.endRound()
    }
    // In ms, as it is asked.
    try opening.measures(.opening, unit: "ms").forEach(report)
    try proving.measures(.proof).forEach(report)
    try checking.measures(.proof).forEach(report)
  }

  /// The index of an entry that is no block header.
  private func randomRecord(of reader: LedgerReader) throws -> UInt64 {
    while true {
      let index = UInt64.random(in: 0..<reader.size)
      if try reader.block(of: index).size - 1 != index { return index }
    }
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
  init(_ size: UInt64, in path: String, _ watcher: Watcher) throws {
    // What it lies in is there, or is being removed: it is not made anew.
    for path in [path, "\(path)/tiles"] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }
    let directory = try Directory(path)
    var tiles = try TileFiles(in: directory, writing: true)
    var hasher = TreeHasher()
    var start: UInt64 = 0
    while start < size {
      let end = min(size, start + 1 << 16)
      try tiles.append(leaves: LeafHashes.counted(start..<end), using: &hasher)
      start = end
      watcher.progress("writing tiles", start, size, "leaves")
    }
    self.size = size
    reader = TileHashReader(try TileFiles(in: directory, writing: false))
    root = try Merkle.root(size: size, from: reader, using: &hasher)
  }

  func inclusion(of index: UInt64) throws -> Taken {
    let leaf = LeafHashes.counted(index..<index + 1)[0]
    var proof: InclusionProof?
    let proving = try Rounds.wallSeconds {
      var hasher = TreeHasher()
      proof = try InclusionProof(index: index, size: size, from: reader, using: &hasher)
    }
    let checking = try Rounds.wallSeconds {
      var hasher = TreeHasher()
      try proof?.verify(leaf: leaf, root: root, using: &hasher)
    }
    return Taken(proving: proving, checking: checking)
  }

  func consistency(from oldSize: UInt64) throws -> Taken {
    var hasher = TreeHasher()
    let oldRoot = try Merkle.root(size: oldSize, from: reader, using: &hasher)
    var proof: ConsistencyProof?
    let proving = try Rounds.wallSeconds {
      var hasher = TreeHasher()
      proof = try ConsistencyProof(oldSize: oldSize, newSize: size, from: reader, using: &hasher)
    }
    let checking = try Rounds.wallSeconds {
      var hasher = TreeHasher()
      try proof?.verify(oldRoot: oldRoot, newRoot: root, using: &hasher)
    }
    return Taken(proving: proving, checking: checking)
  }
}
