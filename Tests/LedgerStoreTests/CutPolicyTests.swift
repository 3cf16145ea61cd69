import Testing

@testable import LedgerStore

@Suite("When a block is cut")
struct CutPolicyTests {
  /// What waits, for how long in ms, whether a block is being written, whether more are being verified, and what is to be done.
  private static let cases: [(count: Int, age: Int, isWriting: Bool, isMoreComing: Bool, is: Expected)] = [
    (0, 0, false, false, .wait), (0, 99, false, true, .wait), (0, 99, true, false, .wait),
    (1, 0, false, false, .cut(.idle)), (9, 99, false, false, .cut(.idle)),
    (1, 0, false, true, .waitToAge), (9, 49, false, true, .waitToAge),
    (1, 50, false, true, .cut(.aged)), (9, 99, false, true, .cut(.aged)),
    (1, 0, true, false, .wait), (9, 99, true, false, .wait), (9, 99, true, true, .wait),
    (10, 0, false, false, .cut(.full)), (10, 0, false, true, .cut(.full)), (10, 0, true, true, .cut(.full)),
    (11, 99, true, false, .cut(.full)),
  ]

  private enum Expected {
    case cut(CutPolicy.Reason)
    case wait, waitToAge
  }

  @Test("when it is full, or when nothing is being written and the oldest is of age or nobody else comes")
  func table() {
    let policy = CutPolicy(maxSize: 10, maxAge: .milliseconds(50))
    let now = ContinuousClock.now
    for (count, age, isWriting, isMoreComing, expected) in Self.cases {
      let oldest = now - .milliseconds(age)
      let decision: CutPolicy.Decision =
        switch expected {
        case .cut(let reason): .cut(reason)
        case .wait: .wait(until: nil)
        case .waitToAge: .wait(until: oldest + .milliseconds(50))
        }
      let queue = CutPolicy.Queue(
        count: count, oldest: oldest, isWriting: isWriting, isMoreComing: isMoreComing)
      #expect(policy.decision(on: queue, now: now) == decision, "\(queue)")
    }
  }
}
