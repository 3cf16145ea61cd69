import Consortium
import Ledger
import LedgerCrypto
import Workflows

/// A restart file on its way from operator to operator.
package struct RestartPaper {
  /// Its path.
  package let path: String
  package private(set) var file: RestartFile
  /// Who has signed, and who has not yet, by name.
  package private(set) var signed: [String] = []
  package private(set) var missing: [String] = []
  private let committee: Committee

  /// Begins a restart above the newest block that the validator called `name` knows to be decided, signed by it; written to `path`, where
  /// nothing is yet.
  ///
  /// - Parameter ledger: the validator's copy. Its node does not run.
  /// - Throws: what `ValidatorRestart.sign` throws.
  package init(_ path: String, begunBy name: String, on ledger: DirectoryLedger) throws {
    guard !Files.exists(path) else {
      throw WorkflowError.cannotCreate("\(path): something is here already; name a new file")
    }
    let file = try ValidatorRestart.sign(
      nil, as: name, in: ledger.folder, state: ledger.context.stateFolder, note: ledger.context.note)
    try self.init(path, file, on: ledger)
    try Files.create(path, file.bytes)
  }

  /// Reads the files at `paths`, which are copies of one, and what is signed in any of them.
  ///
  /// - Parameter ledger: a copy, whose roster names the validators.
  /// - Throws: `ConsortiumError`: `malformed`, `wrong-ledger` for another ledger's or another restart, `bad-signature`.
  package init(_ paths: [String], on ledger: DirectoryLedger) throws {
    let files = try paths.map { path in
      let bytes = try Files.contents(path, of: "a restart file", limit: RestartFile.maximumByteCount)
      do throws(ConsortiumError) { return try RestartFile(decoding: bytes) } catch {
        throw ConsortiumError(error.code, "\(path): \(error.description)")
      }
    }
    guard var file = files.first, let path = paths.first else {
      throw WorkflowError.usage("no restart file is named")
    }
    for (other, path) in zip(files, paths).dropFirst() {
      guard other.restart == file.restart else {
        throw ConsortiumError(.wrongLedger, "\(path): it is of another restart than \(paths[0])")
      }
      for (place, signature) in other.signatures { file.add(signature, of: place) }
    }
    try self.init(path, file, on: ledger)
  }

  private init(_ path: String, _ file: RestartFile, on ledger: DirectoryLedger) throws {
    // A block that was decided and is not final here is the next: then those who decided it sign.
    let height = file.restart.height
    guard
      let committee = try ledger.committee(of: height + 1)
        ?? (file.decision == nil ? nil : ledger.committee(of: height))
    else {
      throw ConsortiumError(
        .wrongHeight,
        "\(path): it is above block \(file.restart.height), which \(ledger.place) does not have; bring the copy up to date"
      )
    }
    (self.path, self.file, self.committee) = (path, file, committee)
    try look()
  }

  private mutating func look() throws {
    do throws(ConsortiumError) { missing = try file.unsigned(in: committee) } catch {
      throw ConsortiumError(error.code, "\(path): \(error.description)")
    }
    signed = committee.seats.map(\.name).filter { !missing.contains($0) }
  }

  /// Has the validator called `name` sign it, and writes it anew.
  ///
  /// - Throws: as above; `wrong-height` where it knows a newer block to be decided, `forbidden` where it has cosigned one.
  package mutating func sign(as name: String, on ledger: DirectoryLedger) throws {
    file = try ValidatorRestart.sign(
      file, as: name, in: ledger.folder, state: ledger.context.stateFolder, note: ledger.context.note)
    try look()
    try Files.replace(path, file.bytes)
  }

  /// Has the validator called `name` take it as in force.
  ///
  /// - Throws: what `ValidatorRestart.adopt` throws, such as `quorum` while a signature is missing.
  package func adopt(as name: String, on ledger: DirectoryLedger) throws {
    try ValidatorRestart.adopt(
      file, as: name, in: ledger.folder, state: ledger.context.stateFolder, note: ledger.context.note)
  }
}
