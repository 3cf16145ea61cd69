import ArgumentParser
import Foundation
import LedgerCrypto
import Scenarios
import Workflows

/// What is at hand of an item, of which the digest is computed.
struct InspectedFileOptions: ParsableArguments {
  @Argument(help: "The file at hand, or the directory with its --manifest.", completion: .file())
  var file: String?
  @Option(help: "The manifest of the directory at hand.", completion: .file()) var manifest: String?
  @Option(help: "A SHA-256 computed elsewhere, instead of FILE: 64 hex digits.")
  var digest: String?

  func validate() throws {
    if digest != nil, file != nil { throw ValidationError(localized("give FILE or --digest, not both")) }
    if manifest != nil, file == nil {
      throw ValidationError(localized("--manifest goes with the directory at hand"))
    }
    if let digest, Digest(hex: digest.lowercased()) == nil {
      throw ValidationError(localized("--digest \(digest): a SHA-256 has 64 hex digits"))
    }
  }

  /// The digest that stands for what is at hand: the file's, or the manifest's of a directory that is what it lists; nil where
  /// nothing is named.
  ///
  /// - Throws: not verified, where the directory is not what its manifest says.
  func digest(of item: Evidence.Item, _ id: String) throws -> Digest? {
    if let digest { return Digest(hex: digest.lowercased()) }
    guard let file else { return nil }
    if let manifest { return try directory(file, manifest) }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), isFolder.boolValue {
      throw CommandError.usage(
        item.manifest == nil
          ? localized("\(file): is a directory, and \(id) is a file; name the file")
          : localized("\(file): is a directory; give its --manifest, which came with it"))
    }
    return try Files.digest(file).digest
  }

  private func directory(_ folder: String, _ manifest: String) throws -> Digest {
    let manifest = try ManifestFile(manifest)
    let check = try FolderCheck.shown([folder], manifest)
    guard check.isWhole else {
      let differences = check.differences.prefix(20).map { "  \($0)" }.joined(separator: "\n")
      let more = check.differences.count > 20 ? localized("\n  and \(check.differences.count - 20) more") : ""
      throw CommandError(
        .notVerified, "other-directory",
        localized(
          """
          nothing was signed, because the directory is not what its manifest lists:
          \(differences)\(more)
          `zheng evidence decline` says so on the ledger
          """))
    }
    return manifest.fingerprint.digest
  }
}
