import Foundation
import Ledger
import LedgerStore
import Statements
import Workflows

/// Data on their way into a vault: put there before the ledger hears of them, and destroyed again where it refuses.
struct VaultTransaction {
  let vault: Vault
  /// What is handed to the recipient as well.
  var package: HandoverPackage?
  private var staged: StagedItem?
  private var kept: VaultItem?

  /// The vault at `path` of the member that signs `statement`, made where there is none.
  init(_ path: String, of statement: StatementOptions, _ ledger: LedgerArgument) throws {
    let reader = try LedgerReader(ledger.folder)
    let signer = Signer(
      key: try KeyFiles.privateKey(statement.key), path: statement.key, issuer: statement.issuer)
    let member = try signer.member(in: reader.state().roster, of: ledger.path)
    vault = try Vault.creating(path, ledger: ledger.path, ledgerID: reader.ledgerID, member: member)
  }

  /// Copies the data in `file` into the vault, with `salt`.
  mutating func stage(_ file: String, salt: Salt) throws -> StagedItem {
    let staged = try vault.stage(file, salt: salt)
    self.staged = staged
    return staged
  }

  /// Gives what is staged its place as `item`; what an interrupted command has left there is destroyed.
  ///
  /// - Parameter isFree: whether it is certain that the ledger has no such delivery.
  mutating func keep(as item: VaultItem, isFree: Bool) throws {
    guard let staged else { preconditionFailure("what is kept was staged") }
    if vault.holds(item) {
      guard isFree else {
        throw CommandError(
          .busy, "busy",
          "\(vault.path(of: item)): is there already, and the index lags behind the ledger; try again")
      }
      try vault.destroy(item)
      Diagnostics.note("\(vault.path(of: item)): was left by an interrupted command, and is replaced")
    }
    try vault.keep(staged, as: item)
    (self.staged, kept) = (nil, item)
  }

  /// Destroys what is staged and was not kept.
  mutating func discard() throws {
    if let staged { try vault.discard(staged) }
    staged = nil
  }

  /// Undoes what must be undone after `error` kept the statement from being recorded.
  ///
  /// - Returns: the error to throw.
  mutating func released(after error: any Error) throws -> any Error {
    let isRefused = error is Refusal || error is StatementError
    try discard()
    guard let kept else {
      try package?.destroy()
      return error
    }
    if isRefused {
      try vault.destroy(kept)
      try vault.unlist(kept)
      try package?.destroy()
    } else {
      try package?.destroy()
      let folder = vault.path(of: kept)
      Diagnostics.note(
        """
        whether delivery \(kept.delivery) of \(kept.request) was recorded is not known, so it stays in the vault\
        \(package == nil ? "" : ", and what was to be handed over is destroyed again"). `zheng verify --vault` tells: where it was \
        recorded, hand over \(folder)/data and \(folder)/salt; where it was not, the same command again replaces it
        """)
    }
    return error
  }
}

/// What a provider hands to the demander: the data under their own name, and the salt.
struct HandoverPackage {
  let data: String
  let salt: String
  /// The directory, where it was made for this.
  private let madeFolder: String?

  /// Writes it into the directory `folder`, which is made where it is missing.
  init(in folder: String, of file: String, _ staged: StagedItem, apartFrom ledger: String, _ vault: String)
    throws
  {
    let folder = LedgerArgument.trimmed(folder)
    guard !folder.isEmpty else { throw CommandError.usage("--out: the directory has an empty name") }
    try Places.require(folder, "what is handed over", apartFrom: ledger)
    guard try !Places.lies(folder, in: vault) else {
      throw CommandError.usage("\(folder): lies in the vault; what is handed over goes elsewhere")
    }
    madeFolder = Files.exists(folder) ? nil : folder
    if madeFolder != nil { try PrivateFiles.makeFolder(folder) }
    let name = Files.name(of: LedgerArgument.trimmed(file))
    (data, salt) = ("\(folder)/\(name)", "\(folder)/\(name).salt")
    for path in [data, salt] where Files.exists(path) {
      throw CommandError.cannotCreate(
        "\(path): is there already, and nothing is ever overwritten; choose another --out")
    }
    // Only what was made here may be destroyed again: whatever came to lie there meanwhile is somebody else's.
    var made: [String] = []
    do {
      try PrivateFiles.copy(Files.Input("\(staged.path)/data"), to: data)
      made.append(data)
      try PrivateFiles.write(staged.salt.content, to: salt)
      made.append(salt)
      try FileSystem.syncFolder(folder)
    } catch {
      for path in made.reversed() { try PrivateFiles.destroy(path) }
      throw error
    }
  }

  /// Destroys both files, and removes the directory where it was made for them.
  func destroy() throws {
    try PrivateFiles.destroy(salt)
    try PrivateFiles.destroy(data)
    if let madeFolder, rmdir(madeFolder) != 0 { throw Failure("rmdir", madeFolder) }
  }
}
