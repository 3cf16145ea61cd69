import Consortium
import LedgerCrypto

/// Four honest validators and a clock, on lines that carry few bytes: each sends its messages first, then the blocks that it was asked
/// for, the newest first.
final class SlowLine {
  private final class Node {
    var participant: SimulatedNode.Participant
    /// The timer: of which round, and when it runs out, in ms.
    var timer: (round: Int, time: Int)?
    var messages: [(left: Int, to: Int, message: Message)] = []
    var bodies: [(left: Int, to: Int, digest: Digest)] = []
    var events: [AgreementEvent] = []
    var decided: Digest?

    init(_ participant: consuming SimulatedNode.Participant) { self.participant = participant }
  }

  private let nodes: [Node]
  private let bytesATick: Int
  private var holders: [Digest: [Int]] = [:]
  private var blockCount = 0
  /// The bytes of each block that was made.
  private(set) var sizes: [Digest: Int] = [:]
  /// The time, in ms.
  private(set) var time = 0

  /// The length of a step of the clock, in ms.
  private static let tick = 100

  init(bytesAMinute: Int) throws {
    bytesATick = bytesAMinute * SlowLine.tick / 60_000
    let committee = Council.shared.committee
    nodes = try (0..<4).map { place in
      let journal = SimulatedJournal(beginning: .begin(height: 1, cosigned: 0))
      let signer = try Signer(
        name: committee.seats[place].name, keys: SimulatedKeys(place: place), store: journal,
        records: journal.records)
      return Node(try SimulatedNode.Participant(signer: signer, committee: committee, height: 1))
    }
  }

  /// Runs until all have a final block at height 1, or for so many minutes; the bytes of that block.
  func run(minutes: Int) throws -> Int? {
    for node in nodes { node.events = [.work(isWaiting: true)] }
    while time < minutes * 60_000 {
      for place in nodes.indices { try step(place) }
      time += SlowLine.tick
      if let decided = nodes[0].decided, nodes.allSatisfy({ $0.decided == decided }) { return sizes[decided] }
    }
    return nil
  }

  private func step(_ place: Int) throws {
    let node = nodes[place]
    if let timer = node.timer, timer.time <= time {
      node.timer = nil
      node.events.append(.timeout(height: 1, round: timer.round))
    }
    let events = node.events
    node.events = []
    for event in events {
      for action in try node.participant.handle(event, time: 0) { perform(action, place) }
    }
    transfer(place)
  }

  private func perform(_ action: SimulatedNode.Participant.Action, _ place: Int) {
    let node = nodes[place]
    switch action {
    case .send(let message):
      for other in nodes.indices where other != place {
        node.messages.append((message.bytes.count, other, message))
      }
    case .perform(.setTimer(_, let round, let milliseconds)): node.timer = (round, time + milliseconds)
    case .perform(.draft(let height, let round, let byteCount)):
      // As much waits as fits.
      blockCount += 1
      let digest = Council.digest(blockCount)
      (sizes[digest], holders[digest]) = (byteCount, [place])
      node.events.append(.drafted(height: height, round: round, digest, size: byteCount))
    case .perform(.judge(let digest)):
      let least = holders[digest, default: []].min { nodes[$0].bodies.count < nodes[$1].bodies.count }
      if let least { nodes[least].bodies.insert((sizes[digest] ?? 0, place, digest), at: 0) }
    case .perform(.apply(let digest)): node.events.append(.applied(digest, size: 10, root: digest))
    case .perform(.finalise): node.decided = node.participant.agreement.decision?.digest
    default: break
    }
  }

  private func transfer(_ place: Int) {
    let node = nodes[place]
    var budget = bytesATick
    while budget > 0, let first = node.messages.first {
      let count = min(budget, first.left)
      budget -= count
      node.messages[0].left -= count
      guard count == first.left else { return }
      node.messages.removeFirst()
      nodes[first.to].events.append(.message(first.message))
    }
    while budget > 0, let first = node.bodies.first {
      let count = min(budget, first.left)
      budget -= count
      node.bodies[0].left -= count
      guard count == first.left else { return }
      node.bodies.removeFirst()
      holders[first.digest, default: []].append(first.to)
      nodes[first.to].events.append(.judged(first.digest, size: sizes[first.digest] ?? 0, .valid))
    }
  }
}
