import Foundation
import TestKit
import Testing

@testable import LedgerNode
@testable import zheng

@Suite("Chinese on the command line")
struct WordsTests {
  @Test("every Chinese text is Chinese, and has the places of its English")
  func texts() {
    for (english, chinese) in Catalogue.words.merging(
      Catalogue.sentences, uniquingKeysWith: { first, _ in first })
    {
      #expect(chinese.contains(/\p{Han}/), "\(english)")
      let prose = chinese.replacing(/`[^`]*`|zheng [a-z]+.*|sqlite3 .*/, with: "")
      #expect(!prose.contains(/[A-Za-z']+ [A-Za-z']+ [A-Za-z']+/), "English in the Chinese of: \(english)")
      let count = english.split(separator: "{}", omittingEmptySubsequences: false).count - 1
      var places: [Int] = []
      for match in chinese.matches(of: /\{(\d*)\}/) { places.append(Int(match.output.1) ?? places.count + 1) }
      #expect(Set(places) == Set(1...max(1, count)) || count == 0 && places.isEmpty, "\(english)")
    }
  }

  @Test("every text of the catalogue is one that is said somewhere")
  func noOrphans() throws {
    let own = try SwiftLiterals(below: "Sources/zheng").all
    let below = try ["Workflows", "LedgerStore", "LedgerNode", "Scenarios", "Ledger"].map {
      try SwiftLiterals(below: "Sources/\($0)").text
    }.joined()
    for key in Catalogue.words.keys where !own.contains(key) {
      // A count is said by what is counted, a word of a closed set by the set and the word; a label may come from below.
      let group = key.split(separator: ".")
      let isOfSet = group.count == 2 && (own.contains(String(group[0])) || own.contains("\(group[0]).{}"))
      let isCount = key.hasPrefix("{} ") && own.contains(String(key.dropFirst(3)))
      let isLabel = key.wholeMatch(of: /[a-z0-9-]+/) != nil && below.contains(key.replacing("-", with: ""))
      #expect(isOfSet || isCount || isLabel || below.contains("\"\(key)\""), "said nowhere: \(key)")
    }
    for key in Catalogue.sentences.keys {
      for word in key.matches(of: /[A-Za-z]{3,}/) {
        #expect(below.contains(word.output), "said nowhere below: \(key)")
      }
    }
  }

  @Test(
    "ZHENG_LANG chooses the language, and without it the locale of messages",
    arguments: [
      ([:], "en"), (["ZHENG_LANG": "zh"], "zh"), (["ZHENG_LANG": "en", "LANG": "zh_CN.UTF-8"], "en"),
      (["LANG": "zh_CN.UTF-8"], "zh"), (["LC_ALL": "C", "LANG": "zh_CN.UTF-8"], "en"),
      (["LC_ALL": "", "LC_MESSAGES": "zh_CN", "LANG": "de_DE"], "zh"),
      (["ZHENG_LANG": "", "LANG": "en_GB"], "en"),
      (["ZHENG_LANG": "zh-CN", "LC_ALL": "C"], "zh"),
    ])
  func language(environment: [String: String], language: String) {
    #expect(Language(environment).rawValue == language)
  }

  @Test("a value is never translated, and Chinese may put values in another order")
  func values() {
    var context = CommandContext()
    context.environment["ZHENG_LANG"] = "zh"
    CommandContext.$current.withValue(context) {
      #expect(localized("delivery \(2) of \("none")") == "none 第 2 次交付")
      #expect(counted(1, "file") == "1 个文件" && listed(["a", "b"]) == "a、b")
      #expect(retold("E-1, entry 5, block 3") == "E-1，第 5 条记录，第 3 区块")
      #expect(named("state", "sealed") == "已封存" && named(role: "court") == "法院")
      #expect(named(kind: "deposit", of: "evidence") == "存证")
    }
    context.environment["ZHENG_LANG"] = "en"
    CommandContext.$current.withValue(context) {
      #expect(localized("delivery \(2) of \("R-1")") == "delivery 2 of R-1")
      #expect(counted(1, "file") == "1 file" && named("state", "sealed") == "sealed")
    }
  }

  @Test(
    "what writes says in Chinese what became of it; a refusal says it by its code, and then in its own words")
  func writing() async throws {
    let box = try Sandbox()
    let missing = Catalogue.Missing()
    (box.missing, box.environment["ZHENG_LANG"]) = (missing, "zh")
    try await box.found(
      ConsortiumDraft([
        .init("admin", roles: ["authority"]), .init("notary", roles: ["custodian", "demander"]),
        .init("lab", roles: ["custodian", "examiner", "provider"]), .init("court", roles: ["court"]),
      ]))
    try box.write("a.txt", "a\n")
    try box.write("births.csv", SharedData.csv)
    try box.write(
      "calendar.json", #"{"version":"2026-1","basis":"通知","holidays":["2026-10-01"],"working":[]}"#)
    var id = ""
    func run(_ command: String, status: Int32 = 0) async throws -> String {
      let outcome = try await box.zheng(
        command.replacing("ID", with: id).split(separator: " ").map(String.init))
      #expect(outcome.status == status, "\(command): \(outcome.text)\(outcome.errors)")
      #expect("\(outcome.text)\(outcome.errors)".contains(/\p{Han}/), "\(command)")
      if let match = outcome.text.firstMatch(of: /陈述编号 +([0-9a-f]{64})/) { id = String(match.output.1) }
      return outcome.text + outcome.errors
    }
    let deposit = "evidence deposit ledger a.txt --item E-1 --case 民初1号 --method 提交 --key notary.pem"
    let deposited = try await run(deposit)
    #expect(deposited.contains("E-1: 已存证，保管人 notary") && deposited.contains("zheng evidence seal ledger E-1"))
    let refused = try await run(deposit, status: 2)
    #expect(refused.contains("该证据编号此前已存证（duplicate-item）\n"))
    for command in [
      "evidence seal ledger E-1 --seal S-1 --key notary.pem",
      "evidence offer ledger E-1 --to lab --seal S-1 --purpose 鉴定 --key notary.pem",
      "evidence accept ledger E-1 a.txt --seal S-1 --location 室 --key lab.pem",
      "evidence examine ledger E-1 --method 比对 --key lab.pem",
      "evidence reseal ledger E-1 --seal S-2 --key lab.pem",
      "evidence release ledger E-1 --order 1号 --outcome released --key lab.pem",
      "evidence status ledger E-1", "evidence todo ledger --member court",
      "evidence countersign ledger E-1 --key court.pem", "evidence history ledger E-1",
      "share calendar ledger calendar.json --key admin.pem",
      "share catalogue ledger B --name 出生 --item 姓名 --attribute unconditional --grade 重要 --format CSV --frequency 每日 --method 文件 --key lab.pem",
      "share entries ledger --waiting", "share countersign ledger ID --key admin.pem",
      "share request ledger R-1 --entry B --item 姓名 --purpose 公证 --scenario 公证 --handler 一科 --basis 公证法 --until 2099-12-31 --key notary.pem",
      "share grant ledger R-1 --key lab.pem",
      "share deliver ledger R-1 --file births.csv --records 2 --vault v --out h --key lab.pem",
      "share receipt ledger R-1 --file h/births.csv --salt h/births.csv.salt --key notary.pem",
      "share use ledger R-1 --purpose 公证 --reference 1 --key notary.pem",
      "share object ledger --request R-1 --fault outdated --key notary.pem",
      "share answer ledger ID --outcome upheld --reply 已更新 --key lab.pem",
      "share revoke ledger R-1 --basis 决定 --key admin.pem", "share todo ledger --member lab",
      "share erase ledger R-1 --delivery 1 --reason 用毕 --vault v --key lab.pem",
      "share requests ledger", "share report ledger", "share objections ledger", "share history ledger R-1",
      "append ledger --statements nowhere", "members ledger",
      "backup ledger b", "restore b r --policy policy", "doctor ledger",
      "prove ledger --item E-1 --with-records",
      "check state.proofs --policy policy", "prove ledger 2",
      "check record-2.tlog-proof --policy policy --file a.txt",
    ] {
      _ = try await run(command, status: command.hasSuffix("nowhere") ? 66 : 0)
    }
    #expect(missing.all.sorted() == [])
  }
}
