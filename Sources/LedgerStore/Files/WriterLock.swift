import Foundation

/// The right to write to a ledger: an advisory lock that names the process that holds it, and ends with it.
final class WriterLock: Sendable {
  private let file: File

  /// Takes the lock of the ledger in `directory`.
  ///
  /// - Throws: `LedgerBusy` where another process writes.
  init(in directory: Directory, _ remedies: Remedies) throws {
    // Not yet this object's: what does not hold the lock must not clear the holder's name when it goes.
    let file = try File("lock", in: directory, .writeOrCreate)
    guard try file.lock() else {
      throw LedgerBusy(path: directory.path, holder: try WriterLock.holder(named: file), node: remedies.node)
    }
    self.file = file
    try file.truncate(to: 0)
    try file.write(Array("\(getpid())\n".utf8), at: 0)
  }

  deinit {
    // The lock goes with the descriptor; an empty file says that nobody holds it. Failing to say so harms nothing.
    do { try file.truncate(to: 0) } catch {}
  }

  /// Whether a process seems to write to the ledger in `directory`, by what the file says and without taking the lock.
  static func isHeld(in directory: Directory) -> Bool {
    do {
      guard directory.exists("lock"), let holder = try holder(named: File("lock", in: directory, .read))
      else { return false }
      return kill(holder, 0) == 0 || errno == EPERM
    } catch { return false }
  }

  private static func holder(named file: File) throws(Failure) -> Int32? {
    let text = String(decoding: try file.read(at: 0, upTo: 32), as: UTF8.self)
    return Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
  }
}
