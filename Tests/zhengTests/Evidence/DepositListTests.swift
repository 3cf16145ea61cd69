import Foundation
import TestKit
import Testing

@Suite("zheng evidence deposit --from", .timeLimit(.minutes(30)))
struct DepositListTests {
  /// What the lines of a report became, with the items.
  private func verdicts(_ outcome: Outcome) throws -> [String] {
    let report = try #require(try outcome.objects.first)
    let lines = try #require(report["lines"] as? [[String: Any]])
    return lines.map { "\($0["line"] ?? "") \($0["item"] ?? "") \($0["verdict"] ?? "")" }
  }

  @Test(
    "a list is checked whole, recorded, and goes on where it was stopped: what this member has deposited already is left out, in a directory and at a node"
  )
  func resumes() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    for name in ["a", "b", "c", "d"] { try box.write("in/\(name).txt", name) }
    try box.copy("in/d.txt", to: "in/e.txt")
    let digest = try box.sha256("in/b.txt")
    // As a spreadsheet saves it, in an order of its own, with a line break in a cell that is none of ours.
    try box.write(
      "in/list.csv",
      "\u{feff}Item,method,path,digest,collector\r\nE-1,,a.txt,,\r\n\r\n\"E-2\",\"拍摄, 现场\",b.txt,sm3; sha-256:\(digest),取证一组；取证二组\r\nE-3,,c.txt,,\r\n,,d.txt,,\r\n,,e.txt,,\r\n"
    )
    let list = ["evidence", "deposit", "ledger", "--from", "in/list.csv", "--case", "17", "--method", "当面提交"]
    let notary = ["--key", "notary.pem", "--json"]
    let size = try box.ledgerSize()
    let dry = try await box.zheng(list + ["--dry-run"] + notary)
    #expect(dry.status == 0, "\(dry.text)\(dry.errors)")
    #expect(
      try verdicts(dry) == ["2 E-1 ready", "4 E-2 ready", "5 E-3 ready", "6 <null> ready", "7 <null> ready"])
    #expect(try box.ledgerSize() == size)

    // As much as a run that was stopped has recorded.
    try await box.must(
      zheng: "evidence", "deposit", "ledger", "in/a.txt", "--item", "E-1", "--case", "17", "--method", "x",
      "--key",
      "notary.pem")
    let alone = try await box.zheng(
      ["evidence", "deposit", "ledger", "in/d.txt", "--case", "17", "--method", "x"] + notary)
    let first = try #require(try alone.json["item"] as? String)
    #expect(first.hasPrefix("notary-E-2") && first.hasSuffix("-0001"))
    let rest = try await box.zheng(list + notary)
    #expect(rest.status == 0, "\(rest.text)\(rest.errors)")
    #expect(
      try verdicts(rest) == [
        "2 E-1 present", "4 E-2 deposited", "5 E-3 deposited", "6 \(first) present",
        "7 \(first.dropLast())2 deposited",
      ])
    let second = try #require((try rest.objects[0]["lines"] as? [[String: Any]])?[1])
    #expect((second["digests"] as? [String: Any])?["sm3"] != nil)
    let shown = try await box.zheng("evidence", "check", "ledger", "in/b.txt", "--json").text
    #expect(shown.contains("\(second["id"] ?? "")") && shown.contains("拍摄, 现场"), "\(shown)")
    #expect(shown.contains(#""collectors":["取证一组","取证二组"]"#), "\(shown)")
    let after = try box.ledgerSize()
    let again = try await box.zheng(list + ["--key", "notary.pem"])
    #expect(again.status == 0 && again.text.contains("5 deposited before"), "\(again.text)\(again.errors)")
    #expect(try box.ledgerSize() == after)
    // Somebody else's deposit is none of this member's.
    let other = try await box.zheng(list + ["--key", "police.pem", "--json"])
    #expect(other.status == 2 && other.errors == "", "\(other.errors)")
    #expect(try verdicts(other)[0] == "2 E-1 wrong" && box.ledgerSize() == after)

    let node = try await LocalNode(box)
    try box.edit(text: "in/list.csv") { $0 + "E-6,,f.txt,,\r\n,,g.txt,,\r\n" }
    for name in ["f", "g"] { try box.write("in/\(name).txt", name) }
    let away = try await box.zheng(
      ["evidence", "deposit", node.url, "--policy", "policy"] + list.dropFirst(3) + notary)
    #expect(away.status == 0, "\(away.text)\(away.errors)")
    #expect(try verdicts(away).prefix(5).allSatisfy { $0.hasSuffix(" present") })
    #expect(try verdicts(away)[5] == "8 E-6 deposited" && verdicts(away)[6].hasSuffix("-0003 deposited"))
    try await node.stop()
    #expect(try await box.zheng("verify", "ledger", "--policy", "policy").status == 0)
  }

  @Test("a line that is wrong is named by its number, and then nothing of the list is recorded")
  func wrong() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    for name in ["a", "b", "c", "sealed"] { try box.write("\(name).txt", name) }
    try await box.deposit("a.txt", as: "E-1")
    try await box.deposit("sealed.txt", as: "E-2", by: "notary", "--seal", "S-1")
    try box.makeFolder("folder")
    let size = try box.ledgerSize()
    let deposit = [
      "evidence", "deposit", "ledger", "--case", "17", "--method", "x", "--key", "notary.pem", "--from",
    ]
    func complaint(_ head: String, _ row: String, _ location: SourceLocation = #_sourceLocation) async throws
      -> String
    {
      try box.write("list.csv", "\(head)\na.txt\(head.filter { $0 == "," })\n\(row)\n")
      let outcome = try await box.zheng(deposit + ["list.csv"])
      #expect(outcome.status != 0 && outcome.text == "", "\(row): \(outcome.text)", sourceLocation: location)
      #expect(try box.ledgerSize() == size, sourceLocation: location)
      return outcome.errors
    }
    let zeros = String(repeating: "0", count: 64)
    for (head, row, words) in [
      ("path,item", "b.txt,E-1", "with another content"), ("path", "missing", "No such file"),
      ("path", "folder", "is a directory"), ("path,category", "b.txt,letter", "publication"),
      ("path,collected", "b.txt,yesterday", "RFC 3339"),
      ("path,collected", "b.txt,2199-01-01T00:00:00Z", "future"),
      ("path,place", "b.txt,11010519491231002X", "identity"), ("path,digest", "b.txt,md4", "none of"),
      ("path,digest", "b.txt,sha-256:\(zeros)", "not \(zeros)"), ("path,seal", "b.txt,S-1", "used"),
      ("path,item", "b.txt,E-9,x", "3 cells"), ("path", "a.txt", "line 2 already"),
      ("path", "\"b.txt", "never closed"),
      ("path,method", "b.txt,\(String(repeating: "x", count: 600))", "method"),
      ("path,item", ",E-9", "path is empty"),
    ] {
      let said = try await complaint(head, row)
      #expect(said.contains("list.csv:3:") && said.contains(words), "\(row): \(said)")
    }
    for (head, words) in [
      ("path,titel", "unknown column \"titel\""), ("path;item", "parted by commas"),
      ("item", "no column path"),
      ("path,path", "twice"),
    ] {
      let said = try await complaint(head, "b.txt,x")
      #expect(
        said.contains("list.csv:1:") && said.contains(words)
          && said.contains("path, item") == (words != "twice"), "\(said)")
    }
    // Who may not deposit is told before anything is read.
    try box.write("list.csv", "path\nmissing\n")
    let court = try await box.zheng(
      deposit.map { $0 == "notary.pem" ? "court.pem" : $0 } + ["list.csv", "--json"])
    #expect(try court.status == 2 && court.json["code"] as? String == "role", "\(court.text)")
    for words in [
      ["a.txt", "--from", "list.csv"], ["--from", "list.csv", "--item", "E-3"], ["a.txt", "--dry-run"], [],
    ] {
      let outcome = try await box.zheng(
        ["evidence", "deposit", "ledger", "--case", "1", "--method", "x"] + words)
      #expect(outcome.status == 64, "\(words): \(outcome.errors)")
    }
  }
}
