import Consortium
import LedgerCrypto
import Testing

/// One validator's agreement, driven by hand: the others' signatures are named, not made.
private struct Seat {
  var agreement: Agreement
  let place: Int
  private(set) var signed: [Ballot] = []
  private(set) var actions: [AgreementAction] = []

  init(_ place: Int, height: UInt64 = 4, signed: [Message] = []) throws {
    self.place = place
    agreement = Agreement(
      committee: Council.four, height: height, place: place, blockByteCount: 1 << 24, signed: signed)
  }

  mutating func handle(_ event: AgreementEvent) {
    var events = [event]
    while let next = events.popLast() {
      for action in agreement.handle(next) {
        actions.append(action)
        guard case .sign(let ballot) = action else { continue }
        signed.append(ballot)
        events.append(.message(message(place, ballot)))
      }
    }
  }

  mutating func receive(_ place: Int, _ ballot: Ballot) { handle(.message(message(place, ballot))) }

  /// What was signed since the last time, by kind.
  mutating func said() -> [Ballot.Kind] {
    defer { signed = [] }
    return signed.map(\.kind)
  }

  mutating func runOut() { handle(.timeout(height: 4, round: agreement.round)) }
}

private func message(_ place: Int, _ ballot: Ballot) -> Message {
  Message(sender: place, ballot: ballot, signature: [UInt8(place)])
}

private func certificate(_ kind: Certificate.Kind, _ round: Int, _ digest: Digest? = nil) -> Certificate {
  Certificate(
    kind: kind, height: 4, round: round, digest: digest,
    endorsements: (0..<3).map { Certificate.Endorsement($0, [UInt8($0)]) })
}

@Suite("One height, seen by one validator")
struct AgreementTests {
  let one = Council.digest(1)
  let other = Council.digest(2)

  /// The leader of (4, r) is validator r mod 4.
  private func proposal(_ digest: Digest, _ round: Int, after votes: Certificate? = nil, size: Int = 1)
    -> Ballot
  {
    .propose(Proposal(digest: digest, size: size, justification: votes), height: 4, round: round)
  }

  @Test("A height goes from a statement that waits to a final block")
  func goodCase() throws {
    var seat = try Seat(0)
    seat.handle(.work(isWaiting: true))
    guard case .draft(4, 0, 1 << 24)? = seat.actions.last else {
      return #expect(Bool(false), "no block was asked for")
    }
    seat.handle(.drafted(height: 4, round: 0, one, size: 9))
    #expect(seat.said() == [.propose, .vote])
    seat.receive(1, .vote(one, height: 4, round: 0))
    #expect(seat.said() == [])
    seat.receive(2, .vote(one, height: 4, round: 0))
    #expect(seat.said() == [.confirm])
    let votes = certificate(.vote, 0, one)
    seat.receive(1, .confirm(votes))
    seat.receive(3, .confirm(votes))
    guard case .apply(one)? = seat.actions.last else { return #expect(Bool(false), "not applied") }
    seat.handle(.applied(other, size: 9, root: one))
    #expect(seat.said() == [], "an answer about another block")
    seat.handle(.applied(one, size: 10, root: other))
    #expect(seat.said() == [.cosign])
    for place in 1...2 {
      seat.receive(
        place, .cosign(CosignedTree(size: 10, root: other, decision: certificate(.confirm, 0, one))))
    }
    guard case .finalise(let messages)? = seat.actions.last else { return #expect(Bool(false), "not final") }
    #expect(messages.map(\.sender) == [0, 1, 2] && seat.agreement.isFinal)
  }

  @Test("A vote waits for the block, its verdict and the justification, and is for the first proposal alone")
  func votes() throws {
    var seat = try Seat(3)
    seat.receive(0, proposal(one, 0))
    guard case .judge(one)? = seat.actions.first else { return #expect(Bool(false), "not asked for") }
    seat.handle(.judged(one, size: 1, .untimely))
    #expect(seat.said() == [])
    seat.handle(.judged(one, size: 2, .valid))
    #expect(seat.said() == [], "another size than was proposed")
    seat.handle(.judged(other, size: 1, .valid))
    seat.receive(0, proposal(other, 0))
    #expect(seat.said() == [])
    guard case .report(let misconduct)? = seat.actions.last else {
      return #expect(Bool(false), "not reported")
    }
    #expect(misconduct.validator == 0)
    seat.handle(.judged(one, size: 1, .valid))
    #expect(seat.said() == [.vote])
  }

  @Test(
    "A free proposal needs an SC for each round before; one after a QC for each round since, and no clock")
  func justification() throws {
    for isFree in [true, false] {
      var seat = try Seat(3)
      seat.receive(1, .enter(certificate(.skip, 1)))
      #expect(seat.agreement.round == 2 && seat.said() == [.enter])
      seat.receive(2, isFree ? proposal(one, 2) : proposal(one, 2, after: certificate(.vote, 0, one)))
      seat.handle(.judged(one, size: 1, isFree ? .valid : .untimely))
      #expect(seat.said().contains(.vote) == !isFree)
      seat.handle(.certificate(certificate(.skip, 0)))
      #expect(seat.said() == (isFree ? [.vote] : []))
    }
  }

  @Test("A leader that knows a QC proposes its block again; one that does not, a block of half the size")
  func proposals() throws {
    var free = try Seat(1)
    free.handle(.work(isWaiting: true))
    free.receive(2, .enter(certificate(.skip, 0)))
    guard
      case .draft(4, 1, 1 << 23)? = free.actions.last(where: { if case .draft = $0 { true } else { false } })
    else { return #expect(Bool(false), "no smaller block was asked for") }
    var bound = try Seat(1)
    bound.handle(.work(isWaiting: true))
    bound.receive(2, .confirm(certificate(.vote, 0, one)))
    #expect(bound.said() == [.confirm])
    bound.runOut()
    #expect(bound.said() == [.enter])
    bound.handle(.judged(one, size: 7, .untimely))
    guard case .propose(let again)? = bound.signed.first?.content else {
      return #expect(Bool(false), "not proposed")
    }
    #expect(again.digest == one && again.size == 7 && again.justification?.round == 0)
  }

  @Test("Who has skipped a round takes its late QC, does not confirm it, and goes on with it")
  func lateCertificate() throws {
    var seat = try Seat(3)
    seat.handle(.work(isWaiting: true))
    seat.runOut()
    #expect(seat.said() == [.skip])
    seat.receive(1, .confirm(certificate(.vote, 0, one)))
    #expect(seat.said() == [.enter] && seat.agreement.round == 1)
  }

  @Test("A QC of a later round leads into that round, and is confirmed; an SC leads beyond its own")
  func jumps() throws {
    var seat = try Seat(3)
    seat.receive(1, .confirm(certificate(.vote, 500, one)))
    #expect(seat.agreement.round == 500 && seat.said() == [.confirm])
    seat.receive(1, .enter(certificate(.skip, 700)))
    #expect(seat.agreement.round == 701 && seat.said() == [.enter])
  }

  @Test(
    "A timer runs when something waits, or so many skip that one is honest; an idle height stays in its round"
  )
  func timers() throws {
    func timers(_ seat: Seat) -> Int {
      seat.actions.count { if case .setTimer = $0 { true } else { false } }
    }
    var idle = try Seat(3)
    idle.handle(.work(isWaiting: false))
    idle.receive(0, .skip(height: 4, round: 0))
    #expect(timers(idle) == 0)
    idle.receive(1, .skip(height: 4, round: 0))
    #expect(timers(idle) == 1)
    var busy = try Seat(3)
    busy.handle(.work(isWaiting: true))
    busy.handle(.work(isWaiting: true))
    #expect(timers(busy) == 1)
    busy.handle(.timeout(height: 4, round: 1))
    busy.handle(.timeout(height: 3, round: 0))
    #expect(busy.said() == [])
    #expect(
      (0..<11).map(Agreement.patience) == [
        2000, 3000, 4500, 6750, 10125, 15187, 22780, 34170, 51255, 60000, 60000,
      ])
    #expect(
      [0, 1, 7, 8, 40].map(busy.agreement.blockByteLimit) == [1 << 24, 1 << 23, 1 << 17, 1 << 17, 1 << 17])
  }

  @Test("2,000 rounds at one height are held and justified, and a stranger's million are not")
  func manyRounds() throws {
    var seat = try Seat(3)
    for round in 0..<2_000 { seat.receive(0, .enter(certificate(.skip, round))) }
    #expect(seat.agreement.round == 2_000)
    _ = seat.said()
    seat.receive(0, proposal(one, 2_000, size: 1 << 17))
    seat.handle(.judged(one, size: 1 << 17, .valid))
    #expect(seat.said() == [.vote])
    for round in stride(from: 3_000, to: 900_000, by: 300) {
      seat.receive(1, .vote(one, height: 4, round: round))
    }
    #expect(seat.agreement.knownRounds == 2_001)
  }

  @Test("After a start it is where its journal says, and asks for nothing to be signed again")
  func restart() throws {
    var seat = try Seat(3)
    seat.handle(.work(isWaiting: true))
    seat.runOut()
    seat.receive(0, .enter(certificate(.skip, 0)))
    seat.receive(1, proposal(one, 1))
    seat.handle(.judged(one, size: 1, .valid))
    seat.receive(0, .confirm(certificate(.vote, 1, one)))
    let signed = seat.signed.map { message(3, $0) }
    #expect(signed.map(\.ballot.kind) == [.skip, .enter, .vote, .confirm])
    var again = try Seat(3, signed: signed)
    #expect(again.agreement.round == 1)
    again.handle(.work(isWaiting: true))
    again.receive(1, proposal(other, 1))
    again.handle(.judged(other, size: 1, .valid))
    #expect(again.said() == [])
    again.runOut()
    #expect(again.said() == [.enter])
  }

  @Test("A decided block that its own core refuses stops it")
  func refusedDecision() throws {
    var seat = try Seat(3)
    seat.receive(0, .cosign(CosignedTree(size: 9, root: other, decision: certificate(.confirm, 0, one))))
    seat.handle(.judged(one, size: 1, .invalid))
    guard case .halt(one)? = seat.actions.last else { return #expect(Bool(false), "it goes on") }
    seat.handle(.work(isWaiting: true))
    #expect(seat.said() == [])
  }
}
