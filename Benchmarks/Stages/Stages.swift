import Benchmark
import Foundation

/// The stages that a record passes, each for itself: time and throughput, on one core.
///
/// Whole ways are measured by `zheng bench`, each beside a yardstick.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .throughput], timeUnits: .automatic, warmupIterations: 1,
    maxDuration: .seconds(3), maxIterations: 10_000)
  do {
    entryStages(try Samples())
    treeStages()
    try blockStages(Samples())
  } catch {
    fatalError("the samples can't be made: \(error)")
  }
}
