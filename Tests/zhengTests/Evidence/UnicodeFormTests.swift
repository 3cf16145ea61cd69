import Foundation
import Testing

@Suite("zheng evidence: names in two Unicode forms")
struct UnicodeFormTests {
  @Test("a file whose name was composed or decomposed on the way is the same file, and the answer says so")
  func forms() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    // café.txt with one letter é, and on the other system with e and a mark.
    try await box.must(
      """
      c=$(printf 'caf\\303\\251.txt'); d=$(printf 'cafe\\314\\201.txt'); mkdir one two both changed
      echo a > "one/$c"; echo b > one/b; cp one/b two; cp "one/$c" "two/$d"
      cp one/b both; cp "one/$c" "both/$c"; cp "one/$c" "both/$d"; cp one/b changed; echo x > "changed/$d"
      """)
    try await box.deposit("one", as: "E-1", "--manifest", "m")
    func check(_ folder: String) async throws -> (Int32, [[String: Any]], String) {
      let words = ["evidence", "check", "ledger", folder, "--manifest", "m"]
      let outcome = try await box.zheng(words + ["--json"])
      return (outcome.status, try outcome.objects, try await box.zheng(words).text)
    }
    let (same, sameFiles, _) = try await check("one")
    #expect(same == 0 && sameFiles.allSatisfy { $0["otherUnicodeForm"] as? Bool == false })
    let (other, files, text) = try await check("two")
    #expect(other == 0, "\(text)")
    let changedForm = try #require(files.first { $0["otherUnicodeForm"] as? Bool == true })
    #expect((changedForm["name"] as? String)?.utf8.count == "caf\u{e9}.txt".utf8.count, "as it was deposited")
    #expect((changedForm["path"] as? String)?.utf8.count == "two/cafe\u{301}.txt".utf8.count, "as it is here")
    #expect(text.contains("another Unicode form"))
    // Two files are not one because their names look the same.
    let (both, _, _) = try await check("both")
    #expect(both == 1)
    let (changed, differing, _) = try await check("changed")
    let reason = differing.first { $0["ok"] as? Bool == false }?["reason"] as? String ?? ""
    #expect(changed == 1 && reason.contains("another Unicode form") && reason.contains("its SHA-256 is"))
  }
}
