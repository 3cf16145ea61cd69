import Certificates
import Foundation

/// A bar chart of measures as an SVG file (SVG 1.1): plain shapes and texts, no script, no style of its host.
///
/// A bar is the ratio to the yardstick, and a line through all of them is 1, the yardstick itself. A measure without a yardstick is
/// drawn as a share of what it may be. Each bar has marks for what it must reach and what it should: what nothing is asked of is not
/// drawn. The same measures give the
/// same bytes.
package struct MeasureChart {
  let title: String
  let subtitle: String
  private let bars: [Bar]

  /// A measure as it is drawn; lengths are in units of the scale.
  private struct Bar {
    let measure: Measure
    let length: Double
    let must: Double
    let aim: Double?
  }

  /// A chart of those of `measures` of which something is asked.
  ///
  /// - Parameter subtitle: the machine, for example.
  package init(_ measures: [Measure], title: String, subtitle: String) {
    (self.title, self.subtitle) = (title, subtitle)
    bars = measures.compactMap { measure in
      guard let goal = measure.goal else { return nil }
      let one = measure.ratio == nil ? goal.must : 1
      return Bar(
        measure: measure, length: measure.judged / one, must: goal.must / one, aim: goal.aim.map { $0 / one })
    }
  }

  // In pixels.
  private static let width = 860.0
  private static let margin = 16.0
  private static let plot = 680.0
  private static let row = 52.0
  private static let head = 96.0
  private static let foot = 44.0

  /// The bytes of the file.
  package var svg: String {
    let height = MeasureChart.head + MeasureChart.row * Double(bars.count) + MeasureChart.foot
    let longest = bars.flatMap { [$0.length, $0.must, $0.aim ?? 0] }.max() ?? 1
    let scale = MeasureChart.plot / max(1.1, longest * 1.02)
    let (left, bottom) = (MeasureChart.margin, height - MeasureChart.foot)
    let (width, one) = (px(MeasureChart.width), px(left + scale))
    let described = bars.map { MeasureChart.sentence($0.measure) }.joined(separator: " ")
    var markup: HTML = """
      <svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc" width="\(width)" height="\(px(height))" \
      viewBox="0 0 \(width) \(px(height))" font-family="sans-serif">
      <title id="title">\(title)</title>
      <desc id="desc">\(described)</desc>
      <rect width="100%" height="100%" fill="#ffffff"/>

      """
    markup += text(left, 28, title, size: 18, weight: "bold")
    markup += text(left, 48, subtitle, size: 12, colour: "#555555")
    markup += text(
      left, 66, "Bars: ratio to the yardstick, measured in the same run; the dashed line is 1.", size: 12,
      colour: "#555555")
    for (number, bar) in bars.enumerated() {
      markup += drawn(bar, y: MeasureChart.head + MeasureChart.row * Double(number), scale)
    }
    markup += """
      <line class="one" x1="\(one)" y1="\(px(MeasureChart.head - 12))" x2="\(one)" y2="\(px(bottom))" \
      stroke="#333333" stroke-dasharray="4 3"/>

      """
    markup += MeasureChart.legend(y: bottom + 26)
    markup += "</svg>\n"
    return markup.text
  }

  private func drawn(_ bar: Bar, y: Double, _ scale: Double) -> HTML {
    let (measure, left) = (bar.measure, MeasureChart.margin)
    let colour = measure.reached.map(MeasureChart.colour) ?? "none"
    let value =
      measure.ratio.map { String(format: "%.2f ×", $0) }
      ?? "\(MeasureTable.number(measure.figure.median)) \(measure.unit)"
    var markup: HTML = "<g><title>\(MeasureChart.sentence(measure))</title>\n"
    markup += text(left, y + 12, measure.name, size: 13)
    markup += """
      <rect class="bar" data-measure="\(measure.id)" x="\(px(left))" y="\(px(y + 18))" \
      width="\(px(bar.length * scale))" height="16" fill="\(colour)"/>

      """
    for (name, position, dashes) in [("must", bar.must as Double?, "none"), ("aim", bar.aim, "2 2")] {
      guard let position else { continue }
      let x = px(left + position * scale)
      markup += """
        <line class="\(name)" data-measure="\(measure.id)" x1="\(x)" y1="\(px(y + 14))" x2="\(x)" y2="\(px(y + 38))" \
        stroke="#111111" stroke-width="2" stroke-dasharray="\(dashes)"/>

        """
    }
    // Behind the bar and its marks, where nothing is drawn over it.
    let end = max(bar.length, bar.must, bar.aim ?? 0) * scale
    markup += text(left + end + 8, y + 31, value, size: 13, weight: "bold")
    return markup + "</g>\n"
  }

  private static func colour(_ reached: Goal.Reached) -> String {
    switch reached {
    case .aim: "#1a7f4b"
    case .must: "#2f6db5"
    case .missed: "#b3452c"
    }
  }

  private static func legend(y: Double) -> HTML {
    let meanings: [(Goal.Reached, String)] = [
      (.aim, "the aim is reached"), (.must, "what it must"), (.missed, "not what it must"),
    ]
    var markup: HTML = ""
    for (number, (reached, meaning)) in meanings.enumerated() {
      let x = margin + 170 * Double(number)
      markup += """
        <rect x="\(px(x))" y="\(px(y - 10))" width="11" height="11" fill="\(colour(reached))"/>

        """
      markup += text(x + 17, y, meaning, size: 12)
    }
    return markup + text(margin + 530, y, "marks: | must, ¦ aim", size: 12)
  }

  /// What a measure says, for who can't see the bars.
  private static func sentence(_ measure: Measure) -> String {
    let figure = "\(measure.name): \(MeasureTable.number(measure.figure.median)) \(measure.unit)"
    let comparison = measure.yardstick.map { yardstick in
      ", \(String(format: "%.2f", measure.judged)) times \(yardstick.name) (\(MeasureTable.number(yardstick.figure.median)))"
    }
    let goal = measure.goal.map { goal in
      "; must be \(MeasureTable.limit(goal, \.must))"
        + (goal.aim == nil ? "" : ", should be \(MeasureTable.limit(goal, \.aim))")
    }
    return figure + (comparison ?? "") + (goal ?? "") + "."
  }
}

/// A line of text, its left end at `x`.
private func text(
  _ x: Double, _ y: Double, _ content: String, size: Int, weight: String = "normal",
  colour: String = "#111111"
) -> HTML {
  """
  <text x="\(px(x))" y="\(px(y))" font-size="\(size)" font-weight="\(weight)" fill="\(colour)">\(content)</text>

  """
}

/// A length to the hundredth of a pixel.
private func px(_ length: Double) -> String { String(format: "%.2f", length) }
