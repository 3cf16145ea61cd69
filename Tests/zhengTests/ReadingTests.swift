import Foundation
import Testing

@Suite("zheng show, list and find")
struct ReadingTests {
  private func ledger() async throws -> Sandbox {
    let box = try Sandbox()
    try await box.found()
    try await box.recordContract()
    return box
  }

  @Test("show prints who said what, and with --json every part")
  func show() async throws {
    let box = try await ledger()
    let text = try await box.zheng("show", "ledger", "2").text
    for word in ["notary", "机构", "案件-17", "text/plain", "合同全文", "block 1"] { #expect(text.contains(word)) }
    let json = try await box.zheng("show", "ledger", "2", "--json").json
    #expect(
      Set(json.keys) == [
        "index", "block", "id", "time", "issuer", "issuerName", "subject", "issuedAt", "ledger", "tokenId",
        "type",
        "bytes",
        "digest", "payload", "algorithm", "kid", "publicKey", "sigStructure", "signature", "signatureDER",
        "entry",
      ])
    let id = try #require(json["id"] as? String)
    #expect(try await box.zheng("show", "ledger", id.uppercased(), "--json").json["index"] as? Int == 2)
    #expect(Data(base64Encoded: json["payload"] as? String ?? "") == Data("合同全文\n".utf8))
    let header = try await box.zheng("show", "ledger", "3", "--json").json
    #expect((header["header"] as? [String: Any])?["height"] as? Int == 1)
    #expect(try await box.zheng("show", "ledger", "0").text.contains("city.example/pilot"))
  }

  @Test("an entry that is not there is told with what there is")
  func missing() async throws {
    let box = try await ledger()
    let outcome = try await box.zheng("show", "ledger", "6")
    #expect(outcome.status == 66 && outcome.errors.contains("0 to 5"))
    #expect(try await box.zheng("show", "ledger", "18446744073709551615").status == 66)
    #expect(try await box.zheng("show", "ledger", String(repeating: "0", count: 64)).status == 66)
    for wrong in ["18446744073709551616", "x", "", "0x2", "2.0", "１"] {
      #expect(try await box.zheng("show", "ledger", wrong).status == 64, "\(wrong)")
    }
    #expect(try await box.zheng("show", "ledger", "2", "--payload", "--json").status == 64)
    #expect(try await box.zheng("show", "ledger", "2", "--payload", "--entry").status == 64)
  }

  @Test("what a record says can't move the reader's cursor")
  func controlCharacters() async throws {
    let box = try Sandbox()
    try await box.found()
    try await box.must(
      zheng: "append", "ledger", "--key", "notary.pem", "--type", "text/plain", "--subject", "x\u{202e}y",
      "-",
      input: Data("a\u{1b}[2Jb".utf8))
    for command in [["show", "ledger", "2"], ["list", "ledger"]] {
      let text = try await box.zheng(command).text
      #expect(!text.contains("\u{1b}") && !text.contains("\u{202e}"))
      #expect(text.contains("\\u{202e}"))
    }
  }

  @Test("list narrows by issuer, subject, type, time and number")
  func list() async throws {
    let box = try await ledger()
    func indices(_ arguments: String...) async throws -> [Int?] {
      let outcome = try await box.zheng(["list", "ledger", "--json"] + arguments)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try outcome.objects.map { $0["index"] as? Int }
    }
    #expect(try await indices() == [0, 2, 4])
    #expect(try await indices("--issuer", "court") == [4])
    #expect(try await indices("--subject", "案件-17") == [2])
    #expect(try await indices("--type", "text/plain") == [2])
    #expect(try await indices("--limit", "1") == [0])
    #expect(try await indices("--since", "2020-01-01", "--until", "2020-12-31") == [])
    #expect(
      try await indices("--since", "2020-02-29T23:59:59.5+08:00", "--until", "2200-01-01") == [0, 2, 4])
    let time = try #require(try await box.zheng("show", "ledger", "2", "--json").json["time"] as? String)
    #expect(try await indices("--since", time, "--until", time) == [2])
    let object = try #require(try await box.zheng("list", "ledger", "--json", "--limit", "1").objects.first)
    #expect(
      Set(object.keys) == [
        "index", "block", "id", "time", "issuer", "subject", "type", "issuedAt", "bytes", "digest",
      ])
    for wrong in [
      "1969-12-31", "1969-12-31T23:59:59Z", "1970-01-01T07:59:59+08:00", "2026-01-01T12:34:60Z", "yesterday",
      "2026-13-01", "2025-02-29", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00", "",
    ] {
      #expect(try await box.zheng("list", "ledger", "--since", wrong).status == 64, "\(wrong)")
    }
    #expect(try await box.zheng("list", "ledger", "--limit=-1").status == 64)
    #expect(try await box.zheng("list", "ledger", "--issuer", "nobody").errors.contains("nobody"))
  }

  @Test("find gives the records that are the file or name its digest")
  func find() async throws {
    let box = try await ledger()
    #expect(
      try await box.zheng("find", "ledger", "合同.txt", "--json").objects.map { $0["index"] as? Int } == [2, 4])
    let digest = try box.sha256("合同.txt")
    #expect(try await box.zheng("find", "ledger", "sha256:\(digest.uppercased())").lines.count == 2)
    let nothing = try await box.zheng("find", "ledger", "policy")
    #expect(nothing.status == 0 && nothing.text.isEmpty && nothing.errors.contains("no record"))
    #expect(try await box.zheng("find", "ledger", "missing").status == 66)
    #expect(try await box.zheng("find", "ledger", ".").status == 66)
    #expect(try await box.zheng("find", "ledger", "sha256:abc").status == 64)
  }
}
