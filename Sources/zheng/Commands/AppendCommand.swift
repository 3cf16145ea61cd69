import ArgumentParser
import Ledger
import LedgerCrypto
import LedgerNode
import LedgerStore

/// `zheng append`.
struct AppendCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "append", abstract: "Append records, each signed with a member's key.",
    usage: """
      zheng append LEDGER --key KEY.pem [OPTIONS] FILE… | -
      zheng append --node URL --key KEY.pem [OPTIONS] FILE… | -
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

      With --node there is no LEDGER: the records are signed here and sent to the node, and the key stays here. Many go in one \
      request, and come to stand in the order given. What is printed is the node's word; the proof of each record is at \
      NODE/proof/INDEX, for `zheng check`.

        zheng append --node http://127.0.0.1:8080 --key notary.pem contract.txt
        zheng append --node http://127.0.0.1:8080 --statements today.statements
      """)

  @OptionGroup var ledger: LedgerArgument
  @Argument(help: "Files; - is standard input.", completion: .file()) var files: [String] = []
  @Option(help: "The URL of a node that takes the records, in the place of LEDGER.") var node: String?
  @Option(help: "The private key that signs, of a member.", completion: .file()) var key: String?
  @OptionGroup var content: ContentOptions
  @Flag(help: "Each file is a statement that was signed before (COSE_Sign1).") var signed = false
  @Flag(help: "Each file is a sequence of such statements (RFC 8742), as zheng sign makes.") var statements =
    false
  @Flag(help: "The clock is right, although it seems to have jumped.") var clockIsRight = false
  @OptionGroup var options: OutputOptions

  func validate() throws {
    if node == nil, files.isEmpty {
      throw ValidationError("FILE is missing: what is to be recorded, or - for standard input")
    }
    if let node {
      do { _ = try NodeClient(node) } catch { throw ValidationError(error.description) }
    }
    if node != nil, clockIsRight {
      throw ValidationError("--clock-is-right is said to the node, not with --node")
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
    if let node { return try await run(through: NodeClient(node), output) }
    let folder = try ledger.folder
    let privateKey = try key.map(KeyFiles.privateKey)
    let source = try RecordSource(files, unit)
    var appender = try Appender(folder, isClockConfirmed: clockIsRight, output: output)
    let signer = try signer(privateKey, try appender.state)
    try signer.requireSignable()
    try appender.append(source, signer: signer)
    if appender.report.refusedCount > 0 { throw ExitStatus.refused.asError }
  }

  private var unit: RecordSource.Unit {
    signed ? .signedFile : statements ? .statement : content.lines ? .line : .file
  }

  private func run(through client: NodeClient, _ output: Output) async throws {
    let privateKey = try key.map(KeyFiles.privateKey)
    // What would be the ledger's directory is a file already.
    let source = try RecordSource([ledger.ledger] + files, unit)
    var (ledgerID, member) = (Digest.zero, content.issuer ?? "")
    if let privateKey {
      let known = try await client.issuer(of: privateKey.publicKey)
      (ledgerID, member) = (known.ledger, content.issuer ?? known.member)
    }
    let word = Printable.shellWord
    let signer = StatementSigner(
      issuer: member, key: privateKey, type: content.type, subject: content.subject, ledgerID: ledgerID,
      isOfFiles: !content.lines,
      advice: "zheng append --node \(word(client.url)) --key \(word(key ?? "KEY.pem")) -")
    try signer.requireSignable()
    var appender = NodeAppender(client, output: output)
    try await appender.append(source, signer: signer)
    if appender.report.refusedCount > 0 { throw ExitStatus.refused.asError }
  }

  private func signer(_ privateKey: PrivateKey?, _ state: LedgerState) throws -> StatementSigner {
    let word = Printable.shellWord
    let advice = "zheng append \(word(ledger.path)) --key \(word(key ?? "KEY.pem")) -"
    let issuer =
      try content.issuer ?? privateKey.map { try state.roster.issuer(of: $0, path: key ?? "", ledger.path) }
    return StatementSigner(
      issuer: issuer ?? "", key: privateKey, type: content.type, subject: content.subject,
      ledgerID: state.ledgerID, isOfFiles: !content.lines,
      advice: advice)
  }
}

extension Roster {
  /// The id of the member whose key `key` is.
  ///
  /// - Throws: the refusal `unknown-key`.
  func issuer(of key: PrivateKey, path: String, _ ledger: String) throws -> String {
    let kid = key.publicKey.thumbprint
    guard let member = members.first(where: { $0.keys.contains { $0.id == kid } }) else {
      throw Refusal(
        .unknownKey,
        "\(path): the key \(kid) is no member's of this ledger; `zheng members \(Printable.shellWord(ledger))` shows whose keys it knows"
      )
    }
    return member.id
  }
}
