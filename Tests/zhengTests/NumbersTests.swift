import Foundation
import Synchronization
import TestKit
import Testing

@Suite("Numbers for what nobody names", .timeLimit(.minutes(30)))
struct NumbersTests {
  /// The words that deposit the file x.
  private let deposit = ["evidence", "deposit", "@", "x", "--case", "17", "--method", "当面提交"]

  @Test(
    "an item without --item and a request without a number get the member's next free one, printed in --json too"
  )
  func next() async throws {
    let sharing = try SharingSandbox()
    let box = sharing.box
    box.wallClock = { 1_798_734_600_000 }  // 2026-12-31T16:30:00Z: the year is the one by the ledger's clocks
    try await sharing.found()
    try await sharing.entry("BIRTHS")
    // Those that were given by hand are stepped over.
    for number in [
      "education-R-2027-0001", "civil-R-2027-0001", "education-R-2027-0002", "education-R-2027-0003",
    ] {
      let member = String(number.split(separator: "-")[0])
      #expect(try await sharing.share(sharing.ask(number), as: member).status == 0)
    }
    let ask = sharing.ask("").filter { !$0.isEmpty }
    for number in 4...5 {
      let outcome = try await sharing.share(ask, as: "education")
      #expect(outcome.status == 0, "\(outcome.text)\(outcome.errors)")
      let request = try outcome.json["request"] as? [String: Any]
      #expect(request?["id"] as? String == "education-R-2027-000\(number)")
    }
  }

  @Test(
    "a number that somebody takes between the look and the record is passed over: the next one is recorded")
  func taken() async throws {
    let host = try Sandbox()
    try await host.foundOffices()
    try host.write("x", "x")
    // The same number, signed beside the ledger.
    try host.copy("ledger", to: "aside")
    host.environment = ["ZHENG_LEDGER": "aside"]
    let rival = try await host.zheng(deposit + ["--key", "notary.pem", "--json"]).json
    let index = try #require(rival["index"] as? Int)
    let entry = Array(try await host.zheng("show", "aside", "\(index)", "--entry").output)
    let item = try #require(rival["item"] as? String)
    #expect(item.hasPrefix("notary-E-2") && item.hasSuffix("-0001"))

    let node = try await LocalNode(host, state: ".other")
    let port = try #require(Int(node.url.split(separator: ":")[2]))
    let head =
      "POST /entries HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nContent-Type: application/cose; cose-type=\"cose-sign1\"\r\nContent-Length: \(entry.count)\r\nConnection: close\r\n\r\n"
    let request = Array(head.utf8) + entry
    let asked = Mutex(0)
    let between = try LyingNode(
      before: node.url,
      asking: { target in
        if target == "/entries",
          asked.withLock({
            $0 += 1; return $0
          }) == 1
        {
          _ = ScriptedServer.ask(port, request)
        }
        return nil
      }
    ) { _, _ in nil }
    let clerk = try Office("notary", of: host, at: between.url)
    try clerk.box.write("x", "x")
    let outcome = try await clerk.box.zheng(deposit + ["--json"])
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errors)")
    #expect(try outcome.json["item"] as? String == item.dropLast() + "2")
    let third = try await clerk.box.zheng(deposit)
    #expect(third.status == 0 && third.text.contains("\(item.dropLast())3"), "\(third.text)\(third.errors)")
    #expect(asked.withLock { $0 } == 3)
    try await node.stop()
  }
}
