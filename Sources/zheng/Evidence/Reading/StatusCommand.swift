import ArgumentParser
import LedgerCrypto
import Scenarios
import Workflows

/// `zheng evidence status`.
struct EvidenceStatusCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show an item: who holds it, its state, and the next steps.",
    discussion: """
        zheng evidence status ledger E-2026-17
      """)

  @OptionGroup var ledger: LedgerArgument
  @Argument(help: "The item's id.") var item: String
  @OptionGroup var options: OutputOptions

  func run(_ output: Output) async throws {
    let opened = try await ledger.opened(showing: item)
    let status = try await ItemStatus(item, on: opened)
    let deposit = try await DepositRecord(of: status.item, on: opened)
    try output.result(status.json(deposit), text: status.text(deposit))
  }
}

extension ItemStatus {
  /// Every part.
  func json(_ deposit: DepositRecord) -> JSON {
    let manifest: JSON =
      item.manifest.map {
        ["root": .text($0.root.hex), "files": .number($0.files), "bytes": .number($0.bytes)]
      } ?? .null
    return [
      "item": .text(id), "state": .text(item.state.rawValue), "custodian": .text(item.custodian),
      "custodianName": name(item.custodian), "receiver": JSON(item.receiver), "seal": JSON(item.seal),
      "dispute": JSON(item.dispute), "mismatch": other?.json ?? .null,
      "case": .text(item.caseReference), "depositor": .text(item.depositor),
      "deposit": deposit.json, "size": .number(item.size), "digests": item.digests.json,
      "manifest": manifest,
      "orders": .array(
        item.orders.map {
          ["order": .text($0.order), "court": .text($0.court), "statement": .text($0.statement.hex)]
        }),
      "since": .text(Timestamp.text(milliseconds: item.since)), "entries": .number(item.entries),
      "last": .text(item.last.hex), "pending": pendingJSON, "next": nextJSON,
    ]
  }

  private func name(_ member: String) -> JSON { roster.member(member)?.name.json ?? .null }

  private func holder(_ member: String) -> String {
    roster.member(member).map { "\(member), \(Printable.text($0.name.both))" } ?? member
  }

  /// For people.
  func text(_ deposit: DepositRecord) -> String {
    var rows = [
      ("item", Printable.text(id)), ("case", Printable.text(item.caseReference)),
      ("state", named("state", item.state.rawValue) + (item.dispute.map { ": \($0)" } ?? "")),
    ]
    if let other {
      rows.append(
        ("MISMATCH", Printable.text(other.lines.map(retold).joined(separator: "\n"), keepingNewlines: true)))
    }
    rows += [
      (item.state.isTerminal ? "last held by" : "custodian", holder(item.custodian))
    ]
    if let receiver = item.receiver { rows.append(("offered to", holder(receiver))) }
    rows += [
      ("since", localized("\(Timestamp.text(milliseconds: item.since)), custody entry \(item.entries)")),
      ("seal", item.seal.map { Printable.text($0) } ?? localized("none")),
      (
        "deposited", localized("\(retold(deposit.place)), by \(holder(item.depositor))")
      ),
    ]
    for (label, value) in deposit.claims {
      rows.append(
        (label, label == "category" ? named("value", value) : label == "collected" ? retold(value) : value))
    }
    if let manifest = item.manifest {
      rows.append(
        (
          "directory",
          localized("\(counted(manifest.files, "file")), \(sized(manifest.bytes)), root \(manifest.root)")
        ))
      rows.append(("manifest", sized(item.size)))
    } else {
      rows.append(("file", sized(item.size)))
    }
    for digest in item.digests.elements {
      rows.append((digest.algorithm.rawValue, Hex.encode(digest.bytes)))
    }
    let holds = item.orders.map {
      localized(
        "\(Printable.text($0.order)), of \($0.court): neither released nor disposed of until it is lifted")
    }
    rows.append(("holds", holds.isEmpty ? localized("none") : holds.joined(separator: "\n")))
    if let pending, let id = item.pending {
      rows.append(
        (
          "waits",
          localized(
            "the \(named("kind.evidence", pending.kind.rawValue)) of \(pending.issuer) (to \(named("value", pending.outcome.rawValue))) waits for a countersignature with the role \(named(role: pending.waits.rawValue))\n\(id)"
          )
        ))
    }
    return labelled(rows + waiting)
  }
}
