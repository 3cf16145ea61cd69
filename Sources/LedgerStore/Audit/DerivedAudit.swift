import Foundation
import GRDB
import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// Compares what is derived with what the truth says, block by block.
struct DerivedAudit: ~Copyable {
  private let folder: LedgerFolder
  /// The stored tiles, where they can be read.
  let tiles: TileFiles?
  private let offsets: OffsetsFile?
  private let index: IndexAudit?
  private var hasher = TreeHasher()
  /// For each tile level, the hashes of the tile that is not full yet.
  private var open: [[Digest]] = [[]]
  /// For each tile level, how many hashes there are.
  private var counts: [UInt64] = [0]
  private var openingFaults: [Fault] = []
  private var missing: [String] = []

  init(_ folder: LedgerFolder) {
    self.folder = folder
    var faults: [Fault] = []
    var missing: [String] = []
    func opened<Value>(_ path: String, _ open: () throws -> Value) -> Value? {
      guard FileSystem.exists(path) else {
        missing.append(path)
        return nil
      }
      do { return try open() } catch {
        faults.append(Fault(.derivedMismatch, "\(path): \(error)"))
        return nil
      }
    }
    tiles = opened(folder.tiles) { try TileFiles(folder, writing: false) }
    offsets = opened(folder.offsets) { try OffsetsFile(folder.offsets, writing: false) }
    index = opened(folder.index) { try IndexAudit(folder) }
    (openingFaults, self.missing) = (faults, missing)
  }

  // MARK: Block by block

  /// The faults of what is derived from a block of entries that lies next in `feed`, whose leaves in the tree are `leaves`.
  mutating func audit(
    _ feed: EntryFeed, _ leaves: [Digest], height: UInt64, time: UInt64?, checkpointOffset: UInt64?,
    isDeep: Bool
  ) throws -> [Fault] {
    var faults = openingFaults
    openingFaults = []
    let entries = feed.block(leaves.count)
    for (offset, (range, leaf)) in zip(entries.ranges, leaves).enumerated() {
      let entry = feed.index + UInt64(offset)
      if entry.isMultiple(of: 256) { faults += try compareOffset(entry, feed.position(of: range), height) }
      if offset < entries.stored.count, entries.stored[entries.stored.startIndex + offset] != leaf {
        faults.append(mismatch(level: 0, position: entry, height: height, entry: entry))
      }
      faults += try add(leaf, height: height)
    }
    if isDeep, let index {
      faults += try index.audit(feed, entries, height: height, time: time, checkpointOffset: checkpointOffset)
    }
    return faults
  }

  private mutating func add(_ hash: Digest, height: UInt64) throws -> [Fault] {
    var faults: [Fault] = []
    var (hash, level) = (hash, 0)
    while true {
      open[level].append(hash)
      counts[level] += 1
      guard open[level].count == 256 else { return faults }
      hash = Merkle.root(of: open[level], using: &hasher)
      open[level].removeAll(keepingCapacity: true)
      level += 1
      if level == open.count {
        open.append([])
        counts.append(0)
      }
      let position = counts[level]
      if let tiles, position < tiles.count(level: level),
        try tiles.tileHash(level: level, position: position) != hash
      {
        faults.append(mismatch(level: level, position: position, height: height, entry: nil))
      }
    }
  }

  private func mismatch(level: Int, position: UInt64, height: UInt64, entry: UInt64?) -> Fault {
    Fault(
      .derivedMismatch, block: height, entry: entry,
      "\(folder.tileFile(level: level)): hash \(position), bytes \(position * 32) to \(position * 32 + 31)")
  }

  private func compareOffset(_ entry: UInt64, _ position: UInt64, _ height: UInt64) throws -> [Fault] {
    let bundle = entry / 256
    guard let offsets, bundle < offsets.count else { return [] }
    let stored = try offsets.positions(bundle..<bundle + 1)[0]
    guard stored != position else { return [] }
    return [
      Fault(
        .derivedMismatch, block: height, entry: entry,
        "\(folder.offsets): position \(bundle), bytes \(bundle * 8) to \(bundle * 8 + 7): \(stored) where it is \(position)"
      )
    ]
  }

  // MARK: At the end

  /// What reaches too far, ends within a unit, or lags behind a ledger of `size` entries.
  func faultsOfLength(size: UInt64, block: UInt64) -> (faults: [Fault], notes: [String]) {
    var faults = openingFaults
    var notes = missing.map { "behind: \($0) is not there; the next start, or `zheng rebuild`, makes it" }
    func judge(_ path: String, _ count: UInt64, of expected: UInt64, isPartial: Bool, _ unit: String) {
      if count > expected {
        faults.append(
          Fault(
            .truncated, block: block,
            "\(path) holds \(count) \(unit)s and the checkpoints reach to \(expected) only: the ledger was longer"
          ))
      } else if isPartial {
        faults.append(
          Fault(
            .derivedMismatch, block: block > 0 ? block - 1 : 0,
            "\(path): ends within a \(unit), behind \(count)"))
      } else if count < expected {
        notes.append("behind: \(path) has \(count) of \(expected) \(unit)s; the next start catches up")
      }
    }
    if let tiles {
      var level = 0
      while level < max(tiles.counts.count, counts.count) {
        let expected = Tiles.hashCount(level: level, treeSize: size)
        judge(
          folder.tileFile(level: level), tiles.count(level: level), of: expected,
          isPartial: tiles.partial.contains(level), "hash")
        level += 1
      }
    }
    if let offsets {
      judge(
        folder.offsets, offsets.count, of: OffsetsFile.bundleCount(treeSize: size),
        isPartial: offsets.isPartial,
        "position")
    }
    if let index, let indexed = index.head?.size {
      judge(folder.index, indexed, of: size, isPartial: false, "entrie")
    }
    return (faults, notes)
  }

  /// The faults of the index as a whole.
  func finish(_ state: LedgerState, _ ruleState: RuleState) throws -> [Fault] {
    try index?.finish(state, ruleState) ?? []
  }

  /// The path of `policy`, where it is not what the roster gives.
  func policyDiffers(from state: LedgerState) -> String? {
    let expected = Array(state.roster.policyText(ledger: state.ledgerID).utf8)
    do {
      guard try FileSystem.read(folder.policy, limit: 1 << 20) != expected else { return nil }
      return "\(folder.policy) is not the one that the roster gives; hand it to nobody"
    } catch { return "\(folder.policy) can't be read" }
  }
}
