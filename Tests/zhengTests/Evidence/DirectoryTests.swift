import Foundation
import TestKit
import Testing

@Suite("zheng evidence: directories", .timeLimit(.minutes(30)))
struct DirectoryTests {
  /// Writes `count` files into `folder` of the sandbox: the project's own sources, and what comes of them by small changes.
  private func fill(_ folder: String, _ count: Int, _ box: Sandbox) throws {
    let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    var sources: [Data] = []
    for part in ["Sources", "Tests"] {
      let root = project.appending(path: part)
      for name in try FileManager.default.subpathsOfDirectory(atPath: root.path).sorted()
      where name.hasSuffix(".swift") {
        sources.append(try Data(contentsOf: root.appending(path: name)))
      }
    }
    try #require(sources.count > 100)
    for number in 0..<count {
      let subfolder = "\(folder)/批次 \(number / 250)"
      var content = sources[number % sources.count]
      // Some are the same as others, and some are empty.
      if number % 7 != 0 { content += Data("\n// 第 \(number) 份\n".utf8) }
      if number % 1000 == 3 { content = Data() }
      try box.write("\(subfolder)/文件 \(number).txt", content)
    }
  }

  @Test(
    "a directory of 5,000 files takes one statement, and each file is found and proven; what differs is named"
  )
  func thousands() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    let count = 5000
    try fill("files", count, box)
    let deposited = try await box.deposit("files", as: "E-1", "--manifest", "files.manifest")
    #expect(deposited["files"] as? Int == count && deposited["index"] as? Int == 2)
    let root = try #require(deposited["root"] as? String)
    #expect(try await box.zheng("list", "ledger").lines.count == 2)
    #expect(!box.exists("files.manifest.names"))

    let checked = try await box.zheng(
      "evidence", "check", "ledger", "files", "--manifest", "files.manifest", "--json")
    #expect(checked.status == 0, "\(checked.errors)")
    try box.write("proofs", checked.output)
    // By other software, from the files themselves and the root that the ledger has.
    try box.write(
      "prove.py",
      """
      import hashlib, json, sys
      def h(b): return hashlib.sha256(b).digest()
      seen = set()
      for line in open("proofs", encoding="utf-8"):
          found = json.loads(line)
          proof, data = found["proof"], open(found["path"], "rb").read()
          name = found["path"].split("/", 1)[1]
          leaf = "%s %d =%s" % (hashlib.sha256(data).hexdigest(), len(data), name)
          assert leaf == proof["line"], leaf
          node, last, root = proof["index"], proof["size"] - 1, h(b"\\0" + leaf.encode())
          for sibling in map(bytes.fromhex, proof["path"]):
              if node & 1 or node == last:
                  root = h(b"\\1" + sibling + root)
                  while node and not node & 1: node, last = node >> 1, last >> 1
              else: root = h(b"\\1" + root + sibling)
              node, last = node >> 1, last >> 1
          assert last == 0 and root.hex() == proof["root"] == sys.argv[1], found["path"]
          seen.add(proof["index"])
      assert seen == set(range(int(sys.argv[2]))), len(seen)
      """)
    try await box.must("python3 prove.py \(root) \(count)")
    let one = try await box.zheng(
      "evidence", "check", "ledger", "files/批次 3/文件 800.txt", "--manifest", "files.manifest", "--item", "E-1")
    #expect(one.status == 0 && one.text.contains(root) && one.text.contains("批次 3/文件 800.txt"))

    try box.edit("files/批次 0/文件 1.txt") { $0 += Data("x".utf8) }
    try box.move("files/批次 0/文件 2.txt", to: "files/批次 0/新名.txt")
    try box.remove("files/批次 19/文件 4999.txt")
    try box.write("files/stranger.txt", "stranger\n")
    let differing = try await box.zheng(
      "evidence", "check", "ledger", "files", "--manifest", "files.manifest", "--json")
    #expect(differing.status == 1)
    let bad = try differing.objects.filter { $0["ok"] as? Bool == false }
    let byName = Dictionary(
      uniqueKeysWithValues: bad.map { (($0["path"] as? String ?? "").replacing("files/", with: ""), $0) })
    #expect(
      Set(byName.keys) == ["批次 0/文件 1.txt", "批次 0/新名.txt", "stranger.txt", "批次 19/文件 4999.txt"])
    #expect((byName["批次 0/文件 1.txt"]?["expected"] as? String)?.count == 64)
    #expect((byName["批次 0/新名.txt"]?["reason"] as? String)?.contains("批次 0/文件 2.txt") == true)
    #expect(byName["批次 19/文件 4999.txt"]?["reason"] as? String == "missing")
    let people = try await box.zheng("evidence", "check", "ledger", "files", "--manifest", "files.manifest")
    #expect(people.status == 1 && people.text.contains("MISSING"))
  }

  @Test("a manifest that is not the deposited one proves nothing")
  func otherManifest() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    for name in ["d/a", "d/b", "e/c"] { try box.write(name, "\(name.suffix(1))\n") }
    try await box.deposit("d", as: "E-1")
    try await box.deposit("e", as: "E-2")
    try box.write("altered", try box.text("d.manifest").replacing("=b\n", with: "=B\n"))
    #expect(try box.read("altered") != box.read("d.manifest"))
    func check(_ arguments: String...) async throws -> Outcome {
      try await box.zheng(["evidence", "check", "ledger", "d/a"] + arguments)
    }
    #expect(try await check("--manifest", "d.manifest").status == 0)
    let altered = try await check("--manifest", "altered")
    #expect(altered.status == 1 && altered.errors.contains("no deposit on this ledger names its root"))
    let other = try await check("--manifest", "altered", "--item", "E-1")
    #expect(
      other.status == 1 && other.errors.contains("its root is") && other.errors.contains("deposited was"))
    #expect(try await check("--manifest", "e.manifest").status == 1)
    #expect(try await check("--manifest", "e.manifest", "--item", "E-1").status == 1)
    let none = try await check("--manifest", "d/a")
    #expect(none.status == 1 && none.errors.contains("is not a manifest"))
    #expect(try await check("--manifest", "gone").status == 66)
    // The manifest itself is the deposited file, and a file out of the directory is told to need it.
    #expect(try await box.zheng("evidence", "check", "ledger", "d.manifest", "--item", "E-1").status == 0)
    #expect(try await box.zheng("evidence", "check", "ledger", "d/a").text.contains("--manifest"))
  }

  @Test("names with personal data are salted, all of them where asked, and nothing tells them")
  func names() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    try box.write("d/张三 13812345678.txt", "a\n")
    try box.write("d/plain.txt", "b\n")
    try box.write("d/x\ty", "c")
    let deposited = try await box.deposit("d", as: "E-1")
    #expect(deposited["salted"] as? Int == 2)
    let manifest = String(decoding: try box.read("d.manifest"), as: UTF8.self)
    #expect(manifest.contains("=plain.txt"))
    #expect(!manifest.contains("13812345678") && !manifest.contains("张三"))
    #expect(try box.mode("d.manifest.names") == 0o600)
    func check(_ arguments: String...) async throws -> Outcome {
      try await box.zheng(["evidence", "check", "ledger", "d", "--manifest"] + arguments)
    }
    #expect(try await check("d.manifest").status == 0)
    try box.move("d/张三 13812345678.txt", to: "d/renamed.txt")
    let renamed = try await check("d.manifest")
    #expect(
      renamed.status == 1 && renamed.text.contains("was deposited under another name: 张三 13812345678.txt"))
    // Without the names the content is proven all the same.
    try box.write("elsewhere/m", try box.read("d.manifest"))
    #expect(try await check("elsewhere/m").status == 0)
    try box.write("elsewhere/m.names", try box.text("d.manifest.names").replacing("张三", with: "李四"))
    #expect(try await check("elsewhere/m").errors.contains("line"))

    // A name may begin with a mark that combines with what stands before it.
    try box.write("d/\u{301}m", "m")
    let all = try await box.deposit("d", as: "E-2", "--manifest", "all", "--salt-names")
    #expect(all["salted"] as? Int == 4)
    #expect(try await check("all").status == 0)
    #expect(!String(decoding: try box.read("all"), as: UTF8.self).contains("="))
    let leaks = try Leaks.find(
      ["name": Array("13812345678".utf8), "plain": Array("plain.txt".utf8)],
      in: URL(filePath: "\(box.path)/ledger"))
    #expect(leaks == [])
  }

  @Test(
    "links and what can't be read stop a deposit, are named, and can be left out; no manifest is overwritten or misplaced"
  )
  func obstacles() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    try box.write("d/a", "a\n")
    try box.link("d/link", to: "a")
    try box.makeFolder("d/sub")
    try #require(mkfifo("\(box.path)/d/sub/pipe", 0o600) == 0)
    try box.write("taken", "x\n")
    let claims = ["--case", "17", "--method", "m", "--item", "E-1", "--key", "notary.pem"]
    func deposit(_ folder: String, _ arguments: String...) async throws -> Outcome {
      try await box.zheng(["evidence", "deposit", "ledger", folder] + arguments + claims)
    }
    let before = try box.ledgerSize()
    let stopped = try await deposit("d")
    #expect(stopped.status == 66)
    for part in ["d/link: a symbolic link", "d/sub/pipe: a named pipe", "--leave-out"] {
      #expect(stopped.errors.contains(part))
    }
    #expect(!box.exists("d.manifest"))
    #expect(try await deposit("d", "--leave-out", "--manifest", "taken").status == 73)
    #expect(try await deposit("d", "--leave-out", "--manifest", "d/manifest").status == 64)
    #expect(try await deposit("d", "--leave-out", "--manifest", "ledger/manifest").status == 64)
    try box.link("alias", to: "ledger")
    #expect(try await deposit("d", "--leave-out", "--manifest", "alias/manifest").status == 64)
    #expect(try await deposit(".", "--leave-out").status == 64)
    #expect(try await deposit("d/a", "--manifest", "m").status == 64)
    // Refused by the ledger: the manifest goes, or the next try would find it in its way.
    let refused = try await box.zheng(
      ["evidence", "deposit", "ledger", "d", "--leave-out"] + claims.dropLast() + ["auditor.pem"])
    #expect(refused.status == 2 && !box.exists("d.manifest"))
    #expect(try box.ledgerSize() == before)

    let left = try await deposit("d", "--leave-out")
    #expect(left.status == 0 && left.errors.contains("d/link: left out") && box.exists("d.manifest"))
    #expect(String(decoding: try box.read("d.manifest"), as: UTF8.self).split(separator: "\n").count == 2)
  }

  @Test("a directory is handed over by its manifest, and is not signed for where it differs")
  func handover() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    for name in ["a", "b"] { try box.write("d/\(name)", "\(name)\n") }
    try await box.deposit("d", as: "E-1")
    try await box.evidence("seal", "E-1", "--seal", "S-1", by: "notary")
    let offered = try await box.evidence(
      "offer", "E-1", "d", "--manifest", "d.manifest", "--to", "examiner", "--seal", "S-1", "--purpose", "鉴定",
      by: "notary")
    let next = try #require((offered["next"] as? [[String: Any]])?.first?["command"] as? String)
    #expect(next.contains("DIRECTORY --manifest MANIFEST"))
    try box.copy("d", to: "copy")
    try box.edit("copy/a") { $0 += Data("x\n".utf8) }
    let accept = ["evidence", "accept", "ledger", "E-1", "copy", "--seal", "S-1", "--location", "A", "--key"]
    let bare = try await box.zheng(accept + ["examiner.pem"])
    #expect(bare.status == 64 && bare.errors.contains("--manifest"))
    let differing = try await box.zheng(accept + ["examiner.pem", "--manifest", "d.manifest"])
    #expect(differing.status == 1 && differing.errors.contains("copy/a"))
    #expect(try await box.itemStatus("E-1")["state"] as? String == "in-transit")
    try box.copy("d/a", to: "copy/a")
    #expect(try await box.zheng(accept + ["examiner.pem", "--manifest", "d.manifest"]).status == 0)
    #expect(try await box.itemStatus("E-1")["custodian"] as? String == "examiner")
  }
}
