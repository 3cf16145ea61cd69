import Foundation
import FoundationXML

/// What a chart's shapes say, read from the file and divided by the length of 1.
package struct Chart {
  package var bars: [String: Double] = [:]
  package var musts: [String: Double] = [:]
  package var aims: [String: Double] = [:]

  /// What is not as a chart is.
  package struct NotAChart: Error { let what: String }

  package init(_ svg: String) throws {
    guard let root = try XMLDocument(xmlString: svg).rootElement() else {
      throw NotAChart(what: "no element")
    }
    // attribute(forName:) finds none in an element of a namespace (swift-corelibs-foundation, Swift 6.3).
    func attribute(_ element: XMLElement?, _ name: String) throws -> String {
      guard let value = element?.attributes?.first(where: { $0.name == name })?.stringValue else {
        throw NotAChart(what: "no \(name)")
      }
      return value
    }
    func number(_ element: XMLElement?, _ name: String) throws -> Double {
      guard let number = Double(try attribute(element, name)) else {
        throw NotAChart(what: "\(name) is no number")
      }
      return number
    }
    let one = try root.elements(forName: "line").first { try attribute($0, "class") == "one" }
    for group in root.elements(forName: "g") {
      let bar = group.elements(forName: "rect").first
      let id = try attribute(bar, "data-measure")
      let start = try number(bar, "x")
      let unit = try number(one, "x1") - start
      bars[id] = try number(bar, "width") / unit
      for line in group.elements(forName: "line") {
        let value = (try number(line, "x1") - start) / unit
        switch try attribute(line, "class") {
        case "must": musts[id] = value
        case "aim": aims[id] = value
        case let other: throw NotAChart(what: "an unknown mark, \(other)")
        }
      }
    }
  }
}
