import Foundation

/// Measures as the rows of a table.
package enum MeasureTable {
  /// What stands in the cells.
  package static let head = [
    "measure", "ours", "least … most", "yardstick", "ratio", "must", "aim", "reached", "against",
  ]

  /// The cells of a measure, as many as `head` has.
  package static func cells(_ measure: Measure) -> [String] {
    let figure = measure.figure
    return [
      measure.name, "\(number(figure.median)) \(measure.unit)",
      figure.rounds.count > 1 ? "\(number(figure.least)) … \(number(figure.most))" : "",
      measure.yardstick.map { number($0.figure.median) } ?? "",
      measure.ratio.map { String(format: "%.2f", $0) } ?? "", limit(measure.goal, \.must),
      limit(measure.goal, \.aim), measure.reached?.rawValue ?? "", measure.yardstick?.name ?? "",
    ]
  }

  /// `≥ 1.6`, `≤ 1.15`, or nothing.
  static func limit(_ goal: Goal?, _ part: (Goal) -> Double?) -> String {
    guard let goal, let value = part(goal) else { return "" }
    return (goal.better == .more ? "≥ " : "≤ ") + number(value)
  }

  /// Four digits or so: `14.2M`, `56.1k`, `812`, `3.14`, `0.021`.
  static func number(_ value: Double) -> String {
    switch abs(value) {
    case 99_950_000...: String(format: "%.0fM", value / 1e6)
    case 999_500...: String(format: "%.1fM", value / 1e6)
    case 9_995...: String(format: "%.1fk", value / 1e3)
    case 99.95...: String(format: "%.0f", value)
    case 9.995...: trimmed(String(format: "%.1f", value))
    case 0.0995...: trimmed(String(format: "%.2f", value))
    default: trimmed(String(format: "%.3f", value))
    }
  }

  /// Without zeros at the end of a fraction.
  private static func trimmed(_ text: String) -> String {
    var text = text
    guard text.contains(".") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
