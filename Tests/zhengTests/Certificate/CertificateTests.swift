import Foundation
import LedgerCrypto
import Testing
import TransparencyLog

@testable import Certificates

@Suite("zheng evidence certificate, and its check", .timeLimit(.minutes(30)))
struct CertificateTests {
  @Test(
    "a certificate passes elsewhere with nothing but itself, the policy and the file, and says who, what and when"
  )
  func passes() async throws {
    let ledger = try await EvidenceLedger()
    let html = try await ledger.certify()
    try ledger.box.remove("ledger")
    let outcome = try await ledger.check(html, "--file", "合同.txt")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errors)")
    for word in [
      "notary", "公证处", ledger.item, SHA256.digest(of: Array(ledger.content.utf8)).hex, "no later than",
      "by the operator's own word", "unchanged since its deposit", "is the deposited file",
      "these are all 11 records as of block ", "(proven); the certificate says nothing of later ones",
      "then released, with examiner",
    ] { #expect(outcome.text.contains(word), "\(word)") }
    let json = try await ledger.check(html, "--file", "合同.txt", "--json").json
    #expect(json["ok"] as? Bool == true && (json["rows"] as? [Any])?.count == 11)
    #expect((json["faults"] as? [Any])?.isEmpty == true)
    #expect(json["complete"] as? Bool == true && json["stateProven"] as? Bool == true)

    for word in [
      "存证证书", "公证处", "Notary &amp; &quot;Office&quot; &lt;1&gt;", "E-2026-17 &lt;合同&gt;", "(2026)豫01民初17号",
      "&lt;script&gt;alert(1)&lt;/script&gt;", "北京时间（UTC+8）", "自存证以来未被改变；存证不晚于",
      "Unchanged since its deposit, no later than",
      "By the operator's own word", "取证二组", "地点为洛阳", "更正第 1 条", "会签第 10 条", "default-src 'none'",
      "zheng check",
      "openssl", "鉴定中心", "未载明",
    ] { #expect(html.contains(word), "\(word)") }
    let outsideScript = html.replacing(/<script>(?s:.*)<\/script>/, with: "")
    #expect(!outsideScript.lowercased().contains("authentic") && !outsideScript.contains("<script"))
    #expect(!html.contains("http:") && !html.contains("https:"))
    for word in [" src=", " href=", "url(", "@import", " style=", "javascript:", "fetch(", "XMLHttpRequest"] {
      #expect(!html.contains(word), "\(word)")
    }
  }

  @Test("another file, another ledger's policy and what is no certificate do not pass")
  func otherThings() async throws {
    let ledger = try await EvidenceLedger(rows: 2)
    let html = try await ledger.certify()
    let wrong = try await ledger.check(html, "--file", "policy")
    #expect(
      wrong.status == 1 && wrong.text.contains("is NOT the deposited file")
        && wrong.errors.contains("policy: not"))
    #expect(try await ledger.check(html, "--file", "policy", "--json").json["ok"] as? Bool == false)
    #expect(try await ledger.check(html, "--file", "missing").status == 66)
    let other = try Sandbox()
    try await other.found()
    let foreign = try await ledger.check(html, "--json", policy: "\(other.path)/policy")
    #expect(foreign.status == 1)
    let faults = try #require(foreign.json["faults"] as? [[String: Any]])
    #expect(
      faults.count == 1 && faults[0]["part"] as? String == "policy"
        && faults[0]["code"] as? String == "wrong-ledger")
    for page in [
      "<!doctype html>", "<!DOCTYPE html><html><body>hello", "  <html lang=en>", String(html.prefix(9000)),
    ] {
      #expect(try await !ledger.faults(page).isEmpty)
    }
    #expect(
      try await ledger.box.zheng("evidence", "certificate", "ledger", "E-0", "--out", "x.html").status == 66)
    #expect(
      try await ledger.box.zheng("evidence", "certificate", "ledger", ledger.item, "--out", "x.pdf").status
        == 64)
  }

  @Test("a file of that name is replaced only by --force, and the same certificate is no other file")
  func writing() async throws {
    let ledger = try await EvidenceLedger(rows: 1)
    let command = ["evidence", "certificate", "ledger", ledger.item, "--out", "c.html"]
    #expect(try await ledger.box.zheng(command + ["--json"]).json["rows"] as? Int == 1)
    let first = try ledger.box.read("c.html")
    #expect(try await ledger.box.zheng(command).status == 0)
    #expect(try ledger.box.read("c.html") == first)
    try ledger.box.write("c.html", "other")
    #expect(try await ledger.box.zheng(command).status == 73)
    #expect(try await ledger.box.zheng(command + ["--force"]).status == 0)
    // The same certificate but for the time at which it was issued.
    func proofs(_ page: Data) throws -> [[UInt8]] { try CertificateFile(Array(page)).proofs() }
    #expect(try proofs(ledger.box.read("c.html")) == proofs(first))
  }

  /// What is altered in the text of the page, and the part that must be named.
  static let alterations: [(what: String, part: String, alter: @Sendable (String) -> String)] = [
    ("depositor", "depositor", { part($0, "depositor", "公证处", "公证所") }),
    ("depositor's id", "depositor", { part($0, "depositor", "notary", "notory") }),
    (
      "digest", "digests",
      { part($0, "digests", /sha-256"><i>./, { $0.dropLast() + ($0.hasSuffix("0") ? "1" : "0") }) }
    ),
    ("size", "size", { part($0, "size", /p\.size">/, { $0 + "1" }) }),
    ("case", "state", { part($0, "state", "17号", "18号") }),
    ("item", "state", { part($0, "state", "E-2026-17", "E-2026-71") }),
    ("present state", "state", { part($0, "state", "已移出保管", "已封存") }),
    ("custodian", "state", { part($0, "state", "鉴定中心", "公证处") }),
    ("claim", "claims", { part($0, "claims", "郑州", "开封") }),
    ("time", "time", { part($0, "time", /bound">./, { $0.dropLast() + "1" }) }),
    ("block time", "time", { part($0, "time", "block-time\">2", "block-time\">1") }),
    ("sentence", "proven", { part($0, "proven", "Unchanged since", "Authentic since") }),
    ("certificate number", "number", { part($0, "number", "ZC-", "ZD-") }),
    ("ledger id", "ledger", { part($0, "ledger", /v="ledger"><i>./, { $0.dropLast() + "x" }) }),
    ("origin", "ledger", { part($0, "ledger", "zhengzhou.example", "luoyang.example") }),
    ("a row's key", "signature-4", { part($0, "signature-4", "Ed25519", "ES256") }),
    ("who issued it", "issued", { part($0, "issued", "未载明", "中级人民法院") }),
    ("when it was issued", "issued", { part($0, "issue", /issue 1\n./, { $0.dropLast() + "2" }) }),
    ("correction beside the deposit", "corrections", { part($0, "corrections", "洛阳", "郑州") }),
    ("custody row", "custody-row-4", { part($0, "custody-row-4", "三号柜", "四号柜") }),
    ("custody row's signer", "custody-row-4", { part($0, "custody-row-4", "鉴定中心", "公证处") }),
    ("a custody row taken out", "custody-row-5", { remove($0, "custody-row-5") }),
    ("the last row's text taken out", "custody-row-11", { remove($0, "custody-row-11") }),
    (
      "a row told twice", "custody-row-3",
      { part($0, "custody-row-3", "</li>", "</li><!--part:custody-row-3-->") }
    ),
    ("the block of the list", "state", { part($0, "state", /as-of-block">/, { $0 + "9" }) }),
    ("how to check", "check", { part($0, "check", "zheng check CERT", "zheng chuck CERT") }),
    ("QR code", "title", { part($0, "title", "M4 4h7", "M4 4h6") }),
    ("policy's quorum", "policy", { part($0, "policy", /quorum \S+/, { _ in "quorum none" }) }),
    (
      "policy's comment", "policy",
      { part($0, "policy", "<pre id=\"policy\">\n", "<pre id=\"policy\">\n# mine\n") }
    ),
    ("script", "script", { part($0, "script", "const FAILED = 'failed'", "const FAILED = 'passed'") }),
    ("style", "style", { part($0, "style", "display: grid", "display: none") }),
    ("security policy", "head", { part($0, "head", "default-src", "default-sec") }),
    ("something added in front", "head", { "<!doctype html>\n<h1>Authentic</h1>" + $0 }),
    ("something added at the end", "end", { $0 + "<p>Authentic</p>" }),
    ("words before the end", "end", { $0.replacing("</body>", with: "<p>Authentic</p></body>") }),
    (
      "a part of its own", "seal",
      { $0.replacing("<!--part:claims-->", with: "<!--part:seal-->Authentic<!--part:claims-->") }
    ),
    ("a proof's first line", "proof-3", { part($0, "proof-3", "tlog-proof@v1", "tlog-proof@v2") }),
    (
      "a proof's record", "proof-3",
      { part($0, "proof-3", /extra \S{600}/, { $0.dropLast() + ($0.hasSuffix("A") ? "B" : "A") }) }
    ),
    (
      "a proof's path", "proof-4",
      { part($0, "proof-4", /index \d+\n./, { $0.dropLast() + ($0.hasSuffix("A") ? "B" : "A") }) }
    ),
    (
      "the log's signature", "proof-1",
      { part($0, "proof-1", /— \S+ \S{30}/, { $0.dropLast() + ($0.hasSuffix("A") ? "B" : "A") }) }
    ),
    ("proof taken out", "proof-2", { remove($0, "proof-2") }),
    ("the proof of the list's block", "state-proof", { part($0, "state-proof", /index \d+/, { $0 + "1" }) }),
    (
      "the proof of the state", "state-proof",
      { part($0, "state-proof", /extra \S{500}/, { $0.dropLast() + ($0.hasSuffix("A") ? "B" : "A") }) }
    ),
    (
      "a name in the roster", "roster",
      { part($0, "roster", /extract 1\n\S{100}/, { $0.dropLast() + ($0.hasSuffix("A") ? "B" : "A") }) }
    ),
    (
      "the number of the records", "custody-end",
      { part($0, "custody-end", "row-count\">11", "row-count\">10") }
    ),
    ("a proof swapped for another", "proof-2", { swap($0, "proof-2", "proof-3") }),
  ]

  @Test("what was altered is named, whatever it is")
  func altered() async throws {
    let ledger = try await EvidenceLedger()
    let html = try await ledger.certify()
    #expect(try await ledger.faults(html) == [])
    for (what, part, alter) in CertificateTests.alterations {
      let changed = alter(html)
      #expect(changed != html, "\(what): nothing was altered")
      let faults = try await ledger.faults(changed)
      #expect(faults.contains(part), "\(what): \(faults)")
      #expect(faults.count <= 2, "\(what): \(faults)")
    }
    let told = try await ledger.check(CertificateTests.alterations[0].alter(html))
    #expect(
      told.status == 1 && told.errors.contains("altered.html: depositor:") && told.text.contains("FAULT"))
  }

  @Test("rows of another item, and a chain with a gap, do not pass although each row is proven")
  func chain() async throws {
    let ledger = try await EvidenceLedger(rows: 5)
    let html = try await ledger.certify()
    // Without its third row the fourth follows one that is not there.
    var gap = CertificateTests.remove(html, "proof-3")
    gap = gap.replacing("part:proof-4-->", with: "part:proof-3-->").replacing(
      "\"proof-4\"", with: "\"proof-3\"")
    gap = gap.replacing("part:proof-5-->", with: "part:proof-4-->").replacing(
      "\"proof-5\"", with: "\"proof-4\"")
    let outcome = try await ledger.check(gap, "--json")
    let fault = try #require((outcome.json["faults"] as? [[String: Any]])?.first)
    #expect(
      outcome.status == 1 && fault["part"] as? String == "proof-3" && fault["code"] as? String == "chain")
    #expect((fault["detail"] as? String)?.contains("a row is missing") == true)
  }

  @Test("the commands for openssl in the page check the file and every signature without our software")
  func openssl() async throws {
    let ledger = try await EvidenceLedger(rows: 1)
    let html = try await ledger.certify()
    let script = try #require(html.firstMatch(of: /<pre class="shell" id="openssl">\n((?s:.*?))<\/pre>/)?.1)
    let plain = script.replacing("&quot;", with: "\"").replacing("&#39;", with: "'").replacing(
      "&lt;", with: "<"
    )
    .replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    try ledger.box.write("judge/steps.sh", String(plain))
    let outcome = try await ledger.box.must(
      """
      cd judge && cp 合同.txt ORIGINAL && sh steps.sh 2>&1 && echo "-- altered" && echo >> ORIGINAL && sh steps.sh 2>&1
      """)
    let parts = outcome.text.components(separatedBy: "-- altered\n")
    let (good, bad) = (try #require(parts.first), try #require(parts.last))
    for line in [
      "original OK", "digest OK", "inclusion OK", "root OK", "Verified OK", "zhengzhou.example/pilot",
    ] {
      #expect(good.contains(line), "\(line) in \(good)")
    }
    #expect(good.components(separatedBy: "Signature Verified Successfully").count == 3)
    #expect(!good.contains("NOT") && !good.lowercased().contains("fail"))
    #expect(bad.contains("original NOT"))
  }

  @Test("under a policy that asks for no cosignature no time is proven, and the certificate says so")
  func untimed() async throws {
    let ledger = try await EvidenceLedger(rows: 1)
    try ledger.dropQuorum()
    let html = try await ledger.certify()
    #expect(html.contains("at a time that is not proven") && html.contains("存证时间未证明"))
    #expect(!html.contains("Unchanged since its deposit, no later than"))
    let outcome = try await ledger.check(html)
    #expect(outcome.status == 0 && outcome.text.contains("at a time that is not proven"), "\(outcome.text)")
    #expect(try await ledger.check(html, "--json").json["noLaterThan"] is NSNull)
  }

  @Test("the certificate of a directory is of its manifest, and says so")
  func directory() async throws {
    let ledger = try await EvidenceLedger(rows: 0)
    for name in ["a", "b"] { try ledger.box.write("files/\(name)", "\(name)\n") }
    try await ledger.box.must(
      zheng: "evidence", "deposit", "ledger", "files", "--item", ledger.item, "--case", "1", "--method",
      "copied",
      "--key", "notary.pem")
    try ledger.box.copy("files.manifest", to: "合同.txt")
    let html = try await ledger.certify()
    #expect(html.contains("A directory was deposited"))
    let outcome = try await ledger.check(html, "--file", "合同.txt")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errors)")
    let wrong = try await ledger.check(html, "--file", "../files/a")
    #expect(wrong.status == 1 && wrong.errors.contains("give its manifest"))
  }

  @Test(
    "one file of a deposited directory is checked with its manifest, or with an extract that names no other")
  func listed() async throws {
    let ledger = try await EvidenceLedger(rows: 0)
    for name in ["a", "b", "c"] { try ledger.box.write("files/\(name)", "\(name)\n") }
    try await ledger.box.must(
      zheng: "evidence", "deposit", "ledger", "files", "--item", ledger.item, "--case", "1", "--method",
      "copied",
      "--salt-names", "--key", "notary.pem")
    let extract = ["evidence", "extract", "files.manifest", "b", "--out", "b.extract"]
    #expect(try await ledger.box.zheng(extract).status == 0)
    #expect(try await ledger.box.zheng(extract).status == 73)
    let missing = try await ledger.box.zheng(
      "evidence", "extract", "files.manifest", "d", "--out", "d.extract")
    #expect(missing.status == 66)
    for name in ["b.extract", "files.manifest"] { try ledger.box.copy(name, to: "judge-\(name)") }
    let html = try await ledger.certify()
    for name in ["b.extract", "files.manifest"] { try ledger.box.move("judge-\(name)", to: "judge/\(name)") }
    let text = String(decoding: try ledger.box.read("judge/b.extract"), as: UTF8.self)
    #expect(text.hasPrefix("zheng-manifest-extract 1\n") && text.contains("\nname ") && text.contains(" b\n"))
    for manifest in ["b.extract", "files.manifest"] {
      let good = try await ledger.check(html, "--manifest", manifest, "--file", "../files/b")
      #expect(
        good.status == 0 && good.text.contains("of the deposited directory, byte for byte"),
        "\(good.text)\(good.errors)")
    }
    let named = try await ledger.check(html, "--manifest", "b.extract", "--file", "../files/b", "--json").json
    let file = try #require(named["file"] as? [String: Any])
    #expect(file["deposited"] as? Bool == true && file["name"] as? String == "b")
    let other = try await ledger.check(html, "--manifest", "b.extract", "--file", "../files/a")
    #expect(other.status == 1 && other.errors.contains("not a file of the directory that was deposited"))
    for (old, new, code) in [
      (" b\n", " c\n", "malformed-manifest"), ("index 0", "index 2", "other-manifest"),
      ("index 1", "index 2", "other-manifest"),
      ("extract 1", "extract 2", "malformed-manifest"),
    ] where text.contains(old) {
      try ledger.box.write("judge/altered.extract", text.replacing(old, with: new))
      let altered = try await ledger.check(
        html, "--manifest", "altered.extract", "--file", "../files/b", "--json")
      #expect(
        altered.status == 1 && (altered.text + altered.errors).contains(code),
        "\(new): \(altered.text)\(altered.errors)")
    }
    #expect(try await ledger.check(html, "--manifest", "b.extract").status == 64)
  }

  @Test(
    "who issues a certificate is named as they ask; the same certificate made again later is the same file")
  func issued() async throws {
    let ledger = try await EvidenceLedger(rows: 1)
    let command = [
      "evidence", "certificate", "ledger", ledger.item, "--by", "郑州市公证处 & Co", "--out", "c.html",
    ]
    #expect(try await ledger.box.zheng(command).status == 0)
    let first = try ledger.box.read("c.html")
    let html = String(decoding: first, as: UTF8.self)
    #expect(html.contains("郑州市公证处 &amp; Co") && !html.contains("未载明"))
    #expect(try await ledger.box.zheng(command).status == 0)
    #expect(try ledger.box.read("c.html") == first)
    for by in ["", "a\nb", String(repeating: "x", count: 201)] {
      let wrong = try await ledger.box.zheng(
        "evidence", "certificate", "ledger", ledger.item, "--by", by, "--out", "d.html")
      #expect(wrong.status == 64, "\(by)")
    }
  }

  @Test(
    "a hold in force and a row that waits for its countersignature are shown, until they are lifted or signed"
  )
  func present() async throws {
    let ledger = try await EvidenceLedger(rows: 6)
    let policy = try Policy(parsing: Array(ledger.box.read("policy")).span)
    func shown() async throws -> (certificate: ProvenCertificate, state: String, last: String) {
      try await ledger.box.must(
        zheng: "evidence", "certificate", "ledger", ledger.item, "--out", "now.html", "--force")
      let html = String(decoding: try ledger.box.read("now.html"), as: UTF8.self)
      let certificate = try #require(CertificateCheck(Array(html.utf8), policy).certificate)
      return (
        certificate, String(html[CertificateTests.range(html, "state")]),
        String(html[CertificateTests.range(html, "custody-row-\(certificate.rows.count)")])
      )
    }
    let held = try await shown()
    #expect(held.certificate.holds == [6] && held.certificate.waiting == nil)
    #expect(held.state.contains("<b class=\"w\">△ 令-1</b>（第 6 条）") && !held.state.contains("待会签"))
    try await ledger.add(to: 9)
    let lifted = try await shown()
    #expect(lifted.certificate.holds == [] && lifted.state.contains("None as of this block"))
    #expect(!lifted.state.contains("令-1"))
    try await ledger.add(to: 10)
    let waiting = try await shown()
    #expect(waiting.certificate.waiting == 10 && waiting.certificate.rows[9].state == .sealed)
    #expect(waiting.state.contains("△ 第 10 条，移出保管</b>，尚不生效"))
    #expect(waiting.last.contains("尚无会签，不生效"))
    try await ledger.add(to: 11)
    let signed = try await shown()
    #expect(signed.certificate.waiting == nil && signed.certificate.rows[10].state == .released)
    #expect(!signed.state.contains("待会签") && signed.last.contains("会签第 10 条"))
  }

  @Test("every digest is shown in groups of four, whatever its length")
  func groups() async throws {
    let html = try await EvidenceLedger(rows: 1).certify()
    let md5 = String(repeating: "<i>0707</i>", count: 8)
    #expect(html.contains("<span class=\"v hash\" data-v=\"1-p.digests.md5\">\(md5)</span>"))
  }

  @Test("a template repeats, leaves out, escapes, and takes words")
  func template() async throws {
    let template = Template(
      "{{#rows}}\n<{{=a}}|{{zh member.b}}|{{zh? w.c}}>\n{{/rows}}\n{{^rows}}none{{/rows}}{{=d}}{{=e}}",
      words: ["member.x": ("词", "word")])
    var (values, row) = (Values(), Values())
    row["a"] = .proven("<1>", name: "1-a")
    row.set("b", "x.2")
    row.set("c", "y")
    values.set("rows", [row, row])
    values["d"] = .hash("abcdef", name: "2-d")
    values["e"] = .hash("0123", name: nil)
    let shown = "\n<<span class=\"v\" data-v=\"1-a\">&lt;1&gt;</span>|词2|>"
    let hashes =
      "<span class=\"v hash\" data-v=\"2-d\"><i>abcd</i><i>ef</i></span><span class=\"hash\"><i>0123</i></span>"
    #expect(template.filled(values) == shown + shown + "\n" + hashes)
    values.set("rows", [])
    #expect(template.filled(values) == "\nnone" + hashes)
  }

  // MARK: Certificates of earlier days

  /// Where a certificate of the newest form lies, with its policy and file.
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/certificate")
    .path

  @Test("a certificate that was handed out keeps passing, whatever has become of the program since")
  func lasting() async throws {
    let folder = CertificateTests.fixtures
    // Until the first release a change to the template may make the fixture anew; after that, the change is a new template, and
    // this page stays as it is.
    if ProcessInfo.processInfo.environment["ZHENG_NEW_FIXTURES"] != nil {
      let ledger = try await EvidenceLedger()
      try await ledger.certify()
      for (name, there) in [
        ("certificate.html", "certificate.html"), ("policy", "policy"), ("合同.txt", "original.txt"),
      ] { try ledger.box.read("judge/\(name)").write(to: URL(fileURLWithPath: "\(folder)/\(there)")) }
    }
    let box = try Sandbox()
    let outcome = try await box.zheng(
      "check", "\(folder)/certificate.html", "--policy", "\(folder)/policy", "--file",
      "\(folder)/original.txt")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errors)")
    let html = String(
      decoding: try Data(contentsOf: URL(fileURLWithPath: "\(folder)/certificate.html")), as: UTF8.self)
    try box.write(
      "later.html",
      html.replacing(/name="template" content="[0-9a-f]{8}/, with: "name=\"template\" content=\"00000000"))
    let later = try await box.zheng("check", "later.html", "--policy", "\(folder)/policy", "--json")
    let faults = try #require(later.json["faults"] as? [[String: Any]])
    #expect(later.status == 1 && faults.count == 1 && faults[0]["code"] as? String == "unknown-form")
  }
}
