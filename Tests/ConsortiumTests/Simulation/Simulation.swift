import Consortium
import LedgerCrypto
import TestKit

/// Four validators in one process, of which one may lie, on a network and a board that do whatever a seed says; then everything heals.
///
/// There is no time: what is on its way arrives in any order, late, twice or never, and timers run out whenever it is their turn. After
/// the network has healed what is on its way arrives in order, and a timer runs out when nothing else happens.
final class Simulation {
  /// What may not happen.
  enum Failure: Hashable {
    case fork, stuck, slow, lost, acknowledgedTooEarly, honestAccused, refusedFinal, error(String)
  }

  /// What a schedule can do to the validators.
  enum Disturbance: Int, CaseIterable {
    case lostMessage, repeatedMessage, killed, killedAtWrite, lostJournal, oldBoard, twoFaces,
      boardRolledBack, untimely
    case equivocation, shownToOne, withheldBody, certificateShown, replay, restart
  }

  struct Setting {
    var rules = Rules.standard
    var quorum = 3
    var hasLiar = true
    /// Whether the liar shows each of its messages to one validator alone.
    var showsToOne = false
    /// How many lose their journals. Where that is more than one nothing would move, and all sign a restart.
    var lostJournals = 0
    /// Whether a test says what arrives; see `deliver`.
    var isDirected = false
    var isDisturbed = true
    /// Whether the network heals at the end; where not, progress is not looked at.
    var heals = true
    var steps = 40...140
    /// The writes of validator 0's disk before its process is killed at one, and whether that one is kept.
    var killed: (after: Int, isKept: Bool)?
  }

  /// What is on its way to a validator: small, since a schedule has thousands.
  struct Arrival {
    enum What {
      /// The number of a message in `letters`.
      case letter(Int)
      case drafted(UInt64, Int, Digest), judged(Digest), applied(Digest), read, catchUp, ask
    }

    let to: Int
    /// The start of the process that it is for; nil for messages.
    let start: Int?
    let what: What
  }

  let setting: Setting
  let committee: Committee
  var random: SeededGenerator
  let nodes: [SimulatedNode]
  let honest: [SimulatedNode]
  let liar: Liar?
  var pending: [Arrival] = []
  /// Every message that was shown to anybody.
  var letters: [Message] = []
  var board = PostedMessages()
  private var posted: [Int] = []
  var blocks: [Digest: Bool] = [:]
  var decided: [UInt64: Digest] = [:]
  var failure: Failure?
  /// The sort of messages that is slow on this network.
  let slow: Ballot.Kind?
  var isHealed = false
  /// The last height for which statements wait.
  var lastHeight = UInt64.max
  private var blockCount = 0
  private var happened = 0

  init(seed: UInt64, _ setting: Setting = Setting()) {
    self.setting = setting
    let seats = Council.shared.committee
    committee = Committee(
      unchecked: seats.ledger, roster: seats.roster, origin: seats.origin, seats: seats.seats,
      quorum: setting.quorum, faults: 1)
    random = SeededGenerator(seed: seed)
    nodes = (0..<4).map(SimulatedNode.init)
    slow = [nil, .propose, .vote, .skip, .confirm, .cosign][Int(seed / 4 % 6)]
    let liar = setting.hasLiar ? Liar(place: Int(seed % 4), committee) : nil
    self.liar = liar
    honest = nodes.filter { $0.place != liar?.place }
    if setting.isDirected { startAll() }
  }

  func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
  func chance(_ one: Int, in many: Int) -> Bool { pick(many) < one }

  func note(_ disturbance: Disturbance) { happened |= 1 << disturbance.rawValue }
  var disturbances: Set<Disturbance> { Set(Disturbance.allCases.filter { happened >> $0.rawValue & 1 == 1 }) }

  /// Runs the schedule. Nil where nothing happened that may not.
  func run() -> Failure? {
    startAll()
    if let killed = setting.killed { (nodes[0].journal.writesLeft, nodes[0].journal.lastIsKept) = killed }
    if setting.isDisturbed {
      let steps = setting.steps.lowerBound + pick(setting.steps.count)
      for _ in 0..<steps where failure == nil { disturbedStep() }
    }
    if failure == nil, setting.heals { heal() }
    return failure
  }

  private func startAll() {
    for node in honest { start(node) }
  }

  // MARK: A disturbed network

  private func disturbedStep() {
    let node = honest[pick(honest.count)]
    switch pick(64) {
    case 0..<8: runOut(node)
    case 8..<11: arrive(Arrival(to: node.place, start: node.starts, what: .read))
    case 11:
      guard setting.killed == nil else { return }
      note(.killed)
      kill(node)
    case 12:
      // Killed at a write to come.
      guard setting.killed == nil else { return }
      (node.journal.writesLeft, node.journal.lastIsKept) = (pick(8), chance(1, in: 2))
    case 13..<16: if node.process == nil { start(node) }
    case 16..<26: liar?.act(in: self)
    case 26:
      if node.process?.amnesia != nil { arrive(Arrival(to: node.place, start: node.starts, what: .ask)) }
    case 27: if chance(1, in: 8) { rollBack() }
    default: arriveAny()
    }
  }

  private func arriveAny() {
    guard !pending.isEmpty else { return }
    let index = pick(pending.count)
    let next = pending[index]
    if case .letter(let number) = next.what {
      if let slow, letters[number].ballot.kind == slow, !chance(1, in: 16) { return }
      // Once in a while it arrives twice, or never.
      switch pick(24) {
      case 0:
        note(.repeatedMessage)
        return arrive(next)
      case 1, 2:
        note(.lostMessage)
        return take(index)
      default: break
      }
    }
    take(index)
    arrive(next)
  }

  private func take(_ index: Int) {
    pending.swapAt(index, pending.count - 1)
    pending.removeLast()
  }

  func runOut(_ node: SimulatedNode) {
    guard let process = node.process, let round = process.timer else { return }
    process.timer = nil
    handle(node, .timeout(height: node.height, round: round))
  }

  // MARK: The network and the board

  /// A message that can be shown, by its number.
  func letter(_ message: Message) -> Int {
    letters.append(message)
    return letters.count - 1
  }

  /// What an honest validator sends: to everybody, and to the board.
  func send(_ message: Message) {
    liar?.overhear(message, in: self)
    let number = letter(message)
    post(number)
    for node in honest where node.place != message.sender {
      pending.append(Arrival(to: node.place, start: nil, what: .letter(number)))
    }
  }

  func post(_ number: Int) {
    if board.post(letters[number]) { posted.append(number) }
  }

  /// A snapshot of the board is restored: what was posted since is gone, and its places can be written again.
  private func rollBack() {
    note(.boardRolledBack)
    posted.removeLast(pick(posted.count + 1))
    board = PostedMessages()
    for number in posted { _ = board.post(letters[number]) }
  }

  /// A decision that could be put together, by whomever.
  func decide(_ height: UInt64, _ digest: Digest) {
    if let other = decided[height], other != digest { failure = .fork }
    decided[height] = digest
  }

  func newBlock(isValid: Bool) -> Digest {
    blockCount += 1
    let digest = Simulation.digest(blockCount)
    blocks[digest] = isValid
    return digest
  }

  private static func digest(_ number: Int) -> Digest {
    var bytes = [UInt8](repeating: 0, count: 32)
    (bytes[0], bytes[1], bytes[2]) = (UInt8(number >> 8 & 255), UInt8(number & 255), 1)
    return Digest(bytes.span)!
  }
}
