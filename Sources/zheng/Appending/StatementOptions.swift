import ArgumentParser
import Foundation
import Ledger
import LedgerCrypto
import Scenarios
import Workflows

/// Who says it, and by which way it comes onto the ledger: for commands that make one statement of a known kind.
struct StatementOptions: ParsableArguments {
  @Option(help: "The private key that signs, of a member.", completion: .file()) var key: String
  @OptionGroup var passphrase: PassphraseOption
  @Option(help: "The member that says it. Default: the one whose key it is.") var issuer: String?
  @Option(help: "The URL of the node that serves LEDGER, where one does; it takes the statement.")
  var node: String?
  @OptionGroup var asking: NodeOptions
  @Flag(help: "The clock is right, although it seems to have jumped.") var clockIsRight = false
  @Flag(help: "Go on, once, from the newest block here, whatever this machine has signed last.")
  var adoptHead = false

  func validate() throws { try asking.validate(node, clockIsRight: clockIsRight, adoptHead: adoptHead) }

  /// Signs what `draft` makes of the ledger as it stands, and returns when it is a record.
  ///
  /// Through a node: it must serve the ledger of the directory, which is asked before anything is signed, and the proof that it
  /// gives must hold by the directory's roster.
  ///
  /// - Parameter draft: gets the ledger and the member that signs.
  /// - Throws: the `Refusal`; then nothing was recorded. `not-proven`; then it may have been.
  func submit(
    on ledger: LedgerArgument, _ draft: (_ ledger: DirectoryLedger, _ issuer: Member) async throws -> Draft
  ) async throws -> Recorded {
    _ = try ledger.folder
    let signer = try signer
    let opened = try await opened(ledger)
    return try await opened.record(as: signer, at: CommandContext.now) { _, issuer in
      try await draft(opened, issuer)
    }
  }

  /// Who signs.
  var signer: Signer {
    get throws { Signer(key: try KeyFiles.privateKey(key), path: key, issuer: issuer) }
  }

  /// The ledger, opened where it takes the statement.
  func opened(_ ledger: LedgerArgument) async throws -> DirectoryLedger {
    guard let node else {
      return try ledger.opened(.here(isClockConfirmed: clockIsRight, adoptsHead: adoptHead))
    }
    let opened = try ledger.opened()
    let client = try asking.client(node, NodeTrust(opened))
    try await client.requireLedger(opened.ledgerID)
    opened.node = client
    return opened
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
