import CoreMetrics
import Synchronization

/// One series of a metric: a number that only grows, one that is set, or how values are spread.
final class PrometheusSeries: CounterHandler, MeterHandler, RecorderHandler, TimerHandler, Sendable {
  enum Kind {
    case counter
    case gauge
    case histogram

    var word: String {
      switch self {
      case .counter: "counter"
      case .gauge: "gauge"
      case .histogram: "histogram"
      }
    }
  }

  /// A line.
  struct Sample {
    var suffix = ""
    var label = ""
    let value: Double
  }

  private struct State {
    /// The value, or the sum of all.
    var value = 0.0
    var count: UInt64 = 0
    /// How many values are at most as large as each of `bounds`, and larger than the one before.
    var buckets: [UInt64]
  }

  /// Upper bounds in s, or in what is recorded: from 1 ms, which no sync of a disk is below by much, to 10 s.
  private static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

  private let kind: Kind
  private let state: Mutex<State>

  init(_ kind: Kind) {
    self.kind = kind
    state = Mutex(
      State(buckets: kind == .histogram ? [UInt64](repeating: 0, count: PrometheusSeries.bounds.count) : []))
  }

  var samples: [Sample] {
    let state = state.withLock { $0 }
    guard kind == .histogram else { return [Sample(value: state.value)] }
    var (samples, below): ([Sample], UInt64) = ([], 0)
    for (bound, count) in zip(PrometheusSeries.bounds, state.buckets) {
      below += count
      samples.append(
        Sample(suffix: "_bucket", label: "le=\"\(PrometheusText.number(bound))\"", value: Double(below)))
    }
    samples.append(Sample(suffix: "_bucket", label: "le=\"+Inf\"", value: Double(state.count)))
    samples.append(Sample(suffix: "_sum", value: state.value))
    samples.append(Sample(suffix: "_count", value: Double(state.count)))
    return samples
  }

  private func observe(_ value: Double) {
    guard kind == .histogram else { return set(value) }
    state.withLock { state in
      state.value += value
      state.count += 1
      if let bucket = PrometheusSeries.bounds.firstIndex(where: { value <= $0 }) {
        state.buckets[bucket] += 1
      }
    }
  }

  func increment(by amount: Int64) { increment(by: Double(amount)) }
  func reset() { state.withLock { $0.value = 0 } }
  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { state.withLock { $0.value = value } }
  func increment(by amount: Double) { state.withLock { $0.value += amount } }
  func decrement(by amount: Double) { state.withLock { $0.value -= amount } }
  func record(_ value: Int64) { observe(Double(value)) }
  func record(_ value: Double) { observe(value) }
  func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1e9) }
}
