import Consortium
import LedgerCrypto

// What a validator's process does with what arrives, and what it wants done.
extension Simulation {
  // MARK: Processes

  func kill(_ node: SimulatedNode) {
    node.process = nil
    node.journal.writesLeft = nil
    if !node.hasLostJournal, honest.count(where: \.hasLostJournal) < setting.lostJournals {
      loseJournal(node)
    }
  }

  func loseJournal(_ node: SimulatedNode) {
    note(.lostJournal)
    node.hasLostJournal = true
    node.journal = SimulatedJournal(beginning: .begin(height: JournalRecord.nothing, cosigned: 0))
  }

  func start(_ node: SimulatedNode) {
    node.starts += 1
    do {
      let signer = try Signer(
        name: committee.seats[node.place].name, keys: SimulatedKeys(place: node.place), store: node.journal,
        records: node.journal.records, rules: setting.rules)
      let participant = try SimulatedNode.Participant(
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
    process.read = 0
    guarded(node) { () throws(ConsortiumError) in try process.participant.begin(node.height, committee) }
    handle(node, .work(isWaiting: node.height <= lastHeight))
  }

  func handle(_ node: SimulatedNode, _ event: AgreementEvent) {
    guard let process = node.process else { return }
    guarded(node) { () throws(ConsortiumError) in try process.participant.handle(event, time: 0) }
  }

  func guarded(
    _ node: SimulatedNode, _ body: () throws(ConsortiumError) -> [SimulatedNode.Participant.Action]
  ) {
    do {
      let actions = try body()
      if !actions.isEmpty { perform(node, actions) }
    } catch {
      // What was to be sent before the write that failed was in the journal: it is sent after the next start.
      guard error.code == .journalFailed else { return failure = .error("\(error)") }
      killAtWrite(node)
    }
  }

  private func killAtWrite(_ node: SimulatedNode) {
    note(.killedAtWrite)
    kill(node)
  }

  // MARK: What a validator wants done

  private func perform(_ node: SimulatedNode, _ actions: [SimulatedNode.Participant.Action]) {
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
          guard keep(digest, node) else { return }
          local(node, .drafted(height, round, digest))
        case .judge(let digest):
          process.wanted.append(digest)
          lookFor(digest, node)
        case .apply(let digest): local(node, .applied(digest))
        case .finalise: finalise(node)
        case .report(let misconduct):
          // Without that part of the rule the honest contradict themselves.
          let isHonest =
            setting.rules.confirmExcludesSkip && misconduct.validator != liar?.place
            && !nodes[misconduct.validator].hasLostJournal
          if isHonest { failure = .honestAccused }
        case .halt: failure = .refusedFinal
        }
      }
    }
  }

  /// Writes a block to the disk. False where the process is killed at it.
  private func keep(_ digest: Digest, _ node: SimulatedNode) -> Bool {
    if node.bodies.contains(digest) { return true }
    let isWritten = node.journal.write { node.bodies.insert(digest) }
    if !isWritten { killAtWrite(node) }
    return isWritten
  }

  func local(_ node: SimulatedNode, _ what: Arrival.What) {
    pending.append(Arrival(to: node.place, start: node.starts, what: what))
  }

  private func finalise(_ node: SimulatedNode) {
    guard let process = node.process, let digest = process.participant.agreement.decision?.digest else {
      return
    }
    if honest.count(where: { $0.bodies.contains(digest) }) <= committee.faults {
      failure = .acknowledgedTooEarly
    }
    let height = node.height
    let isWritten = node.journal.write {
      decide(height, digest)
      node.finals.append(digest)
    }
    guard isWritten else { return killAtWrite(node) }
    begin(node)
  }

  // MARK: What arrives

  func arrive(_ arrival: Arrival) {
    let node = nodes[arrival.to]
    guard let process = node.process else { return }
    if let start = arrival.start, start != node.starts { return }
    switch arrival.what {
    case .letter(let number): receive(letters[number], node)
    case .drafted(let height, let round, let digest):
      handle(node, .drafted(height: height, round: round, digest, size: 1))
    case .judged(let digest):
      let isLate = !isHealed && !setting.isDirected && chance(1, in: 16)
      if isLate { note(.untimely) }
      let verdict: Verdict = blocks[digest] != true ? .invalid : isLate ? .untimely : .valid
      guard keep(digest, node) else { return }
      handle(node, .judged(digest, size: 1, verdict))
    case .applied(let digest): handle(node, .applied(digest, size: node.height * 10, root: digest))
    case .read:
      if isHealed || !setting.isDirected { read(node) }
      for digest in process.wanted { lookFor(digest, node) }
    case .catchUp: catchUp(node)
    case .ask: ask(node)
    }
  }

  private func receive(_ message: Message, _ node: SimulatedNode) {
    // Above a restart what was signed before it does not verify; no other signature is looked at.
    if setting.lostJournals > 1, let process = node.process {
      let restart =
        message.ballot.height == node.height ? process.participant.agreement.committee.restart : nil
      if message.ballot.height == node.height, (restart == nil) != (message.signature.count == 1) { return }
    }
    handle(node, .message(message))
  }

  /// A block is had from the disk, or from any that runs and has it; the liar gives its own to whom it likes.
  func lookFor(_ digest: Digest, _ node: SimulatedNode) {
    guard
      node.bodies.contains(digest)
        || honest.contains(where: { $0.process != nil && $0.bodies.contains(digest) })
    else { return }
    node.process?.wanted.removeAll { $0 == digest }
    local(node, .judged(digest))
  }

  private func read(_ node: SimulatedNode) {
    let height = node.height
    let posted = board.messages(height: height)
    if isHealed {
      let first = node.process?.read ?? 0
      node.process?.read = posted.count
      if first < posted.count { read(posted[first...], node, height) { _ in true } }
    } else {
      // The board may show each reader another face, or an old one.
      let (end, face) = (pick(posted.count + 1), pick(3))
      if end < posted.count { note(.oldBoard) }
      if face == 1, end > 1 { note(.twoFaces) }
      read(posted[..<end], node, height) { face != 1 || ($0 + node.place) % 2 == 1 }
    }
    if node.process != nil { catchUp(node) }
  }

  private func read(
    _ messages: ArraySlice<Message>, _ node: SimulatedNode, _ height: UInt64, where isShown: (Int) -> Bool
  ) {
    for number in messages.indices where isShown(number) {
      guard node.process != nil, node.height == height, failure == nil else { return }
      receive(messages[number], node)
    }
  }

  func catchUp(_ node: SimulatedNode) {
    let others = honest.filter { $0.process != nil && $0.finals.count > node.finals.count }
    guard !others.isEmpty else { return }
    let other = others[pick(others.count)]
    for digest in other.finals[node.finals.count...] { node.finals.append(digest) }
    begin(node)
  }

  private func ask(_ node: SimulatedNode) {
    guard let process = node.process, var amnesia = process.amnesia else { return }
    for other in nodes where setting.isDirected || chance(1, in: 2) {
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
