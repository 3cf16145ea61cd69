import Foundation
import Ledger
import LedgerCrypto
import Scenarios
import Statements
import Testing
import TransparencyLog

@testable import Certificates

@Suite(
  "a certificate's rows are all there are, and its present state is the ledger's", .timeLimit(.minutes(30)))
struct CompletenessTests {
  private func faults(_ html: String, _ policy: Policy) -> [CertificateFault] {
    CertificateCheck(Array(html.utf8), policy).faults
  }

  private func policy(_ ledger: EvidenceLedger) throws -> Policy {
    try Policy(parsing: Array(ledger.box.read("judge/policy")).span)
  }

  @Test("each row that is taken out, and each pair of rows, with their proofs, is named")
  func takenOut() async throws {
    let ledger = try await EvidenceLedger()
    let html = try await ledger.certify()
    let policy = try policy(ledger)
    // The forger's tool changes nothing where nothing is taken out.
    #expect(try Forgery.page(html) == html && Forgery.finished(html) == html)
    let count = 11
    for first in 1...count {
      for second in first...count {
        let cut = try Forgery.page(html, without: [first, second])
        let faults = faults(cut, policy)
        let missing = first == second ? 1 : 2
        let fault = try #require(faults.first { $0.code == "rows" }, "\(first), \(second): \(faults)")
        #expect(fault.part == "state-proof" && fault.detail.contains("lists 11 records about the item"))
        #expect(
          fault.detail.contains(missing == 1 ? "1 of them is not here" : "2 of them are not here"),
          "\(first), \(second): \(fault.detail)")
        #expect(fault.detail.contains("the first, entry") == (first == 1))
        #expect(fault.detail.contains("the newest, entry") == (second == count))
        // Without the list nobody would see that a correction was left out.
        if (first, second) == (5, 5) { #expect(faults.count == 1) }
      }
    }
    let told = try await ledger.check(Forgery.page(html, without: [6, 9]))
    #expect(told.status == 1 && told.errors.contains("2 of them are not here"), "\(told.errors)")
  }

  @Test(
    "each row that is taken out, with all that is shown of it, fails in the browser",
    .enabled(if: Chromium.canBeDriven))
  func takenOutOfThePage() async throws {
    let ledger = try await EvidenceLedger()
    let html = try await ledger.certify()
    var cases: [[String: Any]] = []
    for row in 1...11 {
      try ledger.box.write("judge/\(row).html", Forgery.finished(Forgery.page(html, without: [row])))
      cases.append(["page": "\(row).html"])
    }
    for (place, seen) in try await Chromium.look(ledger.box, in: "judge", cases).enumerated() {
      let page = try #require(seen["page"] as? [String: Any])
      let checks = try #require(page["checks"] as? [String: String])
      #expect(page["summary"] as? String == "failed", "row \(place + 1)")
      // Of the correction nothing but the list tells.
      let failed = checks.filter { $0.value == "failed" }.keys.sorted()
      if place + 1 == 5 {
        #expect(failed == ["rows"])
      } else {
        // Other rows may break the chain or the state too; the list tells of each.
        #expect(failed.contains("rows"), "row \(place + 1): \(failed)")
      }
      #expect(checks["page"] == "passed", "row \(place + 1)")
    }
  }

  @Test("an older state proof under more rows, a newer one under fewer, and another item's are refused")
  func otherProofs() async throws {
    let ledger = try await EvidenceLedger(rows: 5)
    let box = ledger.box
    func page(_ item: String) async throws -> String {
      try await box.must(zheng: "evidence", "certificate", "ledger", item, "--out", "one.html", "--force")
      return String(decoding: try box.read("one.html"), as: UTF8.self)
    }
    let older = try await page(ledger.item)
    try box.write("other.txt", "other")
    try await box.must(
      zheng: "evidence", "deposit", "ledger", "other.txt", "--item", "E-2", "--case", "1", "--method",
      "copied",
      "--key", "notary.pem")
    let other = try await page("E-2")
    try await ledger.add(to: 7)
    let newer = try await page(ledger.item)
    let policy = try Policy(parsing: Array(box.read("policy")).span)
    for page in [older, newer, other] { #expect(faults(page, policy).isEmpty) }
    for (rows, state, words) in [
      (newer, older, "the state proof is older than they are"), (older, newer, "2 of them are not here"),
      (newer, other, "the proof is of another item"), (other, newer, "the proof is of another item"),
    ] {
      let faults = faults(try Forgery.page(rows, state: state), policy)
      let fault = try #require(faults.first { $0.code == "rows" }, "\(faults)")
      #expect(fault.detail.contains(words), "\(fault.detail)")
    }
  }

  @Test("the item's record must be proven too, and be what its rows give")
  func state() async throws {
    let ledger = try await EvidenceLedger(rows: 6)
    let html = try await ledger.certify()
    let policy = try policy(ledger)
    let certificate = try #require(CertificateCheck(Array(html.utf8), policy).certificate)
    let listed = certificate.listed
    let key = Evidence.Item.key(ledger.item)
    let value = try #require(listed.state.value(of: key)?.value)
    var item = try Evidence.Item(decoding: value)
    try listed.require(item, of: ledger.item)
    item.apply(
      Evidence.Hold(order: "x", reason: "y"), Evidence.Act(id: .zero, issuer: "court", time: 0))
    #expect {
      try listed.require(item, of: ledger.item)
    } throws: { error in
      let fault = error as? CertificateFault
      return fault?.code == "state" && fault?.detail.hasSuffix("the rows give: holds, orders") == true
    }
    #expect(faults(try listAlone(html), policy).map(\.code) == ["state"])
  }

  /// `html` with a state proof of the list of records alone.
  private func listAlone(_ html: String) throws -> String {
    let text = try #require(try CertificateFile(Array(html.utf8)).embedded("state-proof"))
    let proofs = try StateProofs(parsing: text.span)
    let path = InclusionProof(
      index: proofs.proof.index, size: proofs.proof.index + 1, path: proofs.proof.path)
    let list = try StateProofs(
      [proofs.keys[0]], header: proofs.header, path: path, checkpoint: proofs.proof.checkpoint)
    let range = CertificateTests.range(html, "state-proof")
    let own = String(decoding: text, as: UTF8.self)
    let cut = html.replacingCharacters(
      in: range, with: html[range].replacing(own, with: String(decoding: list.bytes, as: UTF8.self)))
    try #require(cut != html)
    return cut
  }

  @Test(
    "the page refuses a state proof without the item's record, and a record that its rows do not give",
    .enabled(if: Chromium.canBeDriven))
  func stateInPage() async throws {
    let ledger = try await EvidenceLedger(rows: 6)
    let html = try await ledger.certify()
    let cut = try listAlone(html)
    // The page holds the record of the item to what its own rows give: a script that counts otherwise says so.
    let counting = html.replacing("item.get('entries') + 1n", with: "item.get('entries') + 2n")
      .replacing(/<meta http-equiv="Content-Security-Policy"[^>]*>/, with: "")
    for (number, page) in [cut, counting].enumerated() { try ledger.box.write("judge/\(number).html", page) }
    for seen in try await Chromium.look(ledger.box, in: "judge", [["page": "0.html"], ["page": "1.html"]]) {
      let checks = try #require((seen["page"] as? [String: Any])?["checks"] as? [String: String])
      #expect(
        checks["state"] == "failed" && checks["rows"] == "passed" && checks["chain"] == "passed", "\(checks)")
    }
  }

  @Test(
    "a record that is shown in a later block is refused by the page and by check",
    .enabled(if: Chromium.canBeDriven))
  func laterBlock() async throws {
    let ledger = try await EvidenceLedger(rows: 3)
    let box = ledger.box
    let html = try await ledger.certify()
    func proof(_ index: UInt64) async throws -> RecordProof {
      try await box.must(
        zheng: "prove", "ledger", "\(index)", "--at", "head", "--out", "\(index).tlog-proof")
      return try RecordProof(parsing: Array(box.read("\(index).tlog-proof")).span)
    }
    let rows = try CertificateFile(Array(html.utf8)).proofs().map { try RecordProof(parsing: $0.span) }
    let (own, later) = (try await proof(rows[1].proof.index), try await proof(rows[2].proof.index))
    let (extra, other) = (try #require(own.proof.extra), try #require(later.proof.extra))
    let items = try CBOR.decodeSequence(extra.span, maximum: 5).map(\.encoded)
    let others = try CBOR.decodeSequence(other.span, maximum: 5).map(\.encoded)
    let shown = try TLogProof(
      extra: items[0] + others[1] + others[2] + items[3] + items[4], index: own.proof.index,
      path: own.proof.path,
      checkpoint: own.proof.checkpoint)
    let range = CertificateTests.range(html, "proof-2")
    func with(_ proof: [UInt8]) -> String {
      html.replacingCharacters(
        in: range,
        with: html[range].replacing(
          String(decoding: rows[1].bytes, as: UTF8.self), with: String(decoding: proof, as: UTF8.self)))
    }
    let pages = [with(own.bytes), with(shown.bytes)]
    for (number, page) in pages.enumerated() { try box.write("judge/\(number).html", page) }
    let seen = try await Chromium.look(box, in: "judge", [["page": "0.html"], ["page": "1.html"]])
    let states = try seen.map { seen in
      try #require((seen["page"] as? [String: Any])?["checks"] as? [String: String])["proof-2.header"]
    }
    #expect(states == ["passed", "failed"])
    let faults = faults(pages[1], try policy(ledger))
    #expect(faults.map(\.part) == ["proof-2"] && faults.map(\.code) == ["header"])
  }
}
