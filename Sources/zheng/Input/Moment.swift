import ArgumentParser
import Ledger
import Scenarios

/// A day or a moment on the command line. A day is one by the ledger's clocks, as the rules count days, in every command.
struct Moment: ExpressibleByArgument {
  private enum Value {
    case day(CivilDate)
    case moment(ClosedRange<UInt64>)
  }

  private let value: Value

  init?(argument: String) {
    if let day = CivilDate(argument) {
      value = .day(day)
    } else if let range = Timestamp.range(argument) {
      value = .moment(range)
    } else {
      return nil
    }
  }

  static let help =
    "YYYY-MM-DD (a day, \(UTCOffset.standard) unless the ledger was founded otherwise) or an RFC 3339 time"

  /// The first and last ms of it.
  func range(_ offset: UTCOffset) -> ClosedRange<UInt64> {
    switch value {
    case .day(let day): day.start(offset)...day.end(offset) - 1
    case .moment(let range): range
    }
  }

  /// The s at which it begins.
  func first(_ offset: UTCOffset) -> UInt64 { range(offset).lowerBound / 1000 }

  /// The last whole s that belongs to it.
  func last(_ offset: UTCOffset) -> UInt64 { range(offset).upperBound / 1000 }

  /// The first s that does not belong to it any more, for a day; a moment ends where it begins.
  func end(_ offset: UTCOffset) -> UInt64 {
    switch value {
    case .day(let day): day.end(offset) / 1000
    case .moment(let range): range.lowerBound / 1000
    }
  }
}
