import LedgerCrypto
import Scenarios
import Workflows

extension DepositCheck {
  /// Prints what each of the files at `paths` is.
  ///
  /// - Returns: whether each is a deposited file.
  func run(_ paths: [String], _ output: Output) async throws -> Bool {
    let files = try NamedFiles.shown(paths).all
    if files.isEmpty {
      throw CommandError.noInput(localized("\(paths.joined(separator: ", ")): no file is there"))
    }
    let read = Fingerprints.shown(of: files.map(\.path))
    // A file that was named must be there; in a directory of thousands, one that can't be read is a finding.
    if files.count == 1, let unreadable = read.unreadable.first {
      throw CommandError.noInput(unreadable.reason)
    }
    var unreadable = read.unreadable[...]
    var goodCount = 0
    for (file, fingerprint) in zip(files, read.all) {
      guard let fingerprint else {
        let reason = unreadable.popFirst()?.reason ?? ""
        try output.result(
          ["path": .text(file.path), "ok": false, "reason": .text(reason)],
          text: localized("NOT READ  \(Printable.text(reason))"))
        continue
      }
      let finding = try await finding(file.path, fingerprint)
      if finding.isGood { goodCount += 1 }
      try output.result(finding.json, text: files.count == 1 ? finding.text : finding.line)
    }
    if files.count > 1 {
      try output.say(
        localized(
          "\(goodCount) of \(files.count) files are deposited\(item.map { localized(" as \($0)") } ?? "")"))
    }
    return goodCount == files.count
  }
}

extension DepositFinding {
  /// One line, where there are many.
  fileprivate var line: String {
    let name = Printable.text(path)
    if isGood, let own {
      return localized("ok   \(name)  \(Printable.text(own.item)), \(retold(own.place))")
    }
    return localized("NOT  \(name)  \(fingerprint.digest)")
  }

  /// For one file: all that is known.
  fileprivate var text: String {
    var rows = [("file", Printable.text(path))]
    let size = sized(fingerprint.byteCount)
    if let item, let expected {
      let name = Printable.text(item)
      if isGood {
        rows.append(("", localized("is the deposited file of \(name), unchanged since its deposit")))
        rows.append(("sha-256", "\(fingerprint.digest), \(size)"))
      } else {
        rows.append(("", localized("is NOT the deposited file of \(name)")))
        rows.append(("its sha-256", "\(fingerprint.digest), \(size)"))
        let deposited = expected.digests.sha256?.hex ?? ""
        rows.append(("deposited", "\(deposited), \(sized(expected.size))"))
        if expected.manifest != nil {
          rows.append(
            ("", localized("that is the manifest of a directory: check its files with --manifest MANIFEST")))
        }
      }
    } else if deposits.isEmpty {
      rows += [
        ("", localized("is NOT a file that was deposited on this ledger")),
        ("sha-256", "\(fingerprint.digest), \(size)"),
        (
          "", localized("no deposit names it; a file out of a deposited directory is checked with --manifest")
        ),
      ]
    } else {
      rows.append(("", localized("was deposited, and is unchanged since")))
      rows.append(("sha-256", "\(fingerprint.digest), \(size)"))
    }
    for (number, deposit) in deposits.enumerated() {
      let what = deposit.deposit.manifest == nil ? "" : localized(", as a manifest")
      rows.append(
        (
          number == 0 ? "deposits" : "",
          localized(
            "\(Printable.text(deposit.item)), case \(Printable.text(deposit.deposit.caseReference)), by \(deposit.issuer)\(what)\n\(retold(deposit.place))"
          )
        ))
    }
    for (number, acceptance) in received.enumerated() {
      rows.append((number == 0 ? "MISMATCH" : "", acceptance.text))
    }
    return labelled(rows)
  }
}

extension Acceptance {
  /// Who received it, as what, and where that is recorded.
  fileprivate var text: String {
    localized(
      "received by \(record.issuer) as \(Printable.text(item)), which it is not: entry \(record.index), \(Timestamp.text(milliseconds: record.time))"
    )
  }
}
