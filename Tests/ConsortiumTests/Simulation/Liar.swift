import Consortium
import LedgerCrypto

/// A validator that signs anything: it overhears all that the others say, adds its own signature to whatever it likes, and shows each
/// message to whom it likes.
final class Liar {
  private struct Subject: Hashable {
    let kind: Certificate.Kind
    let height: UInt64
    let round: Int
    let digest: Digest?
  }

  let place: Int
  private let committee: Committee
  private var said: [Subject: [Certificate.Endorsement]] = [:]
  /// What could be put together of others' messages and its own.
  private var certificates: [Certificate] = []
  private var overheard: [Message] = []
  private var digests: [UInt64: [Digest]] = [:]

  init(place: Int, _ committee: Committee) { (self.place, self.committee) = (place, committee) }

  private var mark: [UInt8] { [UInt8(place)] }

  func overhear(_ message: Message, in world: Simulation) {
    overheard.append(message)
    let ballot = message.ballot
    let kind: Certificate.Kind
    switch ballot.kind {
    case .vote: kind = .vote
    case .skip: kind = .skip
    case .confirm: kind = .confirm
    case .propose:
      if let digest = ballot.digest { digests[ballot.height, default: []].append(digest) }
      return
    case .enter, .cosign: return
    }
    let subject = Subject(kind: kind, height: ballot.height, round: ballot.round, digest: ballot.digest)
    var endorsements = said[subject] ?? [.init(place, mark)]
    guard !endorsements.contains(where: { $0.validator == message.sender }) else { return }
    endorsements.append(.init(message.sender, message.signature))
    endorsements.sort { $0.validator < $1.validator }
    said[subject] = endorsements
    guard endorsements.count == committee.quorum else { return }
    certificates.append(
      Certificate(
        kind: kind, height: ballot.height, round: ballot.round, digest: ballot.digest,
        endorsements: endorsements))
    if kind == .confirm, let digest = ballot.digest { world.decide(ballot.height, digest) }
  }

  func act(in world: Simulation) {
    let node = world.honest[world.pick(world.honest.count)]
    guard let agreement = node.process.map({ $0.participant.agreement }) else { return }
    let (height, round) = (agreement.height, agreement.round)
    if committee.leader(height: height, round: round) == place, world.chance(1, in: 3) {
      return propose(height, round, in: world)
    }
    switch world.pick(8) {
    case 0, 1, 2:
      guard let digest = any(digests[height] ?? [], in: world) else { return }
      show(.vote(digest, height: height, round: round), in: world)
    case 3: show(.skip(height: height, round: round), in: world)
    case 4, 5:
      guard let certificate = any(certificates, in: world) else { return }
      world.note(.certificateShown)
      switch certificate.kind {
      case .vote: show(world.chance(2, in: 3) ? .confirm(certificate) : .enter(certificate), in: world)
      case .skip: show(.enter(certificate), in: world)
      case .confirm:
        let root = world.chance(3, in: 4) ? certificate.digest! : Council.digest(99)
        show(
          .cosign(CosignedTree(size: certificate.height * 10, root: root, decision: certificate)), in: world)
      }
    case 6:
      guard let message = any(overheard, in: world) else { return }
      world.note(.replay)
      let number = world.letter(message)
      world.pending.append(Simulation.Arrival(to: node.place, start: nil, what: .letter(number)))
    default:
      // A body that was withheld comes out, for one.
      guard let digest = any(digests[height] ?? [], in: world) else { return }
      node.bodies.insert(digest)
      if node.process?.wanted.contains(digest) == true { world.lookFor(digest, node) }
    }
  }

  /// Two blocks, or one with a wrong or another justification; the body to whom it likes.
  private func propose(_ height: UInt64, _ round: Int, in world: Simulation) {
    world.note(.equivocation)
    for _ in 0..<2 {
      let votes = certificates.filter { $0.kind == .vote && $0.height == height && $0.round < round }
      var proposal: Proposal
      if let certificate = any(votes, in: world), world.chance(1, in: 2), let digest = certificate.digest {
        proposal = Proposal(digest: digest, size: 1, justification: certificate)
      } else {
        let digest = any(digests[height] ?? [], in: world)
        let isNew = digest == nil || world.chance(1, in: 2)
        proposal = Proposal(
          digest: isNew ? world.newBlock(isValid: world.chance(7, in: 8)) : digest!, size: 1,
          justification: nil)
      }
      if !(digests[height] ?? []).contains(proposal.digest) {
        digests[height, default: []].append(proposal.digest)
      }
      for node in world.honest {
        if world.chance(2, in: 3) { node.bodies.insert(proposal.digest) } else { world.note(.withheldBody) }
      }
      show(.propose(proposal, height: height, round: round), in: world)
    }
  }

  /// To one alone, or to each with even chances, or on the board.
  private func show(_ ballot: Ballot, in world: Simulation) {
    let isForOne = world.setting.showsToOne || world.chance(1, in: 2)
    let one = isForOne ? world.honest[world.pick(world.honest.count)].place : nil
    if isForOne { world.note(.shownToOne) }
    let shown = world.honest.filter { node in one.map { $0 == node.place } ?? world.chance(1, in: 2) }
    let number = say(ballot, to: shown.map(\.place), in: world)
    if !world.setting.showsToOne, world.chance(1, in: 8) { world.post(number) }
  }

  /// Signs it, and shows it to these; the number of the letter.
  @discardableResult
  func say(_ ballot: Ballot, to places: [Int], in world: Simulation) -> Int {
    let number = world.letter(Message(sender: place, ballot: ballot, signature: mark))
    for place in places {
      world.pending.append(Simulation.Arrival(to: place, start: nil, what: .letter(number)))
    }
    return number
  }

  /// The first certificate of a kind that it could put together.
  func certificate(_ kind: Certificate.Kind) -> Certificate? { certificates.first { $0.kind == kind } }

  private func any<Item>(_ items: [Item], in world: Simulation) -> Item? {
    items.isEmpty ? nil : items[world.pick(items.count)]
  }
}
