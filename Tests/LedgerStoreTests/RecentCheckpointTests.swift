import Foundation
import Ledger
import LedgerCrypto
import TestKit
import Testing
import TransparencyLog

@testable import LedgerStore

@Suite("Recent checkpoints")
struct RecentCheckpointTests {
  @Test(
    "a validator that joins may have cosigned any of the newest 1,000 checkpoints before the block, and no other"
  )
  func recent() throws {
    let folder = try TemporaryFolder()
    let signer = try NoteSigner.log("x.example")
    var bytes: [UInt8] = []
    var ends: [UInt64] = [0]
    for size in 1...UInt64(RecentTrees.most + 2) {
      let text = try Checkpoint(origin: "x.example", size: size, root: .zero).text
      bytes += CheckpointLog.frame(try SignedNote(text: text, signatures: [signer.sign(text)]).bytes)
      ends.append(UInt64(bytes.count))
    }
    try Data(bytes).write(to: URL(filePath: folder.path + "/checkpoints"))
    let log = try CheckpointLog(in: Directory(folder.path), writing: false)
    func isRecent(_ size: UInt64, before count: Int, root: Digest = .zero) throws -> Bool {
      try log.hasRecent(size: size, root: root, before: ends[count])
    }
    let all = RecentTrees.most + 2
    #expect(try isRecent(UInt64(all), before: all) && isRecent(3, before: all))
    #expect(try !isRecent(2, before: all) && isRecent(2, before: all - 1))
    #expect(try !isRecent(UInt64(all), before: all - 1) && !isRecent(UInt64(all) + 1, before: all))
    #expect(try !isRecent(3, before: all, root: SHA256.digest(of: [1])))
    #expect(try !isRecent(1, before: 0))
  }
}
