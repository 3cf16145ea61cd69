import Consortium
import LedgerCrypto
import TransparencyLog

/// Validators with real keys, and the committee that they are.
struct Council: Sendable {
  let committee: Committee
  let keys: [ValidatorKeys]
  let logKey: NoteSigner

  init(_ count: Int = 4, quorum: Int = 3) throws {
    var seats: [Committee.Seat] = []
    var keys: [ValidatorKeys] = []
    for place in 0..<count {
      let voteKey = try PrivateKey(generating: .ed25519)
      let name = "v\(place)"
      let cosigner = try NoteSigner(
        name: "city.example/\(name)", type: .cosignature, key: PrivateKey(generating: .ed25519))
      seats.append(.init(name: name, voteKey: voteKey.publicKey, cosignerKey: cosigner.verifierKey))
      keys.append(ValidatorKeys(voteKey: voteKey, cosigner: cosigner))
    }
    committee = try Committee(
      ledger: Council.digest(1), roster: Council.digest(2), origin: "city.example/pilot", seats: seats,
      quorum: quorum)
    self.keys = keys
    logKey = try NoteSigner(
      name: "city.example/pilot", type: .ed25519, key: PrivateKey(generating: .ed25519))
  }

  /// Four validators, for tests that check no signature, or few.
  static let shared = try! Council()
  static var four: Committee { shared.committee }

  static func digest(_ number: Int) -> Digest { SHA256.digest(of: Array("\(number)".utf8)) }

  func message(_ place: Int, _ ballot: Ballot, time: UInt64 = 1_000) throws -> Message {
    let signature =
      if case .cosign(let tree) = ballot.content {
        try keys[place].cosignature(size: tree.size, root: tree.root, time: time, for: committee)
      } else {
        try keys[place].signature(over: ballot.subject, for: committee)
      }
    return Message(sender: place, ballot: ballot, signature: signature)
  }

  /// A certificate by the first `quorum` of `places`.
  func certificate(
    _ kind: Certificate.Kind, height: UInt64 = 5, round: Int = 0, _ digest: Digest? = nil,
    by places: [Int] = [0, 1, 2], after restart: Digest? = nil
  ) throws -> Certificate {
    let committee = self.committee.after(restart)
    let subject = SignedSubject(kind: kind.rawValue, height: height, round: round, digest: digest)
    return Certificate(
      kind: kind, height: height, round: round, digest: digest,
      endorsements: try places.map { .init($0, try keys[$0].signature(over: subject, for: committee)) })
  }

  /// One message of each sort, at height 5, each as its sender would send it.
  func oneOfEach() throws -> [Message] {
    let block = Council.digest(7)
    let votes = try certificate(.vote, block)
    let decision = try certificate(.confirm, round: 1, block)
    return [
      try message(1, .propose(Proposal(digest: block, size: 900, justification: nil), height: 5, round: 0)),
      try message(0, .vote(block, height: 5, round: 0)),
      try message(3, .skip(height: 5, round: 0)),
      try message(3, .enter(votes)),
      try message(3, .enter(certificate(.skip))),
      try message(2, .propose(Proposal(digest: block, size: 900, justification: votes), height: 5, round: 1)),
      try message(2, .confirm(votes)),
      try message(2, .cosign(CosignedTree(size: 40, root: Council.digest(8), decision: decision))),
    ]
  }
}
