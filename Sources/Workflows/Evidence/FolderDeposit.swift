import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios

/// A directory that is made ready for its deposit: every file read, and the manifest written.
package struct FolderDeposit {
  package let manifest: EvidenceManifest
  /// The manifest file's own digests and size.
  package let fingerprint: Fingerprint
  /// Where the manifest is, and the names where some are salted.
  package let manifestPath: String
  package let namesPath: String?
  /// How many names are salted.
  package let saltedCount: Int
  /// What was left out.
  package let leftOut: [FolderWalk.LeftOut]

  /// Which names a commitment stands for.
  package enum Salting {
    /// Those that hold an identity or mobile number, or that a manifest can't hold.
    case whereNeeded
    case all
  }

  /// Sees that the manifest at `manifestPath` of the directory `folder` can be written, and that nothing of it lies in another.
  package static func requirePlaces(_ folder: String, _ manifestPath: String, ledger: String) throws {
    guard try !Places.lies(manifestPath, in: ledger) else {
      throw WorkflowError(
        .usage, "usage",
        "\(manifestPath): lies in the ledger's directory, where nothing of the evidence belongs",
        lead: .otherManifest(beside: nil))
    }
    guard try !Places.lies(manifestPath, in: folder) else {
      throw WorkflowError(
        .usage, "usage", "\(manifestPath): lies in the directory that it lists",
        lead: .otherManifest(beside: folder))
    }
    guard try !Places.lies(ledger, in: folder) else {
      throw WorkflowError.usage(
        "\(folder): the ledger lies in it, and changes with the deposit; move one of them")
    }
    for taken in [manifestPath, NamesFile.path(of: manifestPath)] where Files.exists(taken) {
      throw WorkflowError(
        .cannotCreate, "cannot-create", "\(taken): a file is here already; it is never overwritten",
        lead: .freeManifest)
    }
  }

  /// Reads every file under `folder`, and writes the manifest to `manifestPath`.
  ///
  /// - Parameters:
  ///   - mayLeaveOut: whether to go on without what can't be part of it.
  ///   - algorithms: by which the manifest file has digests as well.
  ///   - each: told how many bytes are done, and of how many.
  package init(
    _ folder: String, manifestPath: String, salting: Salting, mayLeaveOut: Bool,
    also algorithms: [Evidence.DigestAlgorithm], each: (_ done: UInt64, _ total: UInt64) -> Void
  ) throws {
    let walk = try FolderWalk(folder)
    let paths = walk.files.map(walk.path(to:))
    var leftOut = walk.leftOut
    try FolderDeposit.require(leftOut, mayLeaveOut)
    let read = Fingerprints(of: paths, each: each)
    leftOut += read.unreadable.map { FolderWalk.LeftOut(path: $0.path, reason: $0.reason) }
    try FolderDeposit.require(leftOut, mayLeaveOut)

    var lines: [EvidenceManifest.Line] = []
    var salted: [(path: String, salt: [UInt8])] = []
    for (name, fingerprint) in zip(walk.files, read.all) {
      guard let fingerprint else { continue }
      if salting == .whereNeeded, EvidenceManifest.Line.isPath(name), PersonalData.find(in: name) == nil {
        lines.append(try .init(digest: fingerprint.digest, size: fingerprint.byteCount, name: .path(name)))
      } else {
        let salt = try randomBytes(32)
        let commitment = try EvidenceManifest.commitment(to: Array(name.utf8), salt: salt)
        salted.append((name, salt))
        lines.append(
          try .init(digest: fingerprint.digest, size: fingerprint.byteCount, name: .commitment(commitment)))
      }
    }
    guard !lines.isEmpty else {
      throw WorkflowError.noInput("\(folder): no file is in it, so there is nothing to deposit")
    }
    guard lines.count <= EvidenceManifest.maximumFileCount else {
      throw WorkflowError.usage(
        "\(folder): \(lines.count) files are in it, and a manifest lists \(EvidenceManifest.maximumFileCount); deposit its parts"
      )
    }
    manifest = try EvidenceManifest(lines)
    let file = manifest.file
    fingerprint = try Fingerprint(of: file, also: algorithms)
    (self.manifestPath, self.leftOut, saltedCount) = (manifestPath, leftOut, salted.count)
    namesPath = salted.isEmpty ? nil : NamesFile.path(of: manifestPath)
    // The manifest comes first onto the disk: a deposit without it proves nothing of any file.
    try KeptFile.create(manifestPath, file, permissions: 0o644)
    guard let namesPath else { return }
    do { try KeptFile.create(namesPath, NamesFile.file(salted), permissions: 0o600) } catch {
      unlink(manifestPath)
      throw error
    }
  }

  /// Takes the files away that were written for a deposit that was refused.
  ///
  /// - Returns: those that could not be taken away, and why.
  package func remove() -> [(path: String, reason: String)] {
    [manifestPath, namesPath].compactMap { $0 }.compactMap { path in
      unlink(path) == 0 ? nil : (path, String(cString: strerror(errno)))
    }
  }

  /// Whether nothing can have been recorded when `error` came; what became of it when a line or a disk failed, nobody knows yet.
  package func isOfNoUse(after error: any Error) -> Bool {
    error is Refusal || error is LedgerBusy || error is WorkflowError
  }

  private static func require(_ leftOut: [FolderWalk.LeftOut], _ mayLeaveOut: Bool) throws {
    guard !leftOut.isEmpty, !mayLeaveOut else { return }
    let shown = leftOut.prefix(20).map { "  \($0.path): \($0.reason)" }.joined(separator: "\n")
    let more = leftOut.count > 20 ? "\n  and \(leftOut.count - 20) more" : ""
    throw WorkflowError(
      .noInput, "not-found",
      """
      nothing was deposited, because these can't be part of it:
      \(shown)\(more)
      Put files in the place of links, make files readable; or deposit all the rest
      """, lead: .leavingOut)
  }
}
