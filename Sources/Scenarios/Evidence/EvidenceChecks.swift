import Ledger
import LedgerCrypto
import TransparencyLog

/// A statement that is being judged, and the item as far as the checks before have looked it up.
struct EvidenceCheckContext<Payload: EvidencePayload> {
  let judgement: EvidenceJudgement
  let payload: Payload
  /// Blank until a check has found one.
  var item = Evidence.Item()

  var issuer: Member { judgement.issuer }
  var quoted: String { judgement.item.quoted }
}

/// One thing that a statement of evidence must be, and how it is refused otherwise.
struct EvidenceCheck<Payload: EvidencePayload>: Sendable {
  let codes: [Refusal.Code]
  let run: @Sendable (inout EvidenceCheckContext<Payload>) throws(Refusal) -> Void

  init(
    _ codes: Refusal.Code...,
    run: @escaping @Sendable (inout EvidenceCheckContext<Payload>) throws(Refusal) -> Void
  ) {
    (self.codes, self.run) = (codes, run)
  }
}

// MARK: Time, roles and the item

extension EvidenceCheck {
  /// It happened no later than its block.
  static func occurred(_ what: String) -> Self { notAfterBlock(what) { $0.occurred } }

  static func notAfterBlock(_ what: String, _ time: @escaping @Sendable (Payload) -> UInt64?) -> Self {
    Self(.afterBlockTime) { (matter) throws(Refusal) in
      let blockTime = matter.judgement.statement.blockTime
      // At most 2^40 s, as decoding has checked.
      guard let seconds = time(matter.payload), seconds * 1000 > blockTime else { return }
      throw Refusal(
        .afterBlockTime, "\(what), \(seconds) s, lies after the block's time, \(blockTime) ms")
    }
  }

  /// The issuer has one of these roles.
  static func role(_ roles: EvidenceRole...) -> Self {
    Self(.role) { (matter) throws(Refusal) in try matter.judgement.requireRole(roles) }
  }

  /// There is no such item yet.
  static var new: Self {
    Self(.duplicateItem) { (matter) throws(Refusal) in
      let judgement = matter.judgement
      guard !judgement.state.hasValue(at: Evidence.Item.key(judgement.item)) else {
        throw Refusal(.duplicateItem, "there is an item \(matter.quoted) already")
      }
    }
  }

  /// There is such an item.
  static var known: Self {
    Self(.unknownItem) { (matter) throws(Refusal) in matter.item = try matter.judgement.known() }
  }

  /// The issuer holds the item.
  static var held: Self {
    Self(.unknownItem, .notCustodian) { (matter) throws(Refusal) in
      matter.item = try matter.judgement.known()
      guard matter.item.custodian == matter.issuer.id else {
        throw Refusal(
          .notCustodian, "\(matter.quoted) is held by \(matter.item.custodian), not by \(matter.issuer.id)")
      }
    }
  }

  /// The issuer holds it, or has one of these roles.
  static func heldOrRole(_ roles: EvidenceRole...) -> Self {
    Self(.role) { (matter) throws(Refusal) in
      if matter.item.custodian != matter.issuer.id { try matter.judgement.requireRole(roles) }
    }
  }

  /// The issuer is who it is offered to.
  static var receiver: Self {
    Self(.notReceiver) { (matter) throws(Refusal) in try matter.requireReceiver() }
  }

  /// The same; or the issuer holds it, and who it is offered to is no member in force any more.
  static var receiverOrCustodianOfLostOffer: Self {
    Self(.notReceiver) { (matter) throws(Refusal) in
      if matter.item.custodian != matter.issuer.id
        || matter.judgement.statement.memberInForce(matter.item.receiver ?? "") != nil
      {
        try matter.requireReceiver()
      }
    }
  }
}

extension EvidenceCheckContext {
  fileprivate func requireReceiver() throws(Refusal) {
    guard item.receiver != issuer.id else { return }
    throw Refusal(.notReceiver, "\(quoted) is offered to \(item.receiver ?? "nobody"), not to \(issuer.id)")
  }
}

// MARK: The item's state

extension EvidenceCheck {
  /// The item is in this state.
  static func state(_ wanted: Evidence.State) -> Self {
    Self(.pendingTransfer, .disputed, .wrongState) { (matter) throws(Refusal) in
      let item = matter.item
      guard item.state != wanted else { return }
      switch item.state {
      case .inTransit where wanted != .inTransit:
        let receiver = item.receiver ?? "its receiver"
        throw Refusal(
          .pendingTransfer, "\(matter.quoted) is offered to \(receiver), who accepts or declines first")
      case .disputed:
        throw Refusal(
          .disputed, "\(matter.quoted) is disputed (\(item.dispute ?? "")): resolve that first")
      default:
        throw Refusal(
          .wrongState,
          "\(matter.quoted) is \(item.state.rawValue); \(Payload.kind.rawValue) takes one that is \(wanted.rawValue)"
        )
      }
    }
  }

  /// There is a dispute, or one may yet come of an offer.
  static var dispute: Self {
    Self(.wrongState) { (matter) throws(Refusal) in
      guard matter.item.state != .disputed, matter.item.state != .inTransit else { return }
      throw Refusal(.wrongState, "\(matter.quoted) is \(matter.item.state.rawValue); there is no dispute")
    }
  }

  /// The item is neither given back nor destroyed.
  static var alive: Self {
    Self(.wrongState) { (matter) throws(Refusal) in
      guard matter.item.state.isTerminal else { return }
      throw Refusal(
        .wrongState,
        "\(matter.quoted) is \(matter.item.state.rawValue); nothing but corrections comes after that")
    }
  }

  /// It names the item's last custody entry.
  static var last: Self {
    Self(.wrongState) { (matter) throws(Refusal) in
      guard matter.payload.previous != matter.item.last else { return }
      throw Refusal(
        .wrongState,
        "the last custody entry of \(matter.quoted) is \(matter.item.last), not the one that it names as previous"
      )
    }
  }

  /// No order holds the item, where `ends` says that the statement ends its custody.
  static func noHold(_ ends: @escaping @Sendable (Payload) -> Bool) -> Self {
    Self(.legalHold) { (matter) throws(Refusal) in
      if ends(matter.payload) { try matter.judgement.requireNoHold(matter.item) }
    }
  }

  /// The seal's number is new to the ledger.
  static func freshSeal(_ seal: @escaping @Sendable (Payload, Evidence.Item) -> String?) -> Self {
    Self(.sealReused) { (matter) throws(Refusal) in
      if let seal = seal(matter.payload, matter.item) { try matter.judgement.requireUnused(seal) }
    }
  }
}

// MARK: What one kind alone must be

extension EvidenceCheck<Evidence.Offer> {
  static var toAnother: Self {
    Self(.selfTransfer) { (matter) throws(Refusal) in
      guard matter.payload.to != matter.issuer.id else {
        throw Refusal(.selfTransfer, "\(matter.issuer.id) holds \(matter.quoted) already")
      }
    }
  }

  static var toKeeper: Self {
    Self(.role) { (matter) throws(Refusal) in
      let to = matter.payload.to
      guard let receiver = matter.judgement.statement.memberInForce(to), receiver.mayKeepEvidence else {
        throw Refusal(.role, "\(to) is no member in force with a role that may keep evidence")
      }
    }
  }

  static var sameSeal: Self {
    Self(.sealMismatch) { (matter) throws(Refusal) in
      guard matter.item.isSealed(with: matter.payload.seal) else {
        throw Refusal(.sealMismatch, "the seal of \(matter.quoted) is \((matter.item.seal ?? "").quoted)")
      }
    }
  }

  static var sameDigest: Self {
    Self(.sealMismatch) { (matter) throws(Refusal) in
      guard matter.payload.digest == matter.item.digests.sha256 else {
        throw Refusal(.sealMismatch, "the digest is not that of \(matter.quoted) as it was deposited")
      }
    }
  }
}

extension EvidenceCheck<Evidence.Hold> {
  static var newOrder: Self {
    Self(.wrongState) { (matter) throws(Refusal) in
      let (order, orders) = (matter.payload.order, matter.item.orders)
      guard !orders.contains(where: { $0.order.isSameReference(as: order) }) else {
        throw Refusal(.wrongState, "\(matter.quoted) is held by the order \(order.quoted) already")
      }
      guard orders.count < Evidence.Item.maximumOrderCount else {
        throw Refusal(.wrongState, "\(matter.quoted) is held by \(orders.count) orders, and no more are kept")
      }
    }
  }
}

extension EvidenceCheck<Evidence.Lift> {
  static var knownOrder: Self {
    Self(.wrongState) { (matter) throws(Refusal) in
      let order = matter.payload.order
      guard matter.item.orders.contains(where: { $0.order.isSameReference(as: order) }) else {
        throw Refusal(.wrongState, "\(matter.quoted) is not held by an order \(order.quoted)")
      }
    }
  }
}

extension EvidenceCheck<Evidence.Renew> {
  static var newDigests: Self {
    Self(.wrongState) { (matter) throws(Refusal) in
      guard let both = matter.item.digests.first(alsoIn: matter.payload.digests) else { return }
      throw Refusal(
        .wrongState,
        "\(matter.quoted) has a digest by \(both.rawValue) already; digests are added, never changed")
    }
  }
}

extension EvidenceCheck<Evidence.Correct> {
  static var author: Self {
    Self(.unknownItem, .role) { (matter) throws(Refusal) in
      let statement = matter.payload.statement
      let key = Evidence.Record.key(statement)
      guard let corrected = try matter.judgement.state.value(of: key, as: Evidence.Record.self) else {
        throw Refusal(.unknownItem, "no statement \(statement) about \(matter.quoted) was recorded")
      }
      guard corrected.item.hasSameBytes(as: matter.judgement.item) else {
        throw Refusal(.unknownItem, "the statement \(statement) is about another item")
      }
      guard corrected.issuer == matter.issuer.id else {
        throw Refusal(.role, "only \(corrected.issuer), who issued it, corrects it")
      }
    }
  }
}
