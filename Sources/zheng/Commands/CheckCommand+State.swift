import Ledger
import LedgerCrypto
import Scenarios
import Workflows

extension CheckCommand {
  /// Says what a state proof has proven, with the records beside it.
  func report(_ check: StateCheck, _ output: Output) throws {
    guard manifest == nil, !entry else {
      throw CommandError.usage(
        "\(proof): a state proof holds no record; --entry and --manifest go with other proofs")
    }
    let original = try file.map { (path: $0, digest: try Files.digest($0).digest) }
    let isMeant = original.map { original in
      check.findings.contains { $0.subject == .digest(original.digest) }
    }
    let header = check.proven.header
    try output.result(
      [
        "ok": .bool(isMeant ?? true), "origin": .text(check.proven.checkpoint.origin),
        "block": .number(header.height), "time": .text(Timestamp.text(milliseconds: header.time)),
        "size": .number(check.proven.checkpoint.size), "byTheWordOf": .text(check.word.text),
        "findings": .array(check.findings.map { CheckCommand.json($0, check.sentence($0)) }),
        "file": original.map {
          ["path": .text($0.path), "digest": .text($0.digest.hex), "meant": .bool(isMeant ?? false)]
        } ?? .null,
      ],
      text: text(check, original))
    if let original, isMeant == false {
      if !output.isJSON {
        Diagnostics.note(
          "\(original.path): the proof says nothing of this file; its SHA-256 is \(original.digest)")
      }
      throw ExitStatus.notVerified.asError
    }
  }

  private static func json(_ finding: StateCheck.Finding, _ sentence: String) -> JSON {
    var fields: [(String, JSON)] = [
      ("key", .text(finding.subject.name)), ("recorded", .bool(finding.value != nil)),
      ("proves", .text(sentence)),
    ]
    if let list = finding.list {
      fields += [
        ("count", .number(list.count)), ("first", .number(list.first)), ("last", .number(list.last)),
        ("complete", .bool(finding.complete != nil)),
      ]
    }
    if case .record = finding.subject { fields.append(("value", JSON(finding.value.map { Hex.encode($0) }))) }
    if let complete = finding.complete {
      fields.append(("records", .array(complete.map { .number($0.index) })))
    }
    return .object(fields.map { ($0.0, $0.1) })
  }

  private func text(_ check: StateCheck, _ original: (path: String, digest: Digest)?) -> String {
    let header = check.proven.header
    let origin = check.proven.checkpoint.origin
    var rows: [(String, String)] = [
      ("the proof", "holds: this is so on the ledger \(origin) as of block \(header.height)")
    ]
    for finding in check.findings {
      rows.append(("proven", check.sentence(finding)))
      if case .record = finding.subject, let value = finding.value {
        rows.append(("", PayloadPreview(value, type: "application/cbor", lines: 40, rest: "and more").text))
      }
      for record in finding.complete ?? [] {
        rows.append(
          (
            "",
            "entry \(record.index), block \(record.header.height): \(record.statement.contentType) by \(record.issuer.id)"
          ))
      }
    }
    rows += [
      ("block time", "\(Timestamp.text(milliseconds: header.time)), by its proposer's word"),
      ("", check.word.text),
    ]
    if let original {
      rows.append(("file", "\(Printable.text(original.path)) has the SHA-256 \(original.digest)"))
    }
    return Printable.table(rows + check.word.absent)
  }
}
