import Foundation
import Ledger
import LedgerCrypto
import LedgerStore

/// The state tree of a large ledger: what its upkeep costs a record, how large one key's part of a proof is, how long that takes and
/// its check, and how long it takes to open what is stored, with the memory for it.
///
/// Blocks of 1,000 records are applied to the files of a state in a temporary folder, each record with three new keys: its
/// statement's, a subject's and a digest's. The upkeep of a record holds everything from its keys to the files: paths, lists, hashes,
/// values, merges; of this thread's processor time, so that what waits for the disk is not in it. The files are in the system's cache.
package struct StateMeasurement: Measurement {
  package static let title = "The state tree: its upkeep and its proofs"

  /// How many keys the state has before anything is timed.
  let keys: UInt64
  /// How many blocks are applied in a round.
  let blocks: Int
  /// How many proofs are made in a round.
  let proofs: Int
  /// Where the files are written; nil for the system's place for temporary files.
  let folder: String?

  package init(keys: UInt64, blocks: Int, proofs: Int, folder: String?) {
    (self.keys, self.blocks, self.proofs, self.folder) = (keys, blocks, proofs, folder)
  }

  package func measure(rounds: Int, _ watcher: Watcher, _ report: (Measure) throws -> Void) throws {
    try ScratchFolder.with(in: folder, watcher.note) { path in
      var state = try SyntheticState(in: path)
      while state.keyCount < keys {
        try state.addBlock()
        watcher.progress("filling the state", min(state.keyCount, keys), keys, "keys")
      }
      try upkeep(&state, rounds, report)
      try proving(state, rounds, report)
      try opening(state, rounds, report)
    }
  }

  private func upkeep(_ state: inout SyntheticState, _ rounds: Int, _ report: (Measure) throws -> Void) throws
  {
    let count = state.keyCount
    var seconds: [Double] = []
    for _ in 0..<rounds {
      var taken = 0.0
      for _ in 0..<blocks { taken += try state.addBlock() }
      seconds.append(taken / Double(blocks * SyntheticState.recordsInBlock))
    }
    try report(
      Measure(
        "state-upkeep", "upkeep for a record of three new keys, \(count) keys there", unit: "µs",
        seconds.map { $0 * 1e6 }, goal: .stateUpkeep))
  }

  private func proving(_ state: SyntheticState, _ rounds: Int, _ report: (Measure) throws -> Void) throws {
    var making = Timings("state-proof", "a proof for one key, \(state.keyCount) keys")
    var checking = Timings("state-proof-check", "check of such a proof")
    var sizes: [Double] = []
    for _ in 0..<rounds {
      var largest = 0
      for number in 0..<proofs {
        // Every second one of a key that has nothing.
        let key = number % 2 == 0 ? state.randomKey() : state.absentKey()
        var proof: StateProof?
        making.add(try Rounds.wallSeconds { proof = try state.store.committedProofs(of: [key]).proofs[0] })
        var hasher = StateHasher()
        checking.add(
          try Rounds.wallSeconds { _ = try proof?.check(key, root: state.root, using: &hasher) })
        largest = max(largest, proof?.bytes.count ?? 0)
      }
      making.endRound()
      checking.endRound()
      sizes.append(Double(largest))
    }
    try making.measures(.proof).forEach(report)
    try checking.measures(.stateCheck).forEach(report)
    try report(
      Measure("state-proof-bytes", "the largest of these proofs", unit: "bytes", sizes, goal: .stateProof))
  }

  private func opening(_ state: SyntheticState, _ rounds: Int, _ report: (Measure) throws -> Void) throws {
    var taken: [Double] = []
    var memory: [Double] = []
    for _ in 0..<rounds {
      // More than one at once, so that what was let go of before does not hide what they take.
      var opened: [StateStore] = []
      let before = PeakMemory.ofThisProcess()
      for _ in 0..<4 {
        taken.append(try Rounds.wallSeconds { opened.append(try state.open()) })
      }
      memory.append(Double(max(0, PeakMemory.ofThisProcess() - before)) / 4 / 1e6)
      withExtendedLifetime(opened) {}
    }
    try report(
      Measure(
        "state-open", "opening the state, \(state.keyCount) keys", unit: "ms", taken.map { $0 * 1e3 },
        goal: .opening))
    try report(Measure("state-memory", "  anonymous memory for it", unit: "MB", memory, goal: .stateMemory))
  }
}

/// A state of records that are made from counters, in files as a ledger's.
private struct SyntheticState {
  static let recordsInBlock = 1000

  let store: StateStore
  private let directory: Directory
  /// The roots after the blocks, as their headers have them.
  private var roots: [UInt64: Digest] = [:]
  private var height: UInt64 = 0
  private var records: UInt64 = 0

  init(in path: String) throws {
    directory = try Directory(path)
    store = try StateStore.make(in: directory)
  }

  var keyCount: UInt64 { 3 * records }

  /// The root after the newest block.
  var root: Digest { roots[height - 1] ?? .zero }

  /// Applies one more block.
  ///
  /// - Returns: what its upkeep took, in s.
  @discardableResult
  mutating func addBlock() throws -> Double {
    var changes = StateChanges()
    var hasher = StateHasher()
    let end = records + UInt64(Self.recordsInBlock)
    for number in records..<end {
      let hashes = LeafHashes.counted(2 * number..<2 * number + 2)
      changes.add(
        .init(id: hashes[0], index: number),
        at: [.subject("S-\(number)", of: StateKey.plain), .digest(hashes[1])])
    }
    let taken = try Rounds.threadSeconds {
      changes.end(using: &hasher)
      roots[height] = try store.apply(changes, height: height)
      try store.maintain()
    }
    (height, records) = (height + 1, end)
    return taken
  }

  /// The key of a statement, a subject or a digest that is there.
  func randomKey() -> StateKey {
    let number = UInt64.random(in: 0..<records)
    let hashes = LeafHashes.counted(2 * number..<2 * number + 2)
    switch UInt64.random(in: 0..<3) {
    case 0: return .statement(hashes[0])
    case 1: return .subject("S-\(number)", of: StateKey.plain)
    default: return .digest(hashes[1])
    }
  }

  /// A key that has nothing.
  func absentKey() -> StateKey {
    let number = UInt64.random(in: 1 << 40..<1 << 41)
    return .digest(LeafHashes.counted(number..<number + 1)[0])
  }

  /// Opens what is stored, as a reader does.
  func open() throws -> StateStore {
    guard let opened = try StateStore.open(in: directory, writing: false, signed: { roots[$0] }) else {
      throw Failure("open", directory.path, reason: "no state is stored")
    }
    return opened
  }
}
