import Ledger
import LedgerClient
import LedgerStore
import TransparencyLog

extension NodeLedger {
  /// Brings the copy of the ledger in the directory `path`, made where there is none, up to the newest checkpoint here. What came before a
  /// failure stays, and is gone on with. Nothing of it is judged but its form: an audit does that.
  ///
  /// - Parameter each: told how many entries are there, and of how many.
  package func copy(to path: String, each: (_ done: UInt64, _ total: UInt64) -> Void) async throws {
    try await copy(to: LedgerCopy(path), each: each)
  }

  /// The same of a copy that is open.
  func copy(to copy: LedgerCopy, each: (_ done: UInt64, _ total: UInt64) -> Void) async throws {
    let total = size
    guard copy.size <= total else {
      throw WorkflowError(
        .notVerified, "behind",
        "\(place) is behind: it has \(total) entries, and \(copy.path) has \(copy.size) of them already")
    }
    while copy.size < total {
      let bundle = copy.size / UInt64(Tiles.width)
      let first = bundle * UInt64(Tiles.width)
      let count = Int(min(UInt64(Tiles.width), total - first))
      let bytes = try await client.bundle(TilePath(kind: .entries, index: bundle, width: count))
      guard try copy.append(bundle: bytes, count: count, skipping: Int(copy.size - first)) else {
        throw NodeClientError(.untrue, "\(place) gives a bundle of entries that is none")
      }
      each(copy.size, total)
    }
    var reached = try copy.newest.map { try NodeLedger.size(of: SignedNote(parsing: $0.span)) } ?? 0
    while reached < total {
      for note in try await client.checkpoints(of: copy.checkpointCount, upTo: total) {
        let size = try NodeLedger.size(of: note)
        guard size > reached, size <= total else {
          throw NodeClientError(
            .untrue, "\(place): block \(copy.checkpointCount) has no checkpoint that follows the one before")
        }
        try copy.append(checkpoint: note)
        reached = size
      }
    }
    try copy.sync()
  }

  /// What a copy of the whole ledger, brought up to date, says of an earlier time.
  package func past(at time: UInt64) async throws -> PastState {
    try requireNewest("how things stood")
    let (path, until) = (try copyFolder, head)
    say("how things stood is worked out from the whole ledger, which is copied to \(path)")
    try await copy(to: path) { _, _ in }
    let fault: Fault
    do {
      let folder = try DirectoryLedger.folder(at: path, context.remedies)
      if let past = try PastState.of(copy: folder, at: time, upTo: until) { return past }
      fault = Fault(.rootMismatch, "its entries are not those of its checkpoint of \(until.size)")
    } catch let found as Fault { fault = found }
    throw try notGood(fault, path)
  }

  /// The complaint that a copy of what the node gave is not good; puts the copy aside, since it would be gone on with.
  func notGood(_ fault: Fault, _ path: String) throws -> WorkflowError {
    let other = try Files.movedAside(path)
    return WorkflowError(
      .notVerified, fault.code.rawValue, "\(place): its ledger is not good: \(fault); the copy is \(other)")
  }

  /// Where the copy is kept that nobody has named a directory for: `STATE/LEDGER-ID/copy`.
  package var copyFolder: String {
    get throws { "\(try StateFolder.path(of: ledgerID, in: context.stateFolder))/copy" }
  }

  private static func size(of note: SignedNote) throws -> UInt64 { try Checkpoint(parsing: note.text).size }
}
