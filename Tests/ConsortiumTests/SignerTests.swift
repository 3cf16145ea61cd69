import Consortium
import Foundation
import LedgerCrypto
import Testing

@Suite("The signer and its journal")
struct SignerTests {
  let council: Council
  let folder: String

  init() throws {
    council = try Council()
    folder = NSTemporaryDirectory() + "journal-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private var path: String { folder + "/votes" }
  private var segment: String { path + "/00000000000000000001" }

  private func create(from height: UInt64 = 1) throws -> Signer<ValidatorKeys, Journal> {
    let first = JournalRecord.begin(height: height, cosigned: 0)
    let journal = try Journal.create(path, at: height, beginning: first)
    return try Signer(name: "v0", keys: council.keys[0], store: journal, records: [first])
  }

  private func open() throws -> Signer<ValidatorKeys, Journal> {
    let (journal, records) = try Journal.open(path)
    return try Signer(name: "v0", keys: council.keys[0], store: journal, records: records)
  }

  @Test("What may not be signed together is not, in any order, before and after a start")
  func table() throws {
    let (one, other) = (Council.digest(1), Council.digest(2))
    let proposal = { Proposal(digest: $0, size: 1, justification: nil) }
    let confirm = { try Ballot.confirm(council.certificate(.vote, height: 5, round: 0, $0)) }
    let ballots: [(String, Ballot)] = [
      ("propose 1", .propose(proposal(one), height: 5, round: 0)),
      ("propose 2", .propose(proposal(other), height: 5, round: 0)),
      ("vote 1", .vote(one, height: 5, round: 0)), ("vote 2", .vote(other, height: 5, round: 0)),
      ("skip", .skip(height: 5, round: 0)), ("confirm 1", try confirm(one)),
      ("confirm 2", try confirm(other)),
    ]
    let forbidden: Set<[String]> = [
      ["propose 1", "propose 2"], ["propose 2", "propose 1"], ["vote 1", "vote 2"], ["vote 2", "vote 1"],
      ["confirm 1", "confirm 2"], ["confirm 2", "confirm 1"], ["skip", "confirm 1"], ["skip", "confirm 2"],
      ["confirm 1", "skip"], ["confirm 2", "skip"], ["skip", "vote 1"], ["skip", "vote 2"],
    ]
    for (name, first) in ballots {
      for (otherName, second) in ballots where name != otherName {
        for isStartedAgain in [false, true] {
          try? FileManager.default.removeItem(atPath: path)
          var signer = try create()
          _ = try signer.sign(first, as: 0, of: council.committee)
          if isStartedAgain { signer = try reopened(consume signer) }
          if forbidden.contains([name, otherName]) {
            #expect(throws: ConsortiumError(.forbidden, "")) {
              _ = try signer.sign(second, as: 0, of: council.committee)
            }
          } else {
            _ = try signer.sign(second, as: 0, of: council.committee)
          }
        }
      }
    }
  }

  /// Closes the journal, whose lock one process has at a time, and reads it again.
  private func reopened(
    _ signer: consuming Signer<ValidatorKeys, Journal>
  ) throws -> Signer<ValidatorKeys, Journal> {
    _ = consume signer
    return try open()
  }

  @Test("After a start the same messages are sent again, byte for byte")
  func again() throws {
    var signer = try create()
    var sent: [[UInt8]] = []
    let ballots: [Ballot] = [
      .vote(Council.digest(1), height: 5, round: 0), .skip(height: 5, round: 0),
      .enter(try council.certificate(.skip)), .vote(Council.digest(2), height: 5, round: 1),
      .confirm(try council.certificate(.vote, round: 1, Council.digest(2))),
      .cosign(
        CosignedTree(
          size: 9, root: Council.digest(3),
          decision: try council.certificate(.confirm, round: 1, Council.digest(2)))),
    ]
    for ballot in ballots {
      sent.append(try signer.sign(ballot, as: 0, of: council.committee, time: 7).bytes)
    }
    signer = try reopened(consume signer)
    let kept = signer.messages(height: 5)
    #expect(kept.map(\.bytes) == sent)
    for (ballot, bytes) in zip(ballots, sent) {
      let again = try signer.sign(ballot, as: 0, of: council.committee, time: 8)
      #expect(again.bytes == bytes)
    }
    for message in kept {
      #expect(try UnverifiedMessage(decoding: message.bytes).verified(by: council.committee) == message)
      let isKnown = signer.knows(message)
      #expect(isKnown)
    }
  }

  @Test("One cosignature a height, of trees that grow")
  func cosignatures() throws {
    var signer = try create()
    func tree(_ height: UInt64, _ size: UInt64) throws -> Ballot {
      .cosign(
        CosignedTree(
          size: size, root: Council.digest(Int(size)),
          decision: try council.certificate(.confirm, height: height, Council.digest(1))))
    }
    _ = try signer.sign(tree(5, 10), as: 0, of: council.committee)
    for (height, size) in [(5, 11), (6, 10), (6, 9), (4, 12)] as [(UInt64, UInt64)] {
      #expect(throws: ConsortiumError(.forbidden, "")) {
        _ = try signer.sign(tree(height, size), as: 0, of: council.committee)
      }
    }
    _ = try signer.sign(tree(6, 11), as: 0, of: council.committee)
  }

  @Test("A journal cut at any byte opens with what was whole, and a changed one is refused")
  func tornTail() throws {
    var signer = try create()
    var ends = [try size()]
    for round in 0..<3 {
      _ = try signer.sign(.skip(height: 5, round: round), as: 0, of: council.committee)
      ends.append(try size())
    }
    _ = consume signer
    let whole = try Data(contentsOf: URL(fileURLWithPath: segment))
    for count in ends[0]...whole.count {
      try whole.prefix(count).write(to: URL(fileURLWithPath: segment))
      var signer = try open()
      let kept = ends.filter { $0 <= count }.count - 1
      let messages = signer.messages(height: 5)
      #expect(messages.count == kept)
      #expect(try size() == ends[kept])
      _ = try signer.sign(.skip(height: 5, round: kept), as: 0, of: council.committee)
      #expect(try size() >= ends[kept])
    }
    for place in stride(from: 0, to: whole.count - 4, by: 3) {
      var changed = whole
      changed[place] ^= 0x40
      let read = try? JournalFrames.records(in: Array(changed), of: segment)
      let original = try JournalFrames.records(in: Array(whole), of: segment)
      // A changed digit of a signature or number is not seen by the frames; it is another record, and no record is lost.
      if let read { #expect(read.byteCount == whole.count && read.records != original.records) }
    }
  }

  private func size() throws -> Int {
    try FileManager.default.attributesOfItem(atPath: segment)[.size] as! Int
  }

  @Test("A journal is opened by one, made once, and must begin as one")
  func opening() throws {
    var signer = try create()
    _ = try signer.sign(.skip(height: 5, round: 0), as: 0, of: council.committee)
    #expect(throws: ConsortiumError(.journalFailed, "")) { _ = try Journal.open(path) }
    _ = consume signer
    #expect(throws: ConsortiumError(.journalFailed, "")) {
      _ = try Journal.create(path, at: 1, beginning: .begin(height: 1, cosigned: 0))
    }
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: segment)))
    let begin = JournalFrames.frame(.begin(height: 1, cosigned: 0)).count
    for wrong in [
      Array(bytes[begin...]), bytes + bytes[begin...], [], bytes + [0, 0, 0, 0], bytes + [0xff, 0, 0, 0],
    ] {
      try Data(wrong).write(to: URL(fileURLWithPath: segment))
      #expect(throws: ConsortiumError(.journalDamaged, "")) { _ = try open() }
    }
    try FileManager.default.removeItem(atPath: segment)
    #expect(throws: ConsortiumError(.journalFailed, "")) { _ = try open() }
  }

  @Test("Nothing is signed after a write that failed, until the journal is read again")
  func failedWrite() throws {
    struct Full: JournalStore {
      func append(_ record: JournalRecord) throws(ConsortiumError) {
        throw ConsortiumError(.journalFailed, "full")
      }
    }
    var signer = try Signer(
      name: "v0", keys: council.keys[0], store: Full(), records: [.begin(height: 1, cosigned: 0)])
    for round in 0..<2 {
      #expect(throws: ConsortiumError(.journalFailed, "")) {
        _ = try signer.sign(.skip(height: 5, round: round), as: 0, of: council.committee)
      }
    }
    let messages = signer.messages(height: 5)
    #expect(messages.isEmpty)
  }

  @Test(
    "Who is shown a message of its own that the journal lacks signs nothing, until enough others have answered"
  )
  func amnesia() throws {
    var signer = try create()
    let lost = try council.message(0, .vote(Council.digest(1), height: 5, round: 0))
    let isKnown = signer.knows(lost)
    #expect(!isKnown)
    try signer.lose()
    signer = try reopened(consume signer)
    let isAmnesic = signer.isAmnesic
    #expect(isAmnesic)
    #expect(throws: ConsortiumError(.amnesia, "")) {
      _ = try signer.sign(.skip(height: 9, round: 0), as: 0, of: council.committee)
    }
    var amnesia = Amnesia(committee: council.committee, place: 0)
    amnesia.note(9, shownBy: 0)
    amnesia.note(4, shownBy: 1)
    amnesia.note(5, shownBy: 2)
    amnesia.note(4, shownBy: 2)
    #expect(amnesia.missing == 1 && amnesia.resumption == nil)
    amnesia.note(0, shownBy: 3)
    #expect(amnesia.resumption == 7)
    try signer.resume(from: 7, cosigned: 20)
    signer = try reopened(consume signer)
    #expect(throws: ConsortiumError(.forbidden, "")) {
      _ = try signer.sign(.skip(height: 6, round: 0), as: 0, of: council.committee)
    }
    _ = try signer.sign(.skip(height: 7, round: 0), as: 0, of: council.committee)
    let decision = try council.certificate(.confirm, height: 6, Council.digest(1))
    #expect(throws: ConsortiumError(.forbidden, "")) {
      _ = try signer.sign(
        .cosign(CosignedTree(size: 20, root: .zero, decision: decision)), as: 0, of: council.committee)
    }
    _ = try signer.sign(
      .cosign(CosignedTree(size: 21, root: .zero, decision: decision)), as: 0, of: council.committee)
    let isTooOldToMatter = signer.knows(lost)
    #expect(isTooOldToMatter)
  }
}
