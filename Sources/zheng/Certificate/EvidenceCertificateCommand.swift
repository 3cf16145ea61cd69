import ArgumentParser
import Certificates
import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import Statements
import TransparencyLog
import Workflows

/// `zheng evidence certificate`.
struct EvidenceCertificateCommand: ResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "certificate", abstract: "Write an item's certificate 存证证书, which proves itself offline.",
    discussion: """
      One HTML file, in Chinese and English, fit for print: who deposited what, by when, who has held it since, and what is \
      proven and what is not. It embeds a proof for each row and needs no ledger and no network. Nobody vouches that its rows are \
      all there are: whoever passes it on can leave out a row that no other row follows.

        zheng evidence certificate ledger E-2026-17 --by 郑州市公证处 --out E-2026-17.html
        zheng check E-2026-17.html --policy policy --file contract.pdf

      Whoever opens the file in a browser can check it there too; but a page cannot vouch for itself, and `zheng check` with \
      a policy from a source that one trusts is the authority.
      """)

  @OptionGroup var ledger: LedgerArgument
  @Argument(help: "The item.") var item: String
  @Option(help: "The file to write, FILE.html.", completion: .file(extensions: ["html"])) var out: String
  @Option(
    help: ArgumentHelp(
      "Who issues the certificate, as it should name them; nothing proves it. Left out, the certificate names nobody.",
      valueName: "name"))
  var by: String?
  @Flag(help: "Replace a file of that name.") var force = false
  @OptionGroup var options: OutputOptions

  func validate() throws {
    guard out.lowercased().hasSuffix(".html") else {
      throw ValidationError("--out \(out): the name of a certificate ends in .html")
    }
    if let by, CertificateIssue(time: 0, by: by) == nil {
      throw ValidationError("--by: a name has 1 to 200 bytes, without control characters")
    }
  }

  func run(_ output: Output) throws {
    let reader = try LedgerReader.opening(ledger.folder)
    let policyPath = reader.folder.policy
    let policy = try PolicyFile.read(policyPath, note: Diagnostics.note).judging
    let issue = try issue()
    let source = try source(reader, policy, issue)
    let certificate: ProvenCertificate
    do throws(CertificateFaults) { certificate = try ProvenCertificate(source) } catch {
      let fault = error.faults[0]
      throw CommandError(
        .notVerified, fault.code,
        "\(ledger.path): the ledger does not prove the item under \(policyPath): \(fault.part): \(fault.detail); `zheng verify` looks for every fault"
      )
    }
    guard try stored(reader).last == certificate.last else {
      throw CommandError(
        .busy, "busy", "\(ledger.path): more was recorded while the certificate was made; try again")
    }
    let bytes = try page(certificate)
    guard bytes.count <= CertificatePage.maximumByteCount else {
      throw CommandError.cannotCreate(
        "\(out): the certificate would have \(Printable.byteCount(UInt64(bytes.count))), more than is read")
    }
    // What is handed out has been checked as its receiver will.
    let check = CertificateCheck(bytes, policy)
    guard check.isGood else {
      throw CommandError(
        .notVerified, "altered",
        "\(out): not written, because it would not pass: \(check.faults.first?.detail ?? "")")
    }
    try write(bytes)
    try output.result(
      [
        "certificate": .text(certificate.number), "item": .text(item), "file": .text(out),
        "bytes": .number(UInt64(bytes.count)), "rows": .number(UInt64(certificate.rows.count)),
        "id": .text(certificate.deposit.statement.id.hex), "asOfBlock": .number(certificate.asOf.height),
      ],
      text: """
        \(out)  certificate \(certificate.number), \(Printable.count(certificate.rows.count, "row")), as of block \(certificate.asOf.height)
        Check it: zheng check \(ShellText.path(out)) --policy \(ShellText.path(policyPath)) --file ORIGINAL
        """)
  }

  /// The item as the rules know it.
  private func stored(_ reader: LedgerReader) throws -> Evidence.Item {
    guard let stored = try reader.ruleValue(Evidence.Item.key(item)) else {
      throw CommandError.noInput(
        "\(ledger.path): no item \(Printable.text(item)) was deposited; `zheng evidence list \(ShellText.path(ledger.path))` shows what there is"
      )
    }
    return try Evidence.Item(decoding: stored)
  }

  /// What the ledger has about the item, up to the newest block that is indexed.
  private func source(
    _ reader: LedgerReader, _ policy: Policy, _ issue: CertificateIssue
  ) throws -> CertificateSource {
    _ = try stored(reader)
    guard let newest = try reader.newestBlock() else {
      throw CommandError(.busy, "busy", "\(ledger.path): no block is indexed yet; try again")
    }
    var indices: Set<UInt64> = []
    var waiting: [Digest] = []
    var query = SearchQuery()
    query.subject = item
    try reader.search(query) { record in
      guard record.index < newest.size, let kind = EvidenceKind(contentType: record.type) else { return }
      indices.insert(record.index)
      if kind == .release || kind == .resolve { waiting.append(record.id) }
    }
    for id in waiting {
      var query = SearchQuery()
      query.type = Kind.countersign
      query.digest = id
      try reader.search(query) { record in if record.index < newest.size { indices.insert(record.index) } }
    }
    guard indices.count <= CertificateSource.maximumProofCount else {
      throw CommandError.cannotCreate(
        "\(out): \(indices.count) statements are about \(Printable.text(item)); a certificate shows at most \(CertificateSource.maximumProofCount)"
      )
    }
    let proofs = try indices.sorted().map { try reader.proof(of: $0) }
    return CertificateSource(
      proofs: proofs.map(\.bytes),
      asOf: try asOf(newest, ListedBlock.members(in: proofs.map(\.statement)), reader),
      policy: policy, issue: issue)
  }

  /// The proof of the header of `block` against that block's checkpoint, with what its roster calls `members`.
  private func asOf(_ block: BlockRow, _ members: Set<String>, _ reader: LedgerReader) throws -> [UInt8] {
    // The proof of any record of the block holds the header's; every block has one.
    let proof = try reader.proof(of: block.first)
    let header = try BlockHeader(payload: proof.header.payload)
    return try ListedBlock.proof(
      of: proof.header, path: proof.headerPath, checkpoint: proof.proof.checkpoint,
      roster: try reader.roster(header.roster, at: header.height), members: members)
  }

  /// Now, and by whom.
  private func issue() throws -> CertificateIssue {
    guard let issue = CertificateIssue(time: CommandContext.now / 1000, by: by) else {
      throw CommandError.usage("this machine's clock is after the year 9999")
    }
    return issue
  }

  /// The page of `certificate`; where that page lies there already but for its time, that one.
  private func page(_ certificate: ProvenCertificate) throws -> [UInt8] {
    if Files.exists(out), let there = try Files.contents(out, limit: CertificatePage.maximumByteCount),
      let issue = CertificateFile.issue(there), issue.by == by,
      CertificatePage(certificate.issued(issue)).bytes == there
    {
      return there
    }
    return CertificatePage(certificate).bytes
  }

  private func write(_ bytes: [UInt8]) throws {
    guard Files.exists(out) else { return try Files.create(out, bytes) }
    if try Files.contents(out, limit: bytes.count) == bytes { return }
    guard force else {
      throw CommandError.cannotCreate(
        "\(out): another file is here; --force replaces it, --out names another place")
    }
    try Files.replace(out, bytes)
  }
}
