import Consortium
import Foundation
import LedgerCrypto
import LedgerStore

/// The files about misconduct that the nodes of this machine have kept, in `STATE/LEDGER-ID/VALIDATOR/misconduct/`.
package enum KeptMisconduct {
  /// The paths of the files about the ledger `ledger`, in order.
  ///
  /// - Parameter state: STATE; nil for the place that the environment names.
  package static func paths(of ledger: Digest, in state: String?) throws -> [String] {
    let folder = try StateFolder.path(of: ledger, in: state)
    return try names(in: folder).flatMap { validator in
      let kept = "\(folder)/\(validator)/misconduct"
      return try names(in: kept).map { "\(kept)/\($0)" }
    }
  }

  /// Writes `file` to the folder `folder`, which is made where it is missing.
  ///
  /// - Returns: its path.
  package static func write(_ file: MisconductFile, to folder: String) throws -> String {
    if !Files.exists(folder) { try Files.makeFolder(folder) }
    let path = "\(folder)/\(SHA256.digest(of: file.bytes).hex.prefix(16)).misconduct"
    _ = try Files.put(path, file.bytes, replacing: false)
    return path
  }

  /// The names in a folder that is there, but those that begin with a dot; none in what is no folder.
  private static func names(in path: String) throws -> [String] {
    guard Files.isFolder(path) else { return [] }
    do { return try FileManager.default.contentsOfDirectory(atPath: path).sorted().filter { !$0.hasPrefix(".") } }
    catch {
      throw WorkflowError.noInput("\(path): it can't be read: \(error.localizedDescription)")
    }
  }
}
