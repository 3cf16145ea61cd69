import Certificates
import Ledger
import LedgerCrypto
import Scenarios
import TransparencyLog
import Workflows

/// A file that someone says is the one that was deposited, or one of the directory that was.
struct DepositedFile {
  let path: String
  let digest: Digest
  let byteCount: UInt64
  let isDeposited: Bool
  /// Which file of the directory it is.
  let listed: ListedFiles.File?

  init(_ path: String, _ certificate: ProvenCertificate?, listed files: ListedFiles?) throws {
    self.path = path
    (digest, byteCount) = try Files.digest(path)
    listed = files?.file(digest, size: byteCount)
    isDeposited = certificate?.digest == digest || listed != nil
  }
}

/// What `zheng check` says of a certificate.
struct CertificateFinding {
  let path: String
  let check: CertificateCheck
  let file: DepositedFile?

  var isGood: Bool { check.isGood && (file?.isDeposited ?? true) }

  /// Checks the certificate in `bytes` and prints what was found.
  ///
  /// - Throws: exit status 1 where it is not good.
  static func report(
    _ path: String, _ bytes: [UInt8], _ policy: Policy, original: String?, manifest: String?, _ output: Output
  ) throws {
    let check = CertificateCheck(bytes, policy)
    var listed: ListedFiles?
    do {
      listed = try manifest.flatMap { manifest in
        try check.certificate.map { try CertificateFinding.listed(manifest, in: $0) }
      }
    } catch  where !check.isGood {
      // What is wrong with the certificate is said first.
      Diagnostics.note(Problem(error).detail)
    }
    let finding = CertificateFinding(
      path: path, check: check,
      file: try original.map { try DepositedFile($0, check.certificate, listed: listed) })
    try output.result(finding.json, text: finding.text)
    guard finding.isGood else {
      if !output.isJSON {
        for fault in check.faults {
          Diagnostics.note("\(path): \(fault.part.replacing("-", with: " ")): \(fault.detail)")
        }
        if let file = finding.file, !file.isDeposited {
          let isDirectory = check.certificate?.isDirectory ?? false
          Diagnostics.note(
            manifest != nil
              ? "\(file.path): not a file of the directory that was deposited; its SHA-256 is \(file.digest)"
              : "\(file.path): not the file that was deposited; its SHA-256 is \(file.digest)"
                + (isDirectory ? "; a directory was, so give its manifest with --manifest" : ""))
        }
      }
      throw ExitStatus.notVerified.asError
    }
  }

  /// Why nothing of it was judged.
  private var result: String {
    switch check.faults.first?.code {
    case ProofError.Code.wrongLedger.rawValue where check.faults[0].part == "policy":
      "not judged: give the policy of the certificate's own ledger, from a source that you trust"
    case "line-ends": "not judged: the file is not as it was made"
    default: "NOT GOOD: what this page embeds does not prove what it says"
    }
  }

  /// The files that the manifest or extract at `path` proves.
  private static func listed(_ path: String, in certificate: ProvenCertificate) throws -> ListedFiles {
    guard let bytes = try Files.contents(path, limit: ListedFiles.maximumByteCount) else {
      throw CommandError(.notVerified, "malformed-manifest", "\(path): too large for a manifest")
    }
    do { return try ListedFiles(bytes, in: certificate) } catch {
      throw CommandError(.notVerified, error.code, "\(path): \(error.detail)")
    }
  }

  private func word(_ certificate: ProvenCertificate) -> CosignerWord {
    CosignerWord(certificate.policy, certificate.deposit.proven.verdict)
  }

  var json: JSON {
    var fields: [(key: String, value: JSON)] = [
      ("ok", .bool(isGood)), ("certificateIsGood", .bool(check.isGood)), ("path", .text(path)),
    ]
    if let certificate = check.certificate {
      let deposit = certificate.deposit
      fields += [
        ("certificate", .text(certificate.number)), ("ledger", .text(certificate.ledger.hex)),
        ("id", .text(deposit.statement.id.hex)), ("index", .number(deposit.proven.index)),
        ("block", .number(deposit.proven.header.height)), ("item", .text(certificate.item)),
        ("issuer", .text(deposit.proven.issuer.id)), ("issuerName", deposit.proven.issuer.name.json),
        ("digest", JSON(certificate.digest?.hex)),
        ("time", .text(Timestamp.text(milliseconds: deposit.proven.header.time))),
        ("noLaterThan", JSON(deposit.proven.verdict.time.map { Timestamp.text(seconds: $0) })),
        ("byTheWordOf", .text(word(certificate).text)),
        ("rows", .array(certificate.rows.map(row))), ("asOfBlock", .number(certificate.asOf.height)),
        ("asOfTime", .text(Timestamp.text(milliseconds: certificate.asOf.time))),
      ]
    }
    fields.append(
      (
        "faults",
        .array(
          check.faults.map {
            ["part": .text($0.part), "code": .text($0.code), "detail": .text($0.detail)]
          })
      ))
    if let file {
      let found: JSON = [
        "path": .text(file.path), "digest": .text(file.digest.hex), "bytes": .number(file.byteCount),
        "deposited": .bool(file.isDeposited),
      ]
      fields.append(("file", file.listed.map { found.adding(["name": JSON($0.name)]) } ?? found))
    }
    return .object(fields)
  }

  private func row(_ row: CertificateRow) -> JSON {
    [
      "row": .number(UInt64(row.number)), "kind": .text(row.kind), "id": .text(row.statement.id.hex),
      "issuer": .text(row.proven.issuer.id), "block": .number(row.proven.header.height),
      "time": .text(Timestamp.text(milliseconds: row.proven.header.time)),
      "noLaterThan": JSON(row.proven.verdict.time.map { Timestamp.text(seconds: $0) }),
      "custodian": .text(row.custodian), "state": .text(row.state),
      "mismatch": row.differs.isEmpty ? .null : .array(row.differs.map { .text($0.rawValue) }),
    ]
  }

  var text: String {
    guard let certificate = check.certificate else {
      return Printable.table(
        check.faults.map { ("FAULT", Printable.text("\($0.part.replacing("-", with: " ")): \($0.detail)")) }
          + [("result", result)])
    }
    let deposit = certificate.deposit
    var rows = check.faults.map {
      ("FAULT", Printable.text("\($0.part.replacing("-", with: " ")): \($0.detail)"))
    }
    rows += [
      (
        "certificate",
        check.faults.isEmpty
          ? "\(certificate.number), as its proofs have it, byte for byte"
          : "NOT GOOD: what is marked as FAULT is not what the proofs prove; this is:"
      ),
      ("item", "\(Printable.text(certificate.item)), on the ledger \(deposit.proven.checkpoint.origin)"),
      (
        "deposited",
        "by \(deposit.proven.issuer.id), \(Printable.text(deposit.proven.issuer.name.both)), entry \(deposit.proven.index) in block \(deposit.proven.header.height)"
      ),
      ("", "SHA-256 \(certificate.digest?.hex ?? "–")"),
      (
        "proven",
        deposit.proven.verdict.time.map {
          "unchanged since its deposit, no later than \(Timestamp.text(seconds: $0))"
        }
          ?? "unchanged since its deposit, at a time that is not proven"
      ),
      ("", word(certificate).text),
      ("not proven", "that what it says is true, nor anything from before its deposit"),
    ]
    for row in certificate.rows {
      let other =
        row.differs.isEmpty
        ? ""
        : "MISMATCH: the \(row.differs.map(\.rawValue).joined(separator: " and ")) received is not the item's; "
      let holder = "\(other)then \(row.state), with \(row.custodian)"
      rows.append(
        (
          row.number == 1 ? "custody" : "",
          "\(row.number)  \(Timestamp.text(milliseconds: row.proven.header.time))  \(Printable.text(row.kind)) by \(row.proven.issuer.id); \(Printable.text(holder))"
        ))
    }
    rows.append(
      (
        "",
        "nobody vouches that there are no other rows: these are what was listed as of block \(certificate.asOf.height), \(Timestamp.text(milliseconds: certificate.asOf.time)), and rows may have been left out since"
      ))
    if let file {
      rows.append(
        (
          "file",
          file.listed.map { listed in
            "\(Printable.text(file.path)) is \(listed.name.map { Printable.text($0) } ?? "a file") of the deposited directory, byte for byte"
          }
            ?? (file.isDeposited
              ? "\(Printable.text(file.path)) is the deposited file, byte for byte"
              : "\(Printable.text(file.path)) is NOT the deposited file: its SHA-256 is \(file.digest)"
                + (check.isGood ? "; the certificate itself is good" : ""))
        ))
    }
    rows += word(certificate).absent
    rows += certificate.rows.flatMap { row in
      AheadOfClock.rows(
        block: row.proven.header.time, cosigned: row.proven.verdict.witnesses.map(\.timestamp))
    }.prefix(1)
    return Printable.table(rows)
  }
}
