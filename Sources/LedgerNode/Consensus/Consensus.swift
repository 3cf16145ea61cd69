import Boards
import Consortium
import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerStore
import Logging
import TransparencyLog

/// Runs one validator of a ledger: what happens is told to its `Participant`, and what that wants done is done, one thing after the other
/// on a queue of its own.
///
/// - What is signed is in the journal before it is sent, on every link, again until it is there; after a start it is sent again.
/// - A block is on the disk (`blocks/`) before it is proposed or said to be judged, and is appended to the ledger when it is final:
///   whoever waits for a record is answered by the committer then, and not before.
/// - Blocks that were decided without this validator come from any other, each judged by its own core (`Consensus+CatchingUp`).
///
/// Nothing is believed of what comes in: messages and certificates prove themselves, blocks are judged, checkpoints have a quorum.
actor Consensus {
  nonisolated let validator: String
  nonisolated let ledger: Digest
  nonisolated let committer: Committer
  nonisolated let standing: ConsensusStanding
  nonisolated let settings: ConsortiumSettings
  nonisolated let log: LimitedLog
  /// Now, in ms since the epoch.
  nonisolated let now: @Sendable () -> UInt64
  nonisolated let etcd: EtcdBulletin?
  nonisolated private let directory: PeerDirectory
  nonisolated private let client: ValidatorClient
  nonisolated private let queue = SerialQueue("zheng.consensus")
  nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

  /// What it does.
  enum Mode: Equatable {
    case working
    case halted(String)
    case following(String)
    case stopped
  }

  var mode = Mode.working
  /// Nil where the roster has no such validator.
  var office: ValidatorOffice?
  let blocks: UndecidedBlocks
  let evidence: MisconductFolder
  var misconductCount: Int
  private let waiting: AsyncStream<[[UInt8]]>

  // Of the height that is worked on.
  var height: UInt64 = 0
  /// Nil where the ledger has one validator.
  var committee: Committee?
  var logKey: NoteVerifierKey
  var frontier = Frontier()
  /// The blocks that the core has judged good.
  var judged: [Digest: JudgedBlock] = [:]
  /// Those that are being looked for.
  var wanted: [Digest: Task<Void, Never>] = [:]
  var timer: Task<Void, Never>?
  /// The messages that were looked at, by their SHA-256.
  var seen: Set<Digest> = []

  /// What is to be handled.
  var events: [AgreementEvent] = []
  private var isDraining = false

  /// The messages of this height, and of the newest before: this validator's and those that verified.
  var known = PostedMessages()
  /// Messages of the next height, which nobody has looked at.
  var early: [[UInt8]] = []
  /// Who decided the height before.
  var previous: Committee?
  var sightings = Sightings()

  // Catching up.
  /// The greatest height that somebody is said to be at.
  var ahead: UInt64 = 0
  var catchingUp: Task<Void, Never>?

  // Amnesia.
  /// What the others have shown since this validator lost its journal.
  var shown: [String: FinalDocument] = [:]
  var wasAmnesic = false

  // The links.
  var links: [String: ConsensusLink] = [:]
  var reading: Task<Void, Never>?
  var lastReading: ContinuousClock.Instant?
  var announcing: Task<Void, Never>?
  var announcement: EtcdAnnouncement?
  private var tasks: [Task<Void, Never>] = []
  private nonisolated let ended = AsyncStream.makeStream(of: Void.self)
  /// Ends when `run` has begun to work: what tests wait for.
  nonisolated let begun = AsyncStream.makeStream(of: Void.self)
  private var failure: (any Error)?

  /// The validator that `settings` name, of the ledger that `committer` writes; nothing is sent before `run`.
  ///
  /// - Parameters:
  ///   - office: nil where the roster has no such validator.
  ///   - place: the validator's folder in STATE.
  ///   - waiting: the statements that `committer` has judged good and that came here.
  /// - Throws: what makes boards and clients of `settings` fail; `journal-failed`.
  init(
    _ settings: ConsortiumSettings, _ office: sending ValidatorOffice?, _ state: LedgerState,
    committer: Committer, in place: String, waiting: AsyncStream<[[UInt8]]>, log: LimitedLog,
    now: @escaping @Sendable () -> UInt64
  ) throws {
    (self.settings, self.committer, self.waiting, self.log, self.now) = (
      settings, committer, waiting, log, now
    )
    (validator, ledger, logKey) = (settings.validator, state.ledgerID, state.roster.terms.logKey)
    let standing = ConsensusStanding(
      NodeConsensus(
        validator: settings.validator, state: office == nil ? .following : .working, reason: nil,
        height: state.height, round: 0, behind: 0, quorum: state.roster.terms.quorum, validators: [],
        misconduct: 0))
    self.standing = standing
    etcd =
      settings.boards.isEmpty
      ? nil
      : try EtcdBulletin(
        settings.boards, ledger: state.ledgerID, validator: settings.validator,
        validators: { standing.newest.validators.map(\.name) }, user: settings.boardUser,
        tls: settings.boardTLS)
    directory = PeerDirectory(settings.peers, etcd)
    client = try ValidatorClient(tls: settings.peerTLS)
    blocks = try UndecidedBlocks(place + "/blocks")
    let evidence = MisconductFolder(path: place + "/misconduct")
    (self.evidence, misconductCount) = (evidence, try evidence.count())
    self.office = office
    standing.admit(state.roster.terms.voteKeys)
  }

  // MARK: Running

  /// Works until `stop` is called or the task is cancelled.
  ///
  /// - Throws: what the validator can't go on after: the process must be started again.
  func run() async throws {
    do { try begin() } catch { fail(error) }
    drain()
    begun.continuation.finish()
    tasks += [
      Task { for await entries in waiting { self.pass(entries) } },
      Task {
        while await Consensus.pause(.seconds(5)) { self.lookRound() }
      },
    ]
    for await _ in ended.stream {}
    await end()
    if let failure { throw failure }
  }

  /// Has `run` return.
  func stop() {
    if mode == .working { mode = .stopped }
    ended.continuation.finish()
  }

  private func end() async {
    if mode == .working { mode = .stopped }
    for task in tasks + Array(wanted.values) + [timer, catchingUp, reading, announcing].compactMap(\.self) {
      task.cancel()
    }
    for link in links.values { link.cancel() }
    if let etcd, let announcement {
      do { try await etcd.withdraw(announcement) } catch { failed("the board", error) }
    }
    // Gives up the journal.
    office = nil
  }

  /// The validator can't go on in this process.
  func fail(_ error: any Error) {
    log.logger.error("the validator \(validator) stops: \(error)")
    failure = failure ?? error
    mode = .stopped
    ended.continuation.finish()
  }

  /// Nothing more is done until a person has seen to it; what is final is still shown to whoever may read.
  func halt(_ reason: String) {
    log.logger.error("the validator \(validator) has halted: \(reason)")
    mode = .halted(reason)
    timer?.cancel()
  }

  /// Takes note of an attempt that failed and is made again.
  nonisolated func failed(_ what: String, _ error: any Error) {
    log.log(.peer(what), "\(what): \(error)")
  }

  /// False where the task is cancelled meanwhile.
  static func pause(_ duration: Duration) async -> Bool {
    do {
      try await Task.sleep(for: duration)
      return true
    } catch {
      return false
    }
  }

  // MARK: Events

  /// Takes in what has happened, and does what follows from it.
  func handle(_ event: AgreementEvent) {
    guard mode == .working else { return }
    events.append(event)
    drain()
  }

  /// Handles what is to be handled, unless that is under way.
  func drain() {
    guard !isDraining else { return }
    isDraining = true
    defer {
      isDraining = false
      publish()
    }
    while mode == .working, !events.isEmpty, let office {
      let (event, began) = (events.removeFirst(), height)
      do {
        // A cosignature must not seem to have been made before it was.
        let actions = try office.participant.handle(event, time: (now() + 999) / 1000)
        for action in actions { try perform(action, of: began) }
      } catch { fail(error) }
    }
  }

  /// Says again whether a statement waits: what kept a block from being made may have gone.
  private func lookRound() { handle(.work(isWaiting: committer.isWorkWaiting)) }

  /// Statements came that are judged good; those in `entries` came to this node, and the others do not have them.
  private func pass(_ entries: [[UInt8]]) {
    for link in links.values where link.peer != nil { link.relay.add(entries) }
    handle(.work(isWaiting: committer.isWorkWaiting))
  }

  /// Says how it is doing.
  func publish() {
    let participant = office.map {
      (round: $0.participant.agreement.round, isAmnesic: $0.participant.isAmnesic)
    }
    let greatest = max(sightings.height(beyond: committee?.faults ?? 0), height)
    let (state, reason): (NodeConsensus.State, String?) =
      switch mode {
      case .halted(let reason): (.halted, reason)
      case .following(let reason): (.following, reason)
      case .working, .stopped:
        participant?.isAmnesic == true
          ? (.amnesic, "what it has signed is not known; it asks the others how far they are")
          : (.working, nil)
      }
    let quorum = committee?.quorum ?? 1
    let validators = committee?.seats.map { seat in
      let sighting = sightings[seat.name]
      let isOwn = seat.name == validator
      return NodeConsensus.Validator(
        name: seat.name, height: isOwn ? height : sighting?.height,
        round: isOwn ? participant?.round : sighting?.round,
        behind: (isOwn ? height : sighting?.height).map { greatest - min($0, greatest) },
        clockOffsetSeconds: sightings.offset(of: seat.name), lastSeen: isOwn ? now() : sighting?.time)
    }
    standing.set(
      NodeConsensus(
        validator: validator, state: state, reason: reason, height: height, round: participant?.round ?? 0,
        behind: greatest - height, quorum: quorum, validators: validators ?? [],
        misconduct: misconductCount))
  }

  // MARK: Links

  /// Has a link to each other validator of `committee`, and one to the board, and none to anybody else.
  func connect(_ committee: Committee, _ keys: ValidatorKeyFiles) {
    let others = committee.seats.map(\.name).filter { $0 != validator }
    for (name, link) in links where !name.isEmpty && !others.contains(name) {
      link.cancel()
      links[name] = nil
    }
    sightings.keep(committee.seats.map(\.name))
    for name in others where links[name] == nil {
      let tokens = ReadingTokens(
        key: keys.voteKey, issuer: validator, ledger: ledger, node: name, now: { [now] in now() / 1000 })
      let peer = ValidatorPeer(name: name, directory: directory, client: client, tokens: tokens)
      open(name, ConsensusLink(PeerBulletin(peer), peer))
    }
    if let etcd, links[""] == nil { open("", ConsensusLink(etcd)) }
  }

  private func open(_ name: String, _ link: ConsensusLink) {
    var link = link
    let failed: @Sendable (any Error) -> Void = { [self] error in
      self.failed(name.isEmpty ? "the board" : "the node of \(name)", error)
    }
    let board = ComparedBulletin(board: link.board) { await self.compare($1, height: $0, on: name) }
    link.tasks = [
      Task { [outbox = link.outbox, board = link.board] in
        await outbox.post(
          on: board, isOfUse: { self.standing.newest.height <= $0.ballot.height + 1 }, failed: failed)
      },
      Task {
        await board.follow(
          height: { self.standing.newest.height }, failed: { failed($0) },
          receive: { await self.receive($0) })
      },
    ]
    if let peer = link.peer {
      link.tasks += [
        Task { [relay = link.relay, committer] in
          await relay.pass(to: peer, waiting: { committer.waitingEntries(atMost: $0) }, failed: failed)
        },
        Task { await self.poll(peer) },
      ]
    }
    links[name] = link
  }

  /// The board that the node of `name` is, which takes what it hands over; nil where it is no validator.
  func bulletin(of name: String) -> PeerBulletin? { links[name]?.board as? PeerBulletin }
}

extension Terms {
  /// The vote keys of the validators, with their names.
  var voteKeys: [(name: String, key: PublicKey)] {
    validators.compactMap { validator in validator.voteKey.map { (validator.name, $0) } }
  }
}
