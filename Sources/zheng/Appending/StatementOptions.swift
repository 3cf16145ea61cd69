import ArgumentParser
import Foundation
import Ledger
import LedgerCrypto
import Scenarios
import Workflows

/// Who says it, and by which way it comes onto the ledger: for commands that make one statement of a known kind.
struct StatementOptions: ParsableArguments {
  @OptionGroup var key: KeyOption
  @Option(help: "The member that issues the statement. Default: the one whose key it is.") var issuer: String?
  @Flag(help: "The clock is right, although it seems to have jumped.") var clockIsRight = false
  @Flag(help: "Continue, once, from the newest block here, whatever this machine signed last.")
  var adoptHead = false

  /// Signs what `draft` makes of the ledger as it stands, and returns when it is a record.
  ///
  /// - Parameter draft: gets the ledger and the member that signs.
  /// - Throws: the `Refusal`; then nothing was recorded. `not-proven`; then it may have been.
  func submit(
    on ledger: LedgerArgument,
    _ draft: (_ ledger: any LedgerAccess, _ issuer: Member) async throws -> Draft
  ) async throws -> Recorded {
    try ledger.require()
    let signer = try signer
    return try await opened(ledger).record(as: signer, at: CommandContext.now, draft)
  }

  /// Who signs.
  var signer: Signer {
    get throws {
      let path = try key.path
      return Signer(key: try KeyFiles.privateKey(path), path: path, issuer: issuer)
    }
  }

  /// The ledger, opened where it takes the statement.
  func opened(_ ledger: LedgerArgument) async throws -> any LedgerAccess {
    try await ledger.opened(isClockConfirmed: clockIsRight, adoptsHead: adoptHead, as: signer.key)
  }
}

extension Recorded {
  /// What every receipt says, for `--json`.
  var json: JSON {
    [
      "index": .number(index), "block": .number(block), "id": .text(id.hex),
      "time": .text(Timestamp.text(milliseconds: time)),
    ]
  }
}
