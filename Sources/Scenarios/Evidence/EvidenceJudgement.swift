import Ledger
import LedgerCrypto

/// The judgement of one statement: what it is about, and the checks that several kinds share.
///
/// The methods that decide a kind are in `EvidenceJudgement+Kinds.swift`.
struct EvidenceJudgement {
  let kind: EvidenceKind
  let item: String
  let statement: JudgedStatement
  let state: StateReader

  var issuer: Member { statement.issuer }

  // MARK: Checks

  /// Sees that a claimed time, in s, is not later than the block's.
  func requireNotAfterBlock(_ seconds: UInt64?, _ what: String) throws(Refusal) {
    // At most 2^40 s, as decoding has seen to.
    guard let seconds, seconds * 1000 > statement.blockTime else { return }
    throw Refusal(
      .afterBlockTime, "\(what), \(seconds) s, lies after the block's time, \(statement.blockTime) ms")
  }

  func requireRole(_ roles: EvidenceRole...) throws(Refusal) {
    guard !roles.contains(where: issuer.has) else { return }
    let names = roles.map(\.rawValue).joined(separator: " or ")
    throw Refusal(.role, "\(kind.rawValue) takes the role \(names), which \(issuer.id) has not")
  }

  /// The item's state.
  func known() throws(Refusal) -> Evidence.Item {
    guard let known = try state.value(of: Evidence.Item.key(item), as: Evidence.Item.self) else {
      throw Refusal(.unknownItem, "no item \(item.quoted) was deposited")
    }
    return known
  }

  /// The item's state, where the issuer holds it.
  func held() throws(Refusal) -> Evidence.Item {
    let known = try known()
    guard known.custodian == issuer.id else {
      throw Refusal(.notCustodian, "\(item.quoted) is held by \(known.custodian), not by \(issuer.id)")
    }
    return known
  }

  func require(_ wanted: Evidence.State, _ known: Evidence.Item) throws(Refusal) {
    guard known.state != wanted else { return }
    switch known.state {
    case .inTransit where wanted != .inTransit:
      let receiver = known.receiver ?? "its receiver"
      throw Refusal(
        .pendingTransfer, "\(item.quoted) is offered to \(receiver), who accepts or declines first")
    case .disputed:
      throw Refusal(.disputed, "\(item.quoted) is disputed (\(known.dispute ?? "")): resolve that first")
    default:
      throw Refusal(
        .wrongState,
        "\(item.quoted) is \(known.state.rawValue); \(kind.rawValue) takes one that is \(wanted.rawValue)")
    }
  }

  func requireNotTerminal(_ known: Evidence.Item) throws(Refusal) {
    guard known.state.isTerminal else { return }
    throw Refusal(
      .wrongState, "\(item.quoted) is \(known.state.rawValue); nothing but corrections comes after that")
  }

  func requireLast(_ previous: Digest?, _ known: Evidence.Item) throws(Refusal) {
    guard previous != known.last else { return }
    throw Refusal(
      .wrongState,
      "the last custody entry of \(item.quoted) is \(known.last), not the one that it names as previous")
  }

  /// Sees that a seal's number is new to the ledger.
  func requireUnused(_ seal: String) throws(Refusal) {
    guard let use = try state.value(of: Evidence.SealUse.key(seal), as: Evidence.SealUse.self) else { return }
    throw Refusal(
      .sealReused, "the seal \(seal.quoted) was used on \(use.item.quoted); a number is used once")
  }

  func requireNoHold(_ known: Evidence.Item) throws(Refusal) {
    guard let order = known.orders.first else { return }
    throw Refusal(
      .legalHold,
      "\(item.quoted) is held by the order \(order.order.quoted) of \(order.court); it is lifted first")
  }

  // MARK: Changes

  /// What every accepted statement about evidence leaves behind: the item, and who said it.
  func changes(_ known: Evidence.Item, _ more: StateChange...) -> [StateChange] {
    let record = Evidence.Record(item: item, issuer: issuer.id)
    return [
      StateChange(Evidence.Item.key(item), known),
      StateChange(Evidence.Record.key(statement.id), record),
    ] + more
  }

  /// What a statement leaves behind that becomes the item's last custody entry.
  ///
  /// - Parameter seal: the number of a seal that it uses.
  func custody(_ known: Evidence.Item, using seal: String? = nil) throws(Refusal) -> [StateChange] {
    var known = known
    let overtaken = try advance(&known, to: statement.id)
    var changes = changes(known)
    if let overtaken { changes.append(overtaken) }
    if let seal { changes.append(sealed(seal)) }
    return changes
  }

  /// Makes `entry` the item's last custody entry.
  ///
  /// - Returns: what becomes of the statement that waited for a countersignature.
  func advance(_ known: inout Evidence.Item, to entry: Digest) throws(Refusal) -> StateChange? {
    known.last = entry
    known.entries += 1
    known.since = statement.blockTime
    return try overtake(&known)
  }

  /// Makes void what waits for a countersignature.
  func overtake(_ known: inout Evidence.Item) throws(Refusal) -> StateChange? {
    guard let waiting = known.pending else { return nil }
    known.pending = nil
    let key = Evidence.Pending.key(waiting)
    guard var pending = try state.value(of: key, as: Evidence.Pending.self) else { return nil }
    pending.state = .void
    return StateChange(key, pending)
  }

  func sealed(_ seal: String) -> StateChange {
    StateChange(Evidence.SealUse.key(seal), Evidence.SealUse(item: item))
  }
}
