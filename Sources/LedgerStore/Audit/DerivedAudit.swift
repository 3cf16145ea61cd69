import Foundation
import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// Compares what is derived with what the truth says, block by block.
struct DerivedAudit: ~Copyable {
  private let folder: LedgerFolder
  private let directory: Directory
  /// The stored tiles, where they can be read.
  let tiles: TileFiles?
  /// The stored offsets, where they can be read.
  let offsets: OffsetsFile?
  private let index: (any IndexAuditor)?
  private var openingFaults: [Fault] = []
  /// What there is to say of files that can't be compared, and are no fault.
  private let notes: [String]

  init(_ folder: LedgerFolder, in directory: Directory) {
    (self.folder, self.directory) = (folder, directory)
    var faults: [Fault] = []
    var notes: [String] = []
    func opened<Value>(_ path: String, _ open: () throws -> Value) -> Value? {
      guard FileSystem.exists(path) else {
        notes.append("behind: \(path) is not there; the next start, or \(folder.remedies.rebuild), makes it")
        return nil
      }
      do { return try open() } catch let failure as Failure where failure.errorNumber != 0 {
        // Not damaged, but not to be read by this user or at this moment: that says nothing of the ledger.
        notes.append(
          "behind: \(failure); it was not compared with the entries; \(folder.remedies.rebuild) makes it anew"
        )
        return nil
      } catch {
        faults.append(
          Fault(.derivedMismatch, "\(path): \(error); \(folder.remedies.rebuild) makes it anew"))
        return nil
      }
    }
    tiles = opened(folder.tiles) { try TileFiles(in: directory, writing: false) }
    offsets = opened(folder.offsets) { try OffsetsFile(in: directory, writing: false) }
    if folder.index.isOutdated(in: directory) {
      notes.append(
        "behind: \(folder.indexFile) is of an earlier version; the next start, or \(folder.remedies.rebuild), makes it anew"
      )
      index = nil
    } else {
      index = opened(folder.indexFile) { try folder.index.auditor(in: directory) }
    }
    (openingFaults, self.notes) = (faults, notes)
  }

  // MARK: Block by block

  /// The faults of what is derived from the block of `entries` that lies next in `feed`.
  ///
  /// - Parameter gained: what each tile level gains by the block.
  mutating func audit(
    _ feed: EntryFeed, _ entries: BlockAudit.Entries, gained: [[Digest]], height: UInt64, time: UInt64?,
    checkpointOffset: UInt64?, changes: StateChanges, isDeep: Bool
  ) throws -> [Fault] {
    var faults = openingFaults
    openingFaults = []
    let first = feed.index
    for entry in stride(from: (first + 255) / 256 * 256, to: first + UInt64(entries.count), by: 256) {
      faults += try compareOffset(entry, feed.position(of: entry), height)
    }
    var leaves = gained.first?[...] ?? []
    var entry = first
    for run in entries.runs {
      for (stored, leaf) in zip(run.stored, leaves) {
        if stored != leaf { faults.append(mismatch(level: 0, position: entry, height: height, entry: entry)) }
        entry += 1
      }
      leaves = leaves.dropFirst(run.leaves.count)
    }
    for (level, hashes) in gained.enumerated().dropFirst() {
      faults += try compare(hashes, level: level, from: first >> UInt64(Tiles.height * level), height)
    }
    if isDeep, let index {
      faults += try index.audit(
        entries, first: first, height: height, time: time, checkpointOffset: checkpointOffset,
        changes: changes)
    }
    return faults
  }

  /// The faults of the tile level above the leaves that should have `hashes` from `position` on, as far as it reaches.
  private func compare(
    _ hashes: [Digest], level: Int, from position: UInt64, _ height: UInt64
  ) throws -> [Fault] {
    guard let tiles else { return [] }
    let end = min(position + UInt64(hashes.count), tiles.count(level: level))
    guard position < end else { return [] }
    let stored = try tiles.tileHashes(level: level, positions: position..<end)
    return zip(stored, hashes).enumerated().filter { $1.0 != $1.1 }.map {
      mismatch(level: level, position: position + UInt64($0.offset), height: height, entry: nil)
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
    var notes = notes
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
      while level < tiles.counts.count || Tiles.hashCount(level: level, treeSize: size) > 0 {
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
      judge(folder.indexFile, indexed, of: size, isPartial: false, "entrie")
    }
    return (faults, notes)
  }

  /// The faults of the index as a whole.
  func finish(_ state: LedgerState, _ values: [StateKey: [UInt8]?]) throws -> [Fault] {
    try index?.finish(state, values) ?? []
  }

  /// The faults of the stored state: what of it leads to none of `roots`, those of the blocks.
  func faultsOfState(_ roots: [Digest]) -> [Fault] {
    // A writer at work may have written the state of a block that comes later.
    guard directory.exists(StateFiles.folderName), !WriterLock.isHeld(in: directory) else { return [] }
    let path = directory.path(of: StateFiles.folderName)
    func fault(_ reason: String) -> Fault {
      Fault(
        .derivedMismatch, block: UInt64(max(0, roots.count - 1)),
        "\(path): \(reason); \(folder.remedies.rebuild) makes it anew")
    }
    do {
      var hasher = StateHasher()
      let files = try StateFiles.open(in: directory, writing: false, using: &hasher) { height in
        height < UInt64(roots.count) ? roots[Int(height)] : nil
      }
      guard let files else { return [fault("what is stored of the state does not fit what was signed")] }
      guard let values = try ValuesFile(in: files.directory, writing: false) else {
        return [fault("\(ValuesFile.name) is missing")]
      }
      try files.readAll { leaves, hasher in try values.check(leaves, using: &hasher) }
      return []
    } catch let mismatch as StateMismatch { return [fault(mismatch.reason)] } catch {
      return [fault("\(error)")]
    }
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
