import Foundation
import Testing

@Suite("zheng verify, rebuild and checkpoint")
struct VerifyTests {
  private func ledger() async throws -> Sandbox {
    let box = try Sandbox()
    try await box.found()
    try await box.must(
      zheng: "append", "ledger", "--key", "notary.pem", "--lines", "-", input: Sandbox.lines(1...300))
    return box
  }

  @Test(
    "a good ledger is good; it is anchored by the policy or the ledger id, or else consistent in itself only")
  func good() async throws {
    let box = try await ledger()
    let plain = try await box.zheng("verify", "ledger")
    #expect(plain.status == 0 && plain.text.contains("consistent in itself only"))
    let json = try await box.zheng("verify", "ledger", "--json").json
    #expect(
      Set(json.keys) == [
        "ok", "anchored", "ledger", "entries", "records", "blocks", "root", "faults", "notes", "signatures",
        "seconds",
      ])
    #expect(json["ok"] as? Bool == true && json["anchored"] as? Bool == false)
    #expect(json["entries"] as? Int == 303 && json["records"] as? Int == 301 && json["blocks"] as? Int == 2)
    // Too few for a table to pay.
    #expect(
      json["signatures"] as? [String: Int] == ["by-table": 0, "again": 0, "ordinary": 301, "tables": 0])
    let id = try #require(json["ledger"] as? String)
    for anchor in [["--policy", "policy"], ["--ledger-id", id], ["--ledger-id", id, "--hashes-only"]] {
      let outcome = try await box.zheng(["verify", "ledger", "--json"] + anchor)
      #expect(outcome.status == 0)
      #expect(try outcome.json["anchored"] as? Bool == true)
      #expect((try outcome.json["notes"] as? [String])?.isEmpty == true)
    }
    for threads in ["1", "3"] {
      #expect(try await box.zheng("verify", "ledger", "--threads", threads).status == 0)
    }
    #expect(try await box.zheng("verify", "ledger", "--threads", "0").status == 64)
    let own = try await box.zheng("verify", "ledger", "--policy", "ledger/policy", "--json").json
    #expect((own["notes"] as? [String])?.first?.hasPrefix("own-policy") == true)
  }

  @Test("another ledger than the one that was asked for is a fault")
  func wrongLedger() async throws {
    let box = try await ledger()
    let other = try Sandbox()
    try await other.found()
    for anchor in [
      ["--policy", other.path + "/policy"], ["--ledger-id", String(repeating: "0", count: 64)],
    ] {
      let outcome = try await box.zheng(["verify", "ledger", "--json"] + anchor)
      #expect(outcome.status == 1)
      let faults = try #require(try outcome.json["faults"] as? [[String: Any]])
      #expect(faults.contains { $0["fault"] as? String == "wrong-ledger" })
      #expect(try outcome.json["anchored"] as? Bool == false)
    }
    #expect(try await box.zheng("verify", "ledger", "--ledger-id", "abc").status == 64)
    #expect(try await box.zheng("verify", "ledger", "--policy", "policy", "--ledger-id", "abc").status == 64)
    #expect(try await box.zheng("verify", "ledger", "--policy", "missing").status == 66)
    #expect(try await box.zheng("verify", "missing").status == 66)
  }

  @Test(
    "a byte that was flipped is found and told with its place, and reading commands say so instead of trapping"
  )
  func flipped() async throws {
    let box = try await ledger()
    try box.copy("ledger", to: "copy")
    var entries = try box.read("ledger/entries/000000000000")
    entries[entries.count / 2] ^= 1
    try box.write("copy/entries/000000000000", entries)
    let outcome = try await box.zheng("verify", "copy", "--policy", "policy", "--json")
    #expect(outcome.status == 1)
    let fault = try #require((try outcome.json["faults"] as? [[String: Any]])?.first)
    #expect(Set(fault.keys).isSuperset(of: ["fault", "block", "entry", "detail"]))
    #expect(fault["block"] as? Int == 1 && fault["entry"] is Int)
    let text = try await box.zheng("verify", "copy").text
    #expect(text.contains("FAULT") && text.contains("NOT GOOD"))
    // The damaged frames of every file, at a few places: whatever a command says, it says.
    for file in ["entries/000000000000", "checkpoints", "offsets", "tiles/0", "index.sqlite"] {
      let good = try box.read("ledger/\(file)")
      for part in [0, good.count / 3, good.count - 1] {
        var bad = good
        bad[part] = ~bad[part]
        try box.write("copy/\(file)", bad)
        for command in [
          ["show", "copy", "2"], ["list", "copy"], ["prove", "copy", "2", "--out", "-"], ["members", "copy"],
          ["append", "copy", "--key", "notary.pem", "policy"],
        ] {
          let outcome = try await box.zheng(command)
          #expect(
            [0, 1, 2, 66, 74].contains(outcome.status), "\(file) \(part) \(command): \(outcome.errors)")
        }
        try box.copy("ledger", to: "copy")
      }
    }
  }

  @Test(
    "a ledger of which a whole part is gone is damaged, and not no ledger",
    arguments: ["checkpoints", "entries"])
  func gone(part: String) async throws {
    let box = try await ledger()
    try box.remove("ledger/\(part)")
    let outcome = try await box.zheng("verify", "ledger", "--json")
    #expect(outcome.status == 1)
    let fault = try #require((try outcome.json["faults"] as? [[String: Any]])?.first)
    #expect(fault["fault"] as? String == "missing" && (fault["detail"] as? String)?.contains(part) == true)
    #expect(try await box.zheng("list", "ledger").status == 1)
  }

  @Test("a ledger rolled back to yesterday's copy fails against today's checkpoint; so does a forked one")
  func rollback() async throws {
    let box = try await ledger()
    try box.copy("ledger", to: "yesterday")
    try await box.zheng("checkpoint", "yesterday", into: "yesterday.checkpoint")
    try await box.must(zheng: "append", "ledger", "--key", "notary.pem", "-", input: Data("more\n".utf8))
    try await box.zheng("checkpoint", "ledger", into: "today.checkpoint")
    try box.copy("yesterday", to: "fork")
    try await box.must(
      zheng: "append", "fork", "--key", "notary.pem", "--adopt-head", "-", input: Data("other\n".utf8))
    func codes(_ ledger: String, _ checkpoint: String) async throws -> [String?] {
      let outcome = try await box.zheng(
        "verify", ledger, "--policy", "policy", "--checkpoint", checkpoint, "--json")
      let faults = try #require(try outcome.json["faults"] as? [[String: Any]])
      #expect(outcome.status == (faults.isEmpty ? 0 : 1))
      return faults.map { $0["fault"] as? String }
    }
    #expect(try await codes("ledger", "yesterday.checkpoint") == [])
    #expect(try await codes("ledger", "today.checkpoint") == [])
    #expect(try await codes("yesterday", "today.checkpoint") == ["truncated"])
    #expect(try await codes("fork", "today.checkpoint") == ["fork"])
    try box.write("bad", "no checkpoint")
    #expect(try await box.zheng("verify", "ledger", "--checkpoint", "bad").status == 1)
    #expect(try await box.zheng("verify", "ledger", "--checkpoint", "missing").status == 66)
    #expect(try await box.zheng("checkpoint", "ledger", "--json").json["size"] as? Int == 305)
  }

  @Test("damage to what is derived is named so, and rebuild mends it; damage to the truth it does not touch")
  func rebuild() async throws {
    let box = try await ledger()
    var tiles = try box.read("ledger/tiles/0")
    tiles[40] ^= 1
    try box.write("ledger/tiles/0", tiles)
    let damaged = try await box.zheng("verify", "ledger", "--json")
    #expect(damaged.status == 1)
    let faults = try #require(try damaged.json["faults"] as? [[String: Any]])
    #expect(faults.allSatisfy { $0["fault"] as? String == "derived-mismatch" } && !faults.isEmpty)
    #expect(try await box.zheng("rebuild", "ledger", "--json").json["entries"] as? Int == 303)
    #expect(try await box.zheng("verify", "ledger").status == 0)

    var entries = try box.read("ledger/entries/000000000000")
    entries[entries.count / 2] ^= 1
    try box.write("ledger/entries/000000000000", entries)
    #expect(try await box.zheng("rebuild", "ledger").status == 1)
    #expect(try box.read("ledger/entries/000000000000") == entries)
    #expect(try await box.zheng("verify", "ledger").status == 1)
  }
}
