import LedgerCrypto
import Scenarios
import Workflows

extension ManifestCheck {
  /// Prints what each file is.
  ///
  /// - Returns: whether each is a file of the directory, under its own name, and none is missing of a whole one.
  func run(_ paths: [String], _ output: Output) throws -> Bool {
    let check = try FolderCheck.shown(paths, manifest)
    if check.findings.isEmpty, check.missing.isEmpty {
      throw CommandError.noInput(localized("\(paths.joined(separator: ", ")): no file is there"))
    }
    if check.findings.count == 1, let reason = check.findings[0].reason { throw CommandError.noInput(reason) }
    let isSingle = check.findings.count == 1 && check.missing.isEmpty
    for finding in check.findings {
      let proof = try proof(of: finding)
      try output.result(
        json(finding, proof),
        text: isSingle ? text(finding, proof) : line(finding))
    }
    for place in check.missing {
      let name = manifest.shownName(place)
      let digest = manifest.manifest.lines[place].digest
      try output.result(
        [
          "path": JSON(manifest.name(place)), "ok": false, "reason": "missing", "digest": .text(digest.hex),
          "line": .number(UInt64(place)),
        ],
        text: localized("MISSING  \(Printable.text(name))  \(digest)"))
    }
    if !isSingle {
      let good = check.findings.count { $0.isGood }
      let missing = check.missing.isEmpty ? "" : localized("; \(check.missing.count) of it are MISSING here")
      try output.say(
        localized(
          "\(good) of \(check.findings.count) files are in the directory that was deposited as \(Printable.text(deposit.item)), \(retold(deposit.place)), each proven to its root \(deposited.root)\(missing)"
        )
      )
    }
    return check.isWhole
  }

  /// One line, where there are many.
  private func line(_ finding: FolderCheck.Finding) -> String {
    finding.isGood
      ? localized("ok   \(Printable.text(finding.path))\(finding.isOtherForm ? ManifestCheck.otherForm : "")")
      : localized(
        "NOT  \(Printable.text(finding.path)): \(Printable.text(retold(finding.trouble(in: manifest))))")
  }

  private static var otherForm: String {
    localized("  (its name is written there in another Unicode form, NFC or NFD; it looks the same)")
  }

  private func text(_ finding: FolderCheck.Finding, _ proof: LineProof?) -> String {
    var rows = [("file", Printable.text(finding.path))]
    let directory = localized("the directory that was deposited as \(Printable.text(deposit.item))")
    if let proof, let fingerprint = finding.fingerprint {
      rows += [
        ("", localized("is in \(directory), unchanged since")),
        (
          "name there",
          Printable.text(manifest.shownName(Int(proof.index)))
            + (finding.isOtherForm ? ManifestCheck.otherForm : "")
        ),
        ("sha-256", "\(fingerprint.digest), \(sized(fingerprint.byteCount))"),
        (
          "proven",
          localized(
            "line \(proof.index) of \(proof.size), by \(counted(proof.path.count, "hash", plural: "hashes")) to the root that the ledger has"
          )
        ),
        ("root", deposited.root.hex),
      ]
    } else {
      rows += [
        ("", localized("is NOT in \(directory)")),
        ("", Printable.text(retold(finding.trouble(in: manifest)))),
      ]
    }
    rows += [
      ("case", Printable.text(deposit.deposit.caseReference)),
      ("deposited", localized("\(retold(deposit.place)), by \(deposit.issuer)")),
    ]
    return labelled(rows)
  }
}
