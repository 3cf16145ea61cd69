import CoreMetrics
import Synchronization

/// Keeps what is measured through the swift-metrics API, and prints it as Prometheus reads it (text format 0.0.4).
///
/// Counters, meters (gauges), and timers and recorders, which are histograms; a recorder that does not aggregate is a gauge. A name
/// has one kind: what is asked for as another is measured and not printed.
final class PrometheusFactory: MetricsFactory, Sendable {
  private struct Family {
    let kind: PrometheusSeries.Kind
    var series: [String: PrometheusSeries] = [:]
  }

  private struct State {
    var families: [String: Family] = [:]
    var help: [String: String] = [:]
  }

  private let state = Mutex(State())

  /// Says what the metric `name` is.
  func describe(_ name: String, _ help: String) {
    state.withLock { $0.help[PrometheusText.name(name)] = help }
  }

  private func series(
    _ label: String, _ dimensions: [(String, String)], _ kind: PrometheusSeries.Kind
  ) -> PrometheusSeries {
    let (name, labels) = (PrometheusText.name(label), PrometheusText.labels(dimensions))
    return state.withLock { state in
      let family = state.families[name] ?? Family(kind: kind)
      if let known = family.series[labels], family.kind == kind { return known }
      let new = PrometheusSeries(kind)
      if family.kind == kind {
        state.families[name] = family
        state.families[name]?.series[labels] = new
      }
      return new
    }
  }

  /// Everything that was measured, in the order of names and labels.
  var text: String {
    let (families, help) = state.withLock { ($0.families, $0.help) }
    var text = ""
    for (name, family) in families.sorted(by: { $0.key < $1.key }) {
      if let help = help[name] { text += "# HELP \(name) \(PrometheusText.escaped(help, quotes: false))\n" }
      text += "# TYPE \(name) \(family.kind.word)\n"
      for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
        for sample in series.samples {
          let all = [labels, sample.label].filter { !$0.isEmpty }.joined(separator: ",")
          text +=
            "\(name)\(sample.suffix)\(all.isEmpty ? "" : "{\(all)}") \(PrometheusText.number(sample.value))\n"
        }
      }
    }
    return text
  }

  // MARK: swift-metrics

  func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label, dimensions, .counter)
  }

  func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(label, dimensions, .gauge)
  }

  func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    series(label, dimensions, aggregate ? .histogram : .gauge)
  }

  func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    series(label, dimensions, .histogram)
  }

  // What was measured stays.
  func destroyCounter(_ handler: any CounterHandler) {}
  func destroyMeter(_ handler: any MeterHandler) {}
  func destroyRecorder(_ handler: any RecorderHandler) {}
  func destroyTimer(_ handler: any TimerHandler) {}
}

/// Names, labels and numbers as the text format has them.
enum PrometheusText {
  /// `label` as a metric's or a label's name: letters, digits and underscores, no digit first.
  static func name(_ label: String) -> String {
    let bytes = label.utf8.map { byte -> UInt8 in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: byte
      default: UInt8(ascii: "_")
      }
    }
    let name = String(decoding: bytes, as: UTF8.self)
    return name.utf8.first.map { (0x30...0x39).contains($0) } ?? true ? "_\(name)" : name
  }

  /// `a="x",b="y"`, in the order of names.
  static func labels(_ dimensions: [(String, String)]) -> String {
    dimensions.map { "\(name($0.0))=\"\(escaped($0.1, quotes: true))\"" }.sorted().joined(separator: ",")
  }

  static func escaped(_ text: String, quotes: Bool) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  static func number(_ value: Double) -> String {
    if value == .infinity { return "+Inf" }
    if value == -.infinity { return "-Inf" }
    if value.isNaN { return "NaN" }
    return value == value.rounded() && abs(value) < 0x1p53 ? "\(Int64(value))" : "\(value)"
  }
}
