import Foundation
import Testing

@Suite("zheng share through a node")
struct SharingNodeTests {
  @Test("statements are signed here and recorded there; what the node refuses is not in the vault")
  func node() throws {
    let box = try SharingSandbox()
    try box.found()
    try box.box.write("births.csv", SharedData.csv)
    try box.entry("BIRTHS")
    try box.granted("R-1")
    let (process, _, output) = try box.box.start(
      Sandbox.binary, ["node", "ledger", "--listen", "127.0.0.1:0"])
    process.standardError = FileHandle.nullDevice
    try process.run()
    defer { if process.isRunning { process.terminate() } }
    var line = Data()
    while line.last != UInt8(ascii: "\n") {
      line += try #require(try output.fileHandleForReading.read(upToCount: 1))
    }
    let url = try #require(
      String(decoding: line.dropLast(), as: UTF8.self).split(separator: " ").last.map(String.init))

    let deliver = [
      "deliver", "ledger", "R-1", "--file", "births.csv", "--records", "2", "--vault", "vault", "--out",
      "hand",
    ]
    // Only the node writes.
    #expect(try box.share(deliver, as: "health").status == 75)
    #expect(try box.box.names("vault") == ["vault.json"] && !box.box.exists("hand"))
    let refused = try box.share(deliver + ["--node", url, "--purpose", "商业营销"], as: "health")
    #expect(try refused.status == 2 && refused.json["code"] as? String == "purpose")
    #expect(try !box.box.names("vault").contains("R-1.1") && !box.box.exists("hand"))
    let personal = try box.share(deliver + ["--node", url, "--purpose", "13800138000"], as: "health")
    #expect(try personal.status == 2 && personal.json["code"] as? String == "personal-data")
    let delivered = try box.share(deliver + ["--node", url], as: "health")
    #expect(delivered.status == 0, "\(delivered.text)")
    #expect(try box.box.names("vault").contains("R-1.1"))

    process.terminate()
    process.waitUntilExit()
    #expect(try box.verified("vault").states == ["R-1.1": "intact"])
    let received = try box.must(
      "receipt", "ledger", "R-1", "--file", "hand/births.csv", "--salt", "hand/births.csv.salt",
      as: "education")
    #expect(received["match"] as? Bool == true)
  }
}
