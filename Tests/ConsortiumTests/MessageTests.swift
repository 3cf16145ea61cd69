import Consortium
import LedgerCrypto
import Statements
import TestKit
import Testing

@Suite("Messages and certificates")
struct MessageTests {
  let council: Council

  init() throws { council = try Council() }

  private func read(_ bytes: [UInt8]) throws -> Message {
    try UnverifiedMessage(decoding: bytes).verified(by: council.committee)
  }

  private func code(_ bytes: [UInt8]) -> ConsortiumError.Code? {
    do {
      _ = try read(bytes)
      return nil
    } catch { return (error as? ConsortiumError)?.code }
  }

  @Test("Each sort is read back as it was written, byte for byte")
  func roundTrip() throws {
    let messages = try council.oneOfEach()
    #expect(Set(messages.map(\.ballot.kind)) == Set(Ballot.Kind.allCases))
    for message in messages {
      let again = try read(message.bytes)
      #expect(again == message)
      #expect(again.bytes == message.bytes)
    }
  }

  @Test("No changed byte is believed")
  func everyByteCounts() throws {
    for message in try council.oneOfEach() {
      let bytes = message.bytes
      for place in stride(from: 0, to: bytes.count, by: 3) {
        var changed = bytes
        changed[place] ^= 1 << UInt8(place % 8)
        #expect(code(changed) != nil, "byte \(place) of \(message.ballot.kind)")
      }
      #expect(code(bytes.dropLast()) == .malformed)
      #expect(code(bytes + [0]) == .malformed)
    }
  }

  @Test("Random and mutated bytes are refused and never trap")
  func fuzz() throws {
    let samples = try council.oneOfEach().map(\.bytes)
    Fuzzing.run("message", samples: samples) { bytes in
      guard !samples.contains(bytes) else { return }
      #expect(code(bytes) != nil)
    }
  }

  @Test("A signature holds for its ledger, roster, height, round, kind and block alone")
  func domains() throws {
    let block = Council.digest(7)
    let subject = SignedSubject(kind: "vote", height: 5, round: 1, digest: block)
    let committee = council.committee
    let elsewhere = try Committee(
      ledger: Council.digest(3), roster: committee.roster, origin: committee.origin, seats: committee.seats,
      quorum: 3)
    let later = try Committee(
      ledger: committee.ledger, roster: Council.digest(3), origin: committee.origin, seats: committee.seats,
      quorum: 3)
    var others = [subject.bytes(for: elsewhere), subject.bytes(for: later)]
    for change: (inout SignedSubject) -> Void in [
      { $0.kind = "confirm" }, { $0.height = 6 }, { $0.round = 0 }, { $0.digest = Council.digest(9) },
      { $0.size = 1 }, { $0.justified = 0 },
    ] {
      var other = subject
      change(&other)
      others.append(other.bytes(for: committee))
    }
    #expect(Set(others + [subject.bytes(for: committee)]).count == others.count + 1)
    #expect(subject.bytes(for: committee).starts(with: Array("zheng/consensus/v1\n".utf8)))
  }

  @Test("A certificate has exactly a quorum of valid signatures, in ascending order")
  func certificates() throws {
    let block = Council.digest(7)
    func enter(_ certificate: Certificate) throws -> ConsortiumError.Code? {
      code(try council.message(0, .enter(certificate)).bytes)
    }
    #expect(try enter(council.certificate(.vote, block)) == nil)
    #expect(try enter(council.certificate(.vote, block, by: [0, 1])) == .quorum)
    #expect(try enter(council.certificate(.vote, block, by: [0, 1, 2, 3])) == .quorum)
    #expect(try enter(council.certificate(.vote, block, by: [0, 2, 1])) == .malformed)
    #expect(try enter(council.certificate(.vote, block, by: [0, 1, 1])) == .malformed)
    let votes = try council.certificate(.vote, block)
    let renamed = votes.endorsements.map { Certificate.Endorsement($0.validator + 1, $0.signature) }
    let skips = Certificate(kind: .skip, height: 5, round: 0, digest: nil, endorsements: votes.endorsements)
    #expect(try enter(skips) == .badSignature)
    #expect(
      try enter(Certificate(kind: .vote, height: 5, round: 0, digest: block, endorsements: renamed))
        == .badSignature)
    let strangers = votes.endorsements.dropLast() + [.init(4, votes.endorsements[2].signature)]
    #expect(
      try enter(Certificate(kind: .vote, height: 5, round: 0, digest: block, endorsements: Array(strangers)))
        == .unknownValidator)
  }

  @Test("Who does not lead a round proposes nothing in it")
  func leaders() throws {
    let proposal = Proposal(digest: Council.digest(7), size: 900, justification: nil)
    #expect(try code(council.message(1, .propose(proposal, height: 5, round: 0)).bytes) == nil)
    #expect(try code(council.message(2, .propose(proposal, height: 5, round: 0)).bytes) == .unknownValidator)
  }

  @Test("With 32 validators every message is within its limit")
  func largest() throws {
    let many = try Council(32, quorum: 22)
    let votes = try many.certificate(
      .vote, height: .max, round: 999_998, Council.digest(7), by: Array(0..<22))
    let message = try many.message(31, .enter(votes))
    let padded = votes.endorsements + (22..<32).map { .init($0, votes.endorsements[0].signature) }
    let full = Certificate(
      kind: .vote, height: .max, round: 999_998, digest: Council.digest(7), endorsements: padded)
    #expect(try UnverifiedMessage(decoding: message.bytes).verified(by: many.committee) == message)
    #expect(try many.message(31, .enter(full)).bytes.count < Message.maximumByteCount)
  }

  @Test("A committee whose quorums need not share an honest validator is refused")
  func quorums() throws {
    let seats = try Council(4).committee.seats
    func quorum(_ quorum: Int, of count: Int = 4, crashFaultsOnly: Bool = false) throws {
      _ = try Committee(
        ledger: .zero, roster: .zero, origin: "o", seats: Array(seats[..<count]), quorum: quorum,
        crashFaultsOnly: crashFaultsOnly)
    }
    try quorum(3)
    try quorum(4)
    try quorum(2, of: 3)
    try quorum(1, of: 1)
    try quorum(3, crashFaultsOnly: true)
    for (number, count) in [(2, 4), (5, 4), (0, 4), (1, 2), (1, 3)] {
      #expect(throws: ConsortiumError(.committee, "")) { try quorum(number, of: count) }
    }
    #expect(throws: ConsortiumError(.committee, "")) { try quorum(2, crashFaultsOnly: true) }
    let twice = [seats[0], seats[0], seats[1], seats[2]]
    #expect(throws: ConsortiumError(.committee, "")) {
      _ = try Committee(ledger: .zero, roster: .zero, origin: "o", seats: twice, quorum: 3)
    }
  }
}
