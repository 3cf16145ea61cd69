import LedgerCrypto
import Scenarios

extension DepositRecord {
  /// Where and when it was recorded.
  package var place: String { "\(Timestamp.text(milliseconds: time)), entry \(index), block \(block)" }

  /// What the depositor claims, with a label each.
  package var claims: [(String, String)] {
    var rows = [("category", deposit.category.rawValue), ("method", Printable.text(deposit.method))]
    func add(_ label: String, _ text: String?) {
      if let text { rows.append((label, Printable.text(text))) }
    }
    add("collected", deposit.collected.map { "\(Timestamp.text(seconds: $0)), as the depositor says" })
    add("collectors", deposit.collectors.isEmpty ? nil : deposit.collectors.joined(separator: ", "))
    add("place", deposit.place)
    add("tool", deposit.tool)
    add("source", deposit.source)
    add("medium", deposit.medium)
    add("holder", deposit.holder)
    add("format", deposit.format)
    return rows
  }

  package var json: JSON {
    [
      "index": .number(index), "block": .number(block), "id": .text(id.hex),
      "time": .text(Timestamp.text(milliseconds: time)), "item": .text(item), "issuer": .text(issuer),
      "case": .text(deposit.caseReference), "category": .text(deposit.category.rawValue),
      "scope": .text(deposit.scope.rawValue), "method": .text(deposit.method),
      "collected": JSON(deposit.collected.map { Timestamp.text(seconds: $0) }),
      "collectors": .array(deposit.collectors.map(JSON.text)), "place": JSON(deposit.place),
      "tool": JSON(deposit.tool), "source": JSON(deposit.source), "medium": JSON(deposit.medium),
      "holder": JSON(deposit.holder), "format": JSON(deposit.format),
    ]
  }
}
