import Certificates
import Ledger
import Scenarios
import Workflows

// What `zheng check` says of a certificate.
extension CertificateFinding {
  /// Prints what was found.
  ///
  /// - Throws: exit status 1 where it is not good.
  func report(_ output: Output) throws {
    if let manifestFault { Diagnostics.note(Problem(manifestFault).detail) }
    try output.result(json, text: text)
    guard !isGood else { return }
    if !output.isJSON {
      for fault in check.faults {
        Diagnostics.note("\(path): \(fault.shown)")
      }
      if let file, !file.isDeposited {
        let isDirectory = check.certificate?.isDirectory ?? false
        Diagnostics.note(
          manifest != nil
            ? localized(
              "\(file.path): not a file of the directory that was deposited; its SHA-256 is \(file.digest)")
            : localized("\(file.path): not the file that was deposited; its SHA-256 is \(file.digest)")
              + (isDirectory ? localized("; a directory was, so give its manifest with --manifest") : ""))
      }
    }
    throw ExitStatus.notVerified.asError
  }

  /// Why nothing of it was judged.
  private var result: String {
    switch check.faults.first?.code {
    case ProofError.Code.wrongLedger.rawValue where check.faults[0].part == "policy":
      localized("not judged: give the policy of the certificate's own ledger, from a source that you trust")
    case "line-ends": localized("not judged: the file is not as it was made")
    default: localized("NOT GOOD: what this page embeds does not prove what it says")
    }
  }

  private var json: JSON {
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
        ("byTheWordOf", .text(word?.text ?? "")),
        ("rows", .array(certificate.rows.map(row))), ("asOfBlock", .number(certificate.asOf.height)),
        ("asOfTime", .text(Timestamp.text(milliseconds: certificate.asOf.time))),
        // What is not so is no proven certificate.
        ("complete", .bool(true)), ("stateProven", .bool(true)),
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
      "custodian": .text(row.custodian), "state": .text(row.state.rawValue),
      "mismatch": row.differs.isEmpty ? .null : .array(row.differs.map { .text($0.rawValue) }),
    ]
  }

  private var text: String {
    guard let certificate = check.certificate else {
      return labelled(
        check.faults.map { ("FAULT", Printable.text($0.shown, keepingNewlines: true)) }
          + [("result", result)])
    }
    let deposit = certificate.deposit
    var rows = check.faults.map {
      ("FAULT", Printable.text($0.shown, keepingNewlines: true))
    }
    rows += [
      (
        "certificate",
        check.faults.isEmpty
          ? localized("\(certificate.number), as its proofs have it, byte for byte")
          : localized("NOT GOOD: what is marked as FAULT is not what the proofs prove; this is:")
      ),
      (
        "item",
        localized("\(Printable.text(certificate.item)), on the ledger \(deposit.proven.checkpoint.origin)")
      ),
      (
        "deposited",
        localized(
          "by \(deposit.proven.issuer.id), \(Printable.text(deposit.proven.issuer.name.both)), entry \(deposit.proven.index) in block \(deposit.proven.header.height)"
        )
      ),
      ("", "SHA-256 \(certificate.digest?.hex ?? "–")"),
      (
        "proven",
        deposit.proven.verdict.time.map {
          localized("unchanged since its deposit, no later than \(Timestamp.text(seconds: $0))")
        }
          ?? localized("unchanged since its deposit, at a time that is not proven")
      ),
      ("", word.map { retold($0.text) } ?? ""),
      ("not proven", localized("that what it says is true, nor anything from before its deposit")),
    ]
    for row in certificate.rows {
      let other =
        row.differs.isEmpty
        ? ""
        : localized(
          "MISMATCH: the \(row.differs.map { named("difference", $0.rawValue) }.joined(separator: localized(" and "))) received is not the item's; "
        )
      let holder = localized("\(other)then \(named("state", row.state.rawValue)), with \(row.custodian)")
      rows.append(
        (
          row.number == 1 ? "custody" : "",
          localized(
            "\(row.number)  \(Timestamp.text(milliseconds: row.proven.header.time))  \(named("kind", Printable.text(row.kind))) by \(row.proven.issuer.id); \(Printable.text(holder))"
          )
        ))
    }
    let asOf = localized("as of block \(certificate.asOf.height) (proven)")
    let all =
      certificate.rows.count == 1
      ? localized("this is the only record") : localized("these are all \(certificate.rows.count) records")
    rows.append(("", localized("\(all) \(asOf); the certificate says nothing of later ones")))
    if let last = certificate.rows.last {
      rows.append(
        (
          "state",
          Printable.text(localized("\(named("state", last.state.rawValue)), with \(last.custodian), \(asOf)"))
        ))
    }
    rows.append(
      (
        "block time",
        localized("\(Timestamp.text(milliseconds: certificate.asOf.time)), by the word of its proposer")
      ))
    if let file {
      rows.append(
        (
          "file",
          file.listed.map { listed in
            localized(
              "\(Printable.text(file.path)) is \(listed.name.map { Printable.text($0) } ?? localized("a file")) of the deposited directory, byte for byte"
            )
          }
            ?? (file.isDeposited
              ? localized("\(Printable.text(file.path)) is the deposited file, byte for byte")
              : localized(
                "\(Printable.text(file.path)) is NOT the deposited file: its SHA-256 is \(file.digest)")
                + (check.isGood ? localized("; the certificate itself is good") : ""))
        ))
    }
    rows += (word?.absent ?? []).map { ($0.0, retold($0.1)) }
    rows += certificate.rows.flatMap { row in
      AheadOfClock.rows(
        block: row.proven.header.time, cosigned: row.proven.verdict.witnesses.map(\.timestamp))
    }.prefix(1)
    return labelled(rows)
  }
}

extension CertificateFault {
  /// Where something does not hold, and what.
  fileprivate var shown: String {
    let detail = Problem.told(detail, by: code, of: .notVerified)
    return "\(part.replacing("-", with: " ")): \(detail)"
  }
}
