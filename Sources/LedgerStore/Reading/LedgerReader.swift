import Foundation
import Ledger
import LedgerCrypto
import Statements
import Synchronization
import TransparencyLog

/// Reads a ledger as it stood when the reader was opened. Writes nothing and takes no lock, whoever owns the directory.
///
/// Each entry that it gives has the leaf hash that was signed, each row of the index says what its entry says, each value of the
/// state has its way to the root that was signed, and each proof holds; what does not is a `Fault` with its place. A search may
/// miss what the index lacks; a list of the state (`records(listedAt:)`) is complete, or an error. Safe to share between threads. A class, since each answer of a node comes with one, and
/// it holds much.
public final class LedgerReader: Sendable {
  /// The ledger's directory.
  public let folder: LedgerFolder
  /// The newest checkpoint.
  public let checkpoint: SignedNote
  /// The number of entries below it.
  public let size: UInt64
  /// How many entries the index lacks; they are not found by searches.
  public var unindexed: UInt64 { UInt64(index.unindexed) + unindexedAtOpening }
  /// The leaf hash of the founding statement.
  public let ledgerID: Digest
  /// What was found on the way and is no fault, for people: derived files that could not be used, files that are none of a ledger's.
  public let notes: [String]

  let entries: CheckedEntries
  private let checkpoints: CheckpointLog
  private let tiles: TileFiles
  let index: any BlockIndex
  private let unindexedAtOpening: UInt64
  let live: Live?
  private let lastRoster = LastRoster()
  private let lastBlock = Mutex<BlockRow?>(nil)
  let stored: StoredState

  /// The roster that was read last: its keys are dear to read, and records that lie near each other have the same.
  private final class LastRoster: Sendable {
    let roster = Mutex<Roster?>(nil)
  }

  /// What the process that writes knows and the files may not say yet.
  struct Live: Sendable {
    let state: LedgerState
    let newest: NewestBlock?
    let values: StateStore
  }

  /// Opens the ledger in `folder`. Where another process writes, its index follows in a moment: that is waited for, so that whatever
  /// was acknowledged before is found. What the derived files lack otherwise is worked out in memory.
  ///
  /// - Throws: `Failure`, or the `Fault` that keeps it from being read.
  public init(_ folder: LedgerFolder) throws {
    let truth = try Truth(folder)
    var stored = try truth.stored()
    let end = ContinuousClock.now + LedgerReader.mostPatience
    while !stored.isUsable, .now < end, WriterLock.isHeld(in: truth.directory) {
      Thread.sleep(forTimeInterval: 0.005)
      stored = try truth.stored()
    }
    var notes = truth.log.ignored
    if stored.isUsable, let index = stored.files.index {
      (tiles, self.index) = (stored.files.tiles, index)
      entries = try truth.entries(tiles, stored.files.offsets)
      self.stored = StoredState(truth, entries, index)
    } else {
      let derived = try truth.derived(from: stored.files)
      (tiles, self.index) = (derived.tiles, derived.follower)
      entries = try truth.entries(tiles, derived.offsets)
      self.stored = StoredState(derived.state)
      notes.append(truth.note(on: stored.files))
    }
    (self.folder, self.notes, checkpoints) = (folder, notes, truth.checkpoints)
    (checkpoint, size, ledgerID) = (truth.head.note, truth.head.size, truth.ledgerID)
    (unindexedAtOpening, live) = (0, nil)
  }

  /// How long the index of another process is waited for; under load it follows within a few hundred milliseconds.
  private static let mostPatience = Duration.seconds(2)

  /// Opens the ledger in `folder` with its derived files as they are, which may lag.
  public init(asItIs folder: LedgerFolder) throws {
    let truth = try Truth(folder)
    (self.folder, checkpoints) = (folder, truth.checkpoints)
    (checkpoint, size, ledgerID) = (truth.head.note, truth.head.size, truth.ledgerID)
    tiles = try TileFiles(in: truth.directory, writing: false)
    entries = try truth.entries(tiles, OffsetsFile(in: truth.directory, writing: false))
    index = try folder.index.stored(in: truth.directory)
    stored = StoredState(truth, entries, index)
    unindexedAtOpening = size - min(size, try index.head()?.size ?? 0)
    (live, notes) = (nil, truth.log.ignored)
  }

  /// The newest checkpoint of the ledger in `folder`, for which nothing derived is needed.
  public static func newestCheckpoint(_ folder: LedgerFolder) throws -> SignedNote {
    try Truth(folder).head.note
  }

  /// A reader of what a writer has open.
  init(
    _ folder: LedgerFolder, _ state: LedgerState, _ checkpoint: SignedNote, _ log: EntryLog,
    _ checkpoints: CheckpointLog, _ tiles: TileFiles, _ offsets: OffsetsFile, _ index: any BlockIndex,
    _ live: Live
  ) {
    (self.folder, self.checkpoint, self.checkpoints) = (folder, checkpoint, checkpoints)
    (self.tiles, self.index, self.live) = (tiles, index, live)
    (size, ledgerID, unindexedAtOpening, notes) = (state.frontier.size, state.ledgerID, 0, [])
    stored = StoredState(live.values)
    var hasher = TreeHasher()
    entries = CheckedEntries(
      folder, log, offsets,
      CheckedTree(folder, tiles, size: size, root: state.frontier.root(using: &hasher)))
  }

  /// The roster in force, where this reader comes from the writer.
  var rosterInForce: Roster? { live?.state.roster }

  /// The newest block, where this reader has it at hand and it holds `entry`.
  private func newest(holding entry: UInt64) -> NewestBlock? {
    guard let newest = live?.newest, entry >= newest.block.first, entry < newest.block.size else {
      return nil
    }
    return newest
  }

  // MARK: Entries and blocks

  /// The entry with this index, or nil where the ledger does not reach so far.
  public func entry(_ index: UInt64) throws -> [UInt8]? {
    guard index < size else { return nil }
    if let newest = newest(holding: index) { return newest.block.entry(index) }
    return try entries.entry(index)
  }

  /// The index of the statement with this id, or nil where the index knows none.
  public func entryIndex(of id: Digest) throws -> UInt64? {
    guard let found = try index.entry(of: id), found < size else { return nil }
    guard try newest(holding: found) != nil || statement(found)?.id == id else {
      throw indexDamage(found, "it names another entry than the one with the id \(id)")
    }
    return found
  }

  func statement(_ index: UInt64) throws -> SignedStatement? {
    try entry(index).map { try SignedStatement(decoding: $0) }
  }

  /// A fault of the index. The process that writes takes a note of it, so that the next start mends it.
  func indexDamage(_ entry: UInt64, _ what: String) -> Fault {
    if live != nil { folder.noteSuspectIndex() }
    return Fault(
      .derivedMismatch, entry: entry, "\(folder.indexFile): \(what); \(folder.remedies.rebuild) makes it anew"
    )
  }

  /// The block that holds entry `index`, which must be below `size`.
  ///
  /// - Throws: `Failure` where the index lags behind it.
  public func block(of entry: UInt64) throws -> BlockRow {
    if let newest = newest(holding: entry) { return newest.block.row }
    if let last = lastBlock.withLock({ $0 }), last.first <= entry, entry < last.size { return last }
    guard let block = try index.block(of: entry), block.first <= entry else { throw behind }
    guard block.size <= size else { throw behind }
    guard try isTrue(block) else {
      throw indexDamage(entry, "block \(block.height) is not as its header says")
    }
    lastBlock.withLock { $0 = block }
    return block
  }

  /// The block at `height`, or nil where there is none.
  ///
  /// - Throws: `Failure` where the index lags behind it.
  package func block(at height: UInt64) throws -> BlockRow? {
    if let row = live?.newest?.block.row, row.height <= height { return row.height == height ? row : nil }
    guard let found = try index.block(height: height), found.size <= size else { return nil }
    let block = try block(of: found.size - 1)
    guard block.height == height else {
      throw indexDamage(found.size - 1, "it names another block than the one at height \(height)")
    }
    return block
  }

  /// The height of the block that holds entry `index`, whatever the search index says.
  func height(of entry: UInt64) throws -> UInt64 {
    do { return try block(of: entry).height } catch {
      // The index does not know, or is wrong. The block ends with the first checkpoint that covers the entry.
      guard let end = try checkpointSizes(after: entry).last, let header = try statement(end - 1) else {
        throw behind
      }
      return try BlockHeader(payload: header.payload).height
    }
  }

  /// Whether `block`, a row of the index, is what its header and the one before it say.
  private func isTrue(_ block: BlockRow) throws -> Bool {
    func header(_ entry: UInt64) throws -> BlockHeader? {
      guard let statement = try statement(entry), statement.contentType == Kind.block else { return nil }
      return try BlockHeader(payload: statement.payload)
    }
    guard block.size > block.first, let own = try header(block.size - 1) else { return false }
    guard own.height == block.height, own.time == block.time, own.size == block.size - 1,
      own.first == block.first
    else { return false }
    return block.first == 0 ? block.height == 0 : try header(block.first - 1)?.height == block.height - 1
  }

  /// The newest block.
  ///
  /// - Throws: `Failure` where the index lags behind it.
  public func newestBlock() throws -> BlockRow { try live?.newest?.block.row ?? block(of: size - 1) }

  var behind: Failure { .lagging(folder, unindexed) }

  /// The header of `block`.
  public func header(of block: BlockRow) throws -> SignedStatement {
    guard let entry = try entry(block.size - 1) else { throw behind }
    return try SignedStatement(decoding: entry)
  }

  /// The checkpoint of `block`.
  public func checkpoint(of block: BlockRow) throws -> SignedNote {
    guard let frame = try checkpoints.frame(at: block.checkpoint) else {
      throw Fault(.malformedCheckpoint, block: block.height, "no whole checkpoint lies where the index says")
    }
    return try SignedNote(parsing: frame.note.span)
  }

  /// The roster with this root, which a header names.
  public func roster(_ root: Digest, at height: UInt64) throws -> Roster {
    if let live {
      // Rosters change seldom: it is nearly always the one in force.
      if live.state.roster.root == root { return live.state.roster }
      if let newest = live.newest, newest.roster.root == root { return newest.roster }
    }
    if let last = lastRoster.roster.withLock({ $0 }), last.root == root { return last }
    guard let items = try index.rosterItems(root) else { throw behind }
    guard let roster = try Roster(indexed: items, inForceFrom: height), roster.root == root else {
      throw Fault(
        .derivedMismatch, block: height,
        "\(folder.indexFile): the roster is not the one that the header names; \(folder.remedies.rebuild) makes it anew"
      )
    }
    lastRoster.roster.withLock { $0 = roster }
    return roster
  }

  // MARK: Searching

  /// How many records are looked up at a time. `body` is called between the look-ups: however long it takes, it never keeps the index
  /// from being written.
  private static let pageLength = 1000

  /// Calls `body` with each record that `query` finds, oldest first. Each is what its entry and its block say.
  public func search(_ query: SearchQuery, _ body: (RecordSummary) throws -> Void) throws {
    var next = query.first
    var left = query.limit ?? .max
    while left > 0 {
      let page = try index.search(query, from: next, limit: min(left, LedgerReader.pageLength))
      for record in page {
        // What was recorded since this reader was opened is left to the next.
        guard record.index < size else { return }
        guard let statement = try statement(record.index),
          try record.says(statement, in: block(of: record.index))
        else {
          throw indexDamage(record.index, "the row of this entry is not what the entry says")
        }
        try body(record)
      }
      guard let last = page.last, page.count == LedgerReader.pageLength else { return }
      next = last.index + 1
      left -= page.count
    }
  }

  // MARK: Proving

  /// The proof of the record at `index`: against its own block's checkpoint, or against the newest.
  ///
  /// - Throws: a `Refusal` where the entry is a block header.
  public func proof(of entryIndex: UInt64, atHead: Bool = false) throws -> RecordProof {
    try proof(of: entryIndex, against: atHead ? checkpoint : nil)
  }

  /// The proof of the record at `index` against `given`, a checkpoint that covers its block and that this reader reaches; against
  /// its own block's where that is nil.
  ///
  /// - Throws: as `proof(of:)`.
  package func proof(of entryIndex: UInt64, against given: SignedNote?) throws -> RecordProof {
    let block = try block(of: entryIndex)
    guard entryIndex != block.size - 1 else {
      throw Refusal(.malformed, "entry \(entryIndex) is the header of block \(block.height), not a record")
    }
    guard let statement = try statement(entryIndex) else { throw behind }
    let header = try header(of: block)
    let roster = try roster(BlockHeader(payload: header.payload).roster, at: block.height)
    let note = if let given { given } else { try checkpoint(of: block) }
    let checkpoint = try Checkpoint(parsing: note.text)
    guard given != nil || checkpoint.size == block.size else {
      throw indexDamage(entryIndex, "the checkpoint that it names for block \(block.height) is another's")
    }
    let faults = try StoredCheckpoint(parsing: note.bytes.span).check(roster, height: block.height).faults
    if let fault = faults.first { throw fault }
    let reader = TileHashReader(entries.tree)
    var hasher = TreeHasher()
    func path(_ index: UInt64, _ entry: [UInt8]) throws -> InclusionProof {
      let path = try InclusionProof(index: index, size: checkpoint.size, from: reader, using: &hasher)
      try path.verify(leaf: hasher.leaf(entry.span), root: checkpoint.root, using: &hasher)
      return path
    }
    let paths: (InclusionProof, InclusionProof)
    do {
      paths = (try path(entryIndex, statement.entry), try path(block.size - 1, header.entry))
    } catch let error as LogError {
      throw Fault(.rootMismatch, block: block.height, entry: entryIndex, error.description)
    }
    return try RecordProof(
      of: statement, path: paths.0, header: header, headerPath: paths.1, roster: roster, checkpoint: note)
  }

  /// The record at `index` with its proof against its own block's checkpoint.
  ///
  /// - Throws: as `proof(of:)`.
  public func record(_ index: UInt64) throws -> ProvenEntry {
    if let record = try recordAtHand(index) { return record }
    let proof = try proof(of: index)
    return ProvenEntry(
      id: proof.statement.id, time: try block(of: index).time, proof: proof.bytes,
      checkpoint: proof.proof.checkpoint.bytes)
  }

  /// The same from memory, without reading anything; nil unless it is of the newest block and this reader comes from the writer.
  ///
  /// - Throws: `ProofError`, were the block's proofs impossible.
  public func recordAtHand(_ index: UInt64) throws -> ProvenEntry? {
    try newest(holding: index)?.record(index)
  }

  // MARK: Checkpoints

  /// The sizes of the checkpoints over more than `size` entries, the newest first.
  ///
  /// - Throws: `Fault` for a checkpoint that can't be read.
  func checkpointSizes(after size: UInt64) throws -> [UInt64] {
    var sizes: [UInt64] = []
    var frame = try checkpoints.last()
    while let found = frame {
      let covered: UInt64
      do { covered = try Checkpoint(parsing: SignedNote(parsing: found.note.span).text).size } catch {
        throw Fault(.malformedCheckpoint, "the checkpoint at byte \(found.offset): \(error)")
      }
      guard covered > size else { break }
      if covered <= self.size { sizes.append(covered) }
      frame = try checkpoints.frame(before: found.offset)
    }
    return sizes
  }

  // MARK: Tiles

  /// The bytes of the C2SP tile or entry bundle at `path`, or nil where the tree has none there.
  public func tile(_ path: TilePath) throws -> [UInt8]? {
    guard let tile = try tileBytes(path) else { return nil }
    return try (0..<tile.pieceCount).flatMap { try tile.piece($0) }
  }

  /// The same, in pieces of bounded size; each is compared with the signed tree when it is read.
  ///
  /// - Throws: a `Fault` where any of it is not what was signed.
  public func tileBytes(_ path: TilePath) throws -> TileBytes? {
    guard Tiles.covers(path, treeSize: size) else { return nil }
    switch path.kind {
    case .hashes: return try entries.hashes(path)
    case .entries: return try entries.bundle(path)
    }
  }
}

extension RecordSummary {
  /// Whether this, a row of the index, is what `statement` and its block say.
  fileprivate func says(_ statement: SignedStatement, in block: BlockRow) -> Bool {
    guard let claims = statement.claims else { return false }
    let payload = statement.payload
    return id == statement.id && issuer == claims.issuer && subject == claims.subject
      && type == statement.contentType && issuedAt == claims.issuedAt && byteCount == UInt64(payload.count)
      && digest == SHA256.digest(of: payload) && self.block == block.height && time == block.time
  }
}
