import Foundation
import TestKit
import Testing

@testable import zheng

/// What each command of a walk-through says with `--json`, and its exit status, as they are written down in
/// `Fixtures/Golden`.
///
/// A line `$ zheng …` is a command, `= N` its exit status, `> …` a line of standard output, `! …` one of standard error. Words are
/// split at spaces, outside of `'…'`. `$ write FILE TEXT`, `$ folder NAME`, `$ copy FROM TO` and `$ flip FILE` prepare files. What is drawn at random is
/// written as `<h1>`, `<h2>`, … in the order of first appearance, and stands in later commands for what it was.
/// All of it is run as where people speak Chinese, and is the same everywhere; what can be run once more, because it only reads or is
/// refused, is also run for people, and then says nothing that has no Chinese.
/// `ZHENG_GOLDEN=write` writes the files anew: a change of them is a change for every script that reads this output.
@Suite(
  "what scripts read", .timeLimit(.minutes(30)),
  .enabled(if: OwnThread.canHaveOwnFolder, "commands run by the machine's clock where each is a process"))
struct GoldenTests {
  @Test(
    "every command of the walk-throughs says with --json what it has always said, and ends with the same status",
    arguments: ["records", "evidence", "sharing"])
  func walkthrough(_ name: String) async throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = tests.appending(path: "Fixtures/Golden/\(name).golden")
    let golden = try String(contentsOf: file, encoding: .utf8)
    var run = try Run()
    var made = ""
    for line in golden.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("$ ") {
        made += try await run.lines(of: String(line.dropFirst(2)))
      } else if line.hasPrefix("#") {
        made += "\n\(line)\n"
      }
    }
    if ProcessInfo.processInfo.environment["ZHENG_GOLDEN"] == "write" {
      try Data(made.utf8).write(to: file)
    }
    let (said, wanted) = (made.split(separator: "\n"), golden.split(separator: "\n"))
    for (said, wanted) in zip(said, wanted) where said != wanted {
      Issue.record("\(name).golden:\nsaid   \(said)\nwanted \(wanted)")
      break
    }
    #expect(said.count == wanted.count)
    #expect(run.missing.all.sorted() == [])
  }
}

/// One walk-through: a sandbox whose clock goes on by a second with each command.
private struct Run {
  private let box: Sandbox
  /// What was said to people and has no Chinese.
  let missing = Catalogue.Missing()
  private var time: UInt64 = 1_795_845_600_000
  /// What is drawn at random, in the order of first appearance.
  private var drawn: [String] = []
  /// What was run for people too.
  private var repeated: Set<[String]> = []

  init() throws {
    box = try Sandbox()
    (box.missing, box.environment["ZHENG_LANG"]) = (missing, "zh")
  }

  /// Runs a command and gives the lines to be written down.
  mutating func lines(of command: String) async throws -> String {
    var words = Run.words(command)
    for (number, value) in drawn.enumerated() {
      for index in words.indices where words[index] == "<h\(number + 1)>" { words[index] = value }
    }
    let verb = words.removeFirst()
    switch verb {
    case "write": try box.write(words[0], words[1].replacingOccurrences(of: "\\n", with: "\n"))
    case "folder": try box.makeFolder(words[0])
    case "copy": try box.copy(words[0], to: words[1])
    case "flip": try box.edit(words[0]) { $0[$0.startIndex + $0.count / 2] ^= 1 }
    case "zheng":
      time += 1_000
      box.wallClock = { [time] in time }
      let outcome = try await box.zheng(words)
      if words.last == "--json", Run.canRepeat(words, outcome.status), isFirst(words, outcome) {
        let repeated = try await box.zheng(words.dropLast())
        #expect(repeated.status == outcome.status, "\(command)")
      }
      var lines = "$ \(command)\n= \(outcome.status)\n"
      for (sign, text) in [(">", outcome.text), ("!", outcome.errors)] {
        for line in text.split(separator: "\n") { lines += "\(sign) \(normal(String(line)))\n" }
      }
      return lines
    default: Issue.record("unknown: \(command)")
    }
    return "$ \(command)\n"
  }

  /// Whether no command before had the same verb, options, status and refusal: the long run repeats all of them.
  private mutating func isFirst(_ words: [String], _ outcome: Outcome) -> Bool {
    let code =
      (outcome.text + outcome.errors).firstMatch(of: /"code":"[a-z-]*"/).map { String($0.output) } ?? ""
    let options = words.filter { $0.hasPrefix("--") }
    let isNew = repeated.insert(words.prefix(2) + options + ["\(outcome.status)", code]).inserted
    return isNew || Soak.isOn
  }

  /// Whether a command that ended with `status` does the same once more.
  private static func canRepeat(_ words: [String], _ status: Int32) -> Bool {
    let reading = [
      "find", "list", "show", "verify", "check", "checkpoint", "prove", "evidence status", "evidence check",
      "evidence history",
      "evidence list", "share entries", "share board", "share requests", "share history", "share report",
    ]
    return reading.contains { words.starts(with: $0.split(separator: " ").map(String.init)) }
      || words.prefix(2) == ["members", "ledger"] || status > 1
  }

  /// The line without what is drawn at random: hex of 32 digits and more, keys,
  /// base64, folders, durations, sizes of what holds them.
  private mutating func normal(_ line: String) -> String {
    var line = line.replacingOccurrences(of: box.path, with: "<folder>")
    line.replace(/\+[0-9a-f]{8}\+[A-Za-z0-9+\/]{40,}=*/) { _ in "+<key>" }
    line.replace(/[A-Za-z0-9+\/]{40,}={0,2}/) { match in
      match.output.allSatisfy { $0.isHexDigit && !$0.isUppercase } ? match.output : "<base64>"
    }
    line.replace(/"bytes":[0-9]{6,}/, with: "\"bytes\":<size>")
    line.replace(/"(seconds|duration_ms)":[0-9.]+/) { "\"\($0.output.1)\":<time>" }
    line.replace(/ZC-[0-9A-F]{8}-[0-9A-F]{16}-[0-9]+-[0-9A-F]{8}/, with: "<certificate>")
    let found = line.matches(of: /[0-9a-f]{32,}/).map { String($0.output) }
    for value in found where !drawn.contains(value) { drawn.append(value) }
    line.replace(/[0-9a-f]{32,}/) { match in "<h\(drawn.firstIndex(of: String(match.output))! + 1)>" }
    return line
  }

  private static func words(_ command: String) -> [String] {
    var (words, isQuoted) = ([""], false)
    for character in command {
      switch character {
      case "'": isQuoted.toggle()
      case " " where !isQuoted: words.append("")
      default: words[words.count - 1].append(character)
      }
    }
    return words
  }
}
