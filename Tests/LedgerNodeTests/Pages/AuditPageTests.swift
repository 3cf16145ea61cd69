import Foundation
import Ledger
import LedgerStore
import TestKit
import Testing

@testable import LedgerNode

@Suite("Audits that people ask for", .timeLimit(.minutes(30))) struct AuditPageTests {
  @Test("an audit is shown with its time, and damage at its place, in both languages")
  func places() async throws {
    let ledger = try TestLedger()
    var settings = TestNode.patient
    settings.auditPause = .zero
    try await withNode(ledger, settings) { node in
      _ = try await node.connected { try $0.post(ledger.entry("one of them".utf8)) }
      func audited() async throws {
        let begun = try await node.connected { try $0.request("POST", "/audit?lang=en", body: []) }
        #expect(begun.status == 303 && begun["location"] == "audit?lang=en")
        await node.audited()
      }
      let none = try await node.connected { try $0.request("GET", "/audit?lang=en") }
      #expect(none.status == 200 && none.text.contains("No audit has been made since this node started"))
      try await audited()
      let good = try await node.connected { try $0.request("GET", "/audit?lang=en") }
      #expect(good.text.contains("✓ No fault") && good.text.contains("data-audit=\"rests\""))

      let path = "\(ledger.folder.path)/entries/000000000000"
      var entries = try ledger.file("entries/000000000000")
      let place = try #require(entries.firstRange(of: "one of them".utf8)).lowerBound
      entries[place] ^= 1
      try Data(entries).write(to: URL(filePath: path))
      try await audited()
      for language in Language.allCases {
        let bad = try await node.connected { try $0.request("GET", "/audit?lang=\(language)") }
        #expect(bad.text.contains(language == .zh ? "✕ 发现 " : "✕ Faults: "), "\(bad.text)")
        #expect(bad.text.contains("record?entry=2&amp;lang=\(language)"))
        #expect(bad.text.contains("<code>root-mismatch</code>"))
      }
    }
  }

  @Test("one audit runs at a time, and none within the pause, however many ask; progress is seen on the way")
  func once() async throws {
    let (clock, count) = (Shared<UInt64>(1_000_000), Shared(0))
    let (reached, go) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let audits = NodeAudits(pause: .seconds(30), now: { clock.withLock { $0 } }) { progress in
      count.withLock { $0 += 1 }
      progress(7, 10)
      reached.signal()
      go.wait()
      return LedgerAudit.Report()
    }
    for _ in 0..<5 { audits.begin() }
    try await OwnThread.run { reached.wait() }
    #expect(audits.standing.running == .init(began: 1_000_000, done: 7, total: 10))
    go.signal()
    await audits.ended()
    #expect(audits.standing.running == nil && audits.standing.last?.ended == 1_000_000)
    clock.withLock { $0 += 29_999 }
    audits.begin()
    #expect(audits.standing.running == nil && count.withLock { $0 } == 1)
    clock.withLock { $0 += 1 }
    go.signal()
    audits.begin()
    await audits.ended()
    #expect(count.withLock { $0 } == 2)
  }

  @Test("each kind of damage has a name in both languages")
  func names() throws {
    for code in Fault.Code.allCases {
      for language in Language.allCases { _ = try PageTexts.text("verify.\(code.rawValue)", language) }
    }
  }
}
