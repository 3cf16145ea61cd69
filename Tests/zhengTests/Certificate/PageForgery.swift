import Foundation
import Ledger
import LedgerCrypto
import Scenarios
import Statements
import Testing
import TransparencyLog

@testable import Certificates

/// What somebody makes of a certificate from what it embeds, as well as can be made.
enum Forgery {
  /// The page in `html` without `rows`: neither their proofs nor what is shown of them, and all numbers as they are then.
  ///
  /// - Parameter state: the page whose state proof and roster it takes; its own where nil.
  static func page(_ html: String, without rows: Set<Int> = [], state: String? = nil) throws -> String {
    var parts = html.components(separatedBy: "<!--part:")
    let head = parts.removeFirst()
    var number = 0
    var numbers: [Int: Int] = [:]
    let count = parts.count { $0.hasPrefix("proof-") }
    for row in 1...count where !rows.contains(row) {
      number += 1
      numbers[row] = number
    }
    let others = state?.components(separatedBy: "<!--part:") ?? []
    var ids: [UInt8] = []
    var made = head
    for part in parts {
      let name = part.prefix { $0 != ">" }.dropLast(2)
      var part = part
      if let row = numbered(name) {
        guard let number = numbers[row] else { continue }
        if name.hasPrefix("proof-") {
          let text = Array(part.components(separatedBy: "\">\n")[1].components(separatedBy: "</pre>")[0].utf8)
          let proof = HTML.unescaped(text[...]) ?? []
          ids += try RecordProof(parsing: proof.span).statement.id.bytes
        }
        part = part.replacing("-\(row)-->", with: "-\(number)-->", maxReplacements: 1)
          .replacing("data-v=\"\(row)-", with: "data-v=\"\(number)-")
          .replacing("id=\"proof-\(row)\"", with: "id=\"proof-\(number)\"")
          .replacing("<b>\(row). ", with: "<b>\(number). ").replacing("<h3>\(row). ", with: "<h3>\(number). ")
      }
      if name == "state-proof" || name == "roster",
        let other = others.first(where: { $0.hasPrefix("\(name)--") })
      {
        part = other
      }
      if name == "custody-end" {
        part = part.replacing("row-count\">\(count)", with: "row-count\">\(number)")
      }
      made += "<!--part:\(part)"
    }
    // The end of the certificate's number is of the rows.
    if let old = made.firstMatch(of: /ZC-[0-9A-F]{8}-[0-9A-F]{16}-[0-9]+-[0-9A-F]{8}/)?.output {
      let new = old.dropLast(8) + SHA256.digest(of: ids).hex.prefix(8).uppercased()
      made = made.replacing(old, with: new)
    }
    return made
  }

  /// The page with what it says of itself mended.
  static func finished(_ html: String) -> String {
    guard let start = html.range(of: "<body>\n")?.upperBound else { return html }
    return html.replacing(
      /body-sha-256" content="[0-9a-f]+/,
      with: "body-sha-256\" content=\"\(PageBody.digest(Array(html[start...].utf8)).hex)")
  }

  private static func numbered(_ name: Substring) -> Int? {
    for kind in ["custody-row-", "signature-", "proof-"] where name.hasPrefix(kind) {
      return Int(name.dropFirst(kind.count))
    }
    return nil
  }
}

/// Altering a page.
extension CertificateTests {
  static func range(_ html: String, _ name: String) -> Range<String.Index> {
    guard let start = html.range(of: "<!--part:\(name)-->") else { return html.startIndex..<html.startIndex }
    let end =
      html.range(of: "<!--part:", range: start.upperBound..<html.endIndex)?.lowerBound ?? html.endIndex
    return start.upperBound..<end
  }

  static func part(_ html: String, _ name: String, _ text: String, _ other: String) -> String {
    let range = range(html, name)
    guard let place = html.range(of: text, range: range) else { return html }
    return html.replacingCharacters(in: place, with: other)
  }

  static func part(
    _ html: String, _ name: String, _ pattern: Regex<Substring>, _ change: (Substring) -> Substring
  ) -> String {
    let range = range(html, name)
    guard let match = html[range].firstMatch(of: pattern) else { return html }
    return html.replacingCharacters(in: match.range, with: String(change(match.output)))
  }

  static func remove(_ html: String, _ name: String) -> String {
    let range = range(html, name)
    guard let start = html.range(of: "<!--part:\(name)-->") else { return html }
    return html.replacingCharacters(in: start.lowerBound..<range.upperBound, with: "")
  }

  /// The text of one proof in the place of another.
  static func swap(_ html: String, _ name: String, _ other: String) -> String {
    let text = html[range(html, other)].replacing(other, with: name)
    return html.replacingCharacters(in: range(html, name), with: String(text))
  }
}
