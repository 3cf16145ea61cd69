import Consortium
import LedgerCrypto
import Testing

/// What the simulator leaves out: real keys, and messages as bytes on a real board.
@Suite("Four validators with real keys on one board")
struct RealKeysTests {
  private final class Node {
    var participant: Participant<ValidatorKeys, SimulatedJournal>
    var seen: Set<[UInt8]> = []
    var finals: [FinalCheckpoint] = []

    init(_ participant: consuming Participant<ValidatorKeys, SimulatedJournal>) {
      self.participant = participant
    }
  }

  @Test("Three heights become final everywhere, and a forged message is nobody's")
  func heights() async throws {
    let council = Council.shared
    let board = MemoryBulletin()
    var nodes: [Node] = []
    for place in 0..<4 {
      let journal = SimulatedJournal(beginning: .begin(height: 1, cosigned: 0))
      let signer = try Signer(
        name: "v\(place)", keys: council.keys[place], store: journal, records: journal.records)
      nodes.append(Node(try Participant(signer: signer, committee: council.committee, height: 1)))
    }
    var outbox: [Message] = []
    /// Does what the validator wants done; blocks are named, not made, and always at hand.
    func run(_ node: Node, _ event: AgreementEvent) throws {
      for action in try node.participant.handle(event, time: 1_000 + node.participant.height) {
        let height = node.participant.height
        switch action {
        case .send(let message): outbox.append(message)
        case .perform(.draft(_, let round, _)):
          try run(node, .drafted(height: height, round: round, Council.digest(Int(height)), size: 9))
        case .perform(.judge(let digest)): try run(node, .judged(digest, size: 9, .valid))
        case .perform(.apply(let digest)):
          try run(node, .applied(digest, size: height * 10, root: digest))
        case .perform(.finalise(let messages)):
          node.finals.append(try FinalCheckpoint(messages, of: council.committee))
          _ = try node.participant.begin(height + 1, council.committee)
          try run(node, .work(isWaiting: true))
        default: break
        }
      }
    }
    let forged = Message(
      sender: 1, ballot: .vote(Council.digest(9), height: 1, round: 0),
      signature: try council.keys[2].signature(
        over: Ballot.vote(Council.digest(9), height: 1, round: 0).subject, for: council.committee))
    await board.post(forged)
    var refused = 0
    for node in nodes { try run(node, .work(isWaiting: true)) }
    for _ in 0..<40 where nodes.contains(where: { $0.finals.count < 3 }) {
      for message in outbox { await board.post(message) }
      outbox = []
      for node in nodes {
        let height = node.participant.height
        for bytes in await board.read(height: height) where node.seen.insert(bytes).inserted {
          guard node.participant.height == height else { continue }
          do {
            try run(node, .message(UnverifiedMessage(decoding: bytes).verified(by: council.committee)))
          } catch let error as ConsortiumError where error.code == .badSignature { refused += 1 }
        }
      }
    }
    #expect(refused == 4)
    #expect(nodes.allSatisfy { $0.finals.count >= 3 })
    for node in nodes {
      for (number, last) in node.finals.enumerated() {
        #expect(last.checkpoint.root == Council.digest(number + 1) && last.cosignatures.count >= 3)
        _ = try FinalCheckpoint(
          last.note(signedBy: council.logKey), logKey: council.logKey.verifierKey, of: council.committee)
      }
    }
  }
}
