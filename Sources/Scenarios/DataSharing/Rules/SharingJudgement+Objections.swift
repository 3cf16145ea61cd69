import Ledger
import Statements
import TransparencyLog

// MARK: 校核: finding fault, and what the provider says to it

extension SharingJudgement {
  /// A demander objects to a delivery of its own that it has looked into, or to any entry of another bureau. The provider
  /// has as many working days to answer as for a request that is not for unconditionally shared data.
  func object(_ objection: SharingObject) throws(Refusal) -> [StateChange] {
    let (provider, change) = try objected(objection.target)
    let calendar = try calendarInForce()
    let record = ObjectionRecord(
      objection, statement.id, by: issuer, to: provider, at: now,
      due: calendar.due(statement.parameter(Parameters.conditionalReplyDays), from: now, statement.utcOffset),
      calendar: calendar.version)
    return [StateChange(ObjectionRecord.key(statement.id), record), change]
  }

  private func objected(_ target: SharingTarget) throws(Refusal) -> (provider: String, change: StateChange) {
    switch target {
    case .delivery(let request, let number):
      var delivery = try knownDelivery(request, number)
      try requireParty(delivery.demander, "objects to this delivery")
      guard delivery.state == .received || delivery.state == .mismatch else {
        throw Refusal(
          .wrongState, "delivery \(number) is \(delivery.state.rawValue); objections follow a receipt")
      }
      delivery.object()
      return (delivery.provider, StateChange(DeliveryRecord.key(request, number), delivery))
    case .entry(let id, let version):
      var entry = try knownEntry(id)
      guard version <= entry.catalogue.version else {
        throw Refusal(.unknownEntry, "there was never a version \(version) of \(id.quoted) in force")
      }
      guard entry.provider != issuer else { throw Refusal(.role, "\(issuer) objects to its own entry") }
      entry.object()
      return (entry.provider, StateChange(EntryRecord.key(id), entry))
    }
  }

  func answer(_ answer: SharingAnswer) throws(Refusal) -> [StateChange] {
    let key = ObjectionRecord.key(answer.objection)
    guard var objection = try objection(key), SharingJudgement.isSame(objection.target, answer.about) else {
      throw Refusal(.wrongState, "there is no objection \(answer.objection) to \(answer.subject.quoted)")
    }
    try requireParty(objection.provider, "answers this objection")
    guard objection.state == .open else {
      throw Refusal(.wrongState, "the objection \(answer.objection) was answered already")
    }
    let change = try answered(objection.target, corrected: answer.corrected)
    let limit = try limit(from: objection.opened, until: objection.due, by: objection.calendar)
    objection.take(answer, at: now, limit)
    return [StateChange(key, objection), change]
  }

  private func answered(_ target: SharingTarget, corrected: UInt64?) throws(Refusal) -> StateChange {
    switch target {
    case .delivery(let request, let number):
      if let corrected {
        let count = try knownRequest(request).deliveries
        guard corrected > number, corrected <= count else {
          throw Refusal(.wrongState, "delivery \(corrected) is none that followed delivery \(number)")
        }
      }
      var delivery = try knownDelivery(request, number)
      delivery.answer()
      return StateChange(DeliveryRecord.key(request, number), delivery)
    case .entry(let id, let version):
      var entry = try knownEntry(id)
      if let corrected {
        guard corrected > version, corrected <= entry.catalogue.version else {
          throw Refusal(.notInForce, "version \(corrected) is none that followed version \(version) in force")
        }
      }
      entry.answer()
      return StateChange(EntryRecord.key(id), entry)
    }
  }

  private static func isSame(_ target: SharingTarget, _ subject: SharingAnswer.Subject) -> Bool {
    switch (target, subject) {
    case (.delivery(let request, _), .request(let named)): request.hasSameBytes(as: named)
    case (.entry(let entry, _), .entry(let named)): entry.hasSameBytes(as: named)
    default: false
    }
  }
}
