import ArgumentParser
import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import Workflows

/// `zheng append`.
struct AppendCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "append", abstract: "Append records, each signed with a member's key.",
    usage: """
      zheng append LEDGER --key KEY.pem [OPTIONS] FILE… | -
      zheng append URL --policy FILE --key KEY.pem [OPTIONS] FILE… | -
      zheng append LEDGER --statements FILE… | -
      """,
    discussion: """
      Each FILE becomes a record; - is standard input. The content itself goes on the ledger, where every member can \
      read it and nobody can remove it: for private or large content, record a digest instead.

        zheng append ledger --key notary.pem contract.txt photo.jpg
        zheng append ledger --key notary.pem --type text/plain --subject case-17 note.txt
        sha256sum video.mp4 | zheng append ledger --key notary.pem --subject video.mp4 -
        journalctl -f | zheng append ledger --key notary.pem --lines -

      Each receipt is one line (index, block, id, name), printed once the record is on disk. Each record has its own \
      verdict; the exit status is 2 if any was refused. Sending a signed statement again is safe and returns the \
      first receipt:

        zheng show ledger 12 --entry > statement.cose
        zheng append ledger --signed statement.cose

      With --statements each FILE is a sequence of signed statements, which `zheng sign` makes on a machine that has \
      the key and no ledger. A file with any unreadable part is rejected whole; otherwise each statement has its own \
      verdict, and its name is FILE:N:

        zheng append ledger --statements today.statements

      With the URL of a node, records are signed here and sent to it; the key stays here. Many go in one request and \
      are recorded in the order given. The node is not trusted: --policy (or the variable ZHENG_POLICY) says which \
      ledger it must serve, and the proof of each record is checked against it. A record whose proof fails is \
      reported as not proven, with exit status 1. With --ledger-id alone, a proof shows only that the node agrees \
      with itself.

        zheng append http://127.0.0.1:8080 --policy policy --key notary.pem contract.txt
        zheng append http://127.0.0.1:8080 --policy policy --statements today.statements
      """)

  @OptionGroup var ledger: LedgerArgument
  @Argument(help: "Files; - is standard input.", completion: .file()) var files: [String] = []
  @Option(help: "With a URL: the ledger's id, if the policy is not at hand.") var ledgerID: String?
  @OptionGroup var key: KeyOption
  @OptionGroup var content: ContentOptions
  @Flag(help: "Each file is one signed statement (COSE_Sign1).") var signed = false
  @Flag(help: "Each file is a sequence of signed statements (RFC 8742), as `zheng sign` makes.")
  var statements =
    false
  @Flag(help: "The clock is right, although it seems to have jumped.") var clockIsRight = false
  @Flag(help: "Continue, once, from the newest block here, whatever this machine signed last.")
  var adoptHead = false
  @OptionGroup var options: OutputOptions

  func validate() throws {
    if files.isEmpty {
      throw ValidationError(localized("FILE is missing: what is to be recorded, or - for standard input"))
    }
    if !ledger.isAtNode, ledgerID != nil {
      throw ValidationError(localized("--ledger-id goes with the URL of a node; LEDGER is a directory"))
    }
    if signed || statements {
      guard key.given == nil, content.isDefault, signed != statements else {
        throw ValidationError(
          localized(
            "--\(signed ? "signed" : "statements") takes statements as they are; it goes with no other option"
          ))
      }
    }
  }

  func run(_ output: Output) async throws {
    if ledger.isAtNode { return try await run(through: ledger.path, output) }
    try ledger.require()
    let privateKey = try privateKey
    let source = try RecordSource(files, unit, allowsEmptyInput: content.allowEmpty)
    let opened = try await ledger.opened(isClockConfirmed: clockIsRight, adoptsHead: adoptHead)
    let signer = try signer(privateKey, try await opened.state())
    let report = try await output.append(source, to: opened, signer: signer)
    if report.refusedCount > 0 { throw ExitStatus.refused.asError }
  }

  /// The key that signs; nil where what comes is signed.
  private var privateKey: PrivateKey? {
    get throws { signed || statements ? nil : try KeyFiles.privateKey(key.path) }
  }

  private var keyPath: String { (try? key.path) ?? "KEY.pem" }

  private var unit: RecordSource.Unit {
    signed ? .signedFile : statements ? .statement : content.lines ? .line : .file
  }

  private func run(through url: String, _ output: Output) async throws {
    if clockIsRight || adoptHead {
      throw CommandError.usage(
        localized("--clock-is-right and --adopt-head are said to the node, where it is started"))
    }
    let privateKey = try privateKey
    let trust = try NodeTrust(policy: ledger.policy, ledgerID: ledgerID)
    let source = try RecordSource(files, unit, allowsEmptyInput: content.allowEmpty)
    // What is signed already is sent by whoever may read the proofs that come back.
    let reader =
      try privateKey ?? CommandContext.variable(KeyOption.variable).map { try KeyFiles.privateKey($0) }
    let client = try ledger.client(trust, as: reader)
    try await client.requireLedger(trust.ledgerID)
    // Where there is a policy the node is held to what was seen before, too.
    let opened = try await ledger.held(client, trust)
    let submission: any LedgerSubmission = if let opened { opened } else { NodeSubmission(client) }
    let word = ShellText.path
    // By its id alone the ledger's clocks are not known, and a day is one of the standard ones.
    var offset = UTCOffset.standard
    if let opened, content.expires != nil { offset = try await opened.utcOffset() }
    let signer = StatementSigner(
      issuer: try await issuer(privateKey, client, opened), key: privateKey, type: content.type,
      subject: content.subject, expiresAt: content.expires?.last(offset), ledgerID: trust.ledgerID,
      wallClock: CommandContext.current.wallClock, isOfFiles: !content.lines,
      advice: "zheng append \(word(url)) --policy FILE --key \(word(keyPath)) -")
    let report = try await output.append(source, to: submission, signer: signer)
    if trust.policy == nil, report.recordedCount > 0 {
      Diagnostics.note(
        localized(
          "the ledger is the one asked for; that the records are on it is the node's word alone: give --policy to have it proven"
        )
      )
    }
    if report.unprovenCount > 0 { throw ExitStatus.notVerified.asError }
    if report.refusedCount > 0 { throw ExitStatus.refused.asError }
  }

  /// The member that signs, proven where there is a policy.
  private func issuer(
    _ key: PrivateKey?, _ client: NodeClient, _ ledger: NodeLedger?
  ) async throws -> String {
    guard let key else { return "" }
    if let issuer = content.issuer { return issuer }
    guard let ledger else { return try await client.issuer(of: key.publicKey) }
    return try Signer(key: key, path: keyPath).member(in: await ledger.state().roster, of: ledger.place)
  }

  private func signer(_ privateKey: PrivateKey?, _ state: LedgerState) throws -> StatementSigner {
    let word = ShellText.path
    let advice = "zheng append \(word(ledger.path)) --key \(word(keyPath)) -"
    let issuer = try privateKey.map {
      try Signer(key: $0, path: keyPath, issuer: content.issuer).member(in: state.roster, of: ledger.path)
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
    let progress = Progress(
      localized("appending"), unit: "records", isQuiet: isatty(CommandContext.current.output) == 1)
    defer { progress.finish() }
    try await ledger.submit(source, signer: signer) { outcomes in
      try report.report(outcomes)
      progress.update(report.recordedCount, of: nil)
    }
    return report
  }
}
