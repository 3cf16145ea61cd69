import Foundation
import TestKit
import Testing

/// The certificate in a real browser, opened as a file: needs Debian's `chromium` and Python 3, and says so where they are missing.
@Suite(
  "the certificate in a browser", .serialized, .timeLimit(.minutes(30)),
  .enabled(if: Chromium.canBeDriven, "no chromium or no python3 here to open certificates with"))
struct BrowserTests {
  private struct Seen {
    let summary: String?
    let checks: [String: String]
    let texts: [String: String]
    let files: [String]
    /// The summary after the last file.
    let last: String?
  }

  /// A page to open, and the files to choose in it, one after the other.
  private struct Page {
    let html: String
    var files: [String] = []
    /// The manifest or extract to choose first.
    var manifest: String?
    /// Whether the browser runs its script.
    var hasScript = true
  }

  /// What each page shows of itself and of its files, all of them opened in one browser.
  private func open(_ ledger: EvidenceLedger, _ pages: [Page]) async throws -> [Seen] {
    for (number, page) in pages.enumerated() { try ledger.box.write("judge/\(number).html", page.html) }
    let cases = pages.enumerated().map { number, page in
      [
        "page": "\(number).html", "files": page.files, "manifest": page.manifest ?? "",
        "script": page.hasScript,
      ] as [String: Any]
    }
    return try await Chromium.look(ledger.box, in: "judge", cases).map { result in
      let page = try #require(result["page"] as? [String: Any])
      return Seen(
        summary: page["summary"] as? String, checks: page["checks"] as? [String: String] ?? [:],
        texts: page["texts"] as? [String: String] ?? [:], files: result["files"] as? [String] ?? [],
        last: result["last"] as? String)
    }
  }

  private func open(_ ledger: EvidenceLedger, _ page: Page) async throws -> Seen {
    try #require(try await open(ledger, [page]).first)
  }

  @Test("the right file passes and a wrong one fails; what cannot be checked is not passed")
  func files() async throws {
    let ledger = try await EvidenceLedger()
    let html = try await ledger.certify()
    let pages = [
      Page(html: html, files: ["合同.txt", "policy", "合同.txt"]), Page(html: html, files: ["policy"]),
    ]
    let both = try await open(ledger, pages)
    let seen = both[0]
    #expect(seen.files == ["passed", "failed", "passed"] && seen.last == "passed")
    // The certificate and the file have verdicts of their own.
    #expect(both[1].last == "passed")
    // Whom to trust no page can show; before a file was chosen it is not checked either.
    #expect(seen.checks.filter { $0.value == "unchecked" }.keys.sorted() == ["file", "trust"])
    #expect(
      seen.checks.filter { $0.value == "failed" }.isEmpty,
      "\(seen.texts.filter { seen.checks[$0.key] == "failed" })")
    // Nothing is green before a file was compared.
    #expect(seen.summary == "unchecked" && seen.checks["page"] == "passed")
    for number in 1...11 {
      for part in ["log", "quorum", "inclusion", "header", "roster", "signature"] {
        #expect(seen.checks["proof-\(number).\(part)"] == "passed")
      }
    }
    #expect(
      ["visible", "chain", "as-of", "roster", "rows", "state"].allSatisfy { seen.checks[$0] == "passed" })
  }

  @Test("an altered certificate fails in the browser too")
  func altered() async throws {
    let ledger = try await EvidenceLedger()
    let html = try await ledger.certify()
    let wanted = [
      "digest": "visible", "depositor": "visible", "time": "visible", "custody row": "visible",
      "custody row's signer": "visible", "item": "visible", "certificate number": "visible",
      "size": "visible",
      "the block of the list": "visible", "a proof's path": "proof-4.inclusion",
      "a proof's record": "proof-3",
      "the log's signature": "proof-1.log", "words before the end": "page",
      "something added at the end": "page",
    ]
    let cases = CertificateTests.alterations.compactMap { what, _, alter in
      wanted[what].map { (what, check: $0, page: Page(html: alter(html))) }
    }
    #expect(cases.count == wanted.count)
    let seen = try await open(ledger, cases.map(\.page))
    for ((what, check, _), seen) in zip(cases, seen) {
      #expect(seen.summary == "failed", "\(what): \(seen.checks)")
      let failed = seen.checks.filter { $0.value == "failed" }.keys
      #expect(failed.contains { $0.hasPrefix(check) }, "\(what): \(failed)")
    }
  }

  @Test(
    "the page follows an item that was received as another, resolved, declined, held and disputed again, as zheng does"
  )
  func disputed() async throws {
    let ledger = try await EvidenceLedger(isDisputed: true)
    let html = try await ledger.certify()
    let states = try await ledger.check(html, "--json").json["rows"] as? [[String: Any]] ?? []
    #expect(
      states.map { $0["state"] as? String } == [
        "deposited", "sealed", "in-transit", "disputed", "disputed", "sealed", "in-transit", "disputed",
        "disputed", "disputed", "disputed", "disputed", "disputed", "disputed",
      ])
    let seen = try await open(ledger, Page(html: html, files: ["合同.txt"]))
    #expect(seen.last == "passed" && !seen.checks.values.contains("failed"), "\(seen.texts)")
    #expect(["chain", "rows", "state", "visible"].allSatisfy { seen.checks[$0] == "passed" })
  }

  @Test("one file of a directory passes with the manifest or an extract, and no other file with the extract")
  func directory() async throws {
    let ledger = try await EvidenceLedger(rows: 0)
    for name in ["a", "b", "c"] { try ledger.box.write("files/\(name)", "\(name)\n") }
    try await ledger.box.must(
      zheng: "evidence", "deposit", "ledger", "files", "--item", ledger.item, "--case", "1", "--method",
      "copied",
      "--salt-names", "--key", "notary.pem")
    try await ledger.box.must(zheng: "evidence", "extract", "files.manifest", "b", "--out", "b.extract")
    let extract = String(decoding: try ledger.box.read("b.extract"), as: UTF8.self)
    let html = try await ledger.certify()
    try ledger.box.write("altered.extract", extract.replacing(" b\n", with: " c\n"))
    let seen = try await open(
      ledger,
      ["b.extract", "files.manifest", "altered.extract"].map {
        Page(html: html, files: ["../files/b", "../files/a", "../files.manifest"], manifest: "../\($0)")
      })
    #expect(seen[0].files == ["passed", "failed", "passed"], "\(seen[0].texts)")
    #expect(seen[1].files == ["passed", "passed", "passed"])
    #expect(seen[2].files == ["failed", "failed", "passed"])
  }

  @Test("where no time is proven the browser says nothing else")
  func untimed() async throws {
    let ledger = try await EvidenceLedger(rows: 1)
    try ledger.dropQuorum()
    let seen = try await open(ledger, Page(html: try await ledger.certify(), files: ["合同.txt"]))
    #expect(seen.last == "passed" && !seen.checks.values.contains("failed"), "\(seen.texts)")
    #expect(seen.texts["proof-1.quorum"]?.contains("none") == true)
  }

  @Test("a page whose script was altered says that nothing is checked")
  func script() async throws {
    let ledger = try await EvidenceLedger(rows: 1)
    let html = try await ledger.certify().replacing(
      "const FAILED = 'failed'", with: "const FAILED = 'passed'")
    let seen = try await open(ledger, Page(html: html, hasScript: false))
    #expect(seen.summary == nil && seen.checks.isEmpty)
  }

  @Test("where Web Crypto lacks what is needed, it is not checked, and never passed")
  func unsupported() async throws {
    let ledger = try await EvidenceLedger(rows: 1)
    // Without Web Crypto the page's own SHA-256 does the hashing, and no signature can be checked. The altered script needs a
    // security policy that lets it run.
    let html = try await ledger.certify()
      .replacing(
        "const subtle = globalThis.crypto && globalThis.crypto.subtle;", with: "const subtle = undefined;"
      )
      .replacing(/<meta http-equiv="Content-Security-Policy"[^>]*>/, with: "")
    let seen = try await open(ledger, Page(html: html, files: ["合同.txt", "policy"]))
    #expect(seen.files == ["passed", "failed"] && seen.last == "unchecked")
    #expect(seen.summary == "unchecked")
    #expect(seen.checks["proof-1.inclusion"] == "passed" && seen.checks["visible"] == "passed")
    for part in ["log", "quorum", "signature"] { #expect(seen.checks["proof-1.\(part)"] == "unchecked") }
    #expect(!seen.checks.values.contains("failed"))
  }
}
