import Foundation
import LedgerCrypto
import Testing

@Suite("zheng export")
struct ExportTests {
  @Test("the tree has the checkpoint, every full tile and bundle, and the last partial ones")
  func tree() async throws {
    let box = try Sandbox()
    try await box.found()
    try await box.must(
      zheng: "append", "ledger", "--key", "notary.pem", "--lines", "-", input: Sandbox.lines(1...600))
    try await box.zheng("checkpoint", "ledger", into: "checkpoint")
    let outcome = try await box.zheng("export", "ledger", "公开/", "--json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    // 603 entries: two full bundles and 91.
    #expect(try outcome.json["entries"] as? Int == 603)
    #expect(try box.read("公开/checkpoint") == box.read("checkpoint"))
    #expect(try box.names("公开") == ["checkpoint", "policy", "tile", "verify.html"])
    #expect(try box.read("公开/policy") == box.read("policy"))
    #expect(try box.names("公开/tile") == ["0", "1", "entries"])
    for kind in ["0", "entries"] {
      #expect(try box.names("公开/tile/\(kind)") == ["000", "001", "002.p"])
      // The founding's checkpoint and those of the full tiles need none.
      #expect(try box.names("公开/tile/\(kind)/002.p").contains("91"))
    }
    #expect(try box.names("公开/tile/1/000.p") == ["1", "2"])
    let files = try #require(try outcome.json["files"] as? Int)
    // The page for people is no part of the tree. It holds the policy, and may load nothing.
    #expect(try box.files("公开").count == files + 1)
    let page = String(decoding: try box.read("公开/verify.html"), as: UTF8.self)
    let policy = String(decoding: try box.read("policy"), as: UTF8.self)
    #expect(page.contains("<pre id=\"policy\" tabindex=\"0\">\n\(policy)</pre>"))
    #expect(page.contains("content=\"default-src 'none'; style-src 'sha256-") && !page.contains("://"))
    #expect(page.utf8.count < 150_000)
    // The leaves are those of the entries, and the bundles are the entries.
    let bundles = try ["000", "001", "002.p/91"].map { try box.read("公开/tile/entries/\($0)") }
    #expect(bundles.reduce(Data(), +) == (try box.read("ledger/entries/000000000000")))
    let leaves = try ["000", "001", "002.p/91"].map { try box.read("公开/tile/0/\($0)") }
    #expect(leaves.map(\.count) == [8192, 8192, 91 * 32])
    let length = Int(bundles[0][0]) << 8 | Int(bundles[0][1])
    try box.write("leaf", Data([0]) + bundles[0][2..<2 + length])
    #expect(try box.sha256("leaf") == Hex.encode(leaves[0].prefix(32)))
  }

  @Test("the partial tiles of earlier checkpoints are there, as long as the full tile is not")
  func earlierPartials() async throws {
    let box = try Sandbox()
    try await box.found()
    var sizes = [2]
    for number in 1...3 {
      try await box.must(
        zheng: "append", "ledger", "--key", "notary.pem", "--lines", "-",
        input: Data((1...number).map { "\(number).\($0)\n" }.joined().utf8))
      sizes.append(sizes[number - 1] + number + 1)
    }
    try await box.must(zheng: "export", "ledger", "early")
    let whole = try box.read("ledger/entries/000000000000")
    for kind in ["0", "entries"] {
      let names = try box.names("early/tile/\(kind)/000.p")
      #expect(names == sizes.map(String.init).sorted())
      let longest = try box.read("early/tile/\(kind)/000.p/\(sizes[3])")
      for size in sizes { #expect(longest.starts(with: try box.read("early/tile/\(kind)/000.p/\(size)"))) }
    }
    #expect(try box.read("early/tile/entries/000.p/\(sizes[3])") == whole)
    try await box.must(
      zheng: "append", "ledger", "--key", "notary.pem", "--lines", "-",
      input: Data((1...300).map { "\($0)\n" }.joined().utf8))
    try await box.must(zheng: "export", "ledger", "late")
    #expect(try box.names("late/tile/0") == ["000", "001.p"])
  }

  @Test("with --state it has the scenarios' values, and a later export brings them up to date")
  func state() async throws {
    let box = try Sandbox()
    let ledger = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/ledgers/evidence/ledger").path
    try await box.must(zheng: "export", ledger, "public", "--state")
    let state = try box.read("public/state")
    for part in ["item", "record", "seal"] {
      #expect(state.range(of: Data("evidence\0\(part)\0".utf8)) != nil)
    }
    // The core's follow from the entries.
    #expect(state.range(of: Data("digest\0".utf8)) == nil)
    try box.write("public/state", "another")
    try await box.must(zheng: "export", ledger, "public")
    #expect(try box.read("public/state") == state)
    try await box.must(zheng: "export", ledger, "without")
    #expect(try box.names("without") == ["checkpoint", "tile", "verify.html"])
  }

  @Test("an export goes into a new or an empty directory only")
  func room() async throws {
    let box = try Sandbox()
    try await box.found()
    try box.makeFolder("empty")
    for file in ["full/x", "file"] { try box.write(file, "") }
    #expect(try await box.zheng("export", "ledger", "empty").status == 0)
    for place in ["full", "file", "none/deeper", "file/below"] {
      let outcome = try await box.zheng("export", "ledger", place)
      #expect(outcome.status == 73, "\(place): \(outcome.errors)")
      #expect(outcome.errors.contains(place))
    }
    #expect(try box.names("full") == ["x"])
    #expect(try await box.zheng("export", "missing", "new").status == 66)
  }
}
