import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import Scenarios
import Statements
import TestKit
import Testing

@testable import LedgerNode

@Suite("Pages of a ledger with everything", .timeLimit(.minutes(30))) struct StoryPageTests {
  /// What each page must have, in Chinese and in English.
  private static let expected: [(path: String, texts: [Language: [String]])] = [
    (
      "/item?id=E-1",
      [
        .zh: ["✕ 争议中", "收到的与存证不同", "应有的封条号", "△ 已更正：", "来源：承租方"],
        .en: ["✕ Disputed", "What was received is not the item", "Seal of the item", "△ Corrected: "],
      ]
    ),
    ("/item?id=E-2", [.zh: ["保全中", "移交给", "(2026)豫01证保3号"], .en: ["Under legal hold", "Offered to"]]),
    ("/item?id=E-3", [.zh: ["待会签"], .en: ["Awaiting countersignature"]]),
    (
      "/case?number=(2026)%E8%B1%AB01%E6%B0%91%E5%88%9D17%E5%8F%B7",
      [.zh: ["E-1", "E-2", "E-3"], .en: ["Items of the case: 3"]]
    ),
    ("/evidence", [.zh: ["E-1"], .en: ["Items on the ledger"]]),
    ("/request?id=R-1", [.zh: ["已逾期", "尚未答复"], .en: ["Overdue", "Not yet"]]),
    ("/request?id=R-2", [.zh: ["交付与承诺不符"], .en: ["A delivery did not match"]]),
    ("/sharing", [.zh: ["class=\"late\"", "✕ 已逾期"], .en: ["✕ Overdue"]]),
    ("/report", [.zh: ["不符"], .en: ["Mismatches"]]),
    ("/catalogue", [.zh: ["出生医学证明"], .en: ["Unconditional"]]),
    ("/todo", [.zh: ["选择成员"], .en: ["Choose a member"]]),
    ("/todo?member=member-0", [.zh: ["kind=countersign"], .en: ["kind=countersign"]]),
    ("/todo?member=member-1", [.zh: ["✕ 已逾期", "保险库"], .en: ["kind=sharing.grant", "your own vault"]]),
    ("/todo?member=member-2", [.zh: ["kind=evidence.accept"], .en: ["kind=evidence.decline"]]),
  ]

  @Test(
    "disputes, corrections, holds, what is overdue and what waits are shown, in both languages, and each step has its form"
  )
  func pages() async throws {
    try await Story.tell { story in
      // Sixty days later, of which some are worked.
      story.clock.withLock { $0 += 60 * 86_400_000 }
      for (path, texts) in Self.expected {
        for language in Language.allCases {
          let address = path + (path.contains("?") ? "&" : "?") + "lang=\(language)"
          let page = try await story.node.connected { try $0.request("GET", address) }
          #expect(page.status == 200, "\(address): \(page.text)")
          // Markup of ours that became a text.
          func isWhole(_ page: WireResponse) -> Bool {
            !page.text.contains("=&quot;") && !page.text.contains("HTML(")
          }
          #expect(isWhole(page), "\(address)")
          for text in texts[language] ?? [] { #expect(page.text.contains(text), "\(address) lacks \(text)") }
          for step in Set(page.text.matches(of: /href="(statement\?[^"]*)"/).map { String($0.output.1) }) {
            let form = try await story.node.connected {
              try $0.request("GET", "/" + step.replacing("&amp;", with: "&"))
            }
            #expect(form.status == 200 && isWhole(form), "\(step): \(form.text)")
            #expect(
              form.text.contains("<form class=\"statement card\"") || form.text.contains("data-sign="),
              "\(step)")
          }
        }
      }
      let size = try await story.node.connected { try $0.request("GET", "/checkpoint") }.text.split(
        separator: "\n")[1]
      for entry in 0..<(UInt64(size) ?? 0) {
        let record = try await story.node.connected { try $0.request("GET", "/record?entry=\(entry)") }
        #expect(record.status == 200, "\(entry): \(record.text)")
      }
    }
  }

  @Test(
    "a form becomes what a member signs; a field that will not do is named, and what is signed is recorded")
  func signs() async throws {
    try await Story.tell { story in
      let address = "/statement?member=member-2&kind=evidence.accept&about=E-2&lang=en"
      let form = ["Content-Type: application/x-www-form-urlencoded"]
      func filled(_ fields: String) async throws -> WireResponse {
        try await story.node.connected { try $0.request("POST", address, form, body: Array(fields.utf8)) }
      }
      let digest = SHA256.digest(of: Story.original).hex
      let short = try await filled("seal=S-2&digest=\(digest.dropLast())&location=room+3")
      #expect(short.status == 422 && short.text.contains("✕ 64 hex digits"), "\(short.text)")
      #expect(short.text.contains("value=\"room 3\""))
      let personal = try await filled("seal=S-2&digest=\(digest)&location=13812345678")
      #expect(personal.status == 422 && personal.text.contains("Against the rules"), "\(personal.text)")
      let good = try await filled("seal=S-2&digest=\(digest)&location=room+3&occurred=2026-01-02T03%3A04")
      #expect(good.status == 200 && good.text.contains("--subject=E-2"), "\(good.text)")
      #expect(good.text.contains(" data-subject=\"E-2\"") && !good.text.contains("=&quot;"))
      let payload = try #require(good.text.firstMatch(of: /data-payload="([0-9a-f]+)"/)?.output.1)
      let accept = try Evidence.Accept(decoding: try #require(Hex.decode(String(payload))))
      #expect(accept.location == "room 3" && accept.seal == "S-2" && accept.previous != nil)
      // 3:04 by Beijing's clocks.
      #expect(accept.occurred == 1_767_294_240)
      try await story.say(accept.encoded, EvidenceKind.accept.contentType, about: "E-2", by: 2)

      // What is countersigned is shown.
      let todo = try await story.node.connected { try $0.request("GET", "/todo?member=member-0&lang=en") }
      let step = try #require(todo.text.firstMatch(of: /href="(statement\?[^"]*about=E-3[^"]*)"/)?.output.1)
      let release = try await story.node.connected {
        try $0.request("GET", "/" + step.replacing("&amp;", with: "&"))
      }
      #expect(release.text.contains("17号判决") && release.text.contains("data-sign=\"\(Kind.countersign)\""))
      try await story.node.expectProblem(
        400, "malformed", at: ["/statement?member=member-0&kind=evidence.deposit"])
    }
  }

  @Test(
    "every field of every kind has a name, a meaning and words in both languages, and is read as what it is")
  func fields() throws {
    func look(_ fields: [FieldDescription], _ prefix: String, _ kind: String) throws {
      for field in fields {
        let path = prefix + field.key
        if case .map(let inner) = field.content {
          try look(inner, path + ".", kind)
          continue
        }
        for language in Language.allCases {
          let name = PageTexts.all["field.\(path)"] == nil ? "member.\(path)" : "field.\(path)"
          #expect(throws: Never.self, "\(kind)") { try PageTexts.text(name, language) }
          #expect(throws: Never.self, "\(kind)") { try PageTexts.text("means.\(path)", language) }
          guard case .word(let words) = field.content else { continue }
          #expect(Page.words.contains(path), "\(kind): \(path)")
          for word in words {
            #expect(throws: Never.self, "\(kind)") { try PageTexts.text("value.\(word)", language) }
          }
        }
        if case .unsigned(let range) = field.content {
          #expect(FormReader.isTime(range) == Page.times.contains(path), "\(kind): \(path)")
        }
        if case .maps = field.content {
          Issue.record("\(kind): \(path) is a list of maps, which no page shows")
        }
      }
    }
    for scenario in Scenarios.all {
      for kind in scenario.kinds {
        try look(kind.fields, "", "\(scenario.name).\(kind.name)")
        for language in Language.allCases {
          _ = try PageTexts.text("kind.\(scenario.name).\(kind.name)", language)
        }
      }
    }
  }
}
