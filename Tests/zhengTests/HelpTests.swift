import ArgumentParser
import Foundation
import Testing
import Workflows

@testable import zheng

@Suite("Help, and commands that are mistyped")
struct HelpTests {
  /// Every command below `type`, as it is called.
  private static func commands(
    _ type: any ParsableCommand.Type = Zheng.self, _ name: String = "zheng"
  ) -> [(name: String, type: any ParsableCommand.Type)] {
    [(name, type)]
      + type.configuration.subcommands.flatMap { commands($0, "\(name) \($0._commandName)") }
  }

  /// Where `text`, but for commands, has three English words in a row.
  private static func sentence(in text: String) -> Substring? {
    let bare = text.replacing(/`[^`]*`/, with: "`").replacing(/(zheng|openssl)( [^ ]+)*/, with: "")
    return bare.firstMatch(of: /[A-Za-z][a-z]* [a-z]+ [a-z]+/)?.output
  }

  @Test(
    "each text of help has a Chinese one with the same commands and options, and no Chinese one is left over")
  func chinese() {
    var used: Set<String> = []
    for (name, type) in Self.commands() {
      for line in Help.lines(of: Zheng.helpMessage(for: type, columns: 1_000_000)) where !line.text.isEmpty {
        let key = Help.key(of: line.text)
        guard let chinese = Help.texts[key] else {
          // Examples stay as they are, and so do the parser's own headings.
          let isExample = line.label == "  " && Self.sentence(in: line.text) == nil
          let isHeading = ["ARGUMENTS:", "OPTIONS:", "SUBCOMMANDS:"].contains(line.text)
          #expect(isExample || isHeading, "\(name): \(line.text)")
          continue
        }
        guard used.insert(key).inserted else { continue }
        #expect(chinese.contains(/\p{Han}/) && Self.sentence(in: chinese) == nil, "\(name): \(chinese)")
        for kept in [/`[^`]*`/, /--[a-z-]*[a-z]/] {
          let (own, other) = (
            chinese.matches(of: kept).map(\.output), line.text.matches(of: kept).map(\.output)
          )
          #expect(own.sorted() == other.sorted(), "\(name): \(chinese)")
        }
      }
    }
    // What is left are the parser's complaints, of which no page has any.
    let left = Set(Help.texts.keys).subtracting(used)
    #expect(left.allSatisfy { $0.contains("{}") && Help.texts[$0]?.contains(/\p{Han}/) == true }, "\(left)")
  }

  @Test("help is in the language that ZHENG_LANG names; Chinese is folded where the terminal ends")
  func language() async throws {
    let box = try Sandbox()
    box.environment = ["ZHENG_LANG": "en", "COLUMNS": "60"]
    let english = try await box.must(zheng: "help", "evidence", "deposit")
    #expect(english.text.contains("Deposit a file or a directory: its fingerprint"))
    box.environment["ZHENG_LANG"] = "zh"
    let first = try await box.must(zheng: "help").text
    #expect(first.contains("\n存证与共享：\n  evidence                电子存证"))
    let chinese = try await box.must(zheng: "evidence", "deposit", "--help")
    #expect(chinese.text.contains("OVERVIEW: 对文件或目录存证") && chinese.text.contains("默认：file）"))
    for line in chinese.lines where line.contains(/\p{Han}/) && !line.contains(/^(  zheng|    --|  photos)/) {
      #expect(Printable.columns(line) <= 60 && !line.contains(/^ *[，。、；：）”]/), "\(line)")
    }
    let unknown = try await box.zheng("evidence", "list", "ledger", "--sttate", "sealed")
    #expect(unknown.status == 64)
    #expect(unknown.errors.hasPrefix("zheng: 没有选项 '--sttate'，是否指 '--state'？\nUsage: "))
    let missing = try await box.zheng("show")
    #expect(missing.errors.hasPrefix("zheng: 缺少参数 '<ledger>'\nHelp:  <ledger>  账本目录或节点网址"))
    let mistyped = try await box.zheng("evidnce").errors
    #expect(mistyped == "zheng: 没有命令 'evidnce'，是否指 'evidence'？全部命令见 `zheng --help`\n")
    #expect(chinese.lines.filter { $0.contains("\\") } == english.lines.filter { $0.contains("\\") })
  }

  @Test(
    "a mistyped command is refused with the one that was meant, on every level",
    arguments: [
      (["evidnce"], "evidnce", "evidence", "zheng"),
      (["evidence", "depost", "ledger", "a.txt"], "depost", "deposit", "zheng evidence"),
      (["evidence", "depost", "--help"], "depost", "deposit", "zheng evidence"),
      (["members", "aprove", "ledger", "x"], "aprove", "approve", "zheng members"),
      (["share", "xyzzy"], "xyzzy", nil, "zheng share"),
    ] as [([String], String, String?, String)])
  func mistyped(arguments: [String], word: String, meant: String?, parent: String) async throws {
    let box = try Sandbox()
    let text =
      "unknown command '\(word)'; " + (meant.map { "did you mean '\($0)'? " } ?? "")
      + "`\(parent) --help` lists the commands"
    let outcome = try await box.zheng(arguments)
    #expect(outcome.status == 64 && outcome.errors == "zheng: \(text)\n", "\(outcome.errors)")
    let json = try await box.zheng(arguments + ["--json"])
    #expect(try json.status == 64 && json.json["detail"] as? String == text)
  }
}
