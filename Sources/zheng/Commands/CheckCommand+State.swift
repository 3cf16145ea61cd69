import Ledger
import LedgerCrypto
import Scenarios
import Workflows

extension CheckCommand {
  /// Says what a state proof has proven, with the records beside it.
  func report(_ check: StateCheck, _ output: Output) throws {
    guard manifest == nil, !entry else {
      throw CommandError.usage(
        localized("\(proof): a state proof holds no record; --entry and --manifest go with other proofs"))
    }
    let original = try file.map { (path: $0, digest: try Files.digest($0).digest) }
    let isMeant = original.map { original in
      check.findings.contains { $0.subject == .digest(original.digest) }
    }
    let header = check.proven.header
    try output.result(
      [
        "ok": .bool(isMeant ?? true), "origin": .text(check.proven.checkpoint.origin),
        "block": .number(header.height), "asOf": .number(check.asOf.height),
        "time": .text(Timestamp.text(milliseconds: header.time)),
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
          localized(
            "\(original.path): the proof says nothing of this file; its SHA-256 is \(original.digest)"))
      }
      throw ExitStatus.notVerified.asError
    }
  }

  private static func json(_ finding: StateCheck.Finding, _ sentence: String) -> JSON {
    var fields: [(String, JSON)] = [
      ("key", .text(finding.subject.name)), ("recorded", .bool(finding.isRecorded)),
      ("proves", .text(sentence)),
    ]
    if let list = finding.list {
      // What is asked as of an earlier block ends there; of the last entry then the records tell.
      let last = finding.count == list.count ? list.last : finding.complete?.last?.index
      fields += [
        ("count", JSON(finding.count)), ("first", finding.isRecorded ? .number(list.first) : .null),
        ("last", JSON(last)), ("complete", .bool(finding.complete != nil)),
      ]
    }
    if let item = finding.item {
      fields.append(
        ("byOurRules", ["state": .text(item.state.rawValue), "custodian": .text(item.custodian)]))
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
      ("the proof", localized("holds: this is so on the ledger \(origin) as of block \(check.asOf.height)"))
    ]
    for finding in check.findings {
      rows.append(("proven", retold(check.sentence(finding))))
      if case .record = finding.subject, let value = finding.value {
        rows.append(
          ("", PayloadPreview(value, type: "application/cbor", lines: 40, rest: localized("and more")).text))
      }
      if let item = finding.item {
        rows.append(
          (
            "",
            localized(
              "by the rules of this program the item was \(named("state", item.state.rawValue)) then, held by \(Printable.text(item.custodian))"
            )
          ))
      }
      for record in finding.complete ?? [] {
        rows.append(
          (
            "",
            localized(
              "entry \(record.index), block \(record.header.height): \(record.statement.contentType) by \(record.issuer.id)"
            )
          ))
      }
    }
    rows.append(
      ("block time", localized("\(Timestamp.text(milliseconds: check.asOf.time)), by its proposer's word")))
    if check.asOf.height < header.height {
      rows.append(
        (
          "proven by",
          localized(
            "the state of block \(header.height), \(Timestamp.text(milliseconds: header.time)): lists only grow"
          )
        ))
    }
    rows.append(("", retold(check.word.text)))
    if let original {
      rows.append(("file", localized("\(Printable.text(original.path)) has the SHA-256 \(original.digest)")))
    }
    return labelled(rows + check.word.absent.map { ($0.0, retold($0.1)) })
  }
}
