import Consortium
import Foundation
import LedgerCrypto
import Testing

@Suite("What a validator keeps on its disk")
struct JournalTests {
  let council = Council.shared
  let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "votes-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private var path: String { folder + "/votes" }

  private func names(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }

  private func skip(_ height: UInt64) -> Ballot { .skip(height: height, round: 0) }

  private func signer(_ journal: Journal, _ records: [JournalRecord]) throws -> Signer<ValidatorKeys, Journal>
  {
    try Signer(name: "v0", keys: council.keys[0], store: journal, records: records)
  }

  @Test("A segment ends after a thousand heights, a start reads two, and the others can be moved away")
  func segments() throws {
    let first = JournalRecord.begin(height: 7, cosigned: 3)
    var signer = try signer(Journal.create(path, at: 7, beginning: first), [first])
    for height in [7, 1_006, 1_007, 1_500, 2_007, 2_900] as [UInt64] {
      try signer.turn(to: height)
      _ = try signer.sign(skip(height), as: 0, of: council.committee)
    }
    _ = consume signer
    #expect(try names(path) == ["00000000000000000007", "00000000000000001007", "00000000000000002007"])
    try FileManager.default.removeItem(atPath: path + "/00000000000000000007")
    // What a crash left of a segment is nobody's.
    try Data([1, 2]).write(to: URL(fileURLWithPath: path + "/00000000000000003007.new"))
    let (journal, records) = try Journal.open(path)
    var again = try self.signer(journal, records)
    let known = again.messages(height: 1_500)
    #expect(known.map(\.ballot) == [skip(1_500)])
    // Below the newest segment nothing is signed, whether it is known what was or not.
    let start = again.start
    #expect(start == 2_007)
    #expect(throws: ConsortiumError(.forbidden, "")) {
      _ = try again.sign(skip(2_006), as: 0, of: council.committee)
    }
    try again.turn(to: 3_007)
    _ = try again.sign(skip(3_007), as: 0, of: council.committee)
    #expect(try names(path).last == "00000000000000003007")
  }

  @Test("An older segment that was cut, another file in the folder, and a second process are refused")
  func refused() throws {
    let first = JournalRecord.begin(height: 1, cosigned: 0)
    var signer = try signer(Journal.create(path, at: 1, beginning: first), [first])
    _ = try signer.sign(skip(1), as: 0, of: council.committee)
    try signer.turn(to: 1_001)
    #expect(throws: ConsortiumError(.journalFailed, "")) { _ = try Journal.open(path) }
    _ = consume signer
    let older = URL(fileURLWithPath: path + "/00000000000000000001")
    let whole = try Data(contentsOf: older)
    try whole.dropLast(3).write(to: older)
    #expect(throws: ConsortiumError(.journalDamaged, "")) { _ = try Journal.open(path) }
    try whole.write(to: older)
    for name in ["1", "notes", "0000000000000000001x"] {
      try whole.write(to: URL(fileURLWithPath: path + "/" + name))
      #expect(throws: ConsortiumError(.journalDamaged, "")) { _ = try Journal.open(path) }
      try FileManager.default.removeItem(atPath: path + "/" + name)
    }
    _ = try Journal.open(path)
  }

  @Test("Blocks are kept beside the journal until their height is final")
  func undecidedBlocks() throws {
    let blocks = try UndecidedBlocks(folder + "/blocks")
    let (one, other) = (Council.digest(1), Council.digest(2))
    try blocks.keep([1, 2, 3], one, height: 5)
    try blocks.keep([1, 2, 3], one, height: 5)
    try blocks.keep([4], other, height: 6)
    try Data([9]).write(to: URL(fileURLWithPath: folder + "/blocks/unfinished.new"))
    #expect(try blocks.bytes(one, height: 5) == [1, 2, 3])
    #expect(try blocks.bytes(other, height: 5) == nil)
    try blocks.removeAll(below: 6)
    #expect(try blocks.bytes(one, height: 5) == nil)
    #expect(try blocks.bytes(other, height: 6) == [4])
    #expect(try names(folder + "/blocks").count == 1)
  }
}
