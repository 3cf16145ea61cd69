import Ledger
import Scenarios
import Workflows

extension EvidenceDepositCommand {
  /// Deposits what the list in the file at `path` names.
  func deposit(list path: String, _ output: Output) async throws {
    try ledger.require()
    let standards = claims.deposit(
      try Fingerprint(of: []), scope: .file, manifest: nil, occurred: happened.seconds)
    let list = try DepositList(path, standards, claims.digest)
    let run = DepositRun(list, as: try said.signer, at: CommandContext.now)
    let reading = try await reading()
    let progress = Progress(localized("hashing \(counted(list.lines.count, "file"))"), unit: "MiB")
    defer { progress.finish() }
    try await run.check(on: reading) { progress.update($0 >> 20, of: $1 >> 20) }
    progress.finish()
    var report = ListReport(run: run, isDryRun: many.dryRun)
    guard run.wrong.isEmpty, !many.dryRun, report.count("ready") > 0 else {
      try report.print(to: output)
      return try report.requireGood()
    }
    let recording = ledger.isAtNode ? reading : try await said.opened(ledger)
    let recorded = Progress(localized("depositing"), unit: "files")
    defer { recorded.finish() }
    report.hasRecorded = true
    do {
      try await run.record(on: recording) { recorded.update(UInt64($0), of: UInt64(list.lines.count)) }
    } catch {
      recorded.finish()
      try report.print(to: output)
      Diagnostics.note(localized("\(path): the same command goes on where this one stopped"))
      throw error
    }
    recorded.finish()
    try report.print(to: output)
    try report.requireGood()
  }
}

/// What became of the lines of a list.
private struct ListReport {
  let run: DepositRun
  let isDryRun: Bool
  /// Whether anything may have been recorded.
  var hasRecorded = false

  /// How many lines became that.
  func count(_ verdict: String) -> Int { run.lines.count { $0.verdict == verdict } }

  func print(to output: Output) throws {
    // What is wrong is named by the complaint, with its line.
    if !output.isJSON, !hasRecorded, !run.wrong.isEmpty { return }
    var table = TextTable(["LINE", "ITEM", "WHAT", "ENTRY", "BLOCK", "FILE"])
    for line in run.lines {
      let (index, block) = (line.place?.index, line.place?.block)
      table.add([
        String(line.listed.number), line.item ?? localized("(a number)"), named("verdict", line.verdict),
        index.map(String.init) ?? "",
        block.map(String.init) ?? "", line.listed.path,
      ])
    }
    var parts = [
      ("deposited", "deposited"), ("present", "deposited before"), ("ready", "ready"), ("wrong", "wrong"),
      ("open", "not come to"),
    ]
    .map { (count($0.0), $0.1) }.filter { $0.0 > 0 }.map { counted($0.0, $0.1, plural: $0.1) }
    if isDryRun { parts.append(localized("nothing was recorded")) }
    let summary = run.lines.isEmpty ? localized("no line") : listed(parts)
    let results = JSON.array(run.lines.map(\.json))
    try output.result(
      [
        "list": .text(run.list.path), "dryRun": .bool(isDryRun), "deposited": .integer(count("deposited")),
        "present": .integer(count("present")), "ready": .integer(count("ready")),
        "wrong": .integer(count("wrong")),
        "open": .integer(count("open")), "lines": results,
      ], text: "\(table.text)\n\(run.list.path): \(summary)")
  }

  /// - Throws: what is wrong, with the lines.
  func requireGood() throws {
    let wrong = run.wrong
    guard let first = wrong.first?.error else { return }
    let shown = wrong.prefix(50).map { "  \(run.list.path):\($0.line): \(Problem($0.error).detail)" }
    let more = wrong.count > shown.count ? localized("\n  and \(wrong.count - shown.count) more") : ""
    let lines = counted(run.lines.count, "line")
    let what =
      hasRecorded
      ? localized("\(wrong.count) of \(lines) not deposited")
      : localized("\(wrong.count) of \(lines) wrong, and nothing was recorded")
    throw CommandError(
      first.kind, "wrong-lines",
      localized(
        "\(run.list.path): \(what):\n\(shown.joined(separator: "\n"))\(more)\nCorrect them, and run the same command again"
      )
    )
  }
}

extension DepositRun.Line {
  fileprivate var verdict: String {
    switch outcome {
    case .open: "open"
    case .ready: "ready"
    case .deposited: "deposited"
    case .present: "present"
    case .wrong: "wrong"
    }
  }

  /// Where its record is.
  fileprivate var place: (id: String, index: UInt64, block: UInt64, time: UInt64?)? {
    switch outcome {
    case .deposited(let id, let index, let block, let time): (id, index, block, time)
    case .present(let record): (record.id.hex, record.index, record.block, record.time)
    case .open, .ready, .wrong: nil
    }
  }

  fileprivate var json: JSON {
    var error: Problem?
    if case .wrong(let wrong) = outcome { error = Problem(wrong) }
    return [
      "line": .integer(listed.number), "path": .text(listed.path), "item": JSON(item),
      "verdict": .text(verdict),
      "index": JSON(place?.index), "block": JSON(place?.block), "id": JSON(place?.id),
      "time": JSON(place?.time.map { Timestamp.text(milliseconds: $0) }),
      "size": JSON(fingerprint?.byteCount), "digests": fingerprint.map(\.digests.json) ?? .null,
      "code": JSON(error?.code), "detail": JSON(error?.detail),
    ]
  }
}
