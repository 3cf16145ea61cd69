import ArgumentParser
import Foundation
import Ledger
import LedgerCrypto
import Workflows

/// `zheng verify`.
struct VerifyCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check the whole ledger from its first entry; write nothing.",
    discussion: """
      Every entry, signature, rule, block, root and cosignature is checked again, and every fault is reported with \
      its location.

        zheng verify ledger --policy policy
        zheng verify ledger --ledger-id $ID --checkpoint yesterday.checkpoint

      A policy or ledger id from a source that you trust anchors the result. Without one, a ledger can only be shown \
      to be consistent with itself: a forger could have made all of it. Only a checkpoint kept elsewhere (`zheng \
      checkpoint`) can show that it was shortened.

      --vault also checks that a member still has what it delivered or received: intact; erased, by record N, which \
      is no fault; or altered, or missing without such a record.

        zheng verify ledger --policy policy --vault vault

      With the URL of a node, the ledger's entries and checkpoints are copied to this machine first and the copy is \
      checked; it must reach the newest checkpoint that the node shows. The copy is kept: an interrupted one is \
      continued, and the next run fetches only what is new. A copy that fails is set aside, and the next run begins \
      anew.

        zheng verify https://node.example --policy policy

      Exit status 1 if there is a fault.
      """)

  @OptionGroup var ledger: LedgerArgument
  @Option(
    help:
      "With a URL: the directory of the copy. Default: a folder for this ledger in ZHENG_STATE.",
    completion: .directory)
  var copy: String?
  @Option(help: "The ledger id that the founders published.") var ledgerID: String?
  @Flag(
    help:
      "Check only hashes, roots, cosignatures and headers: no signatures of statements, no rules, no search index."
  )
  var hashesOnly = false
  @Option(help: "How many threads to use; all cores by default. The result does not depend on it.")
  var threads: Int?
  @Option(help: "A vault of `zheng share`; may be repeated.", completion: .directory)
  var vault: [String] = []
  @OptionGroup var options: OutputOptions

  func validate() throws {
    if !isAtNode, copy != nil { throw ValidationError(localized("--copy goes with the URL of a node")) }
    if ledger.policy != nil, ledgerID != nil, !isAtNode {
      throw ValidationError(localized("give --policy or --ledger-id, not both"))
    }
    if let threads, !(1...Verification.mostThreads).contains(threads) {
      throw ValidationError(localized("--threads may be 1 to \(Verification.mostThreads)"))
    }
  }

  private var checkpoint: String? { ledger.checkpoint }
  private var path: String { ledger.path }
  private var isAtNode: Bool { ledger.isAtNode }

  func run(_ output: Output) async throws {
    var verification = Verification(isOfHashesOnly: hashesOnly, now: CommandContext.now)
    if let threads { verification.use(threads: threads) }
    if let checkpoint { try verification.extend(checkpoint: checkpoint, note: Diagnostics.note(told:)) }
    let policy = isAtNode ? try ledger.trustFile : ledger.policy
    if let policy { try verification.anchor(inPolicy: policy, note: Diagnostics.note(told:)) }
    if let ledgerID, !isAtNode { verification.anchor(inLedger: try Digest(ledgerIDOption: ledgerID)) }
    let node = isAtNode ? try await ledger.atNode(ledgerID: ledgerID) : nil
    let directory = if let node { try await fetch(node, &verification) } else { path }
    let progress = Progress(localized("verifying"), unit: "entries")
    defer { progress.finish() }
    var report = try verification.run(directory, .commands) { progress.update($0, of: $1) }
    progress.finish()
    if let policy, !isAtNode, isInLedger(policy) {
      report.notes.append(
        localized(
          "own-policy: the policy lies in the ledger's directory, where whoever changes the ledger can change it too"
        )
      )
    }
    let seconds = progress.seconds
    let vaults =
      if let node { try await VaultAudit(vault, of: node, CommandContext.current.work) } else {
        try await VaultAudit(vault, ofLedgerIn: ledger.ledger)
      }
    let finding = Finding(
      report: report, vaults: vaults, ledger: path, seconds: seconds, isWhole: !hashesOnly)
    try output.result(finding.json, text: finding.text)
    if node != nil, !report.isGood { try putAside(directory) }
    if !finding.isGood { throw ExitStatus.notVerified.asError }
  }

  /// Brings the copy of the ledger at `node` up to date, to which the result of `verification` will be held.
  ///
  /// - Returns: its directory.
  private func fetch(_ node: NodeLedger, _ verification: inout Verification) async throws -> String {
    let directory = try copy ?? node.copyFolder
    let progress = Progress(localized("copying"), unit: "entries")
    defer { progress.finish() }
    if checkpoint == nil { try verification.extend(node.newestCheckpoint) }
    try await node.copy(to: directory) { progress.update($0, of: $1) }
    return directory
  }

  /// A copy that is not good would be gone on with.
  private func putAside(_ directory: String) throws {
    let other = try Files.movedAside(directory)
    Diagnostics.note(localized("\(other): the copy that is not good; the next one begins anew"))
  }

  private func isInLedger(_ file: String) -> Bool {
    let file = URL(fileURLWithPath: file).resolvingSymlinksInPath().path
    return file == URL(fileURLWithPath: path + "/policy").resolvingSymlinksInPath().path
  }
}

/// What `verify` found.
private struct Finding {
  let report: Verification.Finding
  let vaults: VaultAudit
  let ledger: String
  let seconds: Double
  let isWhole: Bool

  var isGood: Bool { report.isGood && vaults.isGood }

  var json: JSON {
    let json: JSON = [
      "ok": .bool(isGood), "anchored": .bool(report.isAnchored), "ledger": JSON(report.ledger?.hex),
      "entries": .number(report.entries), "records": .number(report.records),
      "blocks": .number(report.blocks),
      "root": .text(report.root.hex), "faults": .array(report.faults.map(\.json)),
      "notes": .array(report.notes.map(JSON.text)), "signatures": signatures, "seconds": .double(seconds),
    ]
    let whole = isWhole ? json : json.adding(["unchecked": .array(Finding.unchecked.map(JSON.text))])
    return vaults.json(ledger).map { whole.adding(["vault": $0]) } ?? whole
  }

  /// What `--hashes-only` leaves out.
  private static var unchecked: [String] {
    [localized("signatures of statements"), localized("rules"), localized("search index")]
  }

  /// How those of P-256 keys were verified: by a table of the key, by one and then again, or in OpenSSL's ordinary way.
  private var signatures: JSON {
    let counts = report.signatures
    return [
      "by-table": .number(UInt64(counts.byTable)), "again": .number(UInt64(counts.again)),
      "ordinary": .number(UInt64(counts.ordinary)), "tables": .number(UInt64(counts.tables)),
    ]
  }

  var text: String {
    let checked =
      isWhole
      ? localized("everything was checked")
      : localized(
        "hashes, roots, cosignatures and headers were checked; NOT checked: \(listed(Finding.unchecked))")
    let counts =
      localized(
        "\(counted(report.records, "record")) in \(counted(report.blocks, "block")), \(report.entries) entries"
      )
    var rows: [(String, String)] = []
    for fault in report.faults { rows.append(("FAULT", Printable.text(fault.shown, keepingNewlines: true))) }
    for note in report.notes { rows.append(("note", Printable.text(retold(note)))) }
    if let ledger = report.ledger { rows.append(("ledger", ledger.hex)) }
    if let cosigned = report.cosigned {
      rows.append(
        (
          "newest block",
          localized(
            "cosigned by \(cosigned.names.count) of \(counted(cosigned.all, "validator")): \(listed(cosigned.names))"
          )
        ))
    }
    rows.append(("root", report.root.hex))
    rows.append(("read", localized("\(counts); \(checked), in \(String(format: "%.2f", seconds)) s")))
    rows += vaults.rows(ledger)
    rows.append(("result", result))
    return labelled(rows)
  }

  private var result: String {
    guard report.isGood else {
      return localized("NOT GOOD: \(counted(report.faults.count, "fault"))")
    }
    guard vaults.isGood else {
      return localized("NOT GOOD: the ledger is good, but the vault does not hold what it should")
    }
    guard isWhole else {
      return report.isAnchored
        ? localized(
          "it is the ledger that was asked for, and its bytes are those that were signed; whether they keep the rules was not checked"
        )
        : localized(
          "its bytes are those that were signed, by its own validators; whether they keep the rules was not checked"
        )
    }
    return report.isAnchored
      ? localized("good: it is the ledger that was asked for, and nothing in it was changed")
      : localized(
        "good, but consistent in itself only: give --policy or --ledger-id from a source that you trust")
  }
}

extension Fault {
  /// `{"fault":…,"block":…,"entry":…,"detail":…}`, with the refusal where a rule is broken.
  var json: JSON {
    let json: JSON = [
      "fault": .text(code.rawValue), "block": JSON(block), "entry": JSON(entry), "detail": .text(detail),
    ]
    return refusal.map { json.adding(["refusal": .text($0.rawValue)]) } ?? json
  }
}
