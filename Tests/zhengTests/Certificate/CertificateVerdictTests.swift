import Foundation
import LedgerCrypto
import Testing
import TransparencyLog

@testable import Certificates

@Suite("What a certificate's verdicts say")
struct CertificateVerdictTests {
  @Test("check, page and help say that the rows are all records as of a block, and nothing of later ones")
  func complete() async throws {
    for (rows, check, english, chinese) in [
      (
        1, "this is the only record as of block 1 (proven); ",
        "This is the <b>only record as of block 1 (proven)</b>",
        "全部 <span class=\"v\" data-v=\"row-count\">1</span> 条记录（已证明）"
      ),
      (
        3, "these are all 3 records as of block 3 (proven); ",
        "These are <b>all 3 records as of block 3 (proven)</b>",
        "全部 <span class=\"v\" data-v=\"row-count\">3</span> 条记录（已证明）"
      ),
    ] {
      let ledger = try await EvidenceLedger(rows: rows)
      let html = try await ledger.certify()
      let outcome = try await ledger.check(html)
      #expect(outcome.status == 0 && outcome.text.contains(check), "\(outcome.text)")
      for word in [english, chinese, "其后是否另有记录，本证书不涉及", "the certificate says nothing of later ones"] {
        #expect(html.contains(word), "\(word)")
      }
      #expect(!html.contains("obody vouches") && !html.contains("无人担保"))
    }
    let box = try Sandbox()
    for command in [["help", "check"], ["help", "evidence", "certificate"]] {
      let text = try await box.zheng(command).text.replacing(/\s+/, with: " ")
      #expect(text.contains("complete as of") && text.contains("nothing of later records"), "\(text)")
      #expect(!text.contains("obody vouches"))
    }
  }

  @Test(
    "the page names the digest of what a browser makes of it, which words, elements and attributes that are added change"
  )
  func body() async throws {
    let ledger = try await EvidenceLedger(rows: 6)
    let html = try await ledger.certify()
    let start = try #require(html.range(of: "<body>\n")?.upperBound)
    func digest(_ html: String) -> String { PageBody.digest(Array(html[start...].utf8)).hex }
    #expect(html.contains("<meta name=\"body-sha-256\" content=\"\(digest(html))\">"))
    for (old, new) in [
      ("</body>", "Authentic</body>"), ("</html>", "</html><p>Authentic</p>"),
      ("</main>", "<img alt=\"Authentic\"></main>"),
      ("<ol class", "<ol hidden class"), ("<h2>", "<h2 title=\"x\">"), ("内容是否属实", "内容属实"),
      ("zheng check CERT", "zheng chuck CERT"), ("class=\"vouch\"", "class=\"qr\""),
    ] {
      let place = try #require(html.range(of: old, range: start..<html.endIndex), "\(old)")
      let altered = html.replacingCharacters(in: place, with: new)
      #expect(digest(altered) != digest(html), "\(new)")
      #expect(try await ledger.check(altered).status == 1, "\(new)")
    }
    // White space and what browsers add by themselves make no difference.
    #expect(digest(html.replacing("<li class", with: "\n <tbody><li class")) == digest(html))
    // The script's verdicts: not green before a file was compared, and one each for certificate and file.
    for word in [
      "class=\"verdict none\" id=\"summary\"", "class=\"verdict none\" id=\"verdict\"",
      "} else if (!isCompared) {",
    ] { #expect(html.contains(word), "\(word)") }
  }

  @Test("a wrong file says nothing against the certificate, which has a verdict of its own")
  func wrongFile() async throws {
    let ledger = try await EvidenceLedger(rows: 2)
    let html = try await ledger.certify()
    let outcome = try await ledger.check(html, "--file", "policy")
    #expect(outcome.status == 1 && outcome.text.contains("byte for byte"))
    #expect(
      outcome.text.contains("is NOT the deposited file")
        && outcome.text.contains("the certificate itself is good"))
    let json = try await ledger.check(html, "--file", "policy", "--json").json
    #expect(json["ok"] as? Bool == false && json["certificateIsGood"] as? Bool == true)
  }

  @Test(
    "a policy bound to fewer blocks since judges a certificate of them, and refuses one of others by name")
  func otherBlocks() async throws {
    let ledger = try await EvidenceLedger(rows: 3)
    let html = try await ledger.certify()
    let text = String(decoding: try ledger.box.read("judge/policy"), as: UTF8.self)
    for (blocks, isGood) in [
      ("0-", true), ("0-1000", true), ("0-1", false), ("1000-", false),
    ] {
      try ledger.box.write("bound", text.replacing("# blocks 0-", with: "# blocks \(blocks)"))
      let outcome = try await ledger.check(html, policy: "\(ledger.box.path)/bound")
      #expect((outcome.status == 0) == isGood, "\(blocks): \(outcome.text)")
      if !isGood { #expect(outcome.text.contains("the policy is for blocks \(blocks)")) }
    }
  }

  @Test("a policy of another ledger, and changed line ends, are said once, not of each part")
  func wrongPolicy() async throws {
    let ledger = try await EvidenceLedger(rows: 3)
    let html = try await ledger.certify()
    let other = try Sandbox()
    try await other.found()
    let text = String(decoding: try other.read("policy"), as: UTF8.self)
    try other.write("plain", text.replacing(/# ledger.*\n/, with: ""))
    let id = try #require(text.firstMatch(of: /# ledger ([0-9a-f]{64})/)?.output.1)
    let own = try #require(try await ledger.check(html, "--json").json["ledger"] as? String)
    let named = try await ledger.check(html, policy: "\(other.path)/policy")
    #expect(
      named.status == 1
        && named.text.contains("this certificate is of ledger \(own); the policy is of ledger \(id)"))
    let plain = try await ledger.check(html, policy: "\(other.path)/plain")
    #expect(plain.status == 1 && plain.text.contains("the policy is of another"))
    for page in [html.replacing("\n", with: "\r\n"), "\u{feff}" + html] {
      let changed = try await ledger.check(page, "--json")
      let faults = try #require(changed.json["faults"] as? [[String: Any]])
      #expect(changed.status == 1 && faults.count == 1 && faults[0]["code"] as? String == "line-ends")
    }
    #expect(
      try await ledger.check(html.replacing("\n", with: "\r\n")).text
        .contains("the line ends were changed (CRLF), probably by mail or an editor"))
    for outcome in [named, plain] { #expect(outcome.text.split(separator: "\n").count == 2) }
  }
}
