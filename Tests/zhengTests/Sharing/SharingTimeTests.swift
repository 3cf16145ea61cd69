import Foundation
import TestKit
import Testing
import Workflows

@testable import zheng

@Suite(
  "zheng share: what is owed, and what was known when",
  .enabled(
    if: OwnThread.canHaveOwnFolder, "commands run in processes of their own here, by the machine's clock"))
struct SharingTimeTests {
  /// A ledger of Monday, 2 November 2026, 10:00 at UTC+8, with the entry BIRTHS and a calendar of 2026.
  private func prepared() async throws -> SharingSandbox {
    let box = try SharingSandbox(parameters: ["reply-days-conditional": 2, "delivery-days": 3])
    try box.box.write("births.csv", SharedData.csv)
    try box.setClock("2026-11-02T02:00:00Z")
    try await box.found()
    try box.box.write(
      "2026.json", #"{"version":"2026-1","holidays":["2026-10-01"],"working":["2026-10-10"]}"#)
    try await box.must("calendar", "ledger", "2026.json", as: "bureau")
    try await box.entry("BIRTHS")
    return box
  }

  /// Lets the clock jump, as a person confirms it once.
  private func move(_ box: SharingSandbox, to timestamp: String) async throws {
    try box.setClock(timestamp)
    try await box.box.must(zheng: "append", "ledger", "--key", "bureau.pem", "--clock-is-right", "2026.json")
  }

  private func board(_ box: SharingSandbox, _ more: String...) async throws -> [[String: Any]] {
    try await box.share(["board", "ledger"] + more).objects
  }

  private func reported(_ box: SharingSandbox, _ more: String...) async throws -> [String: Any] {
    let report = try await box.share(["report", "ledger"] + more).json
    return try #require((report["requests"] as? [[String: Any]])?.first)
  }

  @Test(
    "a delivery that was missed stays on the board, in the report and in the history when the grant has expired"
  )
  func missed() async throws {
    let box = try await prepared()
    #expect(try await box.share(box.ask("R-1"), as: "education").status == 0)
    try await box.must("grant", "ledger", "R-1", "--until", "2026-11-03", as: "health")
    // Three working days after Monday: Thursday.
    #expect(try await board(box, "--at", "2026-11-05").map { $0["overdue"] as? Bool } == [false])
    #expect(try await reported(box, "--at", "2026-11-05")["deliveryLate"] is NSNull)
    for at in ["2026-11-06", "2036-11-06", "9999-12-31"] {
      let lines = try await board(box, "--at", at)
      #expect(lines.map { $0["owed"] as? String } == ["delivery"] && lines[0]["overdue"] as? Bool == true)
      #expect(lines[0]["grant"] as? String == "expired" && lines[0]["dueDay"] as? String == "2026-11-05")
      let line = try await reported(box, "--at", at)
      #expect(line["deliveryLate"] as? Bool == true && line["deliveryOverdue"] as? Bool == true)
    }
    let csv = try await box.box.zheng("share", "report", "ledger", "--csv", "--at", "2026-11-06").text
    let rows = csv.split(separator: "\r\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let column = try #require(rows[0].firstIndex(of: "delivery_late"))
    #expect(rows[1][column] == "yes")
    try box.setClock("2026-11-06T02:00:00Z")
    let text = try await box.box.zheng("share", "history", "ledger", "R-1").text
    #expect(text.contains("none yet, OVERDUE, due 2026-11-05"))
    #expect(try await box.must("history", "ledger", "R-1")["deliveryLate"] as? Bool == true)
    let lines = try await box.box.zheng("share", "board", "ledger").text
    #expect(
      lines.contains("OVERDUE") && lines.contains("the grant has expired, and the delivery is owed still"))
    let health = try #require(
      (try await box.must("report", "ledger")["bureaus"] as? [[String: Any]])?.first {
        $0["bureau"] as? String == "health"
      })
    #expect(health["lateDeliveries"] as? Int == 1)
  }

  @Test("after a mismatch the delivery is owed again, and nothing is when it was made again")
  func owedAgain() async throws {
    let box = try await prepared()
    try await box.granted("R-1")
    try await box.delivered("R-1")
    #expect(try await board(box).map { $0["owed"] as? String } == ["receipt"])
    try box.box.write("other.csv", "x")
    let receipt = ["receipt", "ledger", "R-1", "--file", "other.csv", "--salt", "hand-R-1-1/births.csv.salt"]
    let slip = try await box.share(receipt, as: "education")
    #expect(try slip.status == 1 && slip.json["code"] as? String == "mismatch")
    #expect(try await board(box).map { $0["owed"] as? String } == ["receipt"])
    #expect(try await box.share(receipt + ["--record-mismatch"], as: "education").status == 1)
    let lines = try await board(box)
    #expect(lines.map { $0["owed"] as? String } == ["delivery"] && lines[0]["by"] as? String == "health")
    #expect(lines[0]["dueDay"] as? String == "2026-11-05")
    #expect(try await reported(box, "--at", "2026-11-06")["deliveryOverdue"] as? Bool == true)
    #expect(
      try await box.box.zheng("share", "history", "ledger", "R-1").text.contains(
        "owed again after a mismatch"))
    try await box.delivered("R-1", 2)
    #expect(try await board(box).map { $0["owed"] as? String } == ["receipt"])
    #expect(try await reported(box, "--at", "2026-11-06")["deliveryOwed"] as? Bool == false)
  }

  @Test("a receipt compares first: wrong data or a wrong salt record nothing, and both commitments are shown")
  func slip() async throws {
    let box = try await prepared()
    try await box.granted("R-1")
    let delivered = try await box.delivered("R-1")
    try box.box.write("other.csv", "x")
    let truth = try box.truth()
    for vault in [[], ["--vault", "school"]] {
      let outcome = try await box.box.zheng(
        [
          "share", "receipt", "ledger", "R-1", "--file", "other.csv", "--salt", "hand-R-1-1/births.csv.salt",
          "--key", "education.pem",
        ]
          + vault)
      #expect(outcome.status == 1 && outcome.text.isEmpty)
      let committed = try #require(delivered["commitment"] as? String)
      #expect(outcome.errors.contains(committed) && outcome.errors.contains("computed commitment"))
      #expect(outcome.errors.contains("nothing was recorded") && outcome.errors.contains("--record-mismatch"))
    }
    #expect(try box.box.names("school") == ["vault.json"])
    #expect(try box.truth() == truth)
    let good = try await box.must(
      "receipt", "ledger", "R-1", "--file", "hand-R-1-1/births.csv", "--salt", "hand-R-1-1/births.csv.salt",
      as: "education")
    #expect(good["match"] as? Bool == true)
  }

  @Test("--at in the past shows what was known then, on the board and in the report")
  func past() async throws {
    let box = try await prepared()
    #expect(try await box.share(box.ask("R-1"), as: "education").status == 0)
    try await move(box, to: "2026-11-03T02:00:00Z")
    try await box.must("grant", "ledger", "R-1", as: "health")
    try await move(box, to: "2026-11-04T02:00:00Z")
    try await box.delivered("R-1")
    try await move(box, to: "2026-11-05T02:00:00Z")
    #expect(try await box.share(box.ask("R-2"), as: "education").status == 0)
    try await box.must("revoke", "ledger", "R-1", "--basis", "第5号决定", as: "bureau")

    func known(_ at: String) async throws -> [String] {
      let owed = try await board(box, "--at", at).map { "\($0["owed"] ?? "") \($0["subject"] ?? "")" }
      let report = try await box.share("report", "ledger", "--at", at).json
      let states = (report["requests"] as? [[String: Any]] ?? []).map {
        "\($0["id"] ?? "") \($0["state"] ?? "")"
      }
      return owed + states
    }
    #expect(try await known("2026-11-02") == ["reply R-1", "R-1 submitted"])
    #expect(try await known("2026-11-03") == ["delivery R-1", "R-1 granted"])
    #expect(try await known("2026-11-03T09:59:59+08:00") == ["reply R-1", "R-1 submitted"])
    #expect(try await known("2026-11-04") == ["receipt R-1", "R-1 granted"])
    #expect(try await known("2026-11-05") == ["reply R-2", "receipt R-1", "R-1 revoked", "R-2 submitted"])
    #expect(try await known("2026-11-01").isEmpty)

    // Through a node the same comes of a copy of the whole ledger, which is held to what the node proves.
    let node = try await LocalNode(box.box)
    let auditor = try Office("audit", of: box.box, at: node.url)
    for words in [
      ["board", "@", "--at", "2026-11-02"], ["board", "@", "--at", "2026-11-03T09:59:59+08:00"],
      ["report", "@", "--at", "2026-11-03"],
    ] { try await auditor.expectSame(["share"] + words, in: box.box) }
    let liar = try LyingNode(before: node.url) { target, body in
      guard target.hasPrefix("/tile/entries/"),
        let start = body.firstRange(of: Array("第5号决定".utf8))?.lowerBound
      else { return nil }
      var body = body
      body[start] ^= 1
      return body
    }
    let other = try Office("civil", of: box.box, at: liar.url)
    let refused = try await other.zheng("share", "board", "@", "--at", "2026-11-03", "--json", status: 1)
    #expect(refused.text.contains("root-mismatch") && refused.text.contains("copy.bad-1"), "\(refused.text)")
    try await node.stop()
  }

  @Test(
    "a limit that reaches into a year without a calendar is marked everywhere, and counted again when one comes"
  )
  func uncovered() async throws {
    let box = try await prepared()
    try box.setClock("2026-12-31T02:00:00Z")
    let asked = try await box.share(box.ask("R-1") + ["--clock-is-right"], as: "education")
    let request = try #require(try asked.json["request"] as? [String: Any])
    // Friday, 1 January, and Monday.
    #expect(request["dueDay"] as? String == "2027-01-04" && request["uncoveredYears"] as? [Int] == [2027])
    let mark = "the calendar 2026-1 says nothing of 2027"
    #expect(try await box.box.zheng("share", "board", "ledger").text.contains(mark))
    #expect(try await box.box.zheng("share", "history", "ledger", "R-1").text.contains(mark))
    #expect(try await box.box.zheng("share", "report", "ledger").text.contains("says nothing of 2027"))
    #expect(try await board(box).first?["uncoveredYears"] as? [Int] == [2027])
    try box.box.write(
      "2027.json",
      #"{"version":"2027-1","holidays":["2026-10-01","2027-01-01","2027-01-04"],"working":["2026-10-10"]}"#)
    try box.setClock("2026-12-31T02:30:00Z")
    try await box.must("calendar", "ledger", "2027.json", as: "bureau")
    let line = try #require(try await board(box).first)
    #expect(line["dueDay"] as? String == "2027-01-06" && line["uncoveredYears"] as? [Int] == [])
    #expect(try await box.must("history", "ledger", "R-1")["dueDay"] as? String == "2027-01-06")
    #expect(try await box.share("requests", "ledger").json["dueDay"] as? String == "2027-01-06")
    // What was known before is shown as it was known.
    let before = try #require(try await board(box, "--at", "2026-12-31T10:20:00+08:00").first)
    #expect(before["dueDay"] as? String == "2027-01-04" && before["uncoveredYears"] as? [Int] == [2027])
    #expect(try await box.box.zheng("verify", "ledger", "--policy", "policy").status == 0)
  }

  @Test("revoking for the past is refused; for today it holds at once, for a later day from then on")
  func revoked() async throws {
    let box = try await prepared()
    let revoke = ["revoke", "ledger", "R-1", "--basis", "第5号决定", "--effective"]
    try await box.granted("R-1")
    let truth = try box.truth()
    for past in ["2026-11-01", "2026-11-02T09:59:00+08:00", "1999-01-01"] {
      let outcome = try await box.share(revoke + [past], as: "bureau")
      #expect(outcome.status == 64, "\(past): \(outcome.text)")
    }
    #expect(try box.truth() == truth)
    let later = try await box.share(revoke + ["2026-11-09"], as: "bureau").json["request"] as? [String: Any]
    #expect(later?["revoked"] as? String == "2026-11-08T16:00:00.000Z")
    let today = try await box.share(revoke + ["2026-11-02"], as: "bureau").json["request"] as? [String: Any]
    #expect((today?["revoked"] as? String)?.hasPrefix("2026-11-02T02:") == true)
  }

  @Test(
    "the entries of a bureau that was removed are marked and take no new requests, and what it owes is marked"
  )
  func removed() async throws {
    let box = try await prepared()
    try await box.granted("R-1")
    try await box.box.must(zheng: "members", "remove", "ledger", "health", "--key", "bureau.pem")
    let entry = try await box.share("entries", "ledger").json
    #expect(entry["providerInForce"] as? Bool == false)
    #expect(try await box.box.zheng("share", "entries", "ledger").text.contains("BUREAU LEFT"))
    let asked = try await box.share(box.ask("R-2"), as: "education")
    #expect(try asked.status == 2 && asked.json["code"] as? String == "not-in-force")
    #expect(try await board(box).map { $0["byInForce"] as? Bool } == [false])
    #expect(
      try await box.box.zheng("share", "board", "ledger").text.contains(
        "health is no member in force any more"))
  }

  @Test("a grant's limit that is used up is seen before any data are written")
  func limit() async throws {
    let box = try await prepared()
    try await box.granted("R-1", "--limit", "1")
    try await box.delivered("R-1")
    let outcome = try await box.share(
      [
        "deliver", "ledger", "R-1", "--file", "births.csv", "--records", "2", "--vault", "other", "--out",
        "more",
      ], as: "health")
    #expect(try outcome.status == 2 && outcome.json["code"] as? String == "limit", "\(outcome.text)")
    #expect(!box.box.exists("other") && !box.box.exists("more"))
  }

  @Test(
    "where it is not known whether a delivery was recorded, the same command again replaces it, with --out as well"
  )
  func again() async throws {
    let box = try await prepared()
    try await box.granted("R-1")
    let options = try StatementOptions.parse(["--key", "\(box.path)/health.pem"])
    let ledger = try LedgerArgument.parse(["\(box.path)/ledger"])
    do {
      // The vault's lock goes with it.
      var transaction = try await options.vaultWork(on: ledger).transaction("\(box.path)/vault")
      let staged = try transaction.stage("\(box.path)/births.csv", salt: Salt())
      transaction.handover = try Handover(
        in: "\(box.path)/hand-R-1-1", of: "births.csv", staged, from: transaction.vault,
        apartFrom: ledger.path)
      try transaction.handover?.write()
      try transaction.keep(as: VaultItem(request: "R-1", delivery: 1), isFree: true)
      _ = try transaction.released(after: CocoaError(.fileReadUnknown))
    }
    #expect(box.box.exists("vault/R-1.1/data") && !box.box.exists("hand-R-1-1"))
    try await box.delivered("R-1")
    #expect(try await box.verified("vault").states == ["R-1.1": "intact"])
  }
}
