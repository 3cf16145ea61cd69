import Ledger
import Statements
import TransparencyLog

// MARK: What everything else rests on: the calendar and the catalogue

extension SharingJudgement {
  func calendar(_ calendar: SharingCalendar) throws(Refusal) -> [StateChange] {
    guard !isThere(CalendarRecord.key(calendar.version)) else {
      throw Refusal(
        .duplicate, "there is a calendar \(calendar.version.quoted) already; a changed one has a new version")
    }
    let record = CalendarRecord(
      calendar, authority: issuer, since: now, after: try calendarInForce().version)
    return [
      StateChange(CalendarRecord.key(record.version), record),
      StateChange(CalendarRecord.currentKey, CalendarInForce(version: record.version)),
    ]
  }

  /// An offer waits until the authority countersigns it. Several may wait for one entry, of different bureaus even: nobody
  /// can keep an id from others by offering first, and the first that is countersigned is the entry.
  func catalogue(_ catalogue: SharingCatalogue) throws(Refusal) -> [StateChange] {
    let inForce = try entryInForce(catalogue.entry)
    if let inForce { try requireParty(inForce.provider, "changes this entry") }
    let next = (inForce?.catalogue.version ?? 0) + 1
    guard catalogue.version >= next else {
      throw Refusal(
        .duplicate,
        "version \(catalogue.version) of \(catalogue.entry.quoted) was in force already; the next is \(next)")
    }
    guard catalogue.version == next else {
      throw Refusal(
        .wrongState, "the next version of \(catalogue.entry.quoted) is \(next), not \(catalogue.version)")
    }
    guard catalogue.attribute != .notShareable || catalogue.basis != nil else {
      throw Refusal(.missingBasis, "an entry that is not shareable names the law that forbids to share it")
    }
    try requireNoOtherSource(catalogue)
    let offer = OfferRecord(
      statement.id, .waiting, entry: catalogue.entry, version: catalogue.version, provider: issuer,
      offered: now,
      payload: catalogue.encoded)
    var changes = [StateChange(OfferRecord.key(statement.id), offer)]
    if inForce == nil {
      changes.append(
        StateChange(OfferRecord.key(entry: catalogue.entry), OfferedEntry(entry: catalogue.entry)))
    }
    return changes
  }

  /// Puts an offer in force, and judges again what may have changed since it was made.
  func countersign(_ offer: OfferRecord) throws(Refusal) -> [StateChange] {
    try require([.authority], "puts catalogue entries in force")
    guard issuer != offer.provider else {
      throw Refusal(.role, "\(issuer) has offered this entry; the second signature is another member's")
    }
    let inForce = try entryInForce(offer.entry)
    guard statement.memberInForce(offer.provider) != nil else {
      throw Refusal(.notInForce, "\(offer.provider), who offers it, is no member in force any more")
    }
    guard offer.state == .waiting, !offer.isOvertaken(by: inForce) else {
      throw Refusal(.proposalVoid, "the offer \(offer.statement) is in force already or was overtaken")
    }
    let catalogue = try SharingJudgement.stored { () throws(Refusal) in
      try SharingCatalogue(decoding: offer.payload)
    }
    try requireNoOtherSource(catalogue)
    let record = EntryRecord(
      catalogue, provider: offer.provider, authority: issuer, since: now, statement: offer.statement,
      after: inForce)
    var changes = [StateChange(OfferRecord.key(offer.statement), offer.settled)]
    if var earlier = inForce {
      earlier.state = .superseded
      changes.append(
        StateChange(EntryRecord.key(offer.entry, version: earlier.catalogue.version), earlier))
      for item in earlier.catalogue.lead?.names ?? [] {
        changes.append(StateChange(LeadRecord.key(item), nil))
      }
    } else {
      changes.append(StateChange(OfferRecord.key(entry: offer.entry), nil))
    }
    changes.append(StateChange(EntryRecord.key(offer.entry), record))
    for item in catalogue.lead?.names ?? [] {
      let lead = LeadRecord(item, entry: offer.entry, provider: offer.provider)
      changes.append(StateChange(LeadRecord.key(item), lead))
    }
    return changes
  }

  /// 一数一源: the source of an item is one entry of one bureau. Another entry may hold the item too, but not claim to lead.
  private func requireNoOtherSource(_ catalogue: SharingCatalogue) throws(Refusal) {
    for item in catalogue.lead?.names ?? [] {
      guard let source = try leadSource(of: item), !source.entry.hasSameBytes(as: catalogue.entry) else {
        continue
      }
      throw Refusal(
        .leadSource, "the source of \(item.quoted) is the entry \(source.entry.quoted) of \(source.provider)")
    }
  }
}
