import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import Statements

/// A deposit, as it stands on the ledger.
struct DepositRecord {
  /// Where it stands.
  let index, block: UInt64
  /// The time of its block, in ms since the epoch.
  let time: UInt64
  /// The statement id.
  let id: Digest
  /// The item.
  let item: String
  /// Who deposited it.
  let issuer: String
  /// What was said of it.
  let deposit: Evidence.Deposit

  /// The deposit that is entry `index`.
  init(_ index: UInt64, in reader: LedgerReader) throws {
    let block = try reader.block(of: index)
    let statement = try reader.evidenceStatement(index)
    (self.index, self.block, time, id) = (index, block.height, block.time, statement.id)
    (item, issuer) = (statement.claims?.subject ?? "", statement.claims?.issuer ?? "")
    deposit = try Evidence.Deposit(decoding: statement.payload)
  }

  /// Every deposit that names `digest`, oldest first: of the file with this SHA-256, or of the directory with this root.
  static func all(naming digest: Digest, in reader: LedgerReader) throws -> [DepositRecord] {
    var query = SearchQuery()
    (query.type, query.digest) = (EvidenceKind.deposit.contentType, digest)
    var indices: [UInt64] = []
    try reader.search(query) { indices.append($0.index) }
    return try indices.map { try DepositRecord($0, in: reader) }
  }

  /// Where and when it was recorded.
  var place: String { "\(Timestamp.text(milliseconds: time)), entry \(index), block \(block)" }

  /// What the depositor claims, with a label each.
  var claims: [(String, String)] {
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

  var json: JSON {
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

extension LedgerReader {
  /// The statement that is entry `index`, which is one.
  func evidenceStatement(_ index: UInt64) throws -> SignedStatement {
    guard let entry = try entry(index) else {
      throw CommandError.noInput("\(folder.path): there is no entry \(index)")
    }
    do { return try SignedStatement(decoding: entry) } catch {
      throw Fault(.malformedEntry, entry: index, "\(error)")
    }
  }
}
