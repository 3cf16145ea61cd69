import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import Statements

/// All that was said about an item, in the order of the ledger, and whether its custody entries form one chain.
package struct ItemHistory {
  /// One statement about the item.
  package struct Event {
    package let index, block: UInt64
    /// The time of its block, in ms since the epoch.
    package let time: UInt64
    package let id: Digest
    /// The kind's name, or `countersign`.
    package let what: String
    package let issuer: String
    /// When it happened, as its issuer claims, in s since the epoch.
    package let occurred: UInt64?
    package let details: EventDetails
    /// What has become of what waits for a countersignature; nil for what never did.
    package fileprivate(set) var waits: Evidence.Pending.State?
    /// Whether the item's custody chain has a new last entry with it.
    package fileprivate(set) var isCustody = false
    /// How long custody had rested before, in ms; of the deposit nil.
    package fileprivate(set) var rest: UInt64?
    /// Entries that correct this one, and what they say.
    package fileprivate(set) var corrections: [(index: UInt64, what: String)] = []
    /// What an `accept` found that is not the item.
    package fileprivate(set) var other: ReceivedOther?
    /// How long after it happened it was recorded, in s.
    package var lag: UInt64? { occurred.map { time / 1000 > $0 ? time / 1000 - $0 : 0 } }
  }

  package let item: Evidence.Item
  package private(set) var events: [Event] = []
  /// The time of the newest block, in ms since the epoch.
  package let newest: UInt64
  /// Where the chain of custody entries breaks, in words; nil where it is whole.
  package private(set) var fault: String?

  /// The history of the item called `id`.
  ///
  /// - Throws: `unknown-item`; as `requireAll`.
  package init(of id: String, on ledger: any LedgerAccess) async throws {
    item = try await ledger.evidenceItem(id)
    newest = try await ledger.newestBlock().time
    let searchable = ledger.size - min(ledger.size, ledger.unsearchable)
    var query = RecordQuery()
    query.subject = id
    for record in try await ledger.allRecords(query) {
      guard let kind = EvidenceKind(contentType: record.type) else { continue }
      var event = try Event(record, kind, await ledger.statement(record.index).payload)
      if case .waits(let previous) = event.details.custody {
        if let value = try await ledger.value(Evidence.Pending.key(record.id)) {
          event.waits = try Evidence.Pending(decoding: value).state
        }
        var query = RecordQuery()
        (query.type, query.digest) = (Kind.countersign, record.id)
        for record in try await ledger.allRecords(query) {
          events.append(Event(record, countersigning: event, after: previous))
        }
      }
      events.append(event)
    }
    events.sort { $0.index < $1.index }
    try await requireAll(of: id, before: searchable, on: ledger)
    link()
    compare()
    correct()
  }

  /// Sees that these are all statements about the item. A countersignature under another item's statement may name this one
  /// as its subject; it does nothing to it.
  ///
  /// - Parameter searchable: how many entries the index had when it was searched.
  /// - Throws: a `Fault` where the index has lost one; a `Failure` where it does not have it yet.
  private func requireAll(of id: String, before searchable: UInt64, on ledger: any LedgerAccess) async throws
  {
    var left = Set(events.map(\.index))
    for index in try await ledger.records(listedAt: .subject(id, of: Evidence.scenario.name)) {
      guard left.remove(index) == nil else { continue }
      guard try await ledger.statement(index).contentType == Kind.countersign else {
        guard index < searchable else {
          throw Failure(
            "read", ledger.place, reason: "the search index does not have entry \(index) yet; try again")
        }
        throw Fault(.derivedMismatch, entry: index, "\(ledger.place): the index does not find this statement")
      }
    }
    guard let lost = left.min() else { return }
    throw Fault(.derivedMismatch, entry: lost, "\(ledger.place): the state does not list this statement")
  }

  /// Follows the chain.
  private mutating func link() {
    var (last, since, count): (Digest?, UInt64, UInt64) = (nil, 0, 0)
    for number in events.indices {
      let event = events[number]
      switch event.details.custody {
      case .none, .waits: continue
      case .opens where last != nil, .follows where last == nil:
        fault = fault ?? "entry \(event.index) does not begin or continue a chain"
      case .follows(let previous) where previous != last:
        fault = fault ?? "entry \(event.index) follows \(previous), which is not the one before"
      case .opens, .follows: break
      }
      events[number].isCustody = true
      events[number].rest = last == nil ? nil : event.time - min(since, event.time)
      (last, since, count) = (event.details.entry ?? event.id, event.time, count + 1)
    }
    if last != item.last || count != item.entries {
      fault = fault ?? "the item's state names \(item.entries) custody entries and the records give \(count)"
    }
  }

  /// Finds each `accept` of something else than the item, by the seal that it bore then.
  private mutating func compare() {
    var seal: String?
    for number in events.indices {
      let event = events[number]
      if let accept = event.details.accept {
        events[number].other = ReceivedOther(accept, of: item.digests.sha256, sealedWith: seal)
      } else if event.isCustody {
        seal = event.details.bears ?? seal
      }
    }
  }

  private mutating func correct() {
    for event in events {
      guard let corrected = event.details.corrects,
        let number = events.firstIndex(where: { $0.id == corrected })
      else { continue }
      events[number].corrections.append((event.index, event.details.text))
    }
  }
}

/// What a statement about an item says, as far as a table shows it.
package struct EventDetails {
  /// What it does to the custody chain.
  package enum Custody {
    case none
    /// It opens the chain.
    case opens
    /// It comes after this entry.
    case follows(Digest)
    /// It comes into the chain, after this entry, when it is countersigned.
    case waits(Digest)
  }

  package var custody = Custody.none
  /// The statement that becomes the last custody entry, where it is not the event's own.
  package var entry: Digest?
  package var to: String?
  package var seal: String?
  package var text = ""
  package var corrects: Digest?
  /// The number of the seal that the item bears after it, where that is another than before.
  package var bears: String?
  /// What the receiver has signed for.
  package var accept: Evidence.Accept?
}

extension ItemHistory.Event {
  fileprivate init(_ record: RecordRow, _ kind: EvidenceKind, _ payload: [UInt8]) throws {
    (index, block, time, id) = (record.index, record.block, record.time, record.id)
    (what, issuer) = (kind.rawValue, record.issuer)
    (details, occurred) = try EventDetails.of(kind, payload)
  }

  /// The countersignature `record` under `waiting`, which comes into the chain with it.
  fileprivate init(_ record: RecordRow, countersigning waiting: Self, after previous: Digest) {
    (index, block, time, id) = (record.index, record.block, record.time, record.id)
    (what, issuer, occurred) = ("countersign", record.issuer, nil)
    var details = EventDetails()
    (details.custody, details.entry) = (.follows(previous), waiting.id)
    details.text = "the \(waiting.what) of entry \(waiting.index)"
    details.bears = waiting.details.seal
    self.details = details
  }
}

extension EventDetails {
  /// What a statement of `kind` does to the custody chain, by the table of the rules.
  private static func custody(_ kind: EvidenceKind, _ previous: Digest?) -> Custody {
    guard kind.isCustodyEntry else { return .none }
    guard let previous else { return .opens }
    return kind.countersigner == nil ? .follows(previous) : .waits(previous)
  }

  /// What a statement of `kind` says, and when it happened.
  fileprivate static func of(_ kind: EvidenceKind, _ payload: [UInt8]) throws -> (Self, UInt64?) {
    var details = EventDetails()
    details.custody = try custody(kind, kind.payload(decoding: payload).previous)
    func text(_ parts: String?...) { details.text = parts.compactMap { $0 }.joined(separator: "; ") }
    switch kind {
    case .deposit:
      let deposit = try Evidence.Deposit(decoding: payload)
      (details.seal, details.bears) = (deposit.seal, deposit.seal)
      text(
        deposit.manifest.map { Printable.count($0.files, "file") },
        Printable.byteCount(deposit.manifest?.bytes ?? deposit.size),
        deposit.method)
      return (details, deposit.occurred)
    case .seal:
      let seal = try Evidence.Seal(decoding: payload)
      (details.seal, details.bears) = (seal.seal, seal.seal)
      text(seal.condition)
      return (details, seal.occurred)
    case .offer:
      let offer = try Evidence.Offer(decoding: payload)
      (details.to, details.seal) = (offer.to, offer.seal)
      text(offer.purpose)
      return (details, offer.occurred)
    case .accept:
      let accept = try Evidence.Accept(decoding: payload)
      (details.seal, details.accept) = (accept.seal, accept)
      text(accept.location)
      return (details, accept.occurred)
    case .decline:
      let decline = try Evidence.Decline(decoding: payload)
      text(decline.reason)
      return (details, decline.occurred)
    case .examine:
      let examine = try Evidence.Examine(decoding: payload)
      text(
        examine.method, examine.tool, examine.report.map { "report \($0)" },
        examine.derived.isEmpty ? nil : "gave \(examine.derived.joined(separator: ", "))")
      return (details, examine.occurred)
    case .reseal:
      let reseal = try Evidence.Reseal(decoding: payload)
      (details.seal, details.bears) = (reseal.seal, reseal.seal)
      text(
        reseal.condition, reseal.report.map { "report \($0)" },
        reseal.derived.isEmpty ? nil : "gave \(reseal.derived.joined(separator: ", "))")
      return (details, reseal.occurred)
    case .resolve:
      let resolve = try Evidence.Resolve(decoding: payload)
      details.seal = resolve.seal
      text("to be \(resolve.outcome.rawValue)", resolve.reason)
      return (details, resolve.occurred)
    case .release:
      let release = try Evidence.Release(decoding: payload)
      text("to be \(release.outcome.rawValue)", release.order)
      return (details, release.occurred)
    case .present:
      let present = try Evidence.Present(decoding: payload)
      details.to = present.to
      text(present.purpose)
      return (details, present.occurred)
    case .hold:
      let hold = try Evidence.Hold(decoding: payload)
      text(hold.order, hold.reason)
      return (details, hold.occurred)
    case .lift:
      let lift = try Evidence.Lift(decoding: payload)
      text(lift.order, lift.reason)
      return (details, lift.occurred)
    case .renew:
      let renew = try Evidence.Renew(decoding: payload)
      text("digests " + renew.digests.elements.map(\.algorithm.rawValue).joined(separator: ", "))
      return (details, renew.occurred)
    case .correct:
      let correct = try Evidence.Correct(decoding: payload)
      details.corrects = correct.statement
      text(correct.what, correct.why)
      return (details, correct.occurred)
    }
  }
}
