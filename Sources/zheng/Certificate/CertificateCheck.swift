import Ledger
import LedgerCrypto
import TransparencyLog

/// The judgement of a certificate: its proofs under the policy that the person holds, and its visible text against them.
struct CertificateCheck {
  /// What is wrong; nothing where the certificate is good.
  private(set) var faults: [CertificateFault] = []
  /// What its proofs prove, where all of them hold.
  private(set) var certificate: ProvenCertificate?

  /// Judges the page in `bytes` under `policy`.
  init(_ bytes: [UInt8], _ policy: Policy) {
    do {
      try CertificateCheck.requireLineEnds(bytes)
      let file = try CertificateFile(bytes)
      let proofs = try file.proofs()
      try CertificateCheck.requireLedger(proofs[0], policy)
      let source = CertificateSource(
        proofs: proofs, asOf: file.embedded("as-of") ?? [], policy: policy.judging)
      let certificate = try ProvenCertificate(source)
      faults = file.differences(from: CertificatePage(certificate)).map { fault in
        guard fault.part == "policy", fault.code == "altered" else { return fault }
        return CertificateFault(
          "policy", "altered",
          "the page embeds another policy than the one given: either was altered, or this is another ledger's"
        )
      }
      if let form = CertificateCheck.form(file), !faults.isEmpty {
        faults = [
          CertificateFault(
            "head", "unknown-form",
            "a certificate of another form, \(form.quotedShort); this program knows \(CertificatePage.form)")
        ]
      }
      self.certificate = certificate
    } catch let error as CertificateFaults {
      faults = error.faults
    } catch let error as CertificateFault {
      faults = [error]
    } catch {
      faults = [CertificateFault("head", "malformed", "\(error)")]
    }
  }

  /// A page is compared byte for byte; one whose line ends were changed is told so, instead of part by part.
  private static func requireLineEnds(_ bytes: [UInt8]) throws(CertificateFault) {
    guard bytes.contains(UInt8(ascii: "\r")) || bytes.starts(with: [0xef, 0xbb, 0xbf]) else { return }
    let hint = LineEnds.restored(bytes)?.hint ?? LineEnds.hint
    throw CertificateFault(
      "head", "line-ends", "\(hint); get the file again as it was made, for example in a ZIP archive")
  }

  /// Says of a policy of another ledger that it is that, instead of saying of each proof that it does not hold.
  private static func requireLedger(_ first: [UInt8], _ policy: Policy) throws(CertificateFault) {
    let proof: RecordProof
    do { proof = try RecordProof(parsing: first.span) } catch { return }
    let ledger = proof.ledger?.hex ?? "one that it does not name"
    if let asked = policy.ledger, asked != proof.ledger {
      throw CertificateFault(
        "policy", ProofError.Code.wrongLedger.rawValue,
        "this certificate is of ledger \(ledger); the policy is of ledger \(asked)")
    }
    do { _ = try policy.evaluate(proof.proof.checkpoint) } catch {
      guard error.code == .unknownKey else { return }
      throw CertificateFault(
        "policy", ProofError.Code.wrongLedger.rawValue,
        "this certificate is of ledger \(ledger); the policy is of another, whose keys signed nothing here")
    }
  }

  /// The form that the head names, where it is not the one that is rendered here.
  private static func form(_ file: CertificateFile) -> String? {
    guard let head = file.parts.first(where: { $0.name == "head" })?.bytes.prefix(4096),
      let start = head.firstRange(of: Array("name=\"generator\" content=\"zheng certificate ".utf8))?
        .upperBound
    else { return nil }
    let number = head[start...].prefix { (0x30...0x39).contains($0) }
    guard (1...4).contains(number.count) else { return nil }
    let form = "zheng certificate \(String(decoding: number, as: UTF8.self))"
    return form == CertificatePage.form ? nil : form
  }

  var isGood: Bool { faults.isEmpty && certificate != nil }

  /// Why nothing of it was judged.
  fileprivate var result: String {
    switch faults.first?.code {
    case ProofError.Code.wrongLedger.rawValue where faults[0].part == "policy":
      "not judged: give the policy of the certificate's own ledger, from a source that you trust"
    case "line-ends": "not judged: the file is not as it was made"
    default: "NOT GOOD: what this page embeds does not prove what it says"
    }
  }
}

extension String {
  fileprivate var quotedShort: String { "\"\(prefix(40))\"" }
}

/// A file that someone says is the one that was deposited.
struct DepositedFile {
  let path: String
  let digest: Digest
  let byteCount: UInt64
  let isDeposited: Bool

  init(_ path: String, _ certificate: ProvenCertificate?) throws {
    self.path = path
    (digest, byteCount) = try Files.digest(path)
    isDeposited = certificate?.digest == digest
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
    _ path: String, _ bytes: [UInt8], _ policy: Policy, original: String?, _ output: Output
  ) throws {
    let check = CertificateCheck(bytes, policy)
    let finding = CertificateFinding(
      path: path, check: check, file: try original.map { try DepositedFile($0, check.certificate) })
    try output.result(finding.json, text: finding.text)
    guard finding.isGood else {
      if !output.isJSON {
        for fault in check.faults {
          Diagnostics.note("\(path): \(fault.part.replacing("-", with: " ")): \(fault.detail)")
        }
        if let file = finding.file, !file.isDeposited {
          let isDirectory = check.certificate?.deposit.payload["manifest"] != nil
          Diagnostics.note(
            "\(file.path): not the file that was deposited; its SHA-256 is \(file.digest)"
              + (isDirectory ? "; a directory was, so give its manifest" : ""))
        }
      }
      throw ExitStatus.notVerified.asError
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
      fields.append(
        (
          "file",
          [
            "path": .text(file.path), "digest": .text(file.digest.hex), "bytes": .number(file.byteCount),
            "deposited": .bool(file.isDeposited),
          ]
        ))
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
      "mismatch": row.differs.isEmpty ? .null : .array(row.differs.map { .text($0.en) }),
    ]
  }

  var text: String {
    guard let certificate = check.certificate else {
      return Printable.table(
        check.faults.map { ("FAULT", Printable.text("\($0.part.replacing("-", with: " ")): \($0.detail)")) }
          + [("result", check.result)])
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
        : "MISMATCH: the \(row.differs.map(\.en).joined(separator: " and ")) received is not the item's; "
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
          file.isDeposited
            ? "\(Printable.text(file.path)) is the deposited file, byte for byte"
            : "\(Printable.text(file.path)) is NOT the deposited file: its SHA-256 is \(file.digest)"
              + (check.isGood ? "; the certificate itself is good" : "")
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
