import ArgumentParser
import Scenarios

/// A day or a moment on the command line. A day is one at UTC+8, as the rules count days, in every command.
struct Moment: ExpressibleByArgument {
  /// The first and last ms of it.
  let range: ClosedRange<UInt64>
  /// The day, where it is one.
  let day: CivilDate?

  init?(argument: String) {
    if let day = CivilDate(argument) {
      (self.day, range) = (day, day.start...day.end - 1)
    } else if let range = Timestamp.range(argument) {
      (day, self.range) = (nil, range)
    } else {
      return nil
    }
  }

  static let help = "YYYY-MM-DD, a day at UTC+8, or a moment by RFC 3339"

  /// The s at which it begins.
  var first: UInt64 { range.lowerBound / 1000 }

  /// The last whole s that belongs to it.
  var last: UInt64 { range.upperBound / 1000 }

  /// The first s that does not belong to it any more, for a day; a moment ends where it begins.
  var end: UInt64 { day == nil ? range.lowerBound / 1000 : (range.upperBound + 1) / 1000 }
}
