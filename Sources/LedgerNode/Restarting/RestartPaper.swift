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

  /// Proposes a restart, as `validator` sees it; written to `path`, where nothing is yet.
  package init(_ path: String, proposedBy validator: StoppedValidator, on ledger: DirectoryLedger) throws {
    try self.init(path, validator.proposal(), on: ledger)
    try Files.create(path, file.bytes)
  }

  /// Reads the files at `paths`, which are copies of one, and what is signed in any of them.
  ///
  /// - Parameter ledger: a copy, whose roster names the validators.
  /// - Throws: `ConsortiumError`: `malformed`, `wrong-ledger` for another ledger's or another restart, `bad-signature`.
  package init(_ paths: [String], on ledger: DirectoryLedger) throws {
    let files = try paths.map { path in
      let bytes = try Files.contents(path, of: "a restart file", limit: RestartFile.maximumByteCount)
      do { return try RestartFile(decoding: bytes) } catch {
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
    guard let committee = try ledger.committee(of: file.restart.height + 1) else {
      throw ConsortiumError(
        .wrongHeight,
        "\(path): it is above block \(file.restart.height), which \(ledger.place) does not have; bring the copy up to date"
      )
    }
    (self.path, self.file, self.committee) = (path, file, committee)
    try look()
  }

  private mutating func look() throws {
    do { missing = try file.unsigned(in: committee) } catch {
      throw ConsortiumError(error.code, "\(path): \(error.description)")
    }
    signed = committee.seats.map(\.name).filter { !missing.contains($0) }
  }

  /// Has `validator` sign it, and writes it anew.
  package mutating func sign(as validator: StoppedValidator) throws {
    try validator.sign(&file)
    try look()
    try Files.replace(path, file.bytes)
  }
}
