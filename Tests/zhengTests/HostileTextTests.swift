import Foundation
import Certificates
import Scenarios
import Testing
import Workflows

@testable import zheng

@Suite("Text that is more than text")
struct HostileTextTests {
  private static let mark = "\u{301}"
  /// What a shell, a table or a page might act on, with marks that hide it from whoever looks at characters.
  private static let wild = [
    "x'\(mark);touch pwned;'\(mark)", "--json", "-x", "a b", "", "$(touch pwned)", "`touch pwned`",
    "\u{3164}",
    "a\nb\(mark)", "\(mark)a", "租赁合同.txt", "=ls", "~", "*", "!x", "\u{202e}abc", "'\\\u{200b}'",
    "\"\(mark)\"",
    "a\u{ffa0}b", "\\", "a\\'\u{115f}", "#x", "{a,b}", "\u{e9}", "e\(mark)", "&\(mark)<b>\(mark)",
  ]

  @Test("a suggested word is one word to a shell, byte for byte, and shows what can't be seen")
  func shellWords() async throws {
    let box = try Sandbox()
    let words = HostileTextTests.wild.map(ShellText.word)
    try box.write("script", "printf '%s\\0' " + words.joined(separator: " ") + "\n")
    let outcome = try await box.must("bash script")
    let wanted = HostileTextTests.wild.map { Array($0.utf8) + [0] }.flatMap { $0 }
    #expect(Array(outcome.output) == wanted)
    #expect(!box.exists("pwned"))
    #expect(words.allSatisfy { $0.unicodeScalars.allSatisfy { !$0.isHidden } })
    #expect(ShellText.word("租赁合同.txt") == "租赁合同.txt" && ShellText.word("a'b") == #"'a'\''b'"#)
  }

  @Test("what begins with a hyphen is never an option in a suggested command")
  func hyphens() {
    #expect(ShellText.path("-rf") == "./-rf" && ShellText.path("a/-rf") == "a/-rf")
    #expect(ShellText.zheng("evidence status", ["ledger", "E-1"]) == "zheng evidence status ledger E-1")
    #expect(
      ShellText.zheng("evidence seal", ["ledger", "--json"], options: "--key KEY.pem")
        == "zheng evidence seal --key KEY.pem -- ledger --json")
    #expect(
      ShellText.option("--seal", "-x") == "--seal=-x" && ShellText.option("--seal", "S 1") == "--seal 'S 1'")
  }

  @Test("a cell of CSV is one cell and no formula, whatever is in it; the file begins with a byte order mark")
  func csv() {
    func cell(_ text: String) -> [UInt8] {
      var table = CSVTable(["h"])
      table.add([text])
      return Array(table.bytes.dropFirst("\u{feff}h\r\n".utf8.count).dropLast(2))
    }
    var table = CSVTable(["a", "b"])
    table.add(["1", ""])
    #expect(table.bytes == Array("\u{feff}a,b\r\n1,\r\n".utf8))
    let mark = HostileTextTests.mark
    for (text, wanted) in [
      ("p\"\(mark),=1+1,x", "\"p\"\"\(mark),=1+1,x\""), ("a,\(mark)b", "\"a,\(mark)b\""),
      ("a\r\nb", "\"a\r\nb\""),
      ("\"", "\"\"\"\""), ("租赁", "租赁"), ("=1", "'=1"), ("-1", "'-1"), ("+1", "'+1"), ("@x", "'@x"),
      ("\tx", "'\tx"),
      ("＝1", "'＝1"), ("＋1", "'＋1"), ("－1", "'－1"), ("＠1", "'＠1"), ("=\(mark)1", "'=\(mark)1"),
      (" =1", "' =1"),
      ("\u{200b}=1", "'\u{200b}=1"), ("a=1", "a=1"), ("\n=1", "\"'\n=1\""),
    ] {
      #expect(cell(text) == Array(wanted.utf8), "\(text.debugDescription)")
    }
  }

  @Test("what looks like nothing, or turns what is beside it around, is printed as its number")
  func printable() {
    for scalar: Unicode.Scalar in [
      "\u{3164}", "\u{ffa0}", "\u{115f}", "\u{1160}", "\u{2800}", "\u{200b}", "\u{202e}", "\u{2066}",
      "\u{61c}", "\u{fe0f}",
      "\u{a0}", "\u{2003}", "\u{feff}", "\u{180e}", "\u{34f}", "\u{e0041}", "\u{1b}", "\u{85}", "\u{2028}",
    ] {
      let shown = "a\\u{\(String(scalar.value, radix: 16))}b"
      #expect(Printable.text("a\(scalar)b") == shown)
      #expect("a\(scalar)b".quoted == "\"\(shown)\"")
    }
    for text in ["租赁合同 (2026)", "全角\u{3000}空格", "e\(HostileTextTests.mark)", "😀", "한국어", "عربي"] {
      #expect(Printable.text(text) == text)
    }
  }

  @Test("a table and a payload's lines part at line feeds, whatever follows them, and are bounded by scalars")
  func lines() {
    let mark = HostileTextTests.mark
    #expect(Printable.table([("a", "x\n\(mark)y")]) == "a  x\n   \(mark)y")
    var table = TextTable(["A"])
    table.add(["x\r\ny"])
    #expect(table.text == "A\nx\\u{d} y")
    let marks = PayloadPreview(
      Array(("a" + String(repeating: mark, count: 60_000)).utf8), type: "text/plain", lines: 5, rest: "more")
    #expect(marks.text.utf8.count < 20_000)
  }

  @Test("HTML is escaped byte by byte, on the node's pages as in a certificate")
  func html() {
    let name = "\"\(HostileTextTests.mark)<b>\(HostileTextTests.mark)&'"
    let page: HTML = "<p title=\"\(name)\">"
    #expect(
      Array(page.text.utf8)
        == Array(
          "<p title=\"&quot;\(HostileTextTests.mark)&lt;b&gt;\(HostileTextTests.mark)&amp;&#39;\">".utf8))
  }

  @Test("paths are taken apart at slashes, whatever mark follows one")
  func paths() throws {
    let mark = HostileTextTests.mark
    #expect(
      Files.parent(of: "a/\(mark)b") == "a"
        && Array(Files.name(of: "a/\(mark)b").utf8) == Array("\(mark)b".utf8))
    #expect(
      Files.parent(of: "/\(mark)b") == "/" && Files.parent(of: "b") == "." && Files.name(of: "b") == "b")
    #expect(Files.trimmed("a//") == "a" && Files.trimmed("/") == "/")
    let box = try Sandbox()
    try box.makeFolder("ledger")
    #expect(try Places.lies("\(box.path)/ledger/\(mark)x", in: "\(box.path)/ledger"))
    #expect(try !Places.lies("\(box.path)/ledger\(mark)", in: "\(box.path)/ledger"))
  }

  @Test("items whose ids hold marks, slashes or hyphens are all listed, and what is suggested for them works")
  func items() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    let mark = HostileTextTests.mark
    let items = [
      "\(mark)a", "a/\(mark)b", "a%2Fb/c", "x'\(mark);touch pwned;'\(mark)", "--json", "-x", "E 1",
    ]
    for (number, item) in items.enumerated() {
      try box.write("f\(number)", item)
      // The parser takes arguments apart by characters, so that `=` before a mark is none to it.
      let named = item.hasPrefix("-") ? ["--item=\(item)"] : ["--item", item]
      let outcome = try await box.zheng(
        ["evidence", "deposit", "ledger", "f\(number)"] + named
          + ["--case", "C-1", "--method", "m", "--key", "notary.pem", "--json"])
      try #require(outcome.status == 0, "\(item): \(outcome.text)\(outcome.errors)")
    }
    let listed = try await box.zheng("evidence", "list", "ledger", "--case", "C-1", "--json").objects
    let ids = Set(listed.compactMap { ($0["item"] as? String).map { Array($0.utf8) } })
    #expect(ids == Set(items.map { Array($0.utf8) }))
    // Each is sealed by the very words that its status suggests.
    var script = "set -e\n"
    for (number, item) in items.enumerated() {
      let status = try await box.zheng("evidence", "status", "--json", "--", "ledger", item).json
      let next = try #require((status["next"] as? [[String: Any]])?.first?["command"] as? String)
      script +=
        next.replacingOccurrences(of: "KEY.pem", with: "notary.pem")
        .replacingOccurrences(of: "NUMBER", with: "S-\(number)") + "\n"
    }
    try box.write(
      "script", "zheng() { for word; do printf '%s\\0' \"$word\"; done; printf '\\n'; }\n" + script)
    let commands = try await box.must("bash script").output.split(separator: UInt8(ascii: "\n"))
    #expect(commands.count == items.count)
    for command in commands {
      let words = command.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      let outcome = try await box.zheng(words)
      #expect(outcome.status == 0, "\(words): \(outcome.errors)")
    }
    #expect(!box.exists("pwned"))
  }
}
