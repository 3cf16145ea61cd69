import ArgumentParser
import Ledger
import LedgerCrypto
import Scenarios
import Workflows

/// `zheng evidence list`.
struct EvidenceListCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List items by case, custodian, state or date.",
    discussion: """
      Each row is an item with its current state. Dates are those of the deposit's block; --custodian finds what a \
      member holds, or held last.

        zheng evidence list ledger --case '(2026)豫01民初17号'
        zheng evidence list ledger --custodian examiner --state sealed
        zheng evidence list ledger --since 2026-07-01 --until 2026-07-31 --json

      For questions in SQL, `index.sqlite` has the same as the views evidence_items and evidence_custody.
      """)

  @OptionGroup var ledger: LedgerArgument
  @Option(name: .customLong("case"), help: "Only items of this case; （2026） and (2026) are the same.")
  var caseReference: String?
  @Option(help: "Only items in this member's custody.") var custodian: String?
  @Option(
    help: "Only items in this state: \(Evidence.State.allCases.map(\.rawValue).joined(separator: ", ")).")
  var state: Evidence.State?
  @Flag(help: "Only items under a legal hold.") var held = false
  @Flag(help: "Only items with a statement awaiting countersignature.") var waiting = false
  @Option(help: "Only items deposited from then on: \(Moment.help).") var since: Moment?
  @Option(help: "Only items deposited until then, that second or day included.") var until: Moment?
  @Option(help: "At most this many items.") var limit: Int?
  @OptionGroup var options: OutputOptions

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError(localized("--limit is a number of items, 0 or more")) }
  }

  func run(_ output: Output) async throws {
    let opened = try await ledger.opened()
    if let custodian, try await opened.state().roster.member(custodian) == nil {
      Diagnostics.note(
        localized("no member is called \(custodian); `zheng members \(ledger.path)` shows them"))
    }
    var query = ItemQuery()
    (query.caseReference, query.custodian, query.state) = (caseReference, custodian, state)
    (query.isHeld, query.isWaiting, query.limit) = (held, waiting, limit)
    let offset = try await opened.utcOffset()
    query.since = since?.range(offset).lowerBound
    query.until = until?.range(offset).upperBound
    var table = TextTable(["ITEM", "STATE", "CUSTODIAN", "SEAL", "CASE", "DEPOSITED", "BYTES", ""])
    var count = 0
    try await opened.eachItem(query) { found in
      let (id, item, deposited) = (found.id, found.item, found.deposited)
      count += 1
      let marks =
        (item.dispute.map { [localized("DISPUTED: \($0)")] } ?? [])
        + (item.orders.isEmpty ? [] : [localized("HELD")])
        + (item.pending == nil ? [] : [localized("waits for a countersignature")])
        + (item.receiver.map { [localized("offered to \($0)")] } ?? [])
      table.add([
        id, named("state", item.state.rawValue), item.custodian, item.seal ?? "", item.caseReference,
        Timestamp.text(milliseconds: deposited), String(item.manifest?.bytes ?? item.size),
        listed(marks),
      ])
      guard output.isJSON else { return }
      try output.result(
        [
          "item": .text(id), "state": .text(item.state.rawValue), "custodian": .text(item.custodian),
          "receiver": JSON(item.receiver), "seal": JSON(item.seal), "case": .text(item.caseReference),
          "depositor": .text(item.depositor), "deposited": .text(Timestamp.text(milliseconds: deposited)),
          "since": .text(Timestamp.text(milliseconds: item.since)), "digests": item.digests.json,
          "size": .number(item.size), "files": JSON(item.manifest?.files),
          "bytes": .number(item.manifest?.bytes ?? item.size),
          "holds": .number(UInt64(item.orders.count)), "pending": JSON(item.pending?.hex),
          "dispute": JSON(item.dispute),
        ], text: "")
    }
    if count > 0 { try output.say(table.text) }
    if count == 0, !output.isJSON { Diagnostics.note(localized("no item matches")) }
  }
}

extension Evidence.State: ExpressibleByArgument {}
