import ArgumentParser
import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios

/// `zheng evidence list`.
struct EvidenceListCommand: ResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List items by case, custodian, state or date.",
    discussion: """
      A row is an item as it stands. Dates are those of the deposit's block; --custodian finds what a member holds, or held last.

        zheng evidence list ledger --case '(2026)豫01民初17号'
        zheng evidence list ledger --custodian examiner --state sealed
        zheng evidence list ledger --since 2026-07-01 --until 2026-07-31 --json

      `index.sqlite` has the same as the views evidence_items and evidence_custody, for questions in SQL.
      """)

  @OptionGroup var ledger: LedgerArgument
  @Option(name: .customLong("case"), help: "Only items of this case; （2026） and (2026) are the same.")
  var caseReference: String?
  @Option(help: "Only items that this member holds.") var custodian: String?
  @Option(
    help: "Only items in this state: \(Evidence.State.allCases.map(\.rawValue).joined(separator: ", ")).")
  var state: Evidence.State?
  @Flag(help: "Only items with an order in force by which they must be kept.") var held = false
  @Flag(help: "Only items with a statement that waits for a countersignature.") var waiting = false
  @Option(help: "Only items deposited from then on: \(Moment.help).") var since: Moment?
  @Option(help: "Only items deposited until then, that second or day included.") var until: Moment?
  @Option(help: "At most so many items.") var limit: Int?
  @OptionGroup var options: OutputOptions

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit is a number of items, 0 or more") }
  }

  func run(_ output: Output) throws {
    let reader = try LedgerReader.opening(ledger.folder)
    if let custodian, try reader.state().roster.member(custodian) == nil {
      Diagnostics.note("no member is called \(custodian); `zheng members \(ledger.path)` shows them")
    }
    var table = TextTable(["ITEM", "STATE", "CUSTODIAN", "SEAL", "CASE", "DEPOSITED", "BYTES", ""])
    var count = 0
    for (id, item) in try found(in: reader) {
      guard count < limit ?? .max else { break }
      guard let deposited = try deposited(item, in: reader) else { continue }
      count += 1
      let marks =
        (item.dispute.map { ["DISPUTED: \($0)"] } ?? []) + (item.orders.isEmpty ? [] : ["HELD"])
        + (item.pending == nil ? [] : ["waits for a countersignature"])
        + (item.receiver.map { ["offered to \($0)"] } ?? [])
      table.add([
        id, item.state.rawValue, item.custodian, item.seal ?? "", item.caseReference,
        Timestamp.text(milliseconds: deposited), String(item.manifest?.bytes ?? item.size),
        marks.joined(separator: ", "),
      ])
      guard output.isJSON else { continue }
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
    if count == 0, !output.isJSON { Diagnostics.note("no item is so") }
  }

  /// The items with the case, the custodian and the state that are asked for.
  private func found(in reader: LedgerReader) throws -> [(id: String, item: Evidence.Item)] {
    var wanted: [(name: String, value: String)] = []
    if let custodian { wanted.append(("custodian", custodian)) }
    if let state { wanted.append(("state", state.rawValue)) }
    return try reader.ruleValues(under: StateKey("evidence", "item"), where: wanted).compactMap {
      key, value in
      let item = try Evidence.Item(decoding: value)
      guard caseReference.map({ item.caseReference.isSameReference(as: $0) }) ?? true,
        !held || !item.orders.isEmpty, !waiting || item.pending != nil
      else { return nil }
      return (key.parts.last ?? "", item)
    }
  }

  /// The time of the deposit's block in ms since the epoch; nil where it is none of those asked for.
  private func deposited(_ item: Evidence.Item, in reader: LedgerReader) throws -> UInt64? {
    guard let index = try reader.entryIndex(of: item.deposit) else { return nil }
    let time = try reader.block(of: index).time
    guard time >= since?.range.lowerBound ?? 0, time <= until?.range.upperBound ?? .max else { return nil }
    return time
  }
}

extension Evidence.State: ExpressibleByArgument {}
