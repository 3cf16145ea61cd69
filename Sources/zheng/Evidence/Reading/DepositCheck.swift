import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import TransparencyLog

/// Files that are looked for among the deposits.
struct DepositCheck {
  /// The item that each should be; nil for any.
  let item: String?
  let reader: LedgerReader

  /// Prints what each file is.
  ///
  /// - Returns: whether each is a deposited file.
  func run(_ paths: [String], _ output: Output) throws -> Bool {
    let expected = try item.map { try reader.evidenceItem($0) }
    let files = try NamedFiles(paths).all
    if files.isEmpty { throw CommandError.noInput("\(paths.joined(separator: ", ")): no file is there") }
    let read = Fingerprints(of: files.map(\.path))
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
          text: "NOT READ  \(Printable.text(reason))")
        continue
      }
      let finding = Finding(
        path: file.path, fingerprint: fingerprint, item: item, expected: expected,
        deposits: try DepositRecord.all(naming: fingerprint.digest, in: reader)
          .filter { $0.deposit.digests.sha256 == fingerprint.digest },
        received: try reader.acceptances(of: fingerprint.digest).filter {
          item.map($0.item.hasSameBytes(as:)) ?? true
        })
      if finding.isGood { goodCount += 1 }
      try output.result(finding.json, text: files.count == 1 ? finding.text : finding.line)
    }
    if files.count > 1 {
      try output.say("\(goodCount) of \(files.count) files are deposited\(item.map { " as \($0)" } ?? "")")
    }
    return goodCount == files.count
  }
}

/// What is known of one file.
private struct Finding {
  let path: String
  let fingerprint: Fingerprint
  /// The item that it should be.
  let item: String?
  let expected: Evidence.Item?
  /// Every deposit of the same content, oldest first.
  let deposits: [DepositRecord]
  /// Where a receiver has signed for this content and the item is another.
  let received: [Acceptance]

  /// Whether it is the file that it should be.
  var isGood: Bool {
    if let expected { return expected.digests.sha256 == fingerprint.digest }
    return !deposits.isEmpty
  }

  /// The deposit that speaks for it.
  private var own: DepositRecord? {
    guard let item else { return deposits.first }
    return deposits.first { $0.item.hasSameBytes(as: item) }
  }

  var json: JSON {
    [
      "path": .text(path), "ok": .bool(isGood), "digest": .text(fingerprint.digest.hex),
      "size": .number(fingerprint.byteCount), "item": JSON(item ?? own?.item),
      "expected": JSON(expected?.digests.sha256?.hex), "expectedSize": JSON(expected?.size),
      "deposits": .array(deposits.map(\.json)), "received": .array(received.map(\.json)),
    ]
  }

  /// One line, where there are many.
  var line: String {
    let name = Printable.text(path)
    if isGood, let own {
      return "ok   \(name)  \(Printable.text(own.item)), \(own.place)"
    }
    return "NOT  \(name)  \(fingerprint.digest)"
  }

  /// For one file: all that is known.
  var text: String {
    var rows = [("file", Printable.text(path))]
    let size = Printable.byteCount(fingerprint.byteCount)
    if let item, let expected {
      let name = Printable.text(item)
      if isGood {
        rows.append(("", "is the deposited file of \(name), unchanged since its deposit"))
        rows.append(("sha-256", "\(fingerprint.digest), \(size)"))
      } else {
        rows.append(("", "is NOT the deposited file of \(name)"))
        rows.append(("its sha-256", "\(fingerprint.digest), \(size)"))
        let deposited = expected.digests.sha256?.hex ?? ""
        rows.append(("deposited", "\(deposited), \(Printable.byteCount(expected.size))"))
        if expected.manifest != nil {
          rows.append(
            ("", "that is the manifest of a directory: check its files with --manifest MANIFEST"))
        }
      }
    } else if deposits.isEmpty {
      rows += [
        ("", "is NOT a file that was deposited on this ledger"),
        ("sha-256", "\(fingerprint.digest), \(size)"),
        ("", "no deposit names it; a file out of a deposited directory is checked with --manifest"),
      ]
    } else {
      rows.append(("", "was deposited, and is unchanged since"))
      rows.append(("sha-256", "\(fingerprint.digest), \(size)"))
    }
    for (number, deposit) in deposits.enumerated() {
      let what = deposit.deposit.manifest == nil ? "" : ", as a manifest"
      rows.append(
        (
          number == 0 ? "deposits" : "",
          "\(Printable.text(deposit.item)), case \(Printable.text(deposit.deposit.caseReference)), by \(deposit.issuer)\(what)\n\(deposit.place)"
        ))
    }
    for (number, acceptance) in received.enumerated() {
      rows.append((number == 0 ? "MISMATCH" : "", acceptance.text))
    }
    return Printable.table(rows)
  }
}

/// An `accept` of something else than the item.
private struct Acceptance {
  let item: String
  let record: RecordSummary

  /// Who received it, as what, and where that is recorded.
  var text: String {
    "received by \(record.issuer) as \(Printable.text(item)), which it is not: entry \(record.index), \(Timestamp.text(milliseconds: record.time))"
  }

  var json: JSON {
    [
      "item": .text(item), "issuer": .text(record.issuer), "index": .number(record.index),
      "time": .text(Timestamp.text(milliseconds: record.time)),
    ]
  }
}

extension LedgerReader {
  /// Every `accept` by which something with this digest was received as an item that has another, oldest first.
  fileprivate func acceptances(of digest: Digest) throws -> [Acceptance] {
    var query = SearchQuery()
    (query.type, query.digest) = (EvidenceKind.accept.contentType, digest)
    var found: [RecordSummary] = []
    try search(query) { found.append($0) }
    return try found.compactMap { record in
      guard let item = try evidenceStatement(record.index).claims?.subject,
        try evidenceItem(item).digests.sha256 != digest
      else { return nil }
      return Acceptance(item: item, record: record)
    }
  }
}
