import ArgumentParser
import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerStore
import Scenarios
import Statements

/// Who says it, and by which way it comes onto the ledger: for commands that make one statement of a known kind.
struct StatementOptions: ParsableArguments {
  @Option(help: "The private key that signs, of a member.", completion: .file()) var key: String
  @Option(help: "The member that says it. Default: the one whose key it is.") var issuer: String?
  @Option(help: "The URL of the node that serves LEDGER, where one does; it takes the statement.")
  var node: String?
  @OptionGroup var asking: NodeOptions
  @Flag(help: "The clock is right, although it seems to have jumped.") var clockIsRight = false
  @Flag(help: "Go on, once, from the newest block here, whatever this machine has signed last.")
  var adoptHead = false

  func validate() throws { try asking.validate(node, clockIsRight: clockIsRight, adoptHead: adoptHead) }

  /// A statement before it is signed.
  struct Draft {
    /// Its kind.
    var type: String
    /// What it is about.
    var subject: String?
    /// Its payload.
    var payload: [UInt8]
  }

  /// A statement that is a record.
  struct Recorded {
    /// As it was signed.
    let statement: SignedStatement
    /// Where it stands.
    let index, block: UInt64
    /// The time of its block in ms since the epoch.
    let time: UInt64

    /// What every receipt says, for `--json`.
    var json: JSON {
      [
        "index": .number(index), "block": .number(block), "id": .text(statement.id.hex),
        "time": .text(Timestamp.text(milliseconds: time)),
      ]
    }
  }

  /// Signs what `draft` makes of the ledger as it stands, and returns when it is a record.
  ///
  /// - Parameter draft: gets a reader of the ledger and the member that signs.
  /// Through a node: it must serve the ledger of the directory, which is asked before anything is signed, and the proof that it
  /// gives must hold by the directory's roster.
  ///
  /// - Throws: the `Refusal`; then nothing was recorded. `not-proven`; then it may have been.
  func record(
    on ledger: LedgerArgument, _ draft: (_ reader: LedgerReader, _ issuer: Member) throws -> Draft
  ) async throws -> Recorded {
    let folder = try ledger.folder
    let privateKey = try KeyFiles.privateKey(key)
    if let node {
      let reader = try LedgerReader.opening(folder)
      let client = try asking.client(node, NodeTrust(reader))
      try await client.requireLedger(reader.ledgerID)
      let statement = try sign(draft, privateKey, reader, ledger)
      switch try await client.append(statement.entry) {
      case .recorded(let receipt), .duplicate(let receipt):
        let proof = try RecordProof(parsing: Array(receipt.proof.utf8).span)
        let time = try BlockHeader(payload: proof.header.payload).time
        return Recorded(statement: statement, index: receipt.index, block: receipt.block, time: time)
      case .refused(let refusal): throw refusal
      }
    }
    var appender = try Appender(
      folder, isClockConfirmed: clockIsRight, adoptsHead: adoptHead, output: Output(isJSON: false))
    let statement = try sign(draft, privateKey, try appender.reader, ledger)
    var checker = EntryChecker()
    let checked = checker.check(statement.entry.span, keys: try appender.state.roster.keys)
    switch try appender.appendBlock([.init(entry: statement.entry, checked: checked)]).first {
    case .accepted(let receipt):
      try appender.flush(after: (receipt.index, receipt.block))
      return Recorded(
        statement: statement, index: receipt.index, block: receipt.block, time: receipt.time ?? 0)
    case .refused(let refusal): throw refusal
    // Each statement has fresh random bytes in it.
    case .duplicate, nil:
      throw Failure("append", ledger.path, reason: "the statement was not judged; try again")
    }
  }

  private func sign(
    _ draft: (LedgerReader, Member) throws -> Draft, _ privateKey: PrivateKey, _ reader: LedgerReader,
    _ ledger: LedgerArgument
  ) throws -> SignedStatement {
    let roster = try reader.state().roster
    let id = try issuer ?? roster.issuer(of: privateKey, path: key, ledger.path)
    guard let member = roster.member(id) else {
      throw Refusal(.unknownMember, "no member is called \(id.quoted)")
    }
    let draft = try draft(reader, member)
    let claims = Claims(
      issuer: id, subject: draft.subject, audience: reader.ledgerID,
      issuedAt: CommandContext.now / 1000, tokenID: try randomBytes(16))
    return try StatementDraft(contentType: draft.type, claims: claims, payload: draft.payload)
      .signed(by: privateKey)
  }
}
