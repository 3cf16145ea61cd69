import Scenarios
import Workflows

/// What is dated ahead of this machine's clock.
enum AheadOfClock {
  /// A row where the block's time or a cosignature's is more than a minute ahead of the clock, and how far.
  static func rows(block: UInt64, cosigned: [UInt64]) -> [(String, String)] {
    let now = CommandContext.now / 1000
    let latest = max(block / 1000, cosigned.max() ?? 0)
    guard latest > now + 60 else { return [] }
    let what = latest == block / 1000 ? localized("the block's time") : localized("a cosignature")
    return [
      (
        "note",
        localized(
          "\(what), \(Timestamp.text(seconds: latest)), is \(Printable.duration(seconds: latest - now)) ahead of this machine's clock"
        )
      )
    ]
  }
}

extension Printable {
  /// `45 s`, `3 min`, `2 h 5 min`, `40 d 3 h`.
  static func duration(seconds: UInt64) -> String {
    switch seconds {
    case ..<120: localized("\(seconds) s")
    case ..<3600: localized("\(seconds / 60) min")
    case ..<86_400: localized("\(seconds / 3600) h \(seconds % 3600 / 60) min")
    default: localized("\(seconds / 86_400) d \(seconds % 86_400 / 3600) h")
    }
  }
}
