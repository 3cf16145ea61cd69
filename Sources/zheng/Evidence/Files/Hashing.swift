import LedgerCrypto
import Scenarios
import Workflows

// What is read here can take hours: a line says how far it has come.

extension Fingerprints {
  /// Reads the files at `paths`, one after the other.
  static func shown(of paths: [String]) -> Fingerprints {
    let progress = Progress(localized("hashing \(counted(paths.count, "file"))"), unit: "MiB")
    defer { progress.finish() }
    return Fingerprints(of: paths) { progress.update($0 >> 20, of: $1 >> 20) }
  }
}

extension NamedFiles {
  /// The files at `paths` and in the directories there; says what is not looked at.
  static func shown(_ paths: [String]) throws -> NamedFiles {
    let files = try NamedFiles(paths)
    for left in files.leftOut { Diagnostics.note(localized("\(left.path): not looked at, \(left.reason)")) }
    return files
  }
}

extension FolderCheck {
  /// Compares the files at `paths`, and those in the directories there, with `manifest`.
  static func shown(_ paths: [String], _ manifest: ManifestFile) throws -> FolderCheck {
    let files = try NamedFiles.shown(paths)
    let progress = Progress(localized("hashing \(counted(files.all.count, "file"))"), unit: "MiB")
    defer { progress.finish() }
    return FolderCheck(files, manifest) { progress.update($0 >> 20, of: $1 >> 20) }
  }
}
