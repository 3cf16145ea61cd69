import Foundation
import Testing

@Suite("Files that look like options")
struct HelpAmongFilesTests {
  @Test(
    "a file called -h… or --version among others is a usage error that names it, and no help with exit status 0",
    arguments: ["-h", "-h.txt", "-scan-h.pdf", "--help", "--version"])
  func amongFiles(name: String) async throws {
    let box = try Sandbox()
    for command in [
      ["evidence", "check", "ledger", "a.txt", name], ["append", "ledger", name, "--key", "k.pem"],
    ] {
      let outcome = try await box.zheng(command)
      #expect(outcome.status == 64 && outcome.text.isEmpty, "\(command)")
      #expect(
        outcome.errors.contains("\"\(name)\"") && outcome.errors.contains("./\(name)"), "\(outcome.errors)")
      #expect(
        outcome.errors.contains(
          "zheng \(command.prefix(command[0] == "append" ? 1 : 2).joined(separator: " ")) --help"))
      let json = try await box.zheng(command + ["--json"])
      #expect(try json.status == 64 && json.json["code"] as? String == "usage")
    }
  }

  @Test("such a file is checked where it is given with ./ or after --")
  func checked() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    for (number, name) in ["-h.txt", "--version"].enumerated() {
      try box.write(name, name)
      try await box.deposit("./\(name)", as: "E-\(number)")
    }
    #expect(try await box.zheng("evidence", "check", "ledger", "./-h.txt", "./--version").status == 0)
    #expect(try await box.zheng("evidence", "check", "--", "ledger", "-h.txt", "--version").status == 0)
    let other = try await box.zheng("evidence", "check", "ledger", "-x.txt")
    #expect(other.status == 64)
    try box.write("-x.txt", "x")
    #expect(try await box.zheng("evidence", "check", "ledger", "-x.txt").errors.contains("./-x.txt"))
  }

  @Test("help and version are there where nothing else is asked")
  func requests() async throws {
    let box = try Sandbox()
    for request in [
      ["--help"], ["-h"], ["--version"], ["help"], ["help", "evidence"], ["evidence"],
      ["evidence", "--help"],
      ["evidence", "check", "-h"], ["members", "--help"], ["members", "add", "--help"],
      ["evidence", "check", "--version"],
      ["--generate-completion-script", "bash"],
    ] {
      let outcome = try await box.zheng(request)
      #expect(outcome.status == 0 && !outcome.text.isEmpty, "\(request): \(outcome.errors)")
    }
  }
}
