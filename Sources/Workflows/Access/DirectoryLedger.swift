import Ledger
import LedgerCrypto
import LedgerStore
import Statements
import TransparencyLog

/// A ledger in a directory of this machine. What another process records is read by whoever opens the directory anew.
///
/// Not for use from two threads at once.
package final class DirectoryLedger: LedgerAccess {
  /// Who records what is submitted.
  package enum Recording {
    /// Nobody.
    case none
    /// This process, which alone writes while it has the ledger open.
    case here(isClockConfirmed: Bool, adoptsHead: Bool)
  }

  /// A ledger's directory.
  package typealias Folder = LedgerFolder

  package let folder: Folder
  package let context: WorkContext
  /// What was found on the way and is no fault, for people.
  package private(set) var notes: [String] = []
  package private(set) var reader: LedgerReader
  private var writer: LedgerWriter?
  private var isClockConfirmed = false
  private let adoptsHead: Bool

  /// Opens the ledger in `folder`.
  ///
  /// - Throws: `LedgerBusy` where another process writes and this one is to; `Failure`; the `Fault` that keeps it from being read.
  package init(_ folder: LedgerFolder, _ context: WorkContext, recording: Recording = .none) throws {
    (self.folder, self.context) = (folder, context)
    switch recording {
    case .none:
      reader = try LedgerReader(folder)
      notes = reader.notes
      adoptsHead = false
    case .here(let isConfirmed, let adopts):
      let opened = try DirectoryLedger.writer(folder, context, isConfirmed, adopts)
      reader = try opened.reader()
      (isClockConfirmed, adoptsHead, writer) = (isConfirmed, adopts, opened)
      notes = opened.notes.map { "\(folder.path): \($0)" }
    }
  }

  /// The ledger as `reader` has it, which its writer gave.
  package init(reading reader: LedgerReader, _ context: WorkContext) {
    (self.reader, self.context, folder, adoptsHead) = (reader, context, reader.folder, false)
  }

  private static func writer(
    _ folder: LedgerFolder, _ context: WorkContext, _ isClockConfirmed: Bool, _ adoptsHead: Bool
  ) throws -> LedgerWriter {
    try LedgerWriter(
      folder, context.writerOptions(isClockConfirmed: isClockConfirmed, adoptsHead: adoptsHead))
  }

  // MARK: Reading

  package var place: String { folder.path }
  package var ledgerID: Digest { reader.ledgerID }
  package var unsearchable: UInt64 { reader.unindexed }
  package var size: UInt64 { reader.size }

  package func state() async throws -> LedgerState { try current }

  /// The roster in force, and what is proposed to change it.
  var current: LedgerState { get throws { try writer?.state ?? reader.state() } }

  package func newestBlock() async throws -> BlockPlace { BlockPlace(try reader.newestBlock()) }

  package func roster(_ root: Digest, at height: UInt64) async throws -> Roster {
    try reader.roster(root, at: height)
  }

  package func entry(_ index: UInt64) async throws -> [UInt8]? { try reader.entry(index) }

  package func entryIndex(of id: Digest) async throws -> UInt64? { try reader.entryIndex(of: id) }

  package func block(of index: UInt64) async throws -> BlockPlace { BlockPlace(try reader.block(of: index)) }

  package func proof(of index: UInt64, atHead: Bool) async throws -> RecordProof {
    try reader.proof(of: index, atHead: atHead)
  }

  package func stateProofs(_ keys: [StateKey], asOf earlier: UInt64?) async throws -> StateProofs {
    // The process that writes here has nothing under way while it is asked.
    if let proofs = try reader.stateProofs(keys, asOf: earlier) { return proofs }
    reader = try writer?.reader() ?? LedgerReader(folder)
    guard let proofs = try reader.stateProofs(keys, asOf: earlier) else {
      throw Failure("read", place, reason: "the ledger has gone on; try again")
    }
    return proofs
  }

  package func records(listedAt key: StateKey) async throws -> [UInt64] { try reader.records(listedAt: key) }

  /// How many records are a page.
  private static let pageLength = 1000

  package func records(_ query: RecordQuery, from first: UInt64) async throws -> [RecordRow] {
    var search = SearchQuery()
    (search.issuer, search.subject, search.type) = (query.issuer, query.subject, query.type)
    (search.since, search.until, search.digest) = (query.since, query.until, query.digest)
    (search.first, search.limit) = (first, min(query.limit ?? .max, DirectoryLedger.pageLength))
    var page: [RecordRow] = []
    try reader.search(search) { page.append(RecordRow($0)) }
    return page
  }

  package func value(_ key: StateKey) async throws -> [UInt8]? { try reader.ruleValue(key) }

  package func values(
    under prefix: StateKey, where fields: [(name: String, value: String)]
  ) async throws -> [(key: StateKey, value: [UInt8])] {
    try reader.ruleValues(under: prefix, where: fields)
  }

  package func past(at time: UInt64) async throws -> PastState { try reader.past(at: time) }

  // MARK: Submitting

  package func submit(_ entry: [UInt8]) async throws -> RecordPlace {
    var checker = EntryChecker()
    let checked = checker.check(entry.span, keys: try current.roster.keys)
    switch try append([.init(entry: entry, checked: checked)]).first {
    case .accepted(let receipt):
      try flush(after: (receipt.index, receipt.block))
      reader = try opened.reader()
      return RecordPlace(index: receipt.index, block: receipt.block, time: receipt.time ?? 0)
    case .refused(let refusal): throw refusal
    // Each statement has fresh random bytes in it.
    case .duplicate, nil:
      throw Failure("append", place, reason: "the statement was not judged; try again")
    }
  }

  /// Judges `candidates` and records what is accepted as one block, as many as fit; a person is asked where the clock is in doubt.
  ///
  /// - Returns: as `LedgerWriter.appendBlock`.
  func append(_ candidates: ArraySlice<LedgerWriter.Candidate>) throws -> [Verdict] {
    do { return try opened.appendBlock(candidates) } catch {
      guard let refusal = error as? Refusal, refusal.code == .clockJump, !isClockConfirmed,
        context.confirmsClock(refusal)
      else { throw error }
    }
    isClockConfirmed = true
    // The lock goes with the old writer.
    writer = nil
    let opened = try DirectoryLedger.writer(folder, context, true, adoptsHead)
    for note in opened.notes { context.note("\(folder.path): \(note)") }
    writer = opened
    return try opened.appendBlock(candidates)
  }

  /// Waits until what was recorded can be searched; a note says so where that can't be now.
  ///
  /// - Parameter last: where the newest record lies.
  func flush(after last: (index: UInt64, block: UInt64)?) throws {
    guard let failure = try opened.flush() else { return }
    let what = last.map { "recorded as entry \($0.index), block \($0.block); " } ?? ""
    context.note("\(what)the index could not be written: \(failure); the next command that writes catches up")
  }

  private var opened: LedgerWriter {
    get throws {
      guard let writer else { throw Failure("open", place, reason: "the ledger is not open for writing") }
      return writer
    }
  }
}

extension BlockPlace {
  init(_ row: BlockRow) { self.init(height: row.height, first: row.first, size: row.size, time: row.time) }
}

extension RecordRow {
  init(_ record: RecordSummary) {
    self.init(
      index: record.index, block: record.block, time: record.time, id: record.id, issuer: record.issuer,
      subject: record.subject, type: record.type, issuedAt: record.issuedAt, byteCount: record.byteCount,
      digest: record.digest)
  }
}
