import Boards
import Consortium
import Foundation
import LedgerCrypto
import TestKit
import Testing

/// A board on a real etcd; nothing is installed for it.
@Suite(
  "A board on etcd", .enabled(if: Shell.has("etcd"), "needs etcd in the search path: Debian's etcd-server"))
struct EtcdBulletinTests {
  /// A member on loopback that keeps what it has in `folder`.
  private func start(_ folder: URL, client: String, peer: String) async throws -> RunningProgram {
    let etcd = try RunningProgram(
      "etcd",
      [
        "--data-dir", folder.appending(path: "etcd").path, "--listen-client-urls", client,
        "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
        "--initial-cluster", "default=\(peer)", "--logger", "zap", "--log-outputs", "stdout",
      ], in: folder.path)
    while let line = try await etcd.line(), !line.contains("serving client traffic") {}
    return etcd
  }

  private func vote(_ round: Int, height: UInt64 = 5, by sender: Int = 0) -> Message {
    let digest = SHA256.digest(of: Array("\(round)".utf8))
    return Message(
      sender: sender, ballot: .vote(digest, height: height, round: round),
      signature: Array(repeating: UInt8(sender), count: signatureByteCount))
  }

  @Test(
    "Each place is written once, heights are read whole, changes are shown, and a store that is lost is begun anew"
  )
  func board() async throws {
    try await Shell.withTemporaryFolder { folder in
      let host = Loopback.ownHost()
      let urls = try Loopback.freePorts(2, at: host).map { "http://\(host):\($0)" }
      var etcd = try await start(folder, client: urls[0], peer: urls[1])
      func board(of name: String) throws -> EtcdBulletin {
        // The first member is down.
        try EtcdBulletin(
          ["http://127.0.0.1:1", urls[0]], ledger: .zero, validator: name,
          validators: { ["v0", "v1"] })
      }
      let (mine, other) = (try board(of: "v0"), try board(of: "v1"))
      let changes = try await other.changes()
      try await mine.post(vote(0))
      let second = Message(
        sender: 0, ballot: .vote(.zero, height: 5, round: 0), signature: vote(0).signature)
      try await mine.post(second)
      try await other.post(vote(0, by: 1))
      try await other.post(vote(0, height: 6, by: 1))
      #expect(try await mine.read(height: 5) == [vote(0).bytes, vote(0, by: 1).bytes])
      var shown: [[UInt8]] = []
      for await bytes in changes {
        shown.append(bytes)
        if shown.count == 3 { break }
      }
      #expect(shown == [vote(0).bytes, vote(0, by: 1).bytes, vote(0, height: 6, by: 1).bytes])
      // More than one answer holds.
      for round in 1..<300 { try await mine.post(vote(round)) }
      #expect(try await mine.read(height: 5).count == 301)
      try await mine.forget(below: 6)
      #expect(try await mine.read(height: 5) == [vote(0, by: 1).bytes])

      let announcement = try await mine.announce("https://v0.example", process: 1)
      #expect(try await other.url(of: "v0") == "https://v0.example")
      await #expect(throws: BoardError.self) { _ = try await mine.announce("https://v0.example", process: 2) }
      try await mine.renew(announcement)
      try await mine.withdraw(announcement)
      #expect(try await other.url(of: "v0") == nil)
      await #expect(throws: BoardError.self) { try await mine.renew(announcement) }

      // The store is lost. What is watched ends; a new store is filled anew.
      let more = try await other.changes()
      etcd.send(SIGKILL)
      _ = try await etcd.ended()
      for await _ in more {}
      await #expect(throws: BoardError.self) { _ = try await mine.read(height: 5) }
      try FileManager.default.removeItem(at: folder.appending(path: "etcd"))
      etcd = try await start(folder, client: urls[0], peer: urls[1])
      #expect(try await other.read(height: 6) == [])
      try await mine.post(vote(7))
      #expect(try await other.read(height: 5) == [vote(7).bytes])
      etcd.send(SIGKILL)
      _ = try await etcd.ended()
    }
  }
}
