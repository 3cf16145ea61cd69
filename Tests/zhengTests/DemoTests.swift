import Foundation
import Testing

@Suite("zheng demo")
struct DemoTests {
  @Test(
    "the stories are told to their end, with every status as it should be, and the ledger is left for more")
  func story() async throws {
    let box = try Sandbox()
    let outcome = try await box.program("demo", "--dir", "story")
    #expect(outcome.status == 0, "\(outcome.text.suffix(2000)) \(outcome.errors)")
    for word in [
      "市大数据局", "公证处", "中级人民法院", "$ zheng init", "$ zheng evidence deposit",
      "is offered to forensics, not to health",
      "one unbroken chain of 8 custody entries", "is in the directory that was deposited",
      "is the deposited file, byte for byte",
      "is NOT the deposited file", "$ zheng share request", "is not within it", "OVERDUE",
      "erased, by record 38", "FAULT",
      "root-mismatch at block 1, entry 2",
    ] { #expect(outcome.text.contains(word), "\(word)") }
    #expect(try await box.zheng("verify", "story/ledger", "--policy", "story/policy").status == 0)
    #expect(try await box.zheng("verify", "story/tampered", "--policy", "story/policy").status == 1)
    let again = try await box.program("demo", "--dir", "story")
    #expect(again.status == 73 && again.errors.contains("story"))
  }

  @Test("without the project's sources beside the binary it is told with what is built in")
  func builtIn() async throws {
    let box = try Sandbox()
    try await box.must("cp $ZHENG zheng")
    let outcome = try await box.shell("./zheng demo --dir story")
    #expect(outcome.status == 0, "\(outcome.text.suffix(2000)) \(outcome.errors)")
    #expect(outcome.text.contains("笔录-17.txt"))
  }
}
