import Foundation

/// The right to write to a ledger: an advisory lock that names the process that holds it, and ends with it.
final class WriterLock: Sendable {
  private let file: File

  /// - Throws: `LedgerBusy` where another process writes.
  init(_ folder: LedgerFolder) throws {
    // Not yet this object's: what does not hold the lock must not clear the holder's name when it goes.
    let file = try File(folder.lock, .writeOrCreate)
    guard try file.lock() else {
      let text = String(decoding: try file.read(at: 0, upTo: 32), as: UTF8.self)
      throw LedgerBusy(path: folder.path, holder: Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }
    self.file = file
    try file.truncate(to: 0)
    try file.write(Array("\(getpid())\n".utf8), at: 0)
  }

  deinit {
    // The lock goes with the descriptor; an empty file says that nobody holds it. Failing to say so harms nothing.
    do { try file.truncate(to: 0) } catch {}
  }
}
