import Foundation
import Testing

@Suite("zheng append and sign: an empty standard input")
struct EmptyInputTests {
  @Test(
    "records nothing without --allow-empty: it is mostly the end of a pipeline that failed",
    arguments: [[], ["--lines"]])
  func refused(more: [String]) async throws {
    let box = try Sandbox()
    try await box.found()
    let before = try box.read("ledger/entries/000000000000")
    let append = ["append", "ledger", "--key", "notary.pem"] + more + ["-"]
    let outcome = try await box.zheng(append)
    #expect(outcome.status == 66 && outcome.text.isEmpty && outcome.errors.contains("--allow-empty"))
    #expect(try await box.zheng(append + ["--json"]).json["code"] as? String == "empty-input")
    let sign =
      ["sign", "--policy", "policy", "--key", "notary.pem", "--issuer", "notary"] + more + [
        "--out", "s", "-",
      ]
    #expect(try await box.zheng(sign).status == 66 && !box.exists("s"))
    #expect(try await box.zheng("append", "ledger", "--statements", "-").status == 66)
    #expect(try box.read("ledger/entries/000000000000") == before)

    // Where it is meant, and where a file is empty, it is taken.
    let allowed = try await box.zheng(append + ["--allow-empty"])
    #expect(allowed.status == 0 && allowed.lines.count == (more.isEmpty ? 1 : 0), "\(allowed.errors)")
    try box.write("empty", "")
    #expect(try await box.zheng("append", "ledger", "--key", "notary.pem", "empty").status == 0)
    #expect(try await box.zheng(append, input: Data("x\n".utf8)).status == 0)
  }
}
