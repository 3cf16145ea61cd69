import Foundation
import TestKit
import Testing

@Suite("zheng evidence check")
struct CheckFileTests {
  @Test("the deposited file is known, with every deposit of it; another is shown with both digests")
  func check() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    for name in ["contract", "copy"] { try box.write(name, "合同\n") }
    try box.write("other", "other\n")
    try await box.deposit("contract", as: "E-1")
    try await box.deposit("copy", as: "E-2", by: "police")
    try await box.deposit("other", as: "E-3")
    func check(_ arguments: String...) async throws -> Outcome {
      try await box.zheng(["evidence", "check", "ledger"] + arguments)
    }
    let found = try await check("contract", "--json")
    #expect(found.status == 0)
    let deposits = try #require(try found.json["deposits"] as? [[String: Any]])
    #expect(deposits.map { $0["item"] as? String } == ["E-1", "E-2"])
    #expect(deposits.map { $0["issuer"] as? String } == ["notary", "police"])
    #expect(try await check("contract", "--item", "E-1").text.contains("is the deposited file of E-1"))
    #expect(try await check("copy", "--item", "E-1").status == 0)

    // One byte.
    try box.write("copy", try box.read("copy") + Data("x".utf8))
    let digests = try ["contract", "copy"].map(box.sha256)
    let changed = try await check("copy", "--item", "E-1")
    #expect(changed.status == 1 && changed.text.contains("NOT"))
    for digest in digests { #expect(changed.text.contains(digest)) }
    let json = try await check("copy", "--item", "E-1", "--json").json
    #expect(json["ok"] as? Bool == false && json["digest"] as? String == digests[1])
    #expect(json["expected"] as? String == digests[0])
    let stranger = try await check("copy")
    #expect(stranger.status == 1 && stranger.text.contains("NOT a file that was deposited"))
    // A deposited file, but of another item: both are said.
    let swapped = try await check("other", "--item", "E-1")
    #expect(swapped.status == 1 && swapped.text.contains("E-3"))

    let many = try await check("contract", "copy", "other")
    #expect(many.status == 1 && many.text.contains("2 of 3 files are deposited"))
    #expect(try await check("contract", "other").status == 0)
    for name in ["contract", "other"] { try box.write("d/\(name)", box.read(name)) }
    #expect(try await check("d").status == 0)
    #expect(try await check("missing").status == 66)
    #expect(try await check("contract", "--item", "E-9", "--json").json["code"] as? String == "unknown-item")
  }

  @Test("nothing of the evidence is in the ledger's directory: raw, in hex or in base64")
  func leaks() async throws {
    let box = try Sandbox()
    try await box.foundEvidence()
    // The same was said of a file that holds nothing, so that only what came from the files differs.
    try box.write("nothing", "")
    try await box.deposit("nothing", as: "E-1")
    try box.copy("ledger", to: "control")
    let sources = URL(filePath: #filePath).deletingLastPathComponent()
    var secrets: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: sources.path) {
      let content = try Data(contentsOf: sources.appending(path: name))
      secrets[name] = [UInt8](content)
      try box.write("d/\(name)", content)
    }
    var generator = SeededGenerator(seed: 17)
    secrets["random"] = generator.bytes(3000)
    try box.write("random", Data(secrets["random"] ?? []))
    try await box.deposit("random", as: "E-2")
    try await box.deposit("d", as: "E-3")
    try await box.deposit("d", as: "E-4", "--salt-names", "--manifest", "salted")
    try await box.evidence("seal", "E-2", "--seal", "S-1", by: "notary")
    try await box.evidence("renew", "E-2", "random", "--digest", "sm3", by: "notary")
    let (ledger, control) = (URL(filePath: "\(box.path)/ledger"), URL(filePath: "\(box.path)/control"))
    #expect(try Leaks.find(secrets, in: ledger, notCounting: control) == [])

    // And it would be found.
    let secret = Array((secrets["random"] ?? [])[100..<160])
    for (encoding, text) in [
      ("raw", Data(secret)), ("hex", Data(secret.map { String(format: "%02X", $0) }.joined().utf8)),
      ("base64", secret.withUnsafeBytes { Data($0).base64EncodedData() }),
      ("base64", Data(secret.dropFirst(2)).base64EncodedData(options: .lineLength64Characters)),
    ] {
      try box.write("ledger/planted", Data("x ".utf8) + text + Data(" y".utf8))
      let found = try Leaks.find(secrets, in: ledger, notCounting: control)
      #expect(found.count >= 40 && found.allSatisfy { $0.secret == "random" && $0.file == "planted" })
      #expect(found.contains { $0.encoding.rawValue == encoding })
    }
  }
}
