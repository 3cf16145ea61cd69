import Ledger
import LedgerCrypto
import Scenarios

// Who owes what, and what is looked for among requests, entries, offers and objections.

/// Which requests are meant; a part that is nil does not narrow it.
package struct RequestQuery: Sendable {
  /// Who made or received it.
  package var bureau: String?
  /// A part of its number, and of its purpose; full-width and half-width are the same.
  package var request, purpose: String?
  package var entry: String?
  package var state: RequestRecord.State?
  /// The first and the last instant at which it was made, in ms since the epoch.
  package var since, until: UInt64?

  /// A query that finds every request.
  package init() {}

  func matches(_ record: RequestRecord) -> Bool {
    (bureau.map { record.demander == $0 || record.provider == $0 } ?? true)
      && (request.map { record.request.foldedWidth.contains($0.foldedWidth) } ?? true)
      && (purpose.map { record.purpose.foldedWidth.contains($0.foldedWidth) } ?? true)
      && (entry.map { record.entry == $0 } ?? true) && (state.map { record.state == $0 } ?? true)
      && record.requested >= since ?? 0 && record.requested <= until ?? .max
  }
}

/// What is open, first due first.
package struct OpenMatters {
  package let lines: [SharingBoardLine]
  /// Those who owe some of it and are no members in force any more.
  package let left: Set<String>
}

extension SharingState {
  /// What is owed at the instant `now`, in ms since the epoch.
  ///
  /// - Parameters:
  ///   - bureau: only what it owes or waits for.
  ///   - overdue: only what is overdue.
  package func openMatters(
    at now: UInt64, of bureau: String? = nil, overdue: Bool = false
  ) async throws -> OpenMatters {
    let lines = SharingBoard.lines(
      requests: try await requests(), deliveries: try await deliveries(),
      objections: try await objections(), at: now, calendars: try await calendars()
    ).filter { line in
      (!overdue || line.isOverdue) && (bureau.map { line.by == $0 || line.to == $0 } ?? true)
    }
    let state = try await ledgerState()
    return OpenMatters(lines: lines, left: Set(lines.map(\.by)).filter { !state.isInForce($0) })
  }

  /// The offers that `member` may put in force, as they were made; none where it is no authority.
  package func offers(waitingFor member: String) async throws -> [OfferRecord] {
    let state = try await ledgerState()
    guard state.isInForce(member),
      state.roster.member(member)?.roles.contains(SharingRole.authority.rawValue) == true
    else {
      return []
    }
    return try await waitingOffers().map(\.offer)
  }

  /// The requests that `query` finds, in the order in which they were made.
  package func requests(_ query: RequestQuery) async throws -> [RequestRecord] {
    try await requests().filter(query.matches)
      .sorted { ($0.requested, $0.request) < ($1.requested, $1.request) }
  }

  /// The entries in force, and whether their provider is a member in force.
  ///
  /// - Parameters:
  ///   - bureau: only its entries.
  ///   - item: only those that hold this data item.
  package func entries(
    of bureau: String? = nil, holding item: String? = nil
  ) async throws -> [(record: EntryRecord, isProviderInForce: Bool)] {
    let state = try await ledgerState()
    return try await entries().filter { $0.catalogue.isFound(by: $0.provider, bureau, item) }
      .map { ($0, state.isInForce($0.provider)) }
  }

  /// The offers that wait for the authority, as they were made, and what they offer.
  package func waitingOffers(
    of bureau: String? = nil, holding item: String? = nil
  ) async throws -> [(offer: OfferRecord, catalogue: SharingCatalogue)] {
    var waiting: [(offer: OfferRecord, catalogue: SharingCatalogue)] = []
    for offer in try await offers() where offer.state == .waiting {
      guard !offer.isOvertaken(by: try await entry(offer.entry)) else { continue }
      let catalogue = try SharingCatalogue(decoding: offer.payload)
      if catalogue.isFound(by: offer.provider, bureau, item) { waiting.append((offer, catalogue)) }
    }
    return waiting.sorted {
      ($0.offer.offered, $0.offer.statement) < ($1.offer.offered, $1.offer.statement)
    }
  }

  /// The objections of or to `bureau`, or all of them, as they were made; only those that nobody has answered where `open`.
  package func objections(of bureau: String?, open: Bool) async throws -> [ObjectionRecord] {
    try await objections().filter { objection in
      (!open || objection.state == .open)
        && (bureau.map { $0 == objection.demander || $0 == objection.provider } ?? true)
    }
  }
}

extension LedgerState {
  /// Whether the member `id` may still sign.
  fileprivate func isInForce(_ id: String) -> Bool { roster.member(id)?.isInForce(at: height) ?? false }
}

extension SharingCatalogue {
  /// Whether it is of `bureau`, and holds `item`; nil is any.
  fileprivate func isFound(by provider: String, _ bureau: String?, _ item: String?) -> Bool {
    (bureau.map { $0 == provider } ?? true) && (item.map(items.names.contains) ?? true)
  }
}
