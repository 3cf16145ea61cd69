import Foundation
import TestKit
import Testing

@Suite("zheng demo", .timeLimit(.minutes(30)))
struct DemoTests {
  @Test(
    "away from the project it tells the stories to their end with what is built in, and leaves the ledger for more"
  )
  func builtIn() async throws {
    let box = try Sandbox()
    // By another process: one that begins while a file is open for writing here would keep it from being run.
    #expect(try await box.shell("cp '\(Sandbox.binary)' zheng").status == 0)
    try await tell(box, by: "./zheng", "笔录-17.txt")
    let again = try await box.zheng("demo", "--dir", "story")
    #expect(again.status == 73 && again.errors.contains("story"))
  }

  @Test(
    "beside the project it tells them with the project's own sources",
    .enabled(if: Soak.isOn, "long: make soak runs it"))
  func sources() async throws {
    try await tell(Sandbox(), by: Sandbox.binary, "this project's own sources")
  }

  private func tell(_ box: Sandbox, by binary: String, _ material: String) async throws {
    let outcome = try await box.shell("'\(binary)' demo --dir story")
    #expect(outcome.status == 0, "\(outcome.text.suffix(2000)) \(outcome.errors)")
    for word in [
      "市大数据局", "公证处", "中级人民法院", "$ zheng init", "$ zheng evidence deposit",
      "is offered to forensics, not to health",
      "one unbroken chain of 8 custody entries", "is in the directory that was deposited",
      "is the deposited file, byte for byte",
      "is NOT the deposited file", "$ zheng share request", "is not within it", "OVERDUE",
      "erased, by record 38", "FAULT",
      "root-mismatch at block 1, entry 2", material,
    ] { #expect(outcome.text.contains(word), "\(word)") }
    #expect(try await box.zheng("verify", "story/ledger", "--policy", "story/policy").status == 0)
    #expect(try await box.zheng("verify", "story/tampered", "--policy", "story/policy").status == 1)
  }
}
