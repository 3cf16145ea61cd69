public import LedgerCrypto

// What a statement changes: functions of the item as it was and of the statement alone, for the rules and for code that replays
// statements that are proven.

extension Evidence {
  /// What an effect takes of a statement besides its payload.
  public struct Act: Hashable, Sendable {
    /// The statement id.
    public let id: Digest
    /// The member that issued it.
    public let issuer: String
    /// The time of its block, in ms since the epoch.
    public let time: UInt64

    public init(id: Digest, issuer: String, time: UInt64) {
      (self.id, self.issuer, self.time) = (id, issuer, time)
    }
  }
}

extension EvidencePayload {
  /// Nothing.
  public func change(_ item: inout Evidence.Item, _ act: Evidence.Act) {}

  /// None.
  public var newSeal: String? { nil }

  /// Nothing.
  public var awaited: (outcome: Evidence.State, seal: String?)? { nil }
}

extension Evidence.Item {
  /// The item after an accepted statement about it; a blank one after its deposit.
  public mutating func apply<Payload: EvidencePayload>(_ payload: Payload, _ act: Evidence.Act) {
    switch EvidenceTransition.of(Payload.kind).effect {
    case .none: return
    case .change: payload.change(&self, act)
    case .awaits: pending = act.id
    case .entry:
      payload.change(&self, act)
      advance(to: act.id, at: act.time)
    }
  }

  /// The item after the countersignature, at `time`, under the statement `id`.
  public mutating func complete(_ id: Digest, outcome: Evidence.State, seal: String?, at time: UInt64) {
    (state, dispute) = (outcome, nil)
    if let seal { self.seal = seal }
    advance(to: id, at: time)
  }

  /// Makes `entry` the last custody entry. What waits for a countersignature is void then.
  private mutating func advance(to entry: Digest, at time: UInt64) {
    (last, entries, since, pending) = (entry, entries + 1, time, nil)
  }

  /// Whether an acceptance names another digest than the item's, and another seal.
  public func differs(from accept: Evidence.Accept) -> (digest: Bool, seal: Bool) {
    (accept.digest != digests.sha256, !isSealed(with: accept.seal))
  }
}

extension Evidence.Deposit {
  /// The item begins.
  public func change(_ item: inout Evidence.Item, _ act: Evidence.Act) {
    item = Evidence.Item()
    (item.caseReference, item.digests, item.size) = (caseReference, digests, size)
    (item.manifest, item.seal) = (manifest, seal)
    (item.depositor, item.custodian, item.deposit) = (act.issuer, act.issuer, act.id)
  }

  /// The seal that the medium bore.
  public var newSeal: String? { seal }
}

extension Evidence.Seal {
  /// The item is under seal.
  public func change(_ item: inout Evidence.Item, _ act: Evidence.Act) {
    (item.state, item.seal) = (.sealed, seal)
  }

  /// The seal.
  public var newSeal: String? { seal }
}

extension Evidence.Offer {
  /// The item is on its way.
  public func change(_ item: inout Evidence.Item, _ act: Evidence.Act) {
    (item.state, item.receiver) = (.inTransit, to)
  }
}

extension Evidence.Accept {
  /// The receiver holds the item, or it is disputed.
  public func change(_ item: inout Evidence.Item, _ act: Evidence.Act) {
    item.receiver = nil
    switch item.differs(from: self) {
    case (false, false): (item.state, item.custodian) = (.sealed, act.issuer)
    case (true, false): (item.state, item.dispute) = (.disputed, "digest")
    case (false, true): (item.state, item.dispute) = (.disputed, "seal")
    case (true, true): (item.state, item.dispute) = (.disputed, "digest and seal")
    }
  }
}

extension Evidence.Decline {
  /// The item is disputed.
  public func change(_ item: inout Evidence.Item, _ act: Evidence.Act) {
    (item.state, item.receiver, item.dispute) = (.disputed, nil, "declined")
  }
}

extension Evidence.Examine {
  /// The seal is open.
  public func change(_ item: inout Evidence.Item, _ act: Evidence.Act) { item.state = .examining }
}

extension Evidence.Reseal {
  /// The item is under its new seal.
  public func change(_ item: inout Evidence.Item, _ act: Evidence.Act) {
    (item.state, item.seal) = (.sealed, seal)
  }

  /// The seal.
  public var newSeal: String? { seal }
}

extension Evidence.Resolve {
  /// The dispute's end.
  public var awaited: (outcome: Evidence.State, seal: String?)? {
    (outcome == .sealed ? .sealed : .disposed, seal)
  }
}

extension Evidence.Release {
  /// The end of custody.
  public var awaited: (outcome: Evidence.State, seal: String?)? {
    (outcome == .released ? .released : .disposed, nil)
  }
}

extension Evidence.Hold {
  /// One more order holds the item.
  public func change(_ item: inout Evidence.Item, _ act: Evidence.Act) {
    item.orders.append(Evidence.Item.Order(order: order, court: act.issuer, statement: act.id))
  }
}

extension Evidence.Lift {
  /// The order no longer holds it.
  public func change(_ item: inout Evidence.Item, _ act: Evidence.Act) {
    guard let place = item.orders.firstIndex(where: { $0.order.isSameReference(as: order) }) else { return }
    item.orders.remove(at: place)
  }
}

extension Evidence.Renew {
  /// The item has more digests.
  public func change(_ item: inout Evidence.Item, _ act: Evidence.Act) { item.digests.add(digests) }
}
