import Consortium
import LedgerCrypto
import Testing

/// Every state of the rule that two rounds, two blocks, three honest validators and one that signs anything can come to.
///
/// Nothing is scheduled: whatever an honest validator may sign, by the table of the rule (`Pledges`) and by the certificates that exist
/// anywhere, it may sign next. Which leader proposes what, who sees which certificate, and when a timer runs out, is all left open, so
/// that this covers more than any run can come to. States that differ in the honest validators' order alone are one.
struct Explorer {
  /// What one validator may sign in one round.
  private enum Step: Int, CaseIterable { case voteA, voteB, skip, confirmA, confirmB }

  /// A breach of a lemma of the safety argument.
  enum Breach: Hashable { case twoQCs, skippedAfterDecision, otherQCAfterDecision, twoDecisions }

  private(set) var breaches: Set<Breach> = []
  /// How many states there are, those that differ in the honest validators' order counted each.
  private(set) var count = 0

  private let quorum: Int
  private let rules: Rules
  /// What a validator can have signed in a round; the first is nothing.
  private var pledges: [Pledges] = [Pledges()]
  /// Which of them it has signed after a step; −1 where it may not.
  private var next: [[Int]] = []

  /// - Parameter enough: the breaches with which it stops; nil to see every state.
  init(quorum: Int = 3, rules: Rules = .standard, until enough: Set<Breach>? = nil) {
    (self.quorum, self.rules) = (quorum, rules)
    tabulate()
    explore(until: enough)
  }

  private mutating func tabulate() {
    let digests = [Council.digest(1), Council.digest(2)]
    var known: [Pledges: Int] = [Pledges(): 0]
    while next.count < pledges.count {
      let before = pledges[next.count]
      next.append(
        Step.allCases.map { step in
          let (kind, digest): (Ballot.Kind, Digest?) =
            switch step {
            case .voteA: (.vote, digests[0])
            case .voteB: (.vote, digests[1])
            case .skip: (.skip, nil)
            case .confirmA: (.confirm, digests[0])
            case .confirmB: (.confirm, digests[1])
            }
          guard before.objection(to: kind, by: rules) == nil else { return -1 }
          var after = before
          after.note(kind, digest)
          if known[after] == nil {
            known[after] = pledges.count
            pledges.append(after)
          }
          return known[after]!
        })
    }
  }

  private mutating func explore(until enough: Set<Breach>?) {
    let digests = [Council.digest(1), Council.digest(2)]
    let size = pledges.count
    let votes = pledges.map { state in digests.map { state.vote == $0 ? 1 : 0 } }
    let confirms = pledges.map { state in digests.map { state.confirmed == $0 ? 1 : 0 } }
    let skips = pledges.map { $0.hasSkipped ? 1 : 0 }
    // A validator's state is first + size * second; the world's is the three in ascending order.
    let square = size * size
    var seen: Set<Int> = [0]
    var open = [0]
    while let world = open.popLast() {
      let own = [world % square, world / square % square, world / square / square]
      count += own[0] == own[2] ? 1 : own[0] == own[1] || own[1] == own[2] ? 3 : 6
      // What exists, if the liar adds its signature to everything.
      var qc = [[false, false], [false, false]]
      var dc = qc
      var sc = [false, false]
      for round in 0..<2 {
        let states = own.map { round == 0 ? $0 % size : $0 / size }
        for block in 0..<2 {
          qc[round][block] = states.reduce(1) { $0 + votes[$1][block] } >= quorum
          dc[round][block] = states.reduce(1) { $0 + confirms[$1][block] } >= quorum
        }
        sc[round] = states.reduce(1) { $0 + skips[$1] } >= quorum
      }
      note(qc, dc, sc)
      if let enough, breaches.isSuperset(of: enough) { return }
      for number in 0..<3 {
        let states = [own[number] % size, own[number] / size]
        for round in 0..<2 {
          for step in Step.allCases {
            let after = next[states[round]][step.rawValue]
            guard after >= 0 else { continue }
            switch step {
            case .voteA, .voteB:
              let block = step == .voteA ? 0 : 1
              guard round == 0 || !rules.checksJustification || sc[0] || qc[0][block] else { continue }
            case .confirmA, .confirmB: guard qc[round][step == .confirmA ? 0 : 1] else { continue }
            case .skip: break
            }
            var others = own
            others[number] = round == 0 ? after + size * states[1] : states[0] + size * after
            others.sort()
            let world = others[0] + square * (others[1] + square * others[2])
            if seen.insert(world).inserted { open.append(world) }
          }
        }
      }
    }
  }

  private mutating func note(_ qc: [[Bool]], _ dc: [[Bool]], _ sc: [Bool]) {
    for round in 0..<2 {
      if qc[round][0] && qc[round][1] { breaches.insert(.twoQCs) }
      if sc[round] && (dc[round][0] || dc[round][1]) { breaches.insert(.skippedAfterDecision) }
    }
    for block in 0..<2 where dc[0][block] && qc[1][1 - block] { breaches.insert(.otherQCAfterDecision) }
    if (dc[0][0] || dc[1][0]) && (dc[0][1] || dc[1][1]) { breaches.insert(.twoDecisions) }
  }
}

@Suite("Every state of two rounds")
struct ExplorerTests {
  @Test(
    "Whatever three honest validators may sign beside a liar, there are no two decisions, and each lemma holds"
  )
  func rule() {
    let explorer = Explorer()
    print("the rule in two rounds: \(explorer.count) states")
    #expect(explorer.breaches.isEmpty)
    #expect(explorer.count > 100_000)
  }

  @Test("Without any one part of the rule there are two decisions")
  func controls() {
    func finds(quorum: Int = 3, _ breaches: Set<Explorer.Breach>, _ change: (inout Rules) -> Void = { _ in })
      -> Bool
    {
      var rules = Rules.standard
      change(&rules)
      return Explorer(quorum: quorum, rules: rules, until: breaches).breaches.isSuperset(of: breaches)
    }
    #expect(finds([.skippedAfterDecision, .twoDecisions]) { $0.confirmExcludesSkip = false })
    #expect(finds([.otherQCAfterDecision, .twoDecisions]) { $0.checksJustification = false })
    #expect(finds(quorum: 2, [.twoQCs, .twoDecisions]))
  }
}
