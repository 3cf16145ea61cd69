import Foundation
import Synchronization

/// One line on standard error that says how far long work has come; silent where no person reads it.
final class Progress: Sendable {
  private struct Screen {
    var last: ContinuousClock.Instant
    var isUsed = false
  }

  private let doing: String
  private let unit: Words
  private let isShown: Bool
  private let start: ContinuousClock.Instant
  private let screen: Mutex<Screen>

  /// - Parameters:
  ///   - unit: what is counted, in the plural.
  ///   - isQuiet: whether nothing is shown although somebody reads: where results scroll by on the same screen.
  init(_ doing: String, unit: Words, isQuiet: Bool = false) {
    (self.doing, self.unit) = (doing, unit)
    isShown = Diagnostics.isTerminal && !isQuiet
    start = ContinuousClock.now
    screen = Mutex(Screen(last: start))
  }

  /// Seconds since the work began.
  var seconds: Double { Progress.seconds(ContinuousClock.now - start) }

  /// Says that `done` of `total` are done; five times a second at most. `total` nil where nobody knows it.
  func update(_ done: UInt64, of total: UInt64?) {
    guard isShown else { return }
    screen.withLock { screen in
      let now = ContinuousClock.now
      guard now - screen.last >= .milliseconds(200) else { return }
      (screen.last, screen.isUsed) = (now, true)
      Diagnostics.write("\r\u{1b}[K\(text(done, total, seconds: Progress.seconds(now - start)))")
    }
  }

  /// Takes the line off the screen.
  func finish() {
    screen.withLock { screen in
      if screen.isUsed { Diagnostics.write("\r\u{1b}[K") }
      screen.isUsed = false
    }
  }

  private func text(_ done: UInt64, _ total: UInt64?, seconds: Double) -> String {
    let rate = Double(done) / max(0.001, seconds)
    var text =
      total.map { localized("\(doing): \(done) of \($0) \(localized(unit)), \(Int(rate))/s") }
      ?? localized("\(doing): \(done) \(localized(unit)), \(Int(rate))/s")
    // From the first few of many nothing can be told.
    if let total, total > done, done >= total / 100, rate > 0 {
      text += localized(", \(Progress.time(Double(total - done) / rate)) left")
    }
    return text
  }

  private static func seconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }

  private static func time(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9))
    if whole >= 3600 { return localized("\(whole / 3600) h \(whole % 3600 / 60) min") }
    return whole >= 60 ? localized("\(whole / 60) min \(whole % 60) s") : localized("\(whole) s")
  }
}

/// How far long work has come that does one thing after the other.
final class ProgressLines: Sendable {
  private let current = Mutex<(doing: String, progress: Progress)?>(nil)

  /// Says that `done` of `total` `unit` are done of what `doing` says.
  func update(_ doing: String, _ done: UInt64, _ total: UInt64, _ unit: Words) {
    current.withLock { current in
      if current?.doing != doing {
        current?.progress.finish()
        current = (doing, Progress(doing, unit: unit))
      }
      current?.progress.update(done, of: total)
      guard done >= total else { return }
      current?.progress.finish()
      current = nil
    }
  }

  /// Takes the line off the screen.
  func finish() {
    current.withLock { current in
      current?.progress.finish()
      current = nil
    }
  }
}
