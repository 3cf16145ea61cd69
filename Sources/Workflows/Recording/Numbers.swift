import Ledger
import Scenarios

/// The numbers of a member's items or requests of one year, for those that nobody gives a name: `notary-E-2026-0001`.
///
/// The member's id comes first, so that no two offices draw the same one; the letter parts it from the year, so that digits at its end
/// never look like a telephone number.
package struct NumberSeries: Sendable {
  /// What is numbered, by its letter.
  package enum Kind: String, Sendable {
    case item = "E"
    case request = "R"
  }

  private let kind: Kind
  private let prefix: String

  /// - Parameter time: in ms since the epoch; its year is the one by clocks at `offset`.
  package init(_ kind: Kind, of member: String, at time: UInt64, _ offset: UTCOffset) {
    (self.kind, prefix) = (kind, "\(member)-\(kind.rawValue)-\(CivilDate(at: time, offset).year)-")
  }

  /// Number `number`, from 1 on, with four digits at least.
  package func name(_ number: UInt64) -> String {
    let digits = String(number)
    return prefix + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
  }

  /// Where the state has what is called so.
  fileprivate func key(_ number: UInt64) -> StateKey {
    switch kind {
    case .item: Evidence.Item.key(name(number))
    case .request: RequestRecord.key(name(number))
    }
  }

  /// What the rules refuse a name with that somebody has taken.
  var taken: Refusal.Code { kind == .item ? .duplicateItem : .duplicate }
}

extension LedgerAccess {
  /// The numbers of what `signer` makes at `time`, in ms since the epoch.
  package func numbers(_ kind: NumberSeries.Kind, of signer: Signer, at time: UInt64) async throws
    -> NumberSeries
  {
    let roster = try await state().roster
    return NumberSeries(
      kind, of: try signer.member(in: roster, of: place), at: time, roster.terms.parameters.utcOffset)
  }

  /// A number above `last` that is free, as the state shows: the next one, unless names of this form were given by hand, which are
  /// stepped over. It is found by doubling and halving: of n numbers about 2 log2 n are looked at.
  package func freeNumber(in series: NumberSeries, after last: UInt64) async throws -> UInt64 {
    var (taken, step): (UInt64, UInt64) = (last, 1)
    while try await value(series.key(taken + step)) != nil { (taken, step) = (taken + step, step * 2) }
    var free = taken + step
    while free - taken > 1 {
      let middle = taken + (free - taken) / 2
      if try await value(series.key(middle)) == nil { free = middle } else { taken = middle }
    }
    return free
  }

  /// Records by `record` under the next free number of `series`, and under the one after it where somebody takes that meanwhile.
  ///
  /// - Throws: `busy` where that happens sixteen times; what `record` throws otherwise.
  package func numbered(
    _ series: NumberSeries, _ record: (_ name: String) async throws -> Recorded
  ) async throws -> (name: String, recorded: Recorded) {
    var last: UInt64 = 0
    for _ in 0..<16 {
      last = try await freeNumber(in: series, after: last)
      do { return (series.name(last), try await record(series.name(last))) } catch let refusal as Refusal
        where refusal.code == series.taken
      { continue }
    }
    throw WorkflowError(
      .busy, "busy",
      "\(place): the numbers up to \(series.name(last)) were taken one after the other; try again")
  }
}
