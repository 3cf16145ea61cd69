/// Something that is measured: one or more measures that are taken together.
package protocol Measurement: Sendable {
  /// What is measured, for the head of a chart.
  static var title: String { get }

  /// Takes the measures.
  ///
  /// - Parameters:
  ///   - rounds: how often ours and the yardstick take turns, 1 or more.
  ///   - watcher: is told how far long work has come.
  ///   - report: called with each measure as soon as it is taken.
  func measure(rounds: Int, _ watcher: Watcher, _ report: (Measure) throws -> Void) throws
}

/// To whom a measurement says what goes on beside its figures.
package struct Watcher: Sendable {
  /// Is told what somebody should know of the figures, or of what was left behind.
  let note: @Sendable (String) -> Void
  /// Is told that `done` of `total` `unit` are done; they are equal at the end.
  let progress: @Sendable (_ doing: String, _ done: UInt64, _ total: UInt64, _ unit: String) -> Void

  package init(
    note: @escaping @Sendable (String) -> Void,
    progress: @escaping @Sendable (_ doing: String, _ done: UInt64, _ total: UInt64, _ unit: String) -> Void
  ) {
    (self.note, self.progress) = (note, progress)
  }
}

/// The build that is measured.
package enum Build {
  /// Whether the compiler optimised; figures of a debug build say nothing.
  package static var isOptimised: Bool {
    #if DEBUG
      false
    #else
      true
    #endif
  }
}
