import Consortium
import LedgerCrypto

// A schedule that a test writes down: what arrives, and when, in a `Setting` that is directed.
extension Simulation {
  /// Lets arrive, in order, every message that `isShown` says, whatever is a validator's own affair, and what follows from these, until
  /// nothing more does. The rest stays on its way, or is lost.
  func deliver(losingOthers: Bool = false, _ isShown: (_ message: Message, _ to: Int) -> Bool) {
    var others: [Arrival] = []
    var next = 0
    while next < pending.count, failure == nil {
      let arrival = pending[next]
      next += 1
      if case .letter(let number) = arrival.what, !isShown(letters[number], arrival.to) {
        if !losingOthers { others.append(arrival) }
      } else {
        arrive(arrival)
      }
    }
    pending = others + pending[next...]
  }

  /// Lets the timers of these validators run out.
  func runOut(_ places: [Int]) {
    for place in places { runOut(nodes[place]) }
  }

  /// Has the liar show a message to these validators.
  func say(_ ballot: Ballot, to places: [Int]) { liar?.say(ballot, to: places, in: self) }

  /// A block of the liar's that these validators have.
  func block(to places: [Int]) -> Digest {
    let digest = newBlock(isValid: true)
    for place in places { nodes[place].bodies.insert(digest) }
    return digest
  }

  // MARK: What breaks a rule that lacks a part

  /// Validators 0, 1 and 3 vote for a block and skip its round before they see each other's votes. The liar, who can put both
  /// certificates together, shows the QC to 0 and 1, and the SC to all; then, as the leader of round 1, it proposes another block, with J.
  static func lateCertificate(_ rules: Rules) -> Simulation {
    var setting = Setting()
    (setting.rules, setting.isDirected) = (rules, true)
    let world = Simulation(seed: 2, setting)
    let honest = [0, 1, 3]
    world.deliver { message, _ in message.ballot.kind == .propose }
    world.runOut(honest)
    for (kind, places) in [(Certificate.Kind.vote, [0, 1]), (.skip, honest)] {
      guard let certificate = world.liar?.certificate(kind) else { continue }
      world.say(kind == .vote ? .confirm(certificate) : .enter(certificate), to: places)
    }
    world.deliver { message, _ in message.sender == 2 }
    let other = world.block(to: honest)
    world.say(
      .propose(Proposal(digest: other, size: 1, justification: nil), height: 1, round: 1), to: honest)
    world.deliver { message, _ in
      message.ballot.round == 1 && [.propose, .vote].contains(message.ballot.kind)
    }
    return world
  }

  /// Validators 0, 1 and 3 all confirm a block in round 0; two of their confirms and the liar's decide it, and none of them sees that.
  /// Then the liar, who leads round 1, proposes another block as if there had been no other, without J.
  static func unjustifiedProposal(_ rules: Rules) -> Simulation {
    var setting = Setting()
    (setting.rules, setting.isDirected) = (rules, true)
    let world = Simulation(seed: 2, setting)
    let honest = [0, 1, 3]
    world.deliver { message, _ in [.propose, .vote].contains(message.ballot.kind) }
    world.runOut(honest)
    let other = world.block(to: honest)
    world.say(
      .propose(Proposal(digest: other, size: 1, justification: nil), height: 1, round: 1), to: honest)
    world.deliver { message, _ in
      message.ballot.round == 1 && [.propose, .vote].contains(message.ballot.kind)
    }
    return world
  }

  /// Validator 0 confirms a block of height 1, of whose certificate the others do not know, and loses its journal. All others show it
  /// height 0. The liar, who leads the round, gives it and validator 3 another block; then it shows the certificate to validator 2.
  static func forgottenVote(_ rules: Rules) -> Simulation {
    var setting = Setting()
    (setting.rules, setting.isDirected, setting.lostJournals) = (rules, true, 1)
    let world = Simulation(seed: 1, setting)
    let one = world.block(to: [0, 2])
    world.say(.propose(Proposal(digest: one, size: 1, justification: nil), height: 1, round: 0), to: [0, 2])
    world.deliver { message, _ in message.sender == 1 }
    world.say(.vote(one, height: 1, round: 0), to: [0])
    world.deliver { message, to in to == 0 && message.ballot.kind == .vote }
    world.kill(world.nodes[0])
    world.start(world.nodes[0])
    world.deliver { _, _ in false }
    let other = world.block(to: [0, 3])
    world.say(
      .propose(Proposal(digest: other, size: 1, justification: nil), height: 1, round: 0), to: [0, 3])
    world.say(.vote(other, height: 1, round: 0), to: [0, 3])
    world.deliver { message, to in to != 2 && message.ballot.digest == other }
    if let votes = world.liar?.certificate(.vote) { world.say(.confirm(votes), to: [2]) }
    world.deliver { message, to in to == 2 && message.sender == 1 }
    return world
  }
}
