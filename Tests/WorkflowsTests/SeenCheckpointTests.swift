import LedgerStore
import Testing
import TransparencyLog

@testable import Workflows

@Suite("The newest checkpoint that was seen")
struct SeenCheckpointTests {
  /// The checkpoints of a ledger as it grows.
  private func notes(_ office: TestOffice, _ count: Int) async throws -> [SignedNote] {
    var notes = [try LedgerReader.newestCheckpoint(office.folder)]
    let writing = try office.writing()
    for number in 1..<count {
      _ = try await writing.submit(office.statement("note \(number)").entry)
      notes.append(try LedgerReader.newestCheckpoint(office.folder))
    }
    return notes
  }

  @Test("It goes forwards from the one that was compared, and shows what another process has kept meanwhile")
  func forwards() async throws {
    let office = try TestOffice()
    let notes = try await notes(office, 3)
    let state = "\(office.path)/seen"
    let (one, other) = (
      try SeenCheckpoint(of: office.id, in: state), try SeenCheckpoint(of: office.id, in: state)
    )
    #expect(try one.newest() == nil)
    #expect(try one.advance(to: notes[0], from: nil) == nil)
    #expect(try one.advance(to: notes[1], from: notes[0]) == nil)
    #expect(try other.newest() == notes[1])
    #expect(try other.advance(to: notes[2], from: notes[0]) == notes[1])
    #expect(try other.newest() == notes[1])
    #expect(try other.advance(to: notes[2], from: notes[1]) == nil)
    #expect(try one.newest() == notes[2])
    // Another ledger's has a place of its own.
    #expect(try SeenCheckpoint(of: TestOffice().id, in: state).newest() == nil)
  }

  @Test("What is behind is kept until it is compared, evidence for ever, and neither fills the disk")
  func kept() async throws {
    let office = try TestOffice()
    let notes = try await notes(office, SeenCheckpoint.mostKept + 1)
    let seen = try SeenCheckpoint(of: office.id, in: "\(office.path)/seen")
    #expect(try seen.behind() == [])
    for note in [notes[0], notes[1], notes[0]] { try seen.keepBehind(note) }
    #expect(Set(try seen.behind().map(\.bytes)) == Set(notes[0...1].map(\.bytes)))
    try seen.forgetBehind(notes[0])
    try seen.forgetBehind(notes[0])
    #expect(try seen.behind() == [notes[1]])
    for pair in stride(from: 0, to: SeenCheckpoint.mostKept, by: 2) {
      let paths = try seen.keepEvidence([notes[pair], notes[pair + 1]])
      #expect(
        try Set(paths).count == 2 && paths.allSatisfy { try !Files.contents($0, limit: 1 << 20)!.isEmpty })
    }
    #expect(throws: Failure.self) { try seen.keepEvidence([notes[0], notes[SeenCheckpoint.mostKept]]) }
    #expect(try seen.keepEvidence([notes[0], notes[1]]).count == 2)
  }
}
