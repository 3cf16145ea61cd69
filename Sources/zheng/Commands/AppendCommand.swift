import ArgumentParser
import Foundation
import Ledger
import LedgerCrypto
import Workflows

/// `zheng append`.
struct AppendCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "append", abstract: "Append records, each signed with a member's key.",
    usage: """
      zheng append LEDGER --key KEY.pem [OPTIONS] FILE… | -
      zheng append --node URL --policy FILE --key KEY.pem [OPTIONS] FILE… | -
      zheng append LEDGER --statements FILE… | -
      """,
    discussion: """
      Each FILE becomes a record; - is standard input. The content itself goes on the ledger, where every member reads it \
      and nothing can be taken back: of what is private or large, record the digest.

        zheng append ledger --key notary.pem contract.txt photo.jpg
        zheng append ledger --key notary.pem --type text/plain --subject case-17 note.txt
        sha256sum video.mp4 | zheng append ledger --key notary.pem --subject video.mp4 -
        journalctl -f | zheng append ledger --key notary.pem --lines -

      A receipt is a line, index block id name, and is printed when the record is on the disk. Each record has its own \
      verdict; exit status 2 if any was refused. To send a signed statement again is safe and gives the first receipt:

        zheng show ledger 12 --entry > statement.cose
        zheng append ledger --signed statement.cose

      With --statements each FILE is a sequence of them, as `zheng sign` makes on a machine that has the key and no ledger. A \
      file of which any part can't be read is not taken at all; of the others each statement has its own verdict, and its \
      name is FILE:N:

        zheng append ledger --statements today.statements

      With --node the records are signed here and sent to the node, and the key stays here. Many go in one request, and are \
      recorded in the order given. The node is not trusted: --policy (or the variable ZHENG_POLICY, or LEDGER, its directory) \
      says which ledger it must serve, and the proof of each record is checked by it. A record whose proof does not hold is \
      reported as not proven, exit status 1. With --ledger-id alone a proof shows only that the node agrees with itself.

        zheng append --node http://127.0.0.1:8080 --policy policy --key notary.pem contract.txt
        zheng append --node http://127.0.0.1:8080 --policy policy --statements today.statements
      """)

  @OptionGroup var ledger: LedgerArgument
  @Argument(help: "Files; - is standard input.", completion: .file()) var files: [String] = []
  @Option(help: "The URL of a node that takes the records; LEDGER may be left out.") var node: String?
  @Option(
    help: "With --node: the policy file of its ledger, from a source that you trust.", completion: .file())
  var policy: String?
  @Option(help: "With --node: the id of its ledger, where the policy is not at hand.") var ledgerID: String?
  @OptionGroup var asking: NodeOptions
  @Option(help: "The private key that signs, of a member.", completion: .file()) var key: String?
  @OptionGroup var passphrase: PassphraseOption
  @OptionGroup var content: ContentOptions
  @Flag(help: "Each file is a statement that was signed before (COSE_Sign1).") var signed = false
  @Flag(help: "Each file is a sequence of such statements (RFC 8742), as zheng sign makes.") var statements =
    false
  @Flag(help: "The clock is right, although it seems to have jumped.") var clockIsRight = false
  @Flag(help: "Go on, once, from the newest block here, whatever this machine has signed last.")
  var adoptHead = false
  @OptionGroup var options: OutputOptions

  func validate() throws {
    if node == nil, files.isEmpty {
      throw ValidationError("FILE is missing: what is to be recorded, or - for standard input")
    }
    try asking.validate(node, clockIsRight: clockIsRight, adoptHead: adoptHead)
    if node == nil, policy != nil || ledgerID != nil {
      throw ValidationError("--policy and --ledger-id go with --node; LEDGER is its own directory")
    }
    if signed || statements {
      guard key == nil, content.isDefault, signed != statements else {
        throw ValidationError(
          "--\(signed ? "signed" : "statements") takes statements as they are; it goes with no other option")
      }
    } else if key == nil {
      throw ValidationError("--key is missing: the private key of a member, who signs the records")
    }
  }

  func run(_ output: Output) async throws {
    if let node { return try await run(through: node, output) }
    _ = try ledger.folder
    let privateKey = try key.map(KeyFiles.privateKey)
    let source = try RecordSource(files, unit, allowsEmptyInput: content.allowEmpty)
    let opened = try ledger.opened(.here(isClockConfirmed: clockIsRight, adoptsHead: adoptHead))
    let signer = try signer(privateKey, try await opened.state())
    let report = try await output.append(source, to: opened, signer: signer)
    if report.refusedCount > 0 { throw ExitStatus.refused.asError }
  }

  private var unit: RecordSource.Unit {
    signed ? .signedFile : statements ? .statement : content.lines ? .line : .file
  }

  private func run(through url: String, _ output: Output) async throws {
    let privateKey = try key.map(KeyFiles.privateKey)
    let (trust, files) = try trustAndFiles
    let source = try RecordSource(files, unit, allowsEmptyInput: content.allowEmpty)
    let client = try asking.client(url, trust)
    try await client.requireLedger(trust.ledgerID)
    var member = content.issuer ?? ""
    if let privateKey, content.issuer == nil { member = try await client.issuer(of: privateKey.publicKey) }
    let word = ShellText.path
    let isHere = DirectoryLedger.isLedger(at: ledger.path)
    // Without the ledger its clocks are not known, and a day is one of the standard ones.
    let offset = content.expires != nil && isHere ? try await ledger.opened().utcOffset() : .standard
    let signer = StatementSigner(
      issuer: member, key: privateKey, type: content.type, subject: content.subject,
      expiresAt: content.expires?.last(offset), ledgerID: trust.ledgerID,
      wallClock: CommandContext.current.wallClock,
      isOfFiles: !content.lines,
      advice: "zheng append --node \(word(url)) --policy FILE --key \(word(key ?? "KEY.pem")) -")
    let report = try await output.append(source, to: NodeSubmission(client), signer: signer)
    if trust.policy == nil, report.recordedCount > 0 {
      Diagnostics.note(
        "the ledger is the one asked for, and that the records are on it is the node's word: give --policy to have that proven"
      )
    }
    if report.unprovenCount > 0 { throw ExitStatus.notVerified.asError }
    if report.refusedCount > 0 { throw ExitStatus.refused.asError }
  }

  /// What the node is held to, and the files to record: what would be LEDGER is one of them, unless a ledger is there.
  private var trustAndFiles: (NodeTrust, [String]) {
    get throws {
      guard DirectoryLedger.isLedger(at: ledger.path) else {
        return (try NodeTrust(policy: policy, ledgerID: ledgerID), [ledger.ledger] + files)
      }
      guard !files.isEmpty else {
        throw CommandError.usage("FILE is missing: what is to be recorded, or - for standard input")
      }
      guard policy == nil, ledgerID == nil else {
        return (try NodeTrust(policy: policy, ledgerID: ledgerID), files)
      }
      return (try NodeTrust(ledger.opened()), files)
    }
  }

  private func signer(_ privateKey: PrivateKey?, _ state: LedgerState) throws -> StatementSigner {
    let word = ShellText.path
    let advice = "zheng append \(word(ledger.path)) --key \(word(key ?? "KEY.pem")) -"
    let issuer = try privateKey.map {
      try Signer(key: $0, path: key ?? "", issuer: content.issuer).member(in: state.roster, of: ledger.path)
    }
    return StatementSigner(
      issuer: issuer ?? "", key: privateKey, type: content.type, subject: content.subject,
      expiresAt: content.expires?.last(state.roster.terms.parameters.utcOffset), ledgerID: state.ledgerID,
      wallClock: CommandContext.current.wallClock,
      isOfFiles: !content.lines,
      advice: advice)
  }
}

extension Output {
  /// Records everything that `source` gives, and prints each receipt as soon as it is known.
  fileprivate func append(
    _ source: RecordSource, to ledger: any LedgerSubmission, signer: StatementSigner
  ) async throws -> AppendReport {
    try signer.requireOptions()
    var report = AppendReport(output: self)
    let progress = Progress("appending", unit: "records", isQuiet: isatty(CommandContext.current.output) == 1)
    defer { progress.finish() }
    try await ledger.submit(source, signer: signer) { outcomes in
      try report.report(outcomes)
      progress.update(report.recordedCount, of: nil)
    }
    return report
  }
}
