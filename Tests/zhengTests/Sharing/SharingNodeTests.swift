import Foundation
import Testing

@Suite("zheng share through a node", .timeLimit(.minutes(30)))
struct SharingNodeTests {
  @Test("statements are signed here and recorded there; what the node refuses is not in the vault")
  func node() async throws {
    let box = try SharingSandbox()
    try await box.found()
    try box.box.write("births.csv", SharedData.csv)
    try await box.entry("BIRTHS")
    try await box.granted("R-1")
    let node = try await LocalNode(box.box)
    let words = ["R-1", "--file", "births.csv", "--records", "2", "--vault", "vault", "--out", "hand"]
    let deliver = ["deliver", node.url] + words + ["--policy", "policy"]
    // Only the node writes.
    #expect(try await box.share(["deliver", "ledger"] + words, as: "health").status == 75)
    #expect(try box.box.names("vault") == ["vault.json"] && !box.box.exists("hand"))
    let refused = try await box.share(deliver + ["--purpose", "商业营销"], as: "health")
    #expect(try refused.status == 2 && refused.json["code"] as? String == "purpose")
    #expect(try !box.box.names("vault").contains("R-1.1") && !box.box.exists("hand"))
    let personal = try await box.share(deliver + ["--purpose", "13800138000"], as: "health")
    #expect(try personal.status == 2 && personal.json["code"] as? String == "personal-data")
    let delivered = try await box.share(deliver, as: "health")
    #expect(delivered.status == 0, "\(delivered.text)")
    #expect(try box.box.names("vault").contains("R-1.1"))

    try await node.stop()
    #expect(try await box.verified("vault").states == ["R-1.1": "intact"])
    let received = try await box.must(
      "receipt", "ledger", "R-1", "--file", "hand/births.csv", "--salt", "hand/births.csv.salt",
      as: "education")
    #expect(received["match"] as? Bool == true)
  }
}
