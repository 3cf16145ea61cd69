import Foundation
import TestKit
import Testing

/// Reading that writes nothing, as a user meets it who does not own the ledger's directory.
@Suite(
  "Commands of another user", .timeLimit(.minutes(30)),
  .enabled(if: geteuid() == 0 && OwnThread.canHaveOwnFolder, "needs root"))
struct OtherUserTests {
  private let nobody: uid_t = 65_534

  /// Lets everyone into the sandbox, and gives `files` to the other user.
  private func open(_ box: Sandbox, _ files: String...) throws {
    #expect(chmod(box.path, 0o755) == 0)
    for file in files { #expect(chown("\(box.path)/\(file)", nobody, nobody) == 0) }
  }

  @Test("all that reads reads, and changes nothing; what writes is refused and names the file")
  func reading() async throws {
    let box = try Sandbox()
    try await box.found()
    try box.write("note.txt", "one")
    try await box.must(zheng: "append", "ledger", "--key", "notary.pem", "note.txt")
    try box.makeFolder("theirs")
    try open(box, "court.pem", "theirs")
    let before = try box.tree("ledger").map {
      try box.isFolder("ledger/\($0)") ? $0 : box.sha256("ledger/\($0)")
    }
    box.user = nobody
    for words in [
      ["list", "ledger"], ["show", "ledger", "2"], ["find", "ledger", "note.txt"],
      ["prove", "ledger", "2", "--out", "theirs/2.tlog-proof"],
      ["members", "ledger"], ["checkpoint", "ledger"], ["verify", "ledger", "--policy", "policy"],
    ] {
      let outcome = try await box.zheng(words)
      #expect(outcome.status == 0 && !outcome.text.isEmpty, "\(words): \(outcome.errors)")
    }
    let refused = try await box.zheng("append", "ledger", "--key", "court.pem", "note.txt")
    #expect(refused.status == 66 && refused.errors.contains("ledger/lock"), "\(refused.errors)")
    box.user = nil
    let after = try box.tree("ledger").map {
      try box.isFolder("ledger/\($0)") ? $0 : box.sha256("ledger/\($0)")
    }
    #expect(before == after)
  }

  @Test("a request, its grant and its revocation go through the node: exit 0, with the place of the record")
  func sharing() async throws {
    let sharing = try SharingSandbox()
    try await sharing.found()
    try await sharing.entry("BIRTHS")
    let box = sharing.box
    try open(box, "education.pem", "health.pem")
    let node = try await LocalNode(box)
    box.user = nobody
    (box.place, box.environment) = (node.url, ["ZHENG_POLICY": "policy"])
    let request = try await sharing.share(sharing.ask("R-1"), as: "education")
    #expect(request.status == 0 && request.text.contains("\"index\":"), "\(request.text) \(request.errors)")
    let grant = try await sharing.share(["grant", node.url, "R-1"], as: "health")
    #expect(grant.status == 0 && grant.text.contains("\"index\":"), "\(grant.text) \(grant.errors)")
    let revoke = try await sharing.share(["revoke", node.url, "R-1", "--basis", "条例"], as: "health")
    #expect(revoke.status == 0 && revoke.text.contains("\"index\":"), "\(revoke.text) \(revoke.errors)")
    box.user = nil
    try await node.stop()
  }
}
