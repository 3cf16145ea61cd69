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

  struct Setting {
    var rules = Rules.standard
    var quorum = 3
    var hasLiar = true
    var losesJournal = false
    var isDisturbed = true
    /// Whether the network heals at the end; where not, progress is not looked at.
    var heals = true
    var steps = 50...220
    /// The writes of validator 0's journal before its process is killed at one, and whether that one is kept.
    var killed: (after: Int, isKept: Bool)?
  }

  enum Local {
    case drafted(UInt64, Int, Digest), judged(Digest), applied(Digest), read, catchUp, ask
  }

  enum Arrival {
    case message(Message)
    case local(Local, start: Int)
  }

  let setting: Setting
  let committee: Committee
  var random: SeededGenerator
  var nodes: [SimulatedNode]
  let liar: Liar?
  var pending: [(to: Int, what: Arrival)] = []
  /// All that was posted, in order.
  var board: [Message] = []
  private var taken: Set<BoardPlace> = []
  var blocks: [Digest: Bool] = [:]
  var decided: [UInt64: Digest] = [:]
  var failure: Failure?
  /// The sort of messages that is slow on this network.
  let slow: Ballot.Kind?
  var isHealed = false
  /// The last height for which statements wait.
  var lastHeight = UInt64.max
  var blockCount = 0

  init(seed: UInt64, _ setting: Setting = Setting()) {
    self.setting = setting
    let seats = Council.four
    committee = Committee(
      unchecked: seats.ledger, roster: seats.roster, origin: seats.origin, seats: seats.seats,
      quorum: setting.quorum, faults: 1)
    random = SeededGenerator(seed: seed)
    nodes = (0..<4).map(SimulatedNode.init)
    slow = [nil, .propose, .vote, .skip, .confirm, .cosign][Int(seed / 4 % 6)]
    liar = setting.hasLiar ? Liar(place: Int(seed % 4), committee) : nil
  }

  var honest: [SimulatedNode] { nodes.filter { $0.place != liar?.place } }
  var running: [SimulatedNode] { honest.filter { $0.process != nil } }

  func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
  func chance(_ one: Int, in many: Int) -> Bool { pick(many) < one }

  /// Runs the schedule. Nil where nothing happened that may not.
  func run() -> Failure? {
    for node in honest { start(node) }
    if let killed = setting.killed { (nodes[0].journal.writesLeft, nodes[0].journal.lastIsKept) = killed }
    if setting.isDisturbed {
      let steps = setting.steps.lowerBound + pick(setting.steps.count)
      for _ in 0..<steps where failure == nil { disturbedStep() }
    }
    if failure == nil, setting.heals { heal() }
    return failure
  }

  // MARK: A disturbed network

  private func disturbedStep() {
    let node = honest[pick(honest.count)]
    switch pick(64) {
    case 0..<8: runOut(node)
    case 8..<11: arrive(node.place, .local(.read, start: node.starts))
    case 11:
      if setting.killed == nil { kill(node) }
    case 12:
      // Killed at a write to come.
      if setting.killed == nil {
        (node.journal.writesLeft, node.journal.lastIsKept) = (pick(6), chance(1, in: 2))
      }
    case 13..<16: if node.process == nil { start(node) }
    case 16..<26: liar?.act(in: self)
    case 26: if node.process?.amnesia != nil { arrive(node.place, .local(.ask, start: node.starts)) }
    default: arriveAny()
    }
  }

  private func arriveAny() {
    guard !pending.isEmpty else { return }
    let index = pick(pending.count)
    let next = pending[index]
    if case .message(let message) = next.what, message.ballot.kind == slow, !chance(1, in: 16) { return }
    // Once in a while it arrives twice, or never.
    switch pick(24) {
    case 0: break
    case 1, 2:
      if case .local = next.what { break }
      pending.swapAt(index, pending.count - 1)
      pending.removeLast()
      return
    default:
      pending.swapAt(index, pending.count - 1)
      pending.removeLast()
    }
    arrive(next.to, next.what)
  }

  func runOut(_ node: SimulatedNode) {
    guard let process = node.process, let round = process.timer else { return }
    process.timer = nil
    handle(node, .timeout(height: node.height, round: round))
  }

  // MARK: Processes

  func kill(_ node: SimulatedNode) {
    node.process = nil
    node.journal.writesLeft = nil
    if setting.losesJournal, !honest.contains(where: \.hasLostJournal) {
      node.hasLostJournal = true
      node.journal = SimulatedJournal(beginning: .begin(height: JournalRecord.nothing, cosigned: 0))
    }
  }

  func start(_ node: SimulatedNode) {
    node.starts += 1
    do {
      let signer = try Signer(
        name: committee.seats[node.place].name, keys: SimulatedKeys(place: node.place), store: node.journal,
        records: node.journal.records, rules: setting.rules)
      let participant = try Participant(
        signer: signer, committee: committee, height: node.height,
        blockByteCount: Message.maximumBlockByteCount, rules: setting.rules)
      node.process = SimulatedNode.Process(participant)
    } catch {
      failure = .error("\(error)")
      return
    }
    begin(node)
  }

  func begin(_ node: SimulatedNode) {
    guard let process = node.process else { return }
    process.timer = nil
    process.wanted = []
    guarded(node) { () throws(ConsortiumError) in try process.participant.begin(node.height, committee) }
    handle(node, .work(isWaiting: node.height <= lastHeight))
  }

  func handle(_ node: SimulatedNode, _ event: AgreementEvent) {
    guard let process = node.process else { return }
    guarded(node) { () throws(ConsortiumError) in try process.participant.handle(event, time: 0) }
  }

  private func guarded(
    _ node: SimulatedNode,
    _ body: () throws(ConsortiumError) -> [Participant<SimulatedKeys, SimulatedJournal>.Action]
  ) {
    do {
      perform(node, try body())
    } catch {
      // What was to be sent before the write that failed was in the journal: it is sent after the next start.
      guard error.code == .journalFailed else { return failure = .error("\(error)") }
      kill(node)
    }
  }

  // MARK: What a validator wants done

  private func perform(
    _ node: SimulatedNode, _ actions: [Participant<SimulatedKeys, SimulatedJournal>.Action]
  ) {
    for action in actions {
      guard let process = node.process, failure == nil else { return }
      switch action {
      case .send(let message): send(message)
      case .read: local(node, .read)
      case .catchUp: local(node, .catchUp)
      case .ask:
        process.amnesia = Amnesia(committee: committee, place: node.place, rules: setting.rules)
        local(node, .ask)
      case .perform(let action):
        switch action {
        case .sign: failure = .error("an agreement's wish to sign was handed on")
        case .setTimer(_, let round, _): process.timer = round
        case .draft(let height, let round, _):
          let digest = newBlock(isValid: true)
          node.bodies.insert(digest)
          local(node, .drafted(height, round, digest))
        case .judge(let digest):
          process.wanted.append(digest)
          lookFor(digest, node)
        case .apply(let digest): local(node, .applied(digest))
        case .finalise: finalise(node)
        case .report(let misconduct):
          let isHonest = misconduct.validator != liar?.place && !nodes[misconduct.validator].hasLostJournal
          if isHonest { failure = .honestAccused }
        case .halt: failure = .refusedFinal
        }
      }
    }
  }

  func local(_ node: SimulatedNode, _ what: Local) {
    pending.append((node.place, .local(what, start: node.starts)))
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

  func send(_ message: Message) {
    liar?.overhear(message, in: self)
    if taken.insert(BoardPlace(message)).inserted { board.append(message) }
    for node in honest where node.place != message.sender { pending.append((node.place, .message(message))) }
  }

  /// A decision that could be put together, by whomever.
  func decide(_ height: UInt64, _ digest: Digest) {
    if let other = decided[height], other != digest { failure = .fork }
    decided[height] = digest
  }

  private func finalise(_ node: SimulatedNode) {
    guard let process = node.process, let digest = process.participant.agreement.decision?.digest else {
      return
    }
    decide(node.height, digest)
    if honest.count(where: { $0.bodies.contains(digest) }) <= committee.faults {
      failure = .acknowledgedTooEarly
    }
    node.finals.append(digest)
    begin(node)
  }

  // MARK: What arrives

  func arrive(_ place: Int, _ what: Arrival) {
    let node = nodes[place]
    guard let process = node.process else { return }
    switch what {
    case .message(let message): handle(node, .message(message))
    case .local(let local, let start):
      guard start == node.starts else { return }
      switch local {
      case .drafted(let height, let round, let digest):
        handle(node, .drafted(height: height, round: round, digest, size: 1))
      case .judged(let digest):
        let isLate = !isHealed && chance(1, in: 16)
        let verdict: Verdict = blocks[digest] != true ? .invalid : isLate ? .untimely : .valid
        node.bodies.insert(digest)
        handle(node, .judged(digest, size: 1, verdict))
      case .applied(let digest): handle(node, .applied(digest, size: node.height * 10, root: digest))
      case .read:
        read(node)
        for digest in process.wanted { lookFor(digest, node) }
      case .catchUp: catchUp(node)
      case .ask: ask(node)
      }
    }
  }

  /// A block is had from the disk, or from any that runs and has it; the liar gives its own to whom it likes.
  func lookFor(_ digest: Digest, _ node: SimulatedNode) {
    guard node.bodies.contains(digest) || running.contains(where: { $0.bodies.contains(digest) }) else {
      return
    }
    node.process?.wanted.removeAll { $0 == digest }
    local(node, .judged(digest))
  }

  private func read(_ node: SimulatedNode) {
    let height = node.height
    // The board may show each reader another face, or an old one.
    let (end, face) = isHealed ? (board.count, 0) : (pick(board.count + 1), pick(3))
    for (number, message) in board[..<end].enumerated() where message.ballot.height == height {
      if face == 1 && (number + node.place) % 2 == 0 { continue }
      guard node.process != nil, node.height == height else { return }
      handle(node, .message(message))
    }
    if node.process != nil { catchUp(node) }
  }

  private func catchUp(_ node: SimulatedNode) {
    let others = running.filter { $0.finals.count > node.finals.count }
    guard !others.isEmpty else { return }
    let other = others[pick(others.count)]
    for digest in other.finals[node.finals.count...] { node.finals.append(digest) }
    begin(node)
  }

  private func ask(_ node: SimulatedNode) {
    guard let process = node.process, var amnesia = process.amnesia else { return }
    for other in nodes where chance(1, in: 2) {
      if other.place == liar?.place {
        amnesia.note(0, shownBy: other.place)
      } else if let height = other.process?.participant.newestHeight {
        amnesia.note(height, shownBy: other.place)
      }
    }
    process.amnesia = amnesia
    guard amnesia.resumption != nil else { return }
    process.amnesia = nil
    let cosigned = node.height * 10
    guarded(node) { () throws(ConsortiumError) in
      try process.participant.resume(amnesia, cosigned: cosigned - 10)
    }
    handle(node, .work(isWaiting: node.height <= lastHeight))
  }
}
