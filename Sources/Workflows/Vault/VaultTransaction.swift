import Ledger
import LedgerStore
import Statements

/// Data on their way into a vault: put there before the ledger hears of them, and destroyed again where it refuses.
package struct VaultTransaction {
  package let vault: Vault
  /// What is handed to the recipient as well.
  package var handover: Handover?
  private var staged: StagedItem?
  private var kept: VaultItem?

  /// Data on their way into `vault`, which is open for writing.
  package init(_ vault: Vault) { self.vault = vault }

  /// Copies the data in `file` into the vault, with `salt`.
  package mutating func stage(_ file: String, salt: Salt) throws -> StagedItem {
    let staged = try vault.stage(file, salt: salt)
    self.staged = staged
    return staged
  }

  /// Gives what is staged its place as `item`; what an interrupted command has left there is destroyed.
  ///
  /// - Parameter isFree: whether it is certain that the ledger has no such delivery.
  package mutating func keep(as item: VaultItem, isFree: Bool) throws {
    guard let staged else { preconditionFailure("what is kept was staged") }
    if vault.holds(item) {
      guard isFree else {
        throw WorkflowError(
          .busy, "busy",
          "\(vault.path(of: item)): is there already, and the index lags behind the ledger; try again")
      }
      try vault.destroy(item)
      vault.context.note("\(vault.path(of: item)): was left by an interrupted command, and is replaced")
    }
    try vault.keep(staged, as: item)
    (self.staged, kept) = (nil, item)
  }

  /// Destroys what is staged and was not kept.
  package mutating func discard() throws {
    if let staged { try vault.discard(staged) }
    staged = nil
  }

  /// Takes note that all is recorded: what is to be handed over is no leftover any more.
  package func recorded() {
    do { try handover?.finish() } catch {
      vault.context.note("it is recorded; the vault's note of the hand-over could not be removed: \(error)")
    }
  }

  /// Undoes what must be undone after `error` kept the statement from being recorded.
  ///
  /// - Returns: the error to throw.
  package mutating func released(after error: any Error) throws -> any Error {
    let isRefused = error is Refusal || error is StatementError
    try discard()
    guard let kept else {
      try handover?.destroy()
      return error
    }
    if isRefused {
      try vault.destroy(kept)
      try vault.unlist(kept)
      try handover?.destroy()
    } else {
      try handover?.destroy()
      let folder = vault.path(of: kept)
      vault.context.note(
        """
        whether delivery \(kept.delivery) of \(kept.request) was recorded is not known, so it stays in the vault\
        \(handover == nil ? "" : ", and what was to be handed over is destroyed again"). \(vault.context.vaultAudit) tells: where it was \
        recorded, hand over \(folder)/data and \(folder)/salt; where it was not, the same command again replaces it
        """)
    }
    return error
  }
}
