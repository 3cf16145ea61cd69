import Consortium
import LedgerCrypto
import Statements
import Testing

@Suite("A restart that all operators sign")
struct RestartTests {
  typealias Validator = Participant<ValidatorKeys, SimulatedJournal>

  let council = Council.shared
  let head = ChainHead(height: 7, block: Council.digest(7), size: 70)

  private func restart(
    height: UInt64 = 7, block: Int = 7
  ) -> Restart {
    Restart(
      of: council.committee, height: height, block: Council.digest(block),
      nonce: Array(repeating: 1, count: Restart.nonceByteCount))
  }

  private func file(_ restart: Restart, by places: [Int] = [0, 1, 2, 3]) throws -> RestartFile {
    var file = RestartFile(restart)
    for place in places { file.add(try council.keys[place].signature(over: restart), of: place) }
    return file
  }

  private func validator(_ journal: SimulatedJournal, place: Int = 0, height: UInt64 = 8) throws -> Validator
  {
    let signer = try Signer(
      name: "v\(place)", keys: council.keys[place], store: journal, records: journal.records)
    return try Participant(signer: signer, committee: council.committee, height: height)
  }

  private func lost() -> SimulatedJournal {
    SimulatedJournal(beginning: .begin(height: JournalRecord.nothing, cosigned: 0))
  }

  @Test("A file is read as it was written, and each change to it is noticed")
  func files() throws {
    let file = try self.file(restart())
    #expect(try RestartFile(decoding: file.bytes) == file)
    try file.verify(by: council.committee)
    for place in file.bytes.indices {
      var changed = file.bytes
      changed[place] ^= 1
      #expect(throws: ConsortiumError.self) {
        try RestartFile(decoding: changed).verify(by: council.committee)
      }
    }
    for count in file.bytes.indices {
      #expect(throws: ConsortiumError(.malformed, "")) {
        _ = try RestartFile(decoding: Array(file.bytes[..<count]))
      }
    }
  }

  @Test("A file shows the decision of its block, and of no other, to those who have not heard of it")
  func decision() throws {
    let decision = try council.certificate(.confirm, height: 8, Council.digest(8))
    let next = restart(height: 8, block: 8)
    let shown = RestartFile(next, decision: decision)
    #expect(try RestartFile(decoding: shown.bytes) == shown && shown.decision == decision)
    #expect(try RestartFile(decoding: RestartFile(next).bytes).decision == nil)
    for wrong in [
      try council.certificate(.confirm, height: 8, Council.digest(9)),
      try council.certificate(.vote, height: 8, Council.digest(8)),
      try council.certificate(.confirm, height: 7, Council.digest(8)),
    ] {
      // As somebody may write it: the parts of one file, and the decision of another block.
      let pairs: [(CBOR, CBOR)] = [
        ("zheng", "restart"), ("restart", try field("restart", of: shown)), ("signatures", .array([])),
        ("decision", try certificate(wrong)),
      ]
      #expect(throws: ConsortiumError(.malformed, "")) {
        _ = try RestartFile(decoding: CBOR.map(CBORMap(pairs)).encoded)
      }
    }
    // Who has lost its journal signs and adopts it, once it knows the decision.
    var validator = try self.validator(lost())
    #expect(throws: ConsortiumError(.wrongHeight, "")) {
      _ = try validator.sign(next, head: head, committee: council.committee)
    }
    _ = try validator.handle(.certificate(decision), time: 0)
    _ = try validator.sign(next, head: head, committee: council.committee)
    _ = try validator.adopt(file(next), head: head, committee: council.committee)
    let start = validator.start
    #expect(start == 9)
  }

  private func field(_ name: String, of file: RestartFile) throws -> CBOR {
    guard case .map(let map) = try CBOR(decoding: file.bytes) else { throw ConsortiumError(.malformed, "") }
    return try #require(map[name])
  }

  /// A certificate as a message has it.
  private func certificate(_ certificate: Certificate) throws -> CBOR {
    let ballot: Ballot =
      certificate.kind == .vote
      ? .confirm(certificate)
      : .cosign(CosignedTree(size: 80, root: Council.digest(8), decision: certificate))
    guard case .map(let map) = try CBOR(decoding: council.message(1, ballot).bytes) else {
      throw ConsortiumError(.malformed, "")
    }
    return try #require(map["certificate"])
  }

  @Test(
    "One signature missing, another's signature, another ledger or roster, another height or block: refused")
  func refused() throws {
    var validator = try self.validator(lost())
    _ = try validator.sign(restart(), head: head, committee: council.committee)
    var wrong: [(RestartFile, ConsortiumError.Code)] = []
    for place in 0..<4 {
      var unfinished = try file(restart(), by: [0, 1, 2, 3].filter { $0 != place })
      #expect(unfinished.missing(in: council.committee) == ["v\(place)"])
      wrong.append((unfinished, .quorum))
      unfinished.add(try council.keys[(place + 1) % 4].signature(over: restart()), of: place)
      wrong.append((unfinished, .badSignature))
    }
    for committee in [
      council.committee.on(ledger: Council.digest(3)), council.committee.on(roster: Council.digest(3)),
    ] {
      let other = Restart(of: committee, height: 7, block: head.block, nonce: restart().nonce)
      wrong.append((try file(other), .wrongLedger))
    }
    wrong.append((try file(restart(height: 8)), .wrongHeight))
    wrong.append((try file(restart(block: 6)), .wrongHeight))
    for (file, code) in wrong {
      #expect(throws: ConsortiumError(code, "")) {
        _ = try validator.adopt(file, head: head, committee: council.committee)
      }
    }
    let isAmnesic = validator.isAmnesic
    #expect(isAmnesic)
    for wrong in [restart(height: 6), restart(height: 8), restart(block: 6)] {
      #expect(throws: ConsortiumError(.wrongHeight, "")) {
        _ = try validator.sign(wrong, head: head, committee: council.committee)
      }
    }
    _ = try validator.adopt(file(restart()), head: head, committee: council.committee)
    let goesOn = !validator.isAmnesic
    #expect(goesOn)
  }

  @Test("Who signs it signs nothing else, after a start neither, until the whole file is there")
  func stopping() throws {
    let journal = SimulatedJournal(beginning: .begin(height: 1, cosigned: 0))
    var validator = try self.validator(journal)
    _ = try validator.begin(8, council.committee)
    _ = try validator.handle(.work(isWaiting: true), time: 0)
    _ = try validator.handle(.timeout(height: 8, round: 0), time: 0)
    let before = validator.messages(height: 8)
    #expect(before.map(\.ballot.kind) == [.skip])
    _ = try validator.sign(restart(), head: head, committee: council.committee)
    validator = try self.validator(journal)
    let isSilent = validator.isAmnesic && validator.newestHeight == nil
    #expect(isSilent)
    // Enough others answer, and it waits all the same: they may all have signed too.
    var amnesia = Amnesia(committee: council.committee, place: 0)
    for place in 1..<4 { amnesia.note(7, shownBy: place) }
    let actions = try validator.resume(amnesia, cosigned: 0)
    let waits = actions.isEmpty && validator.isAmnesic
    #expect(waits)
    _ = try validator.adopt(file(restart()), head: head, committee: council.committee)
    validator = try self.validator(journal)
    _ = try validator.begin(8, council.committee)
    _ = try validator.handle(.work(isWaiting: true), time: 0)
    let again = validator.messages(height: 8)
    #expect(again.isEmpty, "what was signed before the restart is not sent after it")
    let sent = try validator.handle(.timeout(height: 8, round: 0), time: 0)
    guard case .send(let message)? = sent.first else { return #expect(Bool(false), "it is silent") }
    // Signed for the restart: without it, or under another, it is no message.
    let committee = validator.agreement.committee
    _ = try UnverifiedMessage(decoding: message.bytes).verified(by: committee)
    #expect(throws: ConsortiumError(.badSignature, "")) {
      _ = try UnverifiedMessage(decoding: message.bytes).verified(by: council.committee)
    }
    #expect(throws: ConsortiumError(.badSignature, "")) {
      _ = try UnverifiedMessage(decoding: before[0].bytes).verified(by: committee)
    }
    // What was signed before and after the restart contradicts nothing; the file of what does names the restart.
    let confirm = try council.certificate(.confirm, Council.digest(1), after: restart().digest)
    let skip = try council.certificate(.skip, after: restart().digest)
    let misconduct = try #require(Misconduct.between(confirm, skip).first)
    let evidence = try MisconductFile(misconduct, in: council.committee.after(restart().digest))
    let isOfRestart = try MisconductFile(decoding: evidence.bytes).restart == restart().digest
    #expect(isOfRestart && !evidence.concerns(council.committee))
    #expect(throws: ConsortiumError(.badSignature, "")) {
      _ = try MisconductFile(misconduct, in: council.committee)
    }
  }

  @Test("Who loses its journal after it signed only learns of the restart, and asks the others")
  func lostAgain() throws {
    var validator = try self.validator(lost())
    _ = try validator.sign(restart(), head: head, committee: council.committee)
    validator = try self.validator(lost())
    let actions = try validator.adopt(file(restart()), head: head, committee: council.committee)
    let isAmnesic = validator.isAmnesic
    #expect(isAmnesic)
    #expect(actions.contains { if case .ask = $0 { true } else { false } })
    let known = validator.agreement.committee.restart
    #expect(known == restart().digest)
    var amnesia = Amnesia(committee: council.committee, place: 0)
    for place in 1..<4 { amnesia.note(7, shownBy: place) }
    _ = try validator.resume(amnesia, cosigned: 70)
    let goesOn = !validator.isAmnesic
    #expect(goesOn)
  }

  @Test(
    "A validator that has its journal, and never signed the file, refuses it; so does one that has cosigned above it"
  )
  func refusing() throws {
    var whole = try self.validator(SimulatedJournal(beginning: .begin(height: 1, cosigned: 0)))
    #expect(throws: ConsortiumError(.forbidden, "")) {
      _ = try whole.adopt(file(restart()), head: head, committee: council.committee)
    }
    // It knows of a decision above its head: the restart has to be of that.
    let decision = try council.certificate(.confirm, height: 8, Council.digest(8))
    _ = try whole.handle(.certificate(decision), time: 0)
    #expect(throws: ConsortiumError(.wrongHeight, "")) {
      _ = try whole.sign(restart(), head: head, committee: council.committee)
    }
    _ = try whole.sign(restart(height: 8, block: 8), head: head, committee: council.committee)
    var signer = try Signer(
      name: "v0", keys: council.keys[0],
      store: SimulatedJournal(beginning: .begin(height: 1, cosigned: 0)),
      records: [.begin(height: 1, cosigned: 0)])
    let tree = CosignedTree(size: 80, root: Council.digest(8), decision: decision)
    _ = try signer.sign(.cosign(tree), as: 0, of: council.committee)
    #expect(throws: ConsortiumError(.forbidden, "")) { _ = try signer.sign(restart()) }
  }
}

extension Committee {
  /// The same validators on another ledger, or with another roster.
  fileprivate func on(ledger: Digest? = nil, roster: Digest? = nil) -> Committee {
    Committee(
      unchecked: ledger ?? self.ledger, roster: roster ?? self.roster, origin: origin, seats: seats,
      quorum: quorum, faults: faults)
  }
}
