import Foundation
import Ledger
import LedgerCrypto
import LedgerIndex
import LedgerStore
import Scenarios

/// A ledger that is about to be founded.
package struct LedgerFounding {
  package let roster: Roster
  /// Who signs the founding statement.
  package let founder: Member
  private let file: ConsortiumFile
  private let administrator: PrivateKey
  private let folder: LedgerFolder
  private let context: WorkContext

  /// Reads the consortium file at `consortium`; the key of an administrator signs.
  ///
  /// - Throws: the refusal of what it says, with its place.
  package init(
    _ consortium: String, signedBy administrator: () throws -> PrivateKey, at path: String,
    _ context: WorkContext
  ) throws {
    file = try LedgerFounding.consortiumFile(consortium)
    roster = file.roster
    self.administrator = try administrator()
    folder = LedgerFolder(path, rules: Scenarios.rules, remedies: context.remedies)
    self.context = context
    do { founder = try folder.founder(of: roster, administrator: self.administrator.publicKey) } catch {
      throw Refusal(error.code, "\(consortium): \(error.reason)")
    }
  }

  /// Reads the consortium file at `path`.
  static func consortiumFile(_ path: String) throws -> ConsortiumFile {
    let bytes = try Files.contents(path, of: "a consortium file", limit: ConsortiumFile.maximumByteCount)
    let parent = path.utf8.contains(UInt8(ascii: "/")) ? Files.parent(of: path) : ""
    do { return try ConsortiumFile(parsing: bytes, relativeTo: parent, rules: Scenarios.rules) } catch let
      refusal as Refusal
    {
      throw Refusal(refusal.code, "\(path): \(refusal.reason)")
    }
  }

  /// Whether enough validators' keys are in the consortium file to found the ledger here.
  package var isWhole: Bool { file.isWhole }

  /// The policy file, and the folder of the keys by which blocks are signed.
  package var policy: String { folder.policy }
  package var keys: String { folder.keys }

  /// Takes away what foundings left that were stopped.
  ///
  /// - Returns: what it was.
  package func removeAbandoned() throws -> [String] { try folder.removeAbandonedFoundings() }

  /// Founds the ledger.
  ///
  /// - Returns: its id.
  package func found() throws -> Digest {
    try folder.found(file, administrator: administrator, options: context.writerOptions())
  }

  /// Sees that a ledger may be founded at `path`: nothing is there, or an empty directory.
  package static func requireRoom(_ path: String) throws {
    guard !path.isEmpty else { throw WorkflowError.usage("the ledger's directory has an empty name") }
    let url = URL(fileURLWithPath: path).standardizedFileURL
    guard url.path != URL(fileURLWithPath: ".").standardizedFileURL.path else {
      throw WorkflowError.cannotCreate(
        "\(path): this is the working directory; name a new directory for the ledger")
    }
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) {
      guard isDirectory.boolValue else {
        throw WorkflowError.cannotCreate("\(path): a file is here; name a new directory for the ledger")
      }
      guard !DirectoryLedger.isLedger(at: path) else {
        throw WorkflowError(
          .cannotCreate, "cannot-create", "\(path): a ledger is here already", lead: .appending)
      }
      guard try FileManager.default.contentsOfDirectory(atPath: path).isEmpty else {
        throw WorkflowError.cannotCreate(
          "\(path): this directory is not empty; name a new one for the ledger")
      }
    }
    let parent = url.deletingLastPathComponent().path
    guard FileManager.default.fileExists(atPath: parent) else {
      throw WorkflowError.cannotCreate("\(path): its parent directory \(parent) is not there")
    }
  }
}
