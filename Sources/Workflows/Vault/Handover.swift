import Foundation
import LedgerCrypto
import LedgerStore

/// What a provider hands to the demander: the data under their own name, and the salt, in a directory outside of the vault.
///
/// Before the first of them is written the vault has a note of where they will lie, which stays until the delivery is a record. So
/// what a command leaves that is stopped in between is named by the next one that writes, and by an audit.
package struct Handover {
  package let data: String
  package let salt: String
  private let folder: String
  private let staged: StagedItem
  private let vault: Vault
  /// The name of the vault's note.
  private var note: String?
  /// Whether the directory was made for this.
  private var hasMadeFolder = false
  /// The files that were made, in their order.
  private var made: [String] = []

  /// Sees that the data of `file`, which are `staged` in `vault`, can be handed over in the directory `folder`; nothing is written.
  ///
  /// - Parameter ledger: the ledger's directory.
  /// - Throws: usage, where `folder` lies in the ledger or the vault; cannot create, where files of these names are there already.
  package init(
    in folder: String, of file: String, _ staged: StagedItem, from vault: Vault, apartFrom ledger: String
  )
    throws
  {
    let folder = Files.trimmed(folder)
    guard !folder.isEmpty else {
      throw WorkflowError.usage("the directory to hand over in has an empty name")
    }
    try Places.require(folder, "what is handed over", apartFrom: ledger)
    guard try !Places.lies(folder, in: vault.path) else {
      throw WorkflowError.usage("\(folder): lies in the vault; what is handed over goes elsewhere")
    }
    let name = Files.name(of: Files.trimmed(file))
    (data, salt) = ("\(folder)/\(name)", "\(folder)/\(name).salt")
    (self.folder, self.staged, self.vault) = (folder, staged, vault)
    for path in [data, salt] where Files.exists(path) {
      throw WorkflowError(
        .cannotCreate, "cannot-create", "\(path): is there already, and nothing is ever overwritten",
        lead: .handoverElsewhere)
    }
  }

  /// Writes both files, and returns when they are on the disk.
  package mutating func write() throws {
    do {
      try begin()
      try makeFolder()
      try writeData()
      try writeSalt()
      try FileSystem.syncFolder(folder)
    } catch {
      try destroy()
      throw error
    }
  }

  // MARK: Its steps

  /// Notes in the vault what is about to be written, durably.
  mutating func begin() throws {
    let folder = try Places.resolved(folder)
    let name = Files.name(of: data)
    note = try vault.note(
      UnfinishedHandover(
        data: "\(folder)/\(name)", salt: "\(folder)/\(name).salt", commitment: staged.commitment))
  }

  mutating func makeFolder() throws {
    guard !Files.exists(folder) else { return }
    try PrivateFiles.makeFolder(folder)
    hasMadeFolder = true
  }

  mutating func writeData() throws {
    try PrivateFiles.copy(Files.Input("\(staged.path)/data"), to: data)
    made.append(data)
  }

  mutating func writeSalt() throws {
    try PrivateFiles.write(staged.salt.content, to: salt)
    made.append(salt)
  }

  // MARK: Its end

  /// Takes the note out of the vault: the delivery is a record, and whoever reads the command's answer knows of the files.
  package func finish() throws { if let note { try vault.removeNote(note) } }

  /// Destroys both files, removes the directory where it was made for them, and then the note.
  ///
  /// Only what was made here is destroyed: whatever came to lie there meanwhile is somebody else's.
  package mutating func destroy() throws {
    while let path = made.last {
      try PrivateFiles.destroy(path)
      made.removeLast()
    }
    if hasMadeFolder {
      guard rmdir(folder) == 0 else { throw Failure("rmdir", folder) }
      hasMadeFolder = false
    }
    try finish()
  }
}
