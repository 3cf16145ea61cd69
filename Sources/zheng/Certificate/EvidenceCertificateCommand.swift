import ArgumentParser
import Certificates
import Foundation
import Workflows

/// `zheng evidence certificate`.
struct EvidenceCertificateCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "certificate", abstract: "Write an item's certificate 存证证书, which proves itself offline.",
    discussion: """
      One HTML file in Chinese and English, fit for printing: who deposited what and by when, who has held it since, \
      what is proven and what is not. It embeds a proof for each row, and proofs that the rows are complete as of \
      the newest block and of the item's state then. It needs no ledger and no network, and says nothing of later \
      records.

        zheng evidence certificate ledger E-2026-17 --by 郑州市公证处 --out E-2026-17.html
        zheng check E-2026-17.html --policy policy --file contract.pdf

      A browser can check the file too, but a page cannot vouch for itself: `zheng check`, with a policy from a \
      trusted source, is the authority.
      """)

  @OptionGroup var ledger: LedgerArgument
  @Argument(help: "The item.") var item: String
  @Option(help: "The file to write, FILE.html.", completion: .file(extensions: ["html"])) var out: String
  @Option(
    help: ArgumentHelp(
      "Who issues the certificate, by the name that it should show; nothing proves it. If left out, the certificate names no issuer.",
      valueName: "name"))
  var by: String?
  @Flag(help: "Replace an existing file of that name.") var force = false
  @OptionGroup var options: OutputOptions

  func validate() throws {
    guard out.lowercased().hasSuffix(".html") else {
      throw ValidationError(localized("--out \(out): the name of a certificate ends in .html"))
    }
    if let by, !ItemCertificate.Request.isIssuer(by) {
      throw ValidationError(localized("--by: a name has 1 to 200 bytes, without control characters"))
    }
  }

  func run(_ output: Output) async throws {
    let opened = try await ledger.opened()
    let request = ItemCertificate.Request(
      item: item, policy: try ledger.policyFile, issuer: by, name: out, earlier: try earlier())
    guard let made = try await ItemCertificate(request, on: opened, CommandContext.current.work) else {
      throw CommandError.noInput(
        localized(
          "\(ledger.path): no item \(Printable.text(item)) was deposited; `zheng evidence list \(ShellText.path(ledger.path))` shows what there is"
        )
      )
    }
    let (certificate, bytes) = (made.certificate, made.bytes)
    _ = try Files.put(out, bytes, replacing: force)
    try output.result(
      [
        "certificate": .text(certificate.number), "item": .text(item), "file": .text(out),
        "bytes": .number(UInt64(bytes.count)), "rows": .number(UInt64(certificate.rows.count)),
        "id": .text(certificate.deposit.statement.id.hex), "asOfBlock": .number(certificate.asOf.height),
      ],
      text: localized(
        """
        \(out)  certificate \(certificate.number), \(counted(certificate.rows.count, "row")), as of block \(certificate.asOf.height)
        Check it: zheng check \(ShellText.path(out)) --policy \(ShellText.path(try ledger.policyFile)) --file ORIGINAL
        """))
  }

  /// What lies there already.
  private func earlier() throws -> [UInt8]? {
    guard Files.exists(out) else { return nil }
    return try Files.contents(out, limit: CertificatePage.maximumByteCount)
  }
}
