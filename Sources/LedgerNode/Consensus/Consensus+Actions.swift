import Consortium
import Ledger
import LedgerCrypto
import LedgerStore
import TransparencyLog

// What a participant wants done.
extension Consensus {
  typealias Action = Participant<ValidatorKeys, Journal>.Action

  /// Works on the height above the newest block: after a start, and after each block.
  func begin() throws {
    let state = try committer.reader.state()
    events = []
    timer?.cancel()
    for task in wanted.values { task.cancel() }
    (judged, wanted, seen) = ([:], [:], [])
    if state.height > height { previous = height + 1 == state.height ? effectiveCommittee : nil }
    (height, frontier, logKey) = (state.height, state.frontier, state.roster.terms.logKey)
    known.forget(below: height - 1)
    try blocks.removeAll(below: height)
    if committee?.roster != state.roster.root { try renew(state) }
    guard let office, let committee else { return }
    sightings.see(validator, height: height, at: now())
    office.participant.blockByteCount = ValidatorOffice.blockByteCount(state.roster)
    for action in try office.participant.begin(height, committee) { try perform(action, of: height) }
    forgetOld()
    events.append(.work(isWaiting: committer.isWorkWaiting))
    let received = early
    early = []
    for bytes in received { receive(bytes) }
  }

  /// The roster has changed, or is looked at for the first time.
  private func renew(_ state: LedgerState) throws {
    let terms = state.roster.terms
    standing.admit(terms.voteKeys)
    guard terms.validators.count > 1 else {
      committee = nil
      return leave(
        """
        from block \(state.height) on the ledger has one validator, \(terms.validators[0].name), which decides alone: start its node \
        without the name of a validator, and follow the ledger with the others
        """)
    }
    let committee = try Committee(rosterInForce: state.roster, of: state.ledgerID)
    self.committee = committee
    guard let office, let seat = committee.seats.first(where: { $0.name == validator }) else {
      return leave(
        """
        from block \(state.height) on the roster has no validator \(validator); this node takes in what the others decide for as long as \
        they answer it. Destroy the keys of a validator that has left, and follow the ledger as a member
        """)
    }
    guard office.keys.voteKey.publicKey == seat.voteKey, office.keys.cosigner.verifierKey == seat.cosignerKey
    else {
      throw Failure(
        "read", committer.reader.folder.keys,
        reason: """
          from block \(state.height) on the roster has other keys of the validator \(validator): put them there and start the node again
          """)
    }
    if office.keys.log.verifierKey != terms.logKey {
      office.keys = try ValidatorKeyFiles(in: committer.reader.folder, validator: validator, terms: terms)
      log.logger.notice("from block \(state.height) on the log key is \(terms.logKey)")
    }
    connect(committee, office.keys)
  }

  /// Holds office no more. The links stay, by which it hears of blocks.
  private func leave(_ reason: String) {
    log.logger.notice("\(reason)")
    mode = .following(reason)
    office = nil
  }

  /// Who decides this height: above a restart, by messages that name it.
  var effectiveCommittee: Committee? { office?.participant.agreement.committee ?? committee }

  /// Does what is wanted.
  ///
  /// - Parameter began: the height that it is wanted for.
  func perform(_ action: Action, of began: UInt64) throws {
    switch action {
    case .send(let message): send(message)
    case .read: readBoards()
    case .catchUp(let height): noteAhead(height)
    case .ask: ask()
    case .perform(let action):
      // A block was final meanwhile: what was wanted for its height is not wanted any more.
      guard height == began, mode == .working else { return }
      try perform(action)
    }
  }

  private func perform(_ action: AgreementAction) throws {
    switch action {
    case .sign: preconditionFailure("a participant signs itself")
    case .setTimer(let height, let round, let milliseconds): setTimer(height, round, milliseconds)
    case .draft(let height, let round, let byteCount): try draft(height, round, byteCount)
    case .judge(let digest): try judge(digest)
    case .apply(let digest):
      // Its body is on the disk, synced; it is appended when it is final.
      guard let block = judged[digest] else { preconditionFailure("a block was applied that was not judged") }
      events.append(.applied(digest, size: block.size, root: block.root))
    case .finalise(let messages): try finalise(messages)
    case .report(let misconduct): report(misconduct)
    case .halt(let digest):
      halt("the core refuses block \(digest) of height \(height), which a quorum decided; the log says why")
    }
  }

  // MARK: Sending

  /// Sends a message, which is in the journal, on every link.
  private func send(_ message: Message) {
    seen.insert(SHA256.digest(of: message.bytes))
    _ = known.post(message)
    if let cosignature = message.cosignature {
      sightings.cosigned(validator, height: message.ballot.height, at: cosignature.timestamp)
    }
    for link in links.values { link.outbox.add(message) }
  }

  // MARK: Timers

  private func setTimer(_ height: UInt64, _ round: Int, _ milliseconds: Int) {
    timer?.cancel()
    timer = Task {
      if await Consensus.pause(.milliseconds(milliseconds)) { self.timeOut(height, round) }
    }
  }

  private func timeOut(_ height: UInt64, _ round: Int) {
    guard height == self.height else { return }
    handle(.timeout(height: height, round: round))
    // What is missing may have been left out on its way.
    readBoards()
  }

  // MARK: Final

  /// Makes the block of this height final on the disk, by these cosignatures, and goes on to the next.
  private func finalise(_ messages: [Message]) throws {
    guard let office, let digest = office.participant.agreement.decision?.digest, let block = judged[digest]
    else { preconditionFailure("a block is final that was not decided") }
    do {
      let final = try FinalCheckpoint(messages, of: office.participant.agreement.committee)
      try final.check(size: block.size, root: block.root, height: height)
      try commit(block, final.note(signedBy: office.keys.log))
    } catch let error as ConsortiumError where error.code == .refusedFinal {
      halt(error.description)
    }
  }

  /// Commits a block with its final checkpoint, and goes on to the next height. Does not return before what waited for it is answered.
  func commit(_ block: JudgedBlock, _ note: SignedNote) throws {
    do { try committer.commit(block, note) } catch let unavailable as CommitterUnavailable {
      if case .stopping = unavailable { return stop() }
      return halt("\(unavailable)")
    } catch let fault as Fault {
      return halt("block \(block.height) can't be committed: \(fault)")
    } catch let refusal as Refusal {
      return halt("block \(block.height) can't be committed: \(refusal.reason)")
    }
    try begin()
  }

  // MARK: Misconduct

  private func report(_ misconduct: Misconduct) {
    guard let committee = effectiveCommittee else { return }
    let name = committee.seats[misconduct.validator].name
    do {
      guard let path = try evidence.keep(misconduct, in: committee, height: height) else { return }
      misconductCount += 1
      log.logger.error(
        "the validator \(name) has contradicted itself at height \(height); the evidence is in \(path)")
    } catch {
      log.logger.error(
        "the validator \(name) has contradicted itself at height \(height); the evidence can't be kept: \(error)"
      )
    }
  }
}
