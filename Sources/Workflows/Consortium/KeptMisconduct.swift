import Consortium
import Foundation
import LedgerCrypto
import LedgerStore

/// The files about misconduct that the nodes of this machine have kept, in `STATE/LEDGER-ID/VALIDATOR/misconduct/`.
package enum KeptMisconduct {
  /// A file, and whether it holds by the rosters of a ledger.
  package enum Judged {
    case good(MisconductCheck)
    /// With what does not hold.
    case bad(path: String, WorkflowError)
  }

  /// The files about `ledger`, in order, each judged.
  ///
  /// - Parameter state: STATE; nil for the place that the environment names.
  package static func all(on ledger: DirectoryLedger, in state: String?) throws -> [Judged] {
    try paths(of: ledger.ledgerID, in: state).map { path in
      do {
        let bytes = try Files.contents(
          path, of: "a file about misconduct", limit: MisconductFile.maximumByteCount)
        return .good(try MisconductCheck(bytes, path, policy: nil, ledger: ledger))
      } catch let error as WorkflowError {
        return .bad(path: path, error)
      }
    }
  }

  private static func paths(of ledger: Digest, in state: String?) throws -> [String] {
    let folder = try StateFolder.path(of: ledger, in: state)
    return try names(in: folder).flatMap { validator in
      let kept = "\(folder)/\(validator)/misconduct"
      return try names(in: kept).map { "\(kept)/\($0)" }
    }
  }

  /// Writes a file to the folder `folder`, which is made where it is missing.
  ///
  /// - Returns: its path.
  package static func write(_ check: MisconductCheck, to folder: String) throws -> String {
    if !Files.exists(folder) { try Files.makeFolder(folder) }
    let bytes = check.file.bytes
    let path = "\(folder)/\(SHA256.digest(of: bytes).hex.prefix(16)).misconduct"
    _ = try Files.put(path, bytes, replacing: false)
    return path
  }

  /// The names in a folder that is there, but those that begin with a dot; none in what is no folder.
  private static func names(in path: String) throws -> [String] {
    guard Files.isFolder(path) else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path).sorted().filter { !$0.hasPrefix(".") }
    } catch {
      throw WorkflowError.noInput("\(path): it can't be read: \(error.localizedDescription)")
    }
  }
}
