import Consortium
import Foundation
import LedgerCrypto
import LedgerStore
import Statements
import TestKit
import Testing

@testable import LedgerNode

@Suite("What a validator's node believes of the others", .timeLimit(.minutes(30)))
struct ConsensusDistrustTests {
  @Test("Who has lost its journal counts no answer that proves nothing, and signs from two heights above on")
  func answers() async throws {
    try await withFourNodes { four in
      try await four.start(0..<4)
      let first = try await four.append("before", through: 0)
      for number in 0..<4 { _ = try await four[number].reach(first.block) }
      for number in 0..<4 { try await four.stop(number) }
      try FileManager.default.removeItem(atPath: "\(four.place(3))/votes")
      try await four.start(3)
      let consensus = four[3].consensus
      let note = consensus.committer.reader.checkpoint
      func answer(_ height: UInt64, _ change: (inout FinalDocument) -> Void = { _ in }) -> FinalDocument {
        var document = FinalDocument(height: height, block: .zero, checkpoint: note)
        change(&document)
        return document
      }
      for number in 1...2 { await consensus.hear(answer(first.block), from: FourNodes.name(number)) }
      // A height that nobody has seen yet, and what is shown by one that has lost its own: the third is still missing.
      await consensus.hear(answer(first.block + 90), from: FourNodes.name(0))
      #expect(consensus.standing.newest.state == .amnesic)
      await consensus.hear(answer(first.block) { $0.isAmnesic = true }, from: FourNodes.name(0))
      #expect(consensus.standing.newest.state == .amnesic)

      // One height above has a QC: this validator may have voted there, and one height above that.
      let committee = try four.committee()
      let subject = SignedSubject(kind: "vote", height: first.block + 1, round: 0, digest: .zero)
      let certificate = Certificate(
        kind: .vote, height: first.block + 1, round: 0, digest: .zero,
        endorsements: try (0..<3).map {
          .init($0, try four.keys($0).voteKey.signature(over: subject.bytes(for: committee)))
        })
      let ballot = Ballot.confirm(certificate)
      let confirm = Message(
        sender: 0, ballot: ballot,
        signature: try four.keys(0).voteKey.signature(over: ballot.subject.bytes(for: committee)))
      await consensus.hear(answer(first.block) { $0.certificate = confirm.bytes }, from: FourNodes.name(0))
      #expect(consensus.standing.newest.state == .working)
      #expect(await consensus.start == first.block + 3)
    }
  }

  @Test("A good block is on the disk before it is said to be good; by a clock that is off it is untimely")
  func clocks() async throws {
    try await withFourNodes { four in
      four.clockLeads[1] = 600_000
      try await four.start(0..<2)
      let judging = four[0].consensus
      for (number, verdict) in [(0, Consortium.Verdict.valid), (1, .untimely)] {
        let committer = four[number].consensus.committer
        let entry = try four.ledger.entry(Array("by \(number)".utf8))
        await committer.take(entry, at: [0..<entry.count])
        // What came in is judged a moment later.
        while !committer.isWorkWaiting { try await Task.sleep(for: .milliseconds(20)) }
        let drafted = try await OwnThread.run { try committer.draft(byteCount: 1 << 20) }
        let block = try #require(drafted)
        #expect(try await judging.verdict(on: block.bytes, block.digest) == verdict)
        #expect(try await judging.kept(block.digest) == block.bytes)
      }
    }
  }
}
