import Certificates
import Foundation
import LedgerCrypto
import LedgerStore
import Scenarios
import Testing
import Workflows

@testable import LedgerNode

@Suite("Pages for people", .timeLimit(.minutes(30))) struct PageTests {
  @Test("every text has both languages: Chinese with a Han character, English without, and the same places")
  func texts() throws {
    #expect(PageTexts.all.count > 300)
    for (key, text) in PageTexts.all {
      #expect(!text.zh.isEmpty && !text.en.isEmpty, "\(key)")
      // A name of an algorithm or of a program is the same everywhere.
      let isName = key == "frame.language"
      let hasHan = text.zh.unicodeScalars.contains { $0.properties.isUnifiedIdeograph }
      #expect(hasHan, "\(key): \(text.zh)")
      #expect(
        isName || !text.en.unicodeScalars.contains { $0.properties.isUnifiedIdeograph }, "\(key): \(text.en)")
      #expect(places(text.zh) == places(text.en), "\(key)")
    }
  }

  @Test("each reason that has a text is one that the scripts give")
  func reasons() {
    let scripts = CertificateTemplate.proofScript + PackageResources.answers_js + PackageResources.pages_js
    let text = String(decoding: scripts, as: UTF8.self)
    for key in PageTexts.all.keys where key.hasPrefix("fault.") {
      #expect(text.contains(key.dropFirst(6).replacing("'", with: "\\'")), "\(key)")
    }
  }

  private func places(_ text: String) -> Set<String> {
    Set(text.matches(of: /\{[a-z]+\}/).map { String($0.output) })
  }

  @Test("a text or a value that is missing is an error, and so is an empty one or one without a place")
  func missing() throws {
    #expect(try PageTexts.text("link.block", .zh, ["height": "7"]).text == "第 7 区块")
    #expect(throws: PageTexts.Missing.self) { try PageTexts.text("no.such.text", .zh) }
    #expect(throws: PageTexts.Missing.self) { try PageTexts.text("link.block", .en) }
    #expect(throws: PageTexts.Missing.self) { try PageTexts.text("link.block", .en, ["height": ""]) }
    #expect(throws: PageTexts.Missing.self) { try PageTexts.text("frame.find-go", .en, ["height": "7"]) }
  }

  @Test("Accept-Language and ?lang= choose the language, Chinese where neither does")
  func language() throws {
    let chosen: [(String?, Language)] = [
      (nil, .zh), ("", .zh), ("en", .en), ("en-GB,en;q=0.9", .en), ("zh-CN,zh;q=0.9,en;q=0.8", .zh),
      ("fr,en;q=0.3,zh;q=0.2", .en), ("de", .zh), ("en;q=0, zh;q=0.1", .zh),
    ]
    for (header, language) in chosen { #expect(Language.preferred(header) == language, "\(header ?? "nil")") }
  }

  /// The pages that a ledger of plain records can show.
  private static let addresses = [
    "/", "/overview", "/evidence", "/organisations", "/organisations?at=0", "/organisations?member=member-1",
    "/record?entry=0", "/record?entry=2", "/record?entry=1", "/block?height=0", "/block?height=1", "/find",
    "/find?q=nothing+of+that+name", "/find?q=1", "/sharing", "/report",
    "/report?from=2026-01-01&to=2026-12-31", "/catalogue", "/screen", "/audit", "/todo",
    "/todo?member=member-0",
  ]

  @Test("each page renders in both languages: nothing foreign may load, links keep the language")
  func render() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      _ = try await node.connected { try $0.post(ledger.entry("<b>text</b>".utf8)) }
      for address in PageTests.addresses {
        for language in Language.allCases {
          let path = address + (address.contains("?") ? "&" : "?") + "lang=\(language)"
          let answer = try await node.connected { try $0.request("GET", path) }
          #expect(answer.status == 200, "\(path): \(answer.text)")
          #expect(answer["content-type"] == "text/html; charset=utf-8" && answer["vary"] == "Accept-Language")
          let policy = try #require(answer["content-security-policy"])
          #expect(
            policy.hasPrefix("default-src 'none';") && !policy.contains("unsafe") && !policy.contains("*"))
          let text = answer.text
          #expect(text.contains("<html lang=\"\(language.tag)\">"), "\(path)")
          #expect(
            !text.contains("<b>text</b>") && !text.contains("style=") && !text.contains("<script>"), "\(path)"
          )
          #expect(!text.contains("://"), "\(path): nothing is loaded from elsewhere")
          // Markup of ours that became a text.
          #expect(!text.contains("=&quot;"), "\(path)")
          for link in text.matches(of: /<a [^>]*href="([^"#]*)"/).map({ $0.output.1 })
          where !["policy", "proof", "state", "openapi", "formats"].contains(where: { link.hasPrefix($0) }) {
            #expect(link.contains("lang="), "\(path): \(link)")
          }
        }
      }
      let style = try await node.connected { try $0.request("GET", "/\(PageAsset.style.name)") }
      #expect(style.status == 200 && style["cache-control"] == "public, max-age=31536000, immutable")
    }
  }

  @Test("pages say where validators are trusted never to lie, and nothing of it elsewhere")
  func crashFaultsOnly() async throws {
    for count in [0, 3] {
      try await withNode(TestLedger(crashing: count)) { node in
        for path in ["/overview?lang=en", "/organisations?lang=zh"] {
          let answer = try await node.connected { try $0.request("GET", path) }
          #expect(answer.status == 200 && answer.text.contains("crash-faults-only") == (count > 0), "\(path)")
        }
      }
    }
  }

  @Test(
    "a subject is found with all its records, and that nothing has a name is proven for each owner of subjects"
  )
  func find() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      _ = try await node.connected { try $0.post(ledger.entry("one".utf8)) }
      let one = try await node.connected { try $0.request("GET", "/find?q=case+7") }
      #expect(one.status == 303 && one["location"]?.hasPrefix("record?entry=2") == true)
      _ = try await node.connected { try $0.post(ledger.entry("two".utf8)) }
      let two = try await node.connected { try $0.request("GET", "/find?q=case+7") }
      #expect(two.status == 200 && two.text.contains("record?entry=2") && two.text.contains("record?entry=4"))
      let never = try await node.connected { try $0.request("GET", "/find?q=case+8") }
      let names = ["item", "request"] + StateQuery.owners.map { "subject/\($0)" }
      let sources = names.map { "state/\($0)/case%208" }.joined(separator: " ")
      #expect(never.text.contains("data-proof=\"absent\" data-source=\"\(sources)\""))
      let digest = String(repeating: "0", count: 64)
      let none = try await node.connected { try $0.request("GET", "/find?q=\(digest)") }
      #expect(none.text.contains("data-source=\"state/digest/\(digest) state/statement/\(digest)\""))
    }
  }

  @Test(
    "a node gives the certificate of an item as the command makes it, and finds the item by the certificate's number alone"
  )
  func certificate() async throws {
    let ledger = try TestLedger(
      rules: [Evidence.scenario], roles: Array(repeating: ["collector", "custodian"], count: 3))
    let now = UInt64(Date().timeIntervalSince1970 * 1000)
    var settings = TestNode.patient
    settings.writer.now = { .now(wall: now) }
    let deposit = Evidence.Deposit(
      caseReference: "1", category: .file, scope: .file, size: 8,
      digests: .init([.sha256: SHA256.digest(of: Array("contract".utf8)).bytes]), method: "copied")
    let entry = try ledger.entry(
      deposit.encoded, type: Evidence.Deposit.kind.contentType, subject: "E-1", at: now / 1000)
    try await withNode(ledger, settings) { node in
      let posted = try await node.connected { try $0.post(entry) }
      #expect(posted.status == 201, "\(posted.text)")
      let answer = try await node.connected { try $0.request("GET", "/certificate?id=E-1") }
      let reading = DirectoryLedger(reading: try LedgerReader(ledger.folder), WorkContext(wallClock: { now }))
      let request = ItemCertificate.Request(
        item: "E-1", policy: ledger.folder.policy, issuer: nil, name: "certificate.html")
      let made = try #require(try await ItemCertificate(request, on: reading, reading.context))
      #expect(answer.status == 200 && answer.body == made.bytes)
      let number = made.certificate.number
      #expect(answer["content-disposition"] == "attachment; filename=\"\(number).html\"")
      let item = try await node.connected { try $0.request("GET", "/item?id=E-1") }
      #expect(item.text.contains("<a class=\"button\" href=\"certificate?id=E-1\" download>"))
      let other = try await node.connected { try $0.request("GET", "/certificate?id=E-2") }
      #expect(other.status == 404 && other.text.contains("data-source=\"state/item/E-2\""))
      // By the node's word, so it is shown and not gone to.
      let found = try await node.connected { try $0.request("GET", "/find?q=\(number.lowercased())&lang=en") }
      #expect(
        found.status == 200 && found.text.contains("item?id=E-1") && found.text.contains("by the node’s word")
      )
      let end = number.last == "0" ? "1" : "0"
      let none = try await node.connected { try $0.request("GET", "/find?q=\(number.dropLast())\(end)") }
      #expect(!none.text.contains("item?id=E-1"))
    }
  }

  @Test("what is not there is said so, with status 404, and a query that is none is refused")
  func nothing() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      for path in ["/record?entry=99", "/block?height=99", "/item?id=E-1", "/case?number=1", "/record"] {
        let answer = try await node.connected { try $0.request("GET", path) }
        #expect(answer.status == 404 && answer["content-type"] == "text/html; charset=utf-8", "\(path)")
      }
      let never = try await node.connected { try $0.request("GET", "/item?id=E-1") }
      #expect(never.text.contains("data-proof=\"absent\" data-source=\"state/item/E-1\""))
      try await node.expectProblem(400, "malformed", at: ["/overview?x=1", "/block?height=-1", "/?lang=fr"])
    }
  }
}
