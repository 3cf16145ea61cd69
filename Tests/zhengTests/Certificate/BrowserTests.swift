import Foundation
import Testing

/// The certificate in a real browser, opened as a file: needs Debian's `chromium` and Python 3, and says so where they are missing.
@Suite("the certificate in a browser", .serialized)
struct BrowserTests {
  private struct Seen {
    let summary: String?
    let checks: [String: String]
    let texts: [String: String]
    let files: [String]
    /// The summary after the last file.
    let last: String?
  }

  private static let chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
      "Browser/certificate_in_browser.py"
    ).path

  private func canRun() async throws -> Bool {
    guard BrowserTests.chromium != nil, try await Sandbox().shell("command -v python3").status == 0 else {
      print("not tested: no chromium or no python3 here to open certificates with")
      return false
    }
    return true
  }

  /// What the page shows of itself, and of each of `files`.
  private func open(_ ledger: EvidenceLedger, _ html: String, files: String = "", options: String = "")
    async throws
    -> Seen
  {
    try ledger.box.write("judge/page.html", html)
    let chromium = try #require(BrowserTests.chromium)
    let outcome = try await ledger.box.must(
      "cd judge && timeout 120 python3 '\(BrowserTests.script)' \(chromium) page.html \(files) \(options)")
    let json = try outcome.json
    let page = try #require(json["page"] as? [String: Any])
    return Seen(
      summary: page["summary"] as? String, checks: page["checks"] as? [String: String] ?? [:],
      texts: page["texts"] as? [String: String] ?? [:], files: json["files"] as? [String] ?? [],
      last: json["last"] as? String)
  }

  @Test("the right file passes and a wrong one fails; what cannot be checked is not passed")
  func files() async throws {
    guard try await canRun() else { return }
    let ledger = try await EvidenceLedger()
    let html = try await ledger.certify()
    let seen = try await open(ledger, html, files: "合同.txt policy 合同.txt")
    #expect(seen.files == ["passed", "failed", "passed"] && seen.last == "passed")
    #expect(try await open(ledger, html, files: "policy").last == "failed")
    // That there are no other rows, and whom to trust, no page can show; before a file was chosen it is not checked either.
    #expect(seen.checks.filter { $0.value == "unchecked" }.keys.sorted() == ["file", "others", "trust"])
    #expect(
      seen.checks.filter { $0.value == "failed" }.isEmpty,
      "\(seen.texts.filter { seen.checks[$0.key] == "failed" })")
    #expect(seen.summary == "passed")
    for number in 1...11 {
      for part in ["log", "quorum", "inclusion", "header", "roster", "signature"] {
        #expect(seen.checks["proof-\(number).\(part)"] == "passed")
      }
    }
    #expect(
      seen.checks["visible"] == "passed" && seen.checks["chain"] == "passed"
        && seen.checks["as-of"] == "passed")
  }

  @Test("an altered certificate fails in the browser too")
  func altered() async throws {
    guard try await canRun() else { return }
    let ledger = try await EvidenceLedger()
    let html = try await ledger.certify()
    let wanted = [
      "digest": "visible", "depositor": "visible", "time": "visible", "custody row": "visible",
      "custody row's signer": "visible", "item": "visible", "certificate number": "visible",
      "size": "visible",
      "the block of the list": "visible", "a proof's path": "proof-4.inclusion",
      "a proof's record": "proof-3",
      "the log's signature": "proof-1.log",
    ]
    var tested = 0
    for (what, _, alter) in CertificateTests.alterations {
      guard let check = wanted[what] else { continue }
      let seen = try await open(ledger, alter(html))
      #expect(seen.summary == "failed", "\(what): \(seen.checks)")
      let failed = seen.checks.filter { $0.value == "failed" }.keys
      #expect(failed.contains { $0.hasPrefix(check) }, "\(what): \(failed)")
      tested += 1
    }
    #expect(tested == wanted.count)
  }

  @Test("where no time is proven the browser says nothing else")
  func untimed() async throws {
    guard try await canRun() else { return }
    let ledger = try await EvidenceLedger(rows: 1)
    try await ledger.box.must("sed -i 's/^quorum .*/quorum none/' ledger/policy policy")
    let seen = try await open(ledger, try await ledger.certify(), files: "合同.txt")
    #expect(seen.last == "passed" && !seen.checks.values.contains("failed"), "\(seen.texts)")
    #expect(seen.texts["proof-1.quorum"]?.contains("none") == true)
  }

  @Test("a page whose script was altered says that nothing is checked")
  func script() async throws {
    guard try await canRun() else { return }
    let ledger = try await EvidenceLedger(rows: 1)
    let html = try await ledger.certify().replacing(
      "const FAILED = 'failed'", with: "const FAILED = 'passed'")
    let seen = try await open(ledger, html, options: "--no-script")
    #expect(seen.summary == nil && seen.checks.isEmpty)
  }

  @Test("where Web Crypto lacks what is needed, it is not checked, and never passed")
  func unsupported() async throws {
    guard try await canRun() else { return }
    let ledger = try await EvidenceLedger(rows: 1)
    // Without Web Crypto the page's own SHA-256 does the hashing, and no signature can be checked. The altered script needs a
    // security policy that lets it run.
    let html = try await ledger.certify()
      .replacing(
        "const subtle = globalThis.crypto && globalThis.crypto.subtle;", with: "const subtle = undefined;"
      )
      .replacing(/<meta http-equiv="Content-Security-Policy"[^>]*>/, with: "")
    let seen = try await open(ledger, html, files: "合同.txt policy")
    #expect(seen.files == ["passed", "failed"] && seen.last == "failed")
    #expect(seen.summary == "unchecked")
    #expect(seen.checks["proof-1.inclusion"] == "passed" && seen.checks["visible"] == "passed")
    for part in ["log", "quorum", "signature"] { #expect(seen.checks["proof-1.\(part)"] == "unchecked") }
    #expect(!seen.checks.values.contains("failed"))
  }
}
