import Foundation
import LedgerCrypto
import LedgerStore
import TransparencyLog

/// The newest checkpoint of a ledger that this machine has seen at any node: `STATE/LEDGER-ID/seen.checkpoint`, a signed note. It is
/// changed under a lock, and only forwards.
///
/// Beside it lie, in `behind/`, the checkpoints of nodes that were behind it and could not be compared with it yet, and in
/// `contradictions/` those that contradict each other, for ever.
struct SeenCheckpoint {
  /// The file of the note.
  let path: String
  private let folder: String

  /// The most files in `behind/`, and in `contradictions/`: a node that lies must not fill the disk.
  static let mostKept = 64

  /// - Parameter state: STATE; nil for the standard one.
  init(of ledger: Digest, in state: String?) throws {
    folder = try StateFolder.path(of: ledger, in: state)
    path = "\(folder)/seen.checkpoint"
  }

  /// The note that is kept; nil where none is.
  func newest() throws -> SignedNote? { Files.exists(path) ? try SeenCheckpoint.note(path) : nil }

  private static func note(_ path: String) throws -> SignedNote {
    let bytes = try Files.contents(path, of: "a checkpoint", limit: SignedNote.maximumByteCount)
    let note = try SignedNote(parsing: bytes.span)
    _ = try Checkpoint(parsing: note.text)
    return note
  }

  /// Keeps `note`, which was shown to follow `base`, the one that was kept before.
  ///
  /// - Returns: nil where it is kept, or one as new is; else what somebody has kept since `base`, for `note` to be compared with.
  func advance(to note: SignedNote, from base: SignedNote?) throws -> SignedNote? {
    try StateFolder.make(folder)
    let lock = open("\(folder)/seen.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard lock >= 0 else { throw Failure("open", "\(folder)/seen.lock") }
    defer { File.release(lock) }
    while flock(lock, LOCK_EX) != 0 {
      guard errno == EINTR else { throw Failure("flock", "\(folder)/seen.lock") }
    }
    let kept: SignedNote?
    // What can't be read was said to be lost.
    do { kept = try newest() } catch { kept = nil }
    if let kept, kept != base {
      let (known, new) = (try Checkpoint(parsing: kept.text), try Checkpoint(parsing: note.text))
      return known.size == new.size && known.root == new.root ? nil : kept
    }
    guard kept != note else { return nil }
    if kept == nil, !Files.exists(path) {
      try Files.create(path, note.bytes, permissions: 0o600)
    } else {
      try Files.replace(path, note.bytes)
    }
    return nil
  }

  // MARK: Behind

  /// The checkpoints of nodes that were behind, which are still to be compared.
  func behind() throws -> [SignedNote] {
    try names("behind").map { try SeenCheckpoint.note("\(folder)/behind/\($0)") }
  }

  /// Keeps `note`, whose tree is smaller than the newest, until it can be compared.
  func keepBehind(_ note: SignedNote) throws { try keep([note], in: "behind") }

  /// Forgets `note`, which was compared.
  func forgetBehind(_ note: SignedNote) throws {
    let path = "\(folder)/behind/\(try SeenCheckpoint.name(of: note))"
    guard unlink(path) == 0 || errno == ENOENT else { throw Failure("unlink", path) }
  }

  // MARK: Evidence

  /// Keeps `notes` for ever, which contradict each other or the ledger's id.
  ///
  /// - Returns: their paths.
  @discardableResult
  func keepEvidence(_ notes: [SignedNote]) throws -> [String] { try keep(notes, in: "contradictions") }

  @discardableResult
  private func keep(_ notes: [SignedNote], in part: String) throws -> [String] {
    try StateFolder.make("\(folder)/\(part)")
    let names = Set(try names(part))
    return try notes.map { note in
      let name = try SeenCheckpoint.name(of: note)
      let path = "\(folder)/\(part)/\(name)"
      guard names.contains(name) || names.count + notes.count <= SeenCheckpoint.mostKept else {
        throw Failure(
          "create", path, reason: "\(names.count) checkpoints lie there already; move them elsewhere")
      }
      _ = try Files.put(path, note.bytes, replacing: false)
      return path
    }
  }

  private static func name(of note: SignedNote) throws -> String {
    let size = try Checkpoint(parsing: note.text).size
    return "\(size)-\(SHA256.digest(of: note.bytes).hex.prefix(16)).checkpoint"
  }

  private func names(_ part: String) throws -> [String] {
    let path = "\(folder)/\(part)"
    guard Files.exists(path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".checkpoint") }
      .sorted()
  }
}
