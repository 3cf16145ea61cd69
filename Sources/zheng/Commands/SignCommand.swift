import ArgumentParser
import Foundation
import Ledger
import LedgerCrypto
import Workflows

/// `zheng sign`.
struct SignCommand: ResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Sign statements offline, to be appended elsewhere.",
    usage: """
      zheng sign --policy FILE|@NAME [--key KEY.pem] --issuer ID [OPTIONS] --out STATEMENTS FILE… | -
      """,
    discussion: """
      Signing needs no ledger, no node and no network: only the key, the member's id, and the ledger that it is for, \
      given by its policy file or id. The result is a file of signed statements, one after another (a CBOR sequence, \
      RFC 8742, of COSE_Sign1). Any other machine can append it without the key:

        zheng sign --policy policy --key clerk.pem --issuer notary --out today.statements *.pdf
        zheng append ledger --statements today.statements
        zheng append http://127.0.0.1:8080 --policy policy --statements today.statements

      Both options can be left out when ZHENG_KEY names the key and ZHENG_POLICY the policy. --policy @NAME takes \
      both from that ledger in the configuration file, and does not open the ledger:

        zheng sign --policy @city --issuer notary --out today.statements *.pdf

      Nothing can be changed on the way, and appending it twice is safe. Join files of statements with `cat`. \
      Without --out the statements go to standard output:

        sha256sum *.mp4 | zheng sign --policy policy --key clerk.pem --issuer notary --lines - | \\
          zheng append ledger --statements -

      Each statement claims the time at which it was signed. Append it within the ledger's statement window (30 days \
      unless the founders chose another) and by the time of --expires; no ledger is at hand here, so a day is one at \
      \(UTCOffset.standard). With --out one line is printed for each statement, id and name: the id finds the record \
      later. If any can't be signed, nothing is written.
      """)

  @Argument(help: "Files; - is standard input.", completion: .file()) var files: [String]
  @OptionGroup var key: KeyOption
  @OptionGroup var content: ContentOptions
  @Option(
    help:
      "The policy file of the ledger that the statements are for, or @NAME for that of a ledger in the configuration file. Default: what \(NodeTrust.variable) names.",
    completion: .file())
  var policy: String?
  @Option(help: "The id of that ledger, instead of --policy.") var ledgerID: String?
  @Option(help: "The file to write; it must not exist. Default: standard output.") var out: String?
  @OptionGroup var options: OutputOptions

  func validate() throws {
    if let policy { try LedgerName.use(policy) }
    let isNamed = policy != nil || CommandContext.variable(NodeTrust.variable) != nil
    guard policy == nil || ledgerID == nil, isNamed || ledgerID != nil else {
      throw ValidationError(
        localized(
          "say which ledger it is for: --policy FILE, or --ledger-id HEX; or the variable \(NodeTrust.variable)"
        )
      )
    }
    guard content.issuer != nil else {
      throw ValidationError(
        localized("--issuer is missing: the member whose key it is; there is no ledger here to ask"))
    }
    if out == nil, options.json {
      throw ValidationError(
        localized("--json prints what --out FILE holds; standard output has the statements themselves"))
    }
  }

  func run(_ output: Output) throws {
    let key = try key.path
    let signer = StatementSigner(
      issuer: content.issuer ?? "", key: try KeyFiles.privateKey(key), type: content.type,
      subject: content.subject, expiresAt: content.expires?.last(.standard), ledgerID: try ledger,
      wallClock: CommandContext.current.wallClock,
      isOfFiles: !content.lines,
      advice: "zheng sign … --key \(ShellText.path(key)) -")
    try signer.requireOptions()
    let source = try RecordSource(
      files, content.lines ? .line : .file, allowsEmptyInput: content.allowEmpty)
    var (bytes, signed): ([UInt8], [(id: Digest?, name: String, byteCount: Int)]) = ([], [])
    while let items = try source.several() {
      for (item, outcome) in zip(items, signer.outcomes(items, keys: [:])) {
        switch outcome {
        case .failed(let error): throw error
        case .refused(let refusal): throw Refusal(refusal.code, "\(item.name): \(refusal.reason)")
        case .signed(let entry):
          bytes += entry.bytes
          signed.append((entry.id, item.name, entry.byteCount))
        }
      }
      guard bytes.count <= RecordSource.sequenceLimit else {
        throw CommandError.usage(
          localized(
            "more than \(sized(UInt64(RecordSource.sequenceLimit))) of statements; sign them in several files"
          )
        )
      }
    }
    guard let out else { return try output.raw(bytes) }
    try Files.create(out, bytes)
    for (id, name, byteCount) in signed {
      let id = id?.hex ?? ""
      try output.result(
        ["id": .text(id), "name": .text(name), "bytes": .number(UInt64(byteCount))],
        text: "\(id) \(Printable.text(name))")
    }
  }

  /// The id of the ledger that the statements are for.
  private var ledger: Digest {
    get throws {
      if let ledgerID { return try Digest(ledgerIDOption: ledgerID) }
      return try PolicyFile.ledgerID(LedgerName.policy(policy), note: Diagnostics.note(told:))
    }
  }
}

extension RecordSource {
  /// As many items as are signed together; nil at the end.
  fileprivate func several() throws -> [RecordItem]? {
    var (items, byteCount): ([RecordItem], Int) = ([], 0)
    while items.count < 4096, byteCount < 16 << 20 {
      guard case .item(let item) = try next(patience: nil) else { break }
      items.append(item)
      byteCount += item.byteCount
    }
    return items.isEmpty ? nil : items
  }
}

extension StatementSigner {
  /// Sees that --type, --subject and --expires can be signed.
  func requireOptions() throws {
    do { try requireSignable() } catch let error as WorkflowError {
      throw CommandError.usage(localized("--type, --subject or --expires will not do: \(error.detail)"))
    }
  }
}
