import Foundation
import LedgerCrypto
import TestKit
import Testing
import TransparencyLog

@testable import Certificates

@Suite("certificates against hostile pages")
struct CertificateFuzzTests {
  @Test("no page traps or hangs the check, and none but the certificate passes")
  func fuzz() async throws {
    let ledger = try await EvidenceLedger(rows: 4)
    let html = Array(try await ledger.certify().utf8)
    let policy = try Policy(parsing: Array(ledger.box.read("judge/policy")).span).judging
    #expect(CertificateCheck(html, policy).isGood)
    // Without the script and the style there is more of what is parsed in each input.
    let text = String(decoding: html, as: UTF8.self)
    let short = text.replacing(/<script>(?s:.*?)<\/script>/, with: "").replacing(
      /<style>(?s:.*?)<\/style>/, with: "")
    let samples = [Array(short.utf8), Array(short.utf8.dropFirst(short.utf8.count / 2)), html]
    Fuzzing.run("certificates", samples: samples, inputs: max(200, Fuzzing.inputs / 200)) { input in
      if input != html { #expect(!CertificateCheck(input, policy).isGood) }
    }
  }

  @Test("a page of nothing but parts, or of very many, is refused at once")
  func many() async throws {
    let ledger = try await EvidenceLedger(rows: 1)
    let policy = try Policy(parsing: Array(ledger.box.read("policy")).span)
    for part in [
      "<!--part:proof-1-->", "<!--part:", "<!--part:a-->", "<pre id=\"proof-1\">\n", "&amp;",
      "<!--part:proof-1---->",
    ] {
      let page = Array(("<!doctype html>" + String(repeating: part, count: 20_000)).utf8)
      #expect(!CertificateCheck(page, policy).isGood)
    }
    let most = CertificateFile.maximumPartCount
    for numbers in [[most], [most, most + 1], [most - 1, most], [.max], [0], [1, most, 2]] {
      let parts = numbers.map { "<!--part:proof-\($0)--><pre id=\"proof-\($0)\">\n</pre>" }
      #expect(!CertificateCheck(Array(("<!doctype html>" + parts.joined()).utf8), policy).isGood)
    }
  }

  @Test("text is escaped by its type, and read back")
  func escaping() throws {
    let value = "<a href=\"x\">&'\u{0}</a>"
    let html: HTML = "<td title=\"\(value)\">\(value)</td>"
    #expect(!html.text.dropFirst(4).dropLast(5).contains("<"))
    #expect(HTML.unescaped(Array(HTML.escaped(value).utf8)[...]) == Array(value.utf8))
    for wrong in ["<", ">", "\"", "'", "&", "&amp", "&lt", "&#60;", "&apos;"] {
      #expect(HTML.unescaped(Array(wrong.utf8)[...]) == nil, "\(wrong)")
    }
  }

  @Test("what turns text around or hides in it is shown as what it is")
  func invisible() {
    #expect(VisibleText.shown("a\u{202e}b\u{200b}c\td\ne") == "a\\u{202e}b\\u{200b}c\\u{9}d\ne")
    #expect(VisibleText.shown("证 é 👍") == "证 é 👍")
    #expect(
      VisibleText.time(1_780_000_000, .standard) == "2026年5月29日 04:26:40"
        && VisibleText.time(0, .standard) == "1970年1月1日 08:00:00")
    #expect(!VisibleText.time(.max, .standard).isEmpty && !VisibleText.time(.max >> 1, .standard).isEmpty)
  }
}
