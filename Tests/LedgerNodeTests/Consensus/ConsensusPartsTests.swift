import Consortium
import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Statements
import Synchronization
import TestKit
import Testing
import TransparencyLog

@testable import LedgerNode

@Suite("What a validator's node is made of", .timeLimit(.minutes(30)))
struct ConsensusPartsTests {
  @Test("Clocks are compared by the cosignatures of one block, and the odd one is named")
  func sightings() {
    var sightings = Sightings()
    for (name, time) in [("a", 1000), ("b", 1001)] as [(String, UInt64)] {
      sightings.cosigned(name, height: 5, at: time)
    }
    // Of two none is the middle.
    #expect(sightings.offset(of: "a") == nil)
    sightings.cosigned("c", height: 5, at: 1120)
    sightings.cosigned("d", height: 5, at: 900)
    #expect(["a", "b", "c", "d"].map { sightings.offset(of: $0) } == [0, 1, 120, -100])
    // Whoever cosigns late by a clock that agrees is slow, and no more than that.
    sightings.cosigned("c", height: 5, at: 1120, arrival: 1121)
    sightings.cosigned("d", height: 5, at: 900, arrival: 1000)
    #expect(["c", "d"].map { sightings.offset(of: $0) } == [-1, -100])
    sightings.see("a", height: 7, round: 2, at: 1)
    sightings.see("a", height: 6, round: 9, at: 2)
    #expect(sightings["a"]?.height == 7 && sightings["a"]?.round == 2 && sightings["a"]?.time == 2)
    sightings.see("b", height: 5, at: 1)
    // One that lies may name any height.
    #expect(sightings.height(beyond: 0) == 7 && sightings.height(beyond: 1) == 5)
    sightings.keep(["b"])
    #expect(sightings["a"] == nil && sightings.offset(of: "c") == nil && sightings.offset(of: "b") == 1)
  }

  @Test("A body is a block's only where its entries make the tree that its header names")
  func bodies() throws {
    let ledger = try TestLedger()
    let writer = try LedgerWriter(ledger.folder, .inTests)
    let before = writer.state.frontier
    let entry = try ledger.entry(Array("one".utf8))
    var checker = EntryChecker()
    let checked = checker.check(entry.span, keys: writer.state.roster.keys)
    _ = try writer.appendBlock([LedgerWriter.Candidate(entry: entry, checked: checked)])
    let block = try writer.reader()
    let row = try block.newestBlock()
    let entries = try (row.first..<row.size).map { try #require(try block.entry($0)) }
    func body(_ entries: [[UInt8]]) -> [UInt8] {
      var bytes: [UInt8] = []
      for entry in entries { EntryBundle.append(entry.span, to: &bytes) }
      return bytes
    }
    let whole = body(entries)
    let found = try #require(BlockBody(whole, after: before))
    let checkpoint = try Checkpoint(parsing: block.checkpoint.text)
    #expect(found.size == checkpoint.size && found.root == checkpoint.root)
    var hasher = TreeHasher()
    let header = entries[1]
    let leaf = hasher.leaf(header.span)
    #expect(found.digest == leaf)
    // Another's statement behind the same header, one too few, none, cut off, another tree before it.
    let other = try ledger.entry(Array("other".utf8))
    let wrong = [
      body([other, entries[1]]), body([entries[1]]), [], Array(whole.dropLast()), whole + [0, 0],
    ]
    for bytes in wrong { #expect(BlockBody(bytes, after: before) == nil) }
    #expect(BlockBody(whole, after: Frontier()) == nil)
  }

  @Test("A final block is read as it was written, and nothing else is")
  func documents() throws {
    let ledger = try TestLedger()
    let note = try LedgerReader.newestCheckpoint(ledger.folder)
    var document = FinalDocument(height: 7, block: ledger.id, checkpoint: note)
    (document.decision, document.certificate, document.isAmnesic) = ([1], [2, 3], true)
    let read = try FinalDocument(decoding: document.bytes)
    #expect(read.bytes == document.bytes && read.height == 7 && read.isAmnesic)
    #expect(read.checkpoint.bytes == note.bytes && read.certificate == [2, 3])
    for bytes in [[], document.bytes + [0], Array(document.bytes.dropLast()), CBOR.map([:]).encoded] {
      #expect(throws: (any Error).self) { try FinalDocument(decoding: bytes) }
    }
    let messages: [[UInt8]] = [[1, 2], [], [3]]
    #expect(try MessageList.messages(MessageList.bytes(messages)) == messages)
    for cbor in [CBOR.text("no"), [.unsigned(1)], .array([.bytes(Array(repeating: 0, count: 4097))])] {
      #expect(throws: StatementError.self) { try MessageList.messages(cbor.encoded) }
    }
  }

  /// A board that fails until it has been tried so often.
  private final class FailingBoard: Bulletin {
    let posted = AsyncStream.makeStream(of: Message.self)
    private let left: Mutex<Int>

    init(failures: Int) { left = Mutex(failures) }

    func post(_ message: Message) async throws {
      let fails = left.withLock { left in
        left -= 1
        return left >= 0
      }
      if fails { throw CancellationError() }
      posted.continuation.yield(message)
    }

    func read(height: UInt64) async throws -> [[UInt8]] { [] }
    func changes() async throws -> AsyncStream<[UInt8]> { AsyncStream { $0.finish() } }
  }

  @Test("What could not be posted is posted again in its order, and what is of no use any more is not")
  func outbox() async throws {
    let board = FailingBoard(failures: 3)
    let outbox = Outbox()
    let messages = (1...4).map { height in
      Message(
        sender: 0, ballot: .skip(height: UInt64(height), round: 0),
        signature: Array(repeating: 0, count: signatureByteCount))
    }
    let failures = Mutex(0)
    let posting = Task {
      await outbox.post(
        on: board, isOfUse: { $0.ballot.height != 2 }, failed: { _ in failures.withLock { $0 += 1 } })
    }
    for message in messages { outbox.add(message) }
    var posted: [UInt64] = []
    for await message in board.posted.stream {
      posted.append(message.ballot.height)
      if posted.count == 3 { break }
    }
    posting.cancel()
    await posting.value
    #expect(posted == [1, 3, 4] && failures.withLock { $0 } == 3)
  }
}
