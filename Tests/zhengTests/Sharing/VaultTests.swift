import Foundation
import TestKit
import Testing
import Workflows

@testable import zheng

@Suite("zheng share: the vault", .timeLimit(.minutes(30)))
struct VaultTests {
  /// A ledger with the request R-1 granted, and data.
  private func prepared() async throws -> SharingSandbox {
    let box = try SharingSandbox()
    try await box.found()
    try box.box.write("births.csv", SharedData.csv)
    try await box.entry("BIRTHS")
    try await box.granted("R-1")
    return box
  }

  private func receipt(_ box: SharingSandbox, _ more: String...) async throws -> Outcome {
    try await box.share(
      ["receipt", "ledger", "R-1", "--file", "hand-R-1-1/births.csv", "--salt", "hand-R-1-1/births.csv.salt"]
        + more, as: "education")
  }

  private func erase(_ box: SharingSandbox, _ vault: String, as member: String) async throws -> Outcome {
    try await box.share(
      "erase", "ledger", "R-1", "--delivery", "1", "--reason", "用毕销毁", "--vault", vault, as: member)
  }

  @Test(
    "data and salt lie in the vault and in the package, for their owner only, and openssl finds the same commitment"
  )
  func delivered() async throws {
    let box = try await prepared()
    let delivered = try await box.delivered("R-1")
    for folder in ["vault", "vault/R-1.1", "hand-R-1-1"] {
      #expect(try box.box.mode(folder) == 0o700)
    }
    for (data, salt) in [
      ("vault/R-1.1/data", "vault/R-1.1/salt"), ("hand-R-1-1/births.csv", "hand-R-1-1/births.csv.salt"),
    ] {
      for file in [data, salt] { #expect(try box.box.mode(file) == 0o600) }
      #expect(try box.box.read(data) == Data(SharedData.csv.utf8))
    }
    #expect(try box.box.read("vault/R-1.1/salt") == box.box.read("hand-R-1-1/births.csv.salt"))
    #expect(try box.box.names("vault") == ["R-1.1", "items", "vault.json"])
    if Shell.has("openssl"), Shell.has("xxd") {
      let ours = try await box.box.must(
        """
        (printf 'zheng.sharing.commitment.v1\\0'; printf %016x $(stat -c %s births.csv) | xxd -r -p; cat births.csv) |
          openssl dgst -sha256 -mac HMAC -macopt hexkey:$(cat vault/R-1.1/salt)
        """)
      #expect(ours.text.hasSuffix(" \(delivered["commitment"] ?? "")\n"))
    }
    // The same data again, for the same demander: another salt, so another commitment.
    let again = try await box.delivered("R-1", 2)
    #expect(again["commitment"] as? String != delivered["commitment"] as? String)
    #expect(try await box.verified("vault").states == ["R-1.1": "intact", "R-1.2": "intact"])
    // A package is never written over another.
    let third = try await box.share(
      "deliver", "ledger", "R-1", "--file", "births.csv", "--records", "2", "--vault", "vault", "--out",
      "hand-R-1-2", as: "health")
    #expect(third.status == 73)
    #expect(try box.box.names("vault") == ["R-1.1", "R-1.2", "items", "vault.json"])
    #expect(try !box.box.tree("vault").contains { $0.hasPrefix(".staging") })
  }

  @Test("requests may be called whatever they are: no folder is another's, and none leaves the vault")
  func names() async throws {
    let box = try SharingSandbox()
    try await box.found()
    try box.box.write("births.csv", SharedData.csv)
    try await box.entry("BIRTHS")
    for (request, folder) in [
      ("../R", "%2E%2E%2FR.1"), ("R/1", "R%2F1.1"), ("R.1", "R%2E1.1"), ("证1", "%E8%AF%811.1"),
      (".staging-x", "%2Estaging-x.1"), ("items", "items.1"), ("R%2F1", "R%252F1.1"),
    ] {
      try await box.granted(request)
      try await box.must(
        "deliver", "ledger", request, "--file", "births.csv", "--records", "2", "--vault", "vault",
        as: "health")
      #expect(box.box.exists("vault/\(folder)/data"), "\(request)")
    }
    let verified = try await box.verified("vault")
    #expect(verified.status == 0 && verified.states.count == 7 && Set(verified.states.values) == ["intact"])
  }

  @Test("a vault is never in the ledger's directory, nor the ledger in it, by whatever way")
  func apart() async throws {
    let box = try await prepared()
    for folder in ["in", "elsewhere"] { try box.box.makeFolder(folder) }
    for (link, target) in [
      ("in/link", "../ledger"), ("elsewhere-link", "elsewhere"), ("dangling", "nowhere"),
    ] { try box.box.link(link, to: target) }
    try box.box.move("ledger/tiles", to: "elsewhere/tiles")
    try box.box.link("ledger/tiles", to: "../elsewhere/tiles")
    let truth = try box.truth()
    let before = try box.box.tree().filter { !$0.hasPrefix(".") }
    for vault in [
      "ledger", "ledger/vault", "ledger/keys/vault", "in/link/vault", "in/link", "in/../ledger/vault", ".",
      box.path, "elsewhere", "elsewhere-link", "elsewhere/tiles/vault", "dangling", "missing/../ledger/vault",
    ] {
      for words in [["--vault", vault], ["--vault", "vault", "--out", vault]] {
        if words.count == 4, vault == "elsewhere-link" || vault == "dangling" { continue }
        let outcome = try await box.share(
          ["deliver", "ledger", "R-1", "--file", "births.csv", "--records", "2"] + words, as: "health")
        #expect(outcome.status == 64 || outcome.status == 66, "\(words): \(outcome.text)")
        #expect(try outcome.json["detail"] as? String != nil)
        if box.box.exists("vault") { try box.box.remove("vault") }
      }
      #expect([64, 66].contains(try await box.verifyStatus(vault)))
    }
    #expect(try box.truth() == truth)
    #expect(try box.box.tree().filter { !$0.hasPrefix(".") } == before)
    // What is handed over goes elsewhere too.
    let inVault = try await box.share(
      "deliver", "ledger", "R-1", "--file", "births.csv", "--records", "2", "--vault", "vault", "--out",
      "vault/out", as: "health")
    #expect(inVault.status == 64)
    // A directory with other things in it is no vault.
    let other = try await box.share(
      "deliver", "ledger", "R-1", "--file", "births.csv", "--records", "2", "--vault", "in", as: "health")
    #expect(other.status == 73)
    #expect(try box.truth() == truth)
  }

  @Test("other data, or another salt, are a mismatch that the ledger keeps; and the provider delivers again")
  func mismatch() async throws {
    let box = try await prepared()
    try await box.delivered("R-1")
    try box.box.write("other.csv", SharedData.csv + "x")
    let wrong = try await box.share(
      "receipt", "ledger", "R-1", "--file", "other.csv", "--salt", "hand-R-1-1/births.csv.salt", "--vault",
      "school", "--record-mismatch", as: "education")
    #expect(wrong.status == 1)
    #expect(try wrong.json["match"] as? Bool == false)
    #expect(try box.box.files("school") == ["vault.json"])
    let history = try #require(try await box.must("history", "ledger", "R-1")["history"] as? [[String: Any]])
    #expect(history.last?["mark"] as? String == "MISMATCH")
    let use = try await box.share(
      "use", "ledger", "R-1", "--purpose", "入学核验", "--reference", "B-1", as: "education")
    #expect(try use.status == 2 && use.json["code"] as? String == "wrong-state")
    try await box.delivered("R-1", 2)
    let otherSalt = try await box.share(
      "receipt", "ledger", "R-1", "--file", "hand-R-1-2/births.csv", "--salt", "hand-R-1-1/births.csv.salt",
      "--record-mismatch", as: "education")
    #expect(otherSalt.status == 1)
    try box.box.write("no.salt", "abc")
    let noSalt = try await box.share(
      "receipt", "ledger", "R-1", "--file", "other.csv", "--salt", "no.salt", as: "education")
    #expect(try noSalt.status == 64 && noSalt.json["code"] as? String == "malformed-salt")
    let report = try await box.must("report", "ledger")
    #expect((report["requests"] as? [[String: Any]])?.first?["mismatches"] as? Int == 2)
    #expect(try await box.box.zheng("verify", "ledger", "--policy", "policy").status == 0)
  }

  @Test("verify tells what is intact, erased by a record, gone or altered, on either side")
  func verify() async throws {
    let box = try await prepared()
    try await box.delivered("R-1")
    #expect(try await receipt(box, "--vault", "school").status == 0)
    #expect(try await box.verified("vault", "school").status == 0)

    for vault in ["vault", "school"] { try box.box.copy(vault, to: "\(vault).bak") }
    let files = box.box
    let damages: [(what: String, state: String, damage: (_ item: String) throws -> Void)] = [
      ("longer", "vault-altered", { try files.edit("\($0)/data") { $0 += Data("x".utf8) } }),
      (
        "altered", "vault-altered",
        { try files.edit("\($0)/data") { $0.replaceSubrange(3..<6, with: "证".utf8) } }
      ),
      (
        "another salt", "vault-altered",
        {
          try files.edit("\($0)/salt") {
            $0[0] = $0[0] == UInt8(ascii: "1") ? UInt8(ascii: "2") : UInt8(ascii: "1")
          }
        }
      ),
      ("no salt", "vault-altered", { try files.edit(text: "\($0)/salt") { _ in "no salt\n" } }),
      ("salt gone", "vault-gone", { try files.remove("\($0)/salt") }),
      ("data gone", "vault-gone", { try files.remove("\($0)/data") }),
      ("all gone", "vault-gone", { try files.remove($0) }),
      (
        "a link", "vault-gone",
        {
          try files.move("\($0)/data", to: "x")
          try files.link("\($0)/data", to: "../../x")
        }
      ),
    ]
    for (damage, state, harm) in damages {
      for vault in ["vault", "school"] {
        try harm("\(vault)/R-1.1")
        let verified = try await box.verified(vault)
        #expect(verified.status == 1 && verified.states["R-1.1"] == state, "\(damage): \(verified)")
        let text = try await box.box.zheng("verify", "ledger", "--vault", vault)
        #expect(text.status == 1 && text.text.contains("FAULT") && text.text.contains(state))
        if box.box.exists("x") { try box.box.remove("x") }
        try box.box.copy("\(vault).bak", to: vault)
      }
    }
    // A provider's vault that is another's, or of which all was lost.
    for part in ["R-1.1", "items"] { try box.box.remove("vault/\(part)") }
    #expect(try await box.verified("vault").states == ["R-1.1": "vault-gone"])
    try box.box.remove("vault/vault.json")
    #expect(try await box.verifyStatus("vault") == 66)
    try box.box.copy("vault.bak", to: "vault")

    let erased = try await erase(box, "school", as: "education")
    #expect(erased.status == 0)
    let index = try #require(try erased.json["index"] as? Int)
    #expect(!box.box.exists("school/R-1.1"))
    #expect(try await box.verified("vault", "school").status == 0)
    #expect(try await box.verified("school").states == ["R-1.1": "erased"])
    #expect(
      try await box.box.zheng("verify", "ledger", "--vault", "school").text.contains(
        "erased, by record \(index)"))
    // The other side's copy is its own matter.
    #expect(try await box.verified("vault").states == ["R-1.1": "intact"])
    // Once is enough.
    let again = try await erase(box, "school", as: "education")
    #expect(try again.status == 2 && again.json["code"] as? String == "duplicate")
    #expect(try await erase(box, "vault", as: "health").status == 0)
    #expect(try await box.verified("vault", "school").status == 0)
  }

  @Test("an erasure that was interrupted after its record is a fault until the same command finishes it")
  func interruptedErasure() async throws {
    let box = try await prepared()
    try await box.delivered("R-1")
    try box.box.copy("vault", to: "vault.bak")
    let erased = try await #require(try erase(box, "vault", as: "health").json["index"] as? Int)
    let truth = try box.truth()
    for gone in [[], ["salt"], try box.box.names("vault.bak/R-1.1")] {
      try box.box.copy("vault.bak", to: "vault")
      for name in gone { try box.box.remove("vault/R-1.1/\(name)") }
      let verified = try await box.verified("vault")
      #expect(verified.status == 1 && verified.states == ["R-1.1": "vault-not-erased"])
      #expect(
        try await box.box.zheng("verify", "ledger", "--vault", "vault").text.contains(
          "zheng share erase ledger R-1"))
      let finished = try await erase(box, "vault", as: "health")
      #expect(try finished.status == 0 && finished.json["entry"] as? Int == erased)
      #expect(!box.box.exists("vault/R-1.1"))
      #expect(try await box.verified("vault").status == 0)
    }
    #expect(try box.truth() == truth)
  }

  @Test("what an interrupted delivery has left is told, and gone with the next one")
  func interruptedDelivery() async throws {
    let box = try await prepared()
    try await box.delivered("R-1")
    // Killed while it copied, and killed after the item had its place and before it was recorded.
    try box.box.write("vault/.staging-abcdef/data", "half\n")
    try box.box.copy("vault/R-1.1", to: "vault/R-1.2")
    try box.box.edit("vault/items") { $0 += Data("R-1.2\n".utf8) }
    let verified = try await box.verified("vault")
    #expect(
      verified.status == 0
        && verified.states == ["R-1.1": "intact", "R-1.2": "leftover", ".staging-abcdef": "leftover"])
    try await box.delivered("R-1", 2)
    #expect(!box.box.exists("vault/.staging-abcdef"))
    #expect(try await box.verified("vault").states == ["R-1.1": "intact", "R-1.2": "intact"])
  }

  @Test("files that a stopped deliver has left to be handed over are named by verify and by the next command")
  func interruptedHandover() async throws {
    let box = try await prepared()
    let options = try StatementOptions.parse(["--key", "\(box.path)/health.pem"])
    let ledger = try LedgerArgument.parse(["\(box.path)/ledger"])
    do {
      // Killed after both files were written, and before the record.
      var transaction = try await options.vaultWork(on: ledger).transaction("\(box.path)/vault")
      let staged = try transaction.stage("\(box.path)/births.csv", salt: Salt())
      transaction.handover = try Handover(
        in: "\(box.path)/left", of: "births.csv", staged, from: transaction.vault, apartFrom: ledger.path)
      try transaction.handover?.write()
    }
    let verified = try await box.box.zheng("verify", "ledger", "--vault", "vault")
    #expect(
      verified.status == 0 && verified.text.contains("/left/births.csv.salt")
        && verified.text.contains("shred -u"))
    #expect(try await box.verified("vault").states.values.filter { $0 == "leftover" }.count == 2)
    let deliver = [
      "share", "deliver", "ledger", "R-1", "--file", "births.csv", "--records", "2", "--vault", "vault",
      "--key",
      "health.pem", "--out",
    ]
    let next = try await box.box.zheng(deliver + ["hand"])
    #expect(
      next.status == 0 && next.errors.contains("/left/births.csv and ") && next.errors.contains("shred -u"))
    try box.box.remove("left")
    let quiet = try await box.box.zheng(deliver + ["hand-2"])
    #expect(quiet.status == 0 && !quiet.errors.contains("/left"))
    #expect(try box.box.names("vault") == ["R-1.1", "R-1.2", "items", "vault.json"])

    // Killed between the record and the end of the command.
    let digest = try Salt(file: "\(box.path)/vault/R-1.2/salt").commitment(
      to: "\(box.path)/vault/R-1.2/data", WorkContext(wallClock: { 0 }))
    try box.box.write(
      "vault/.handover-1",
      """
      {"format":"zheng-handover-1","data":"\(box.path)/hand-2/births.csv","salt":"\(box.path)/hand-2/births.csv.salt",\
      "commitment":"\(digest.hex)"}
      """)
    let told = try await box.box.zheng("verify", "ledger", "--vault", "vault")
    #expect(told.status == 0 && told.text.contains("delivery 2 of R-1 was recorded"))
    let last = try await box.box.zheng(deliver + ["hand-3"])
    #expect(last.errors.contains("delivery 2 of R-1 was recorded") && !last.errors.contains("shred"))
    #expect(!box.box.exists("vault/.handover-1") && box.box.exists("hand-2/births.csv"))
  }

  @Test("a vault belongs to one member and one ledger, and one process writes to it at a time")
  func owners() async throws {
    let box = try await prepared()
    try await box.delivered("R-1")
    let truth = try box.truth()
    #expect(try await receipt(box, "--vault", "vault").status == 64)
    #expect(try await erase(box, "vault", as: "education").status == 64)
    #expect(try await erase(box, "missing", as: "health").status == 66)
    #expect(
      try await box.share("erase", "ledger", "R-1", "--delivery", "1", "--reason", "用毕", as: "health").status
        == 64)
    if Shell.has("flock") {
      let busy = try await box.box.shell(
        "flock vault/vault.json $ZHENG share erase ledger R-1 --delivery 1 --reason x --vault vault --key health.pem"
      )
      #expect(busy.status == 75)
    }
    #expect(try box.truth() == truth)
    #expect(try await box.verified("vault").status == 0)
    let other = try SharingSandbox()
    try await other.found()
    try FileManager.default.copyItem(atPath: "\(box.path)/vault", toPath: "\(other.path)/vault")
    #expect(try await other.verifyStatus("vault") == 64)
    // The demander that keeps no vault says that it has destroyed its copy.
    #expect(try await receipt(box).status == 0)
    let elsewhere = try await box.must(
      "erase", "ledger", "R-1", "--delivery", "1", "--reason", "用毕", "--elsewhere", as: "education")
    #expect(elsewhere["erased"] as? Bool == false)
  }
}

extension SharingSandbox {
  fileprivate func verifyStatus(_ vault: String) async throws -> Int32 {
    try await box.zheng("verify", "ledger", "--vault", vault).status
  }
}
