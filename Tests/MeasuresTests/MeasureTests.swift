import Foundation
import FoundationXML
import TestKit
import Testing

@testable import Measures

@Suite("measures")
struct MeasureTests {
  @Test("a ratio is that of the medians; least and most are told")
  func ratio() throws {
    let measure = Measure(
      "m", "name", unit: "x/s", [4, 9, 8, 1, 7], against: ("it", [2, 2, 3.5, 5, 1]), goal: .atLeast(3, aim: 4)
    )
    #expect(measure.figure.median == 7 && measure.figure.least == 1 && measure.figure.most == 9)
    #expect(measure.ratio == 3.5 && measure.judged == 3.5 && measure.reached == .must)
    #expect(Spread([1, 2, 3, 10]).median == 2.5)
    #expect(Spread([5]).median == 5)
  }

  @Test(
    "what just is what is asked for reaches it, whichever way is good",
    arguments: [
      (Goal.atLeast(2, aim: 3), 1.999, Goal.Reached.missed), (.atLeast(2, aim: 3), 2, .must),
      (.atLeast(2, aim: 3), 2.999, .must), (.atLeast(2, aim: 3), 3, .aim), (.atLeast(2), 99, .must),
      (.atMost(3, aim: 2), 3.001, .missed), (.atMost(3, aim: 2), 3, .must),
      (.atMost(3, aim: 2), 2.001, .must),
      (.atMost(3, aim: 2), 2, .aim), (.atMost(3), 0, .must), (.atLeast(2), .nan, .missed),
      (.atMost(2), .nan, .missed),
    ])
  func goals(goal: Goal, value: Double, reached: Goal.Reached) {
    #expect(goal.reached(by: value) == reached)
    #expect(Measure("m", "", unit: "", [value], goal: goal).reached == reached)
    // With a yardstick it is the ratio that counts.
    #expect(Measure("m", "", unit: "", [value * 8], against: ("", [8]), goal: goal).reached == reached)
  }

  @Test("a percentile is the nearest rank")
  func percentiles() {
    let spread = Spread((1...200).map(Double.init).reversed())
    #expect(spread.percentile(0.99) == 198 && spread.percentile(0.5) == 100)
    #expect(spread.percentile(1) == 200 && spread.percentile(0) == 1)
  }

  @Test("ways take turns, and each has its figures in the order of the rounds")
  func turns() throws {
    var calls: [String] = []
    func way(_ name: String) -> () -> Double {
      {
        calls.append(name)
        return Double(calls.count)
      }
    }
    let figures = try Rounds.run(3, [way("a"), way("b")])
    #expect(calls == ["a", "b", "a", "b", "a", "b"])
    #expect(figures == [[1, 3, 5], [2, 4, 6]])
  }

  @Test(
    "numbers have four digits or so",
    arguments: [
      (0, "0"), (0.0214, "0.021"), (0.1, "0.1"), (1.0, "1"), (3.14159, "3.14"), (12.04, "12"),
      (56.78, "56.8"),
      (99.96, "100"), (812.4, "812"), (9994, "9994"), (12_345, "12.3k"), (999_499, "999.5k"),
      (1_234_567, "1.2M"), (123_456_789, "123M"),
    ] as [(Double, String)])
  func numbers(value: Double, text: String) { #expect(MeasureTable.number(value) == text) }
}

@Suite("charts of measures")
struct MeasureChartTests {
  private let measures = [
    Measure("plain", "A & B <c>", unit: "x/s", [30], against: ("\"it\"", [20]), goal: .atLeast(1)),
    Measure(
      "many", "many", unit: "x/s", [90, 80, 70], against: ("it", [10, 10, 10]), goal: .atLeast(8, aim: 14)),
    Measure("less", "less", unit: "ns", [11], against: ("it", [10]), goal: .atMost(1.15, aim: 1.05)),
    Measure("limit", "limit", unit: "ms", [25], goal: .atMost(50, aim: 10)),
    Measure("told", "only told", unit: "ms", [3], against: ("it", [2])),
  ]

  @Test("bars and marks have the lengths of the values, on one scale from 0")
  func lengths() throws {
    let svg = MeasureChart(measures, title: "T & t", subtitle: "<s>").svg
    let chart = try Chart(svg)
    #expect(Set(chart.bars.keys) == ["plain", "many", "less", "limit"])
    for (id, value) in [("plain", 1.5), ("many", 8), ("less", 1.1), ("limit", 0.5)] {
      #expect(abs(try #require(chart.bars[id]) - value) < 0.001, "\(id)")
    }
    #expect(Set(chart.musts.keys) == ["plain", "many", "less", "limit"])
    for (id, value) in [("plain", 1), ("many", 8), ("less", 1.15), ("limit", 1)] {
      #expect(abs(try #require(chart.musts[id]) - value) < 0.001, "\(id)")
    }
    for (id, value) in [("many", 14), ("less", 1.05), ("limit", 0.2)] {
      #expect(abs(try #require(chart.aims[id]) - value) < 0.001, "\(id)")
    }
  }

  @Test("the same measures are the same bytes; no script, a title and a description with every value")
  func isPlain() throws {
    let svg = MeasureChart(measures, title: "T & t", subtitle: "<s>").svg
    #expect(svg == MeasureChart(measures, title: "T & t", subtitle: "<s>").svg)
    let root = try #require(XMLDocument(xmlString: svg).rootElement())
    #expect(root.name == "svg" && svg.contains(" role=\"img\" aria-labelledby=\"title desc\""))
    #expect(root.elements(forName: "title").first?.stringValue == "T & t")
    let description = try #require(root.elements(forName: "desc").first?.stringValue)
    #expect(description.contains("A & B <c>: 30 x/s, 1.50 times \"it\" (20); must be ≥ 1."))
    #expect(description.contains("limit: 25 ms; must be ≤ 50, should be ≤ 10."))
    #expect(!svg.contains("script") && !svg.contains("href") && !svg.contains("onload"))
  }

  @Test("a chart of nothing is a chart")
  func empty() throws { #expect(try Chart(MeasureChart([], title: "", subtitle: "").svg).bars.isEmpty) }
}
