import Foundation
import TestKit
import Testing

@Suite("Running other programs", .timeLimit(.minutes(30)))
struct ShellTests {
  @Test("input, both outputs and the status pass through, however large")
  func passesThrough() async throws {
    let input = [UInt8](repeating: 0x5a, count: 1_000_000)
    #expect(try await Shell.run("cat", input: input).standardOutput == input)
    let output = try await Shell.run("sh", ["-c", "echo out; echo err >&2; exit 3"])
    #expect((output.text, output.errorText, output.status) == ("out\n", "err\n", 3))
    #expect(try await Shell.run("sh", ["-c", "kill -9 $$"]).status == 128 + 9)
    #expect(try await Shell.run("no-such-program-anywhere").status == 127)
    #expect(Shell.has("sh") && !Shell.has("no-such-program-anywhere"))
  }

  @Test("a program that does not end in time is killed")
  func timeLimit() async {
    await #expect(throws: RunningProgram.TimeLimitExceeded.self) {
      try await Shell.run("sleep", ["600"], timeLimit: 0.1)
    }
  }

  @Test("a program that a test waits for is killed when the test's own time is over")
  func cancellation() async throws {
    let program = try RunningProgram("sleep", ["600"], in: "/")
    let line = Task { try await program.line() }
    let end = Task { try await program.ended() }
    line.cancel()
    #expect(try await line.value == nil)
    #expect(try await end.value == 128 + SIGKILL)
  }
}
