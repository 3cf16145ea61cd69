import Foundation
import GRDB
import Ledger
import Testing
import TransparencyLog

@testable import LedgerStore

/// What is read is compared with the signed tree before it is given.
@Suite("Answers are checked") struct CheckedAnswerTests {
  /// A ledger over two tiles and three bundles, 520 entries and more.
  private static func make() throws -> TestLedger {
    let ledger = try TestConsortium().found()
    let writer = try LedgerWriter(ledger.folder, .inTests)
    for _ in 0..<3 { _ = try ledger.appendBlock(175, writer) }
    try writer.flush()
    return ledger
  }

  private func flip(_ path: String, _ offset: Int, _ body: () throws -> Void) throws {
    let url = URL(filePath: path)
    let good = try Data(contentsOf: url)
    var bad = good
    bad[offset] ^= 1
    try bad.write(to: url)
    defer { try! good.write(to: url) }
    try body()
  }

  private func fault(_ body: () throws -> Void) -> Fault? {
    do { try body() } catch { return error as? Fault }
    return nil
  }

  @Test("an entry whose bytes changed is not given, nor what holds it; every other one is")
  func entries() throws {
    let ledger = try CheckedAnswerTests.make()
    let whole = try LedgerReader(ledger.folder)
    let log = try EntryLog(in: Directory(ledger.folder.path), writing: false)
    let size = whole.size
    let good = try (0..<size).map { try #require(try whole.entry($0)) }
    for index in [UInt64(0), 2, 255, 256, 300, 511, 512, size - 2] {
      let end = try Int(log.position(skipping: index + 1, from: 0))
      try flip(ledger.folder.entries + "/000000000000", end - 70) {
        // The founding is read, and its damage seen, when a reader is opened.
        guard index > 0 else {
          #expect(throws: (any Error).self) { try LedgerReader(asItIs: ledger.folder).entry(0) }
          return
        }
        let reader = try LedgerReader(asItIs: ledger.folder)
        for entry in 0..<size where entry != index {
          #expect(try reader.entry(entry) == good[Int(entry)])
        }
        for read: () throws -> Void in [
          { _ = try reader.entry(index) }, { _ = try reader.proof(of: index) },
          { _ = try reader.proof(of: index, atHead: true) }, { try reader.search(SearchQuery()) { _ in } },
          {
            let width = Int(min(256, size - index / 256 * 256))
            _ = try reader.tile(TilePath(kind: .entries, index: index / 256, width: width))
          },
        ] {
          let found = fault(read)
          #expect(
            found?.code == .rootMismatch && found?.entry == index, "\(index): \(String(describing: found))")
        }
      }
    }
  }

  @Test("a tile, a position or a row that was changed never makes an answer another one")
  func derived() throws {
    let ledger = try CheckedAnswerTests.make()
    let folder = ledger.folder
    let whole = try LedgerReader(folder)
    let size = whole.size
    let good = try (0..<size).map { try #require(try whole.entry($0)) }
    let proof = try whole.proof(of: 3).bytes
    for (file, offset, affected) in [
      (folder.tileFile(level: 0), 32 * 3, UInt64(3)), (folder.tileFile(level: 0), 32 * 515, 515),
      (folder.tileFile(level: 1), 0, 3), (folder.tileFile(level: 1), 32, 300), (folder.offsets, 8, 300),
      (folder.offsets, 16, 515),
    ] {
      try flip(file, offset) {
        let reader = try LedgerReader(asItIs: folder)
        let found = fault { _ = try reader.entry(affected) }
        #expect(found?.code == .derivedMismatch, "\(file) \(offset): \(String(describing: found))")
        for index in 0..<size {
          do { #expect(try reader.entry(index) == good[Int(index)]) } catch is Fault {}
        }
        do { #expect(try reader.proof(of: 3).bytes == proof) } catch is Fault {}
        #expect(throws: Fault.self) {
          for path in Tiles.paths(treeSize: size) { _ = try reader.tile(path) }
          for path in Tiles.bundlePaths(treeSize: size) { _ = try reader.tile(path) }
        }
      }
    }
    for change in [
      "UPDATE records SET issuer = 'member-x' WHERE entry = 3",
      "UPDATE records SET bytes = 1 WHERE entry = 3",
      "UPDATE records SET digest = zeroblob(32) WHERE entry = 3",
      "UPDATE records SET type = 'text/html' WHERE entry = 3",
      "UPDATE records SET block = 2 WHERE entry = 3", "UPDATE blocks SET time = time + 1 WHERE height = 1",
      "UPDATE blocks SET size = size - 1 WHERE height = 1",
    ] {
      let index = try Data(contentsOf: URL(filePath: folder.indexFile))
      try DatabaseQueue(path: folder.indexFile).write { try $0.execute(sql: change) }
      let reader = try LedgerReader(asItIs: folder)
      #expect(throws: (any Error).self, "\(change)") { try reader.search(SearchQuery()) { _ in } }
      try index.write(to: URL(filePath: folder.indexFile))
    }
    #expect(try LedgerReader(asItIs: folder).proof(of: 3).bytes == proof)
  }
}
