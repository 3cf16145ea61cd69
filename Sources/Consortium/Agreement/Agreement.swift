import LedgerCrypto

/// How one validator decides one height: a pure state machine, which has no clock, reads and writes nothing, and signs nothing itself.
///
///     var agreement = Agreement(committee: committee, height: 7, place: 2)
///     for action in agreement.handle(.work(isWaiting: true)) { … }
///
/// The rule is Simplex (Chan and Pass, TCC 2023), one height at a time; the module's documentation has it, and why it is safe.
public struct Agreement: Sendable {
  /// Who decides.
  public let committee: Committee
  /// What is decided.
  public let height: UInt64
  /// This validator's place in the committee.
  public let place: Int
  let rules: Rules
  let blockByteCount: Int

  /// The round that this validator is in.
  public internal(set) var round = 0
  /// The DC, once there is one.
  public internal(set) var decision: Certificate?
  /// Whether a quorum of cosignatures has been handed on.
  public internal(set) var isFinal = false

  var records: [Int: RoundRecord] = [:]
  /// What this validator itself has signed, or has asked to be signed, by round.
  var pledges: [Int: Pledges] = [:]
  /// The rounds that have a QC, and those that have an SC.
  var certified: Set<Int> = []
  var skipped: Set<Int> = []
  /// The QC of the highest round that has one.
  var highestVotes: Certificate?
  /// The highest round of which there is an SC.
  var highestSkips: Certificate?
  /// The least i so that each round from i to the one before this has an SC: what justifies a proposal.
  var skippedSince = 0
  /// The rounds whose QC was not looked at yet.
  var unconfirmed: [Certificate] = []
  var timer = Timer.idle
  var isWorkWaiting = false
  var hasVoted = false
  var blocks: [Digest: Block] = [:]
  var draftAsked: Int?
  var applied: (size: UInt64, root: Digest)?
  var hasAskedToApply = false
  var hasAskedToCosign = false
  /// Whose misconduct at this height was reported: once is enough.
  var reported: Set<Int> = []
  var cosignatures: Tally = Tally()
  var hasHalted = false
  /// What the event at hand leads to.
  var actions: [AgreementAction] = []

  enum Timer { case idle, running, out }

  struct Block {
    var isAsked = false
    var size = 0
    var verdict: Verdict?
  }

  /// How far above the round that a validator is in it listens to votes and skips; certificates it takes from any. A liar could fill
  /// the memory otherwise. What is not listened to now is read from the board later.
  static let horizon = 64
  /// No limit on a block is lower, in bytes: the largest statement and a header fit.
  public static let leastBlockByteCount = 128 << 10

  /// The agreement on `height`, before anything has happened.
  ///
  /// - Parameters:
  ///   - place: this validator's own.
  ///   - blockByteCount: the most bytes of a block of round 0.
  ///   - signed: what this validator has signed at this height, by its journal. It is in round 0 where that is nothing.
  public init(
    committee: Committee, height: UInt64, place: Int, blockByteCount: Int = Message.maximumBlockByteCount,
    signed: [Message] = []
  ) {
    self.init(
      committee: committee, height: height, place: place, blockByteCount: blockByteCount, signed: signed,
      rules: .standard)
  }

  package init(
    committee: Committee, height: UInt64, place: Int, blockByteCount: Int, signed: [Message], rules: Rules
  ) {
    (self.committee, self.height, self.place) = (committee, height, place)
    (self.blockByteCount, self.rules) = (blockByteCount, rules)
    for message in signed {
      let ballot = message.ballot
      precondition(
        ballot.height == height && message.sender == place, "another's message, or another height's")
      if ballot.kind != .cosign {
        if ballot.round > round { move(to: ballot.round) }
        pledges[ballot.round, default: Pledges()].note(ballot.kind, ballot.digest)
        if ballot.kind == .vote { hasVoted = true }
      }
      _ = receive(message)
    }
    actions = []
  }

  /// Takes in what has happened, and says what is to be done for it, in this order.
  ///
  /// What cannot be of use any more (an old timer, a message of another height) leads to nothing.
  public mutating func handle(_ event: AgreementEvent) -> [AgreementAction] {
    switch event {
    case .message(let message):
      guard message.ballot.height == height else { return [] }
      // What was received before, from a board that is read again and again, leads to nothing. Its own messages always go on.
      guard receive(message) || message.sender == place else { return [] }
    case .certificate(let certificate):
      guard certificate.height == height, learn(certificate) else { return [] }
    case .timeout(let height, let round):
      if height == self.height && round == self.round && timer == .running { timer = .out }
    case .work(let isWaiting):
      isWorkWaiting = isWaiting
      // Whoever found nothing to make a block of looks again.
      if isWaiting, own.proposal == nil { draftAsked = nil }
    case .drafted(let height, let round, let digest, let size):
      guard height == self.height else { return [] }
      blocks[digest] = Block(isAsked: true, size: size, verdict: .valid)
      if round == self.round, draftAsked == round { proposeFree(digest, size: size) }
    case .judged(let digest, let size, let verdict):
      blocks[digest] = Block(isAsked: true, size: size, verdict: verdict)
    case .applied(let digest, let size, let root):
      // A cosignature of another tree could not be taken back.
      guard hasAskedToApply, digest == decision?.digest, applied == nil else { return [] }
      applied = (size, root)
    }
    advance()
    defer { actions = [] }
    return actions
  }

  /// How long a round waits for a QC, in ms: 2 s, times 1.5 for each round before, 60 s at most.
  public static func patience(round: Int) -> Int {
    var milliseconds = 2_000
    for _ in 0..<min(round, 9) { milliseconds += milliseconds / 2 }
    return min(milliseconds, 60_000)
  }

  /// The most bytes of a free block of `round`: half as many with each round, so that a slow line ends in small blocks and not in none.
  public func blockByteLimit(round: Int) -> Int {
    max(min(blockByteCount, Agreement.leastBlockByteCount), blockByteCount >> min(round, 30))
  }

  /// How many rounds something is known of.
  package var knownRounds: Int { records.count }

  /// What this validator has signed in its round.
  var own: Pledges { pledges[round] ?? Pledges() }
}
