import LedgerCrypto

// What follows from what is known: the table of the rule, from top to bottom.
extension Agreement {
  mutating func advance() {
    guard !hasHalted else { return }
    if let decision { return settle(decision) }
    confirm()
    enter()
    startTimer()
    propose()
    vote()
    skip()
  }

  private mutating func sign(_ ballot: Ballot) {
    pledges[ballot.round, default: Pledges()].note(ballot.kind, ballot.digest)
    actions.append(.sign(ballot))
  }

  private func may(_ kind: Ballot.Kind, round: Int) -> Bool {
    (pledges[round] ?? Pledges()).objection(to: kind, by: rules) == nil
  }

  // MARK: Rounds

  /// `confirm`: for each QC, however late, unless its round was skipped.
  private mutating func confirm() {
    for certificate in unconfirmed where may(.confirm, round: certificate.round) {
      sign(.confirm(certificate))
    }
    unconfirmed = []
  }

  /// `enter`: with an SC from however far behind; with a QC once its round's time is over. A QC of a later round than this leads into
  /// that round: whoever voted there is in it.
  private mutating func enter() {
    if let skips = highestSkips, skips.round >= round { enter(by: skips) }
    guard let votes = highestVotes, votes.round >= round else { return }
    if votes.round > round { move(to: votes.round) }
    if timer == .out || own.hasSkipped { enter(by: votes) }
  }

  private mutating func enter(by certificate: Certificate) {
    move(to: certificate.round + 1)
    if rules.passesEntryOn, may(.enter, round: round) { sign(.enter(certificate)) }
  }

  /// A timer runs while there is something to decide: a statement waits, this validator has voted or knows of a QC, or so many have
  /// skipped this round that one of them is honest. (An idle ledger stays in its round for ever.)
  private mutating func startTimer() {
    guard timer == .idle else { return }
    guard
      isWorkWaiting || hasVoted || highestVotes != nil
        || records[round]?.skips.count(nil) ?? 0 > committee.faults
    else { return }
    timer = .running
    actions.append(.setTimer(height: height, round: round, milliseconds: Agreement.patience(round: round)))
  }

  /// `skip`: when its time is over without a QC.
  private mutating func skip() {
    guard timer == .out, !certified.contains(round), may(.skip, round: round) else { return }
    sign(.skip(height: height, round: round))
  }

  // MARK: Blocks

  /// `propose`, by the leader: what the highest QC before names, or a new block.
  private mutating func propose() {
    guard committee.leader(height: height, round: round) == place, may(.propose, round: round),
      !own.hasSkipped
    else { return }
    if let votes = highestVotes {
      guard let digest = votes.digest, votes.round < round, skippedSince <= votes.round + 1,
        isAtHand(digest, despiteTime: true), let size = blocks[digest]?.size
      else { return }
      let proposal = Proposal(digest: digest, size: size, justification: votes)
      sign(.propose(proposal, height: height, round: round))
    } else if skippedSince == 0, isWorkWaiting, draftAsked != round {
      draftAsked = round
      actions.append(.draft(height: height, round: round, byteCount: blockByteLimit(round: round)))
    }
  }

  mutating func proposeFree(_ digest: Digest, size: Int) {
    guard decision == nil, highestVotes == nil, may(.propose, round: round), !own.hasSkipped else { return }
    let proposal = Proposal(digest: digest, size: size, justification: nil)
    sign(.propose(proposal, height: height, round: round))
  }

  /// `vote`: for the first proposal of this round, if it is justified, and its block valid and at hand.
  private mutating func vote() {
    guard may(.vote, round: round), case .propose(let proposal)? = records[round]?.proposal?.ballot.content,
      isJustified(proposal),
      proposal.justification != nil || proposal.size <= blockByteLimit(round: round),
      isAtHand(proposal.digest, despiteTime: proposal.justification != nil),
      blocks[proposal.digest]?.size == proposal.size
    else { return }
    hasVoted = true
    sign(.vote(proposal.digest, height: height, round: round))
  }

  /// J: whether the proposal follows a QC and each round since was skipped, or is free and each round before was skipped.
  private func isJustified(_ proposal: Proposal) -> Bool {
    guard rules.checksJustification else { return true }
    return skippedSince <= proposal.justification.map { $0.round + 1 } ?? 0
  }

  /// Whether the block is on the disk and valid. Has it looked for where that is not known.
  private mutating func isAtHand(_ digest: Digest, despiteTime: Bool) -> Bool {
    switch blocks[digest]?.verdict {
    case .valid: return true
    case .untimely: return despiteTime
    case .invalid: return false
    case nil:
      if blocks[digest]?.isAsked != true {
        blocks[digest, default: Block()].isAsked = true
        actions.append(.judge(digest))
      }
      return false
    }
  }

  // MARK: After the decision

  /// Applies the block that was decided, cosigns it, and hands on a quorum of cosignatures.
  private mutating func settle(_ decision: Certificate) {
    guard let digest = decision.digest else { return }
    guard let applied else {
      guard isAtHand(digest, despiteTime: true) else {
        if case .invalid? = blocks[digest]?.verdict {
          hasHalted = true
          actions.append(.halt(digest))
        }
        return
      }
      if !hasAskedToApply {
        hasAskedToApply = true
        actions.append(.apply(digest))
      }
      return
    }
    if !hasAskedToCosign, cosignatures[place] == nil {
      hasAskedToCosign = true
      let tree = CosignedTree(size: applied.size, root: applied.root, decision: decision)
      actions.append(.sign(.cosign(tree)))
    }
    guard !isFinal else { return }
    let same = cosignatures.messages.compactMap { message -> Message? in
      guard case .cosign(let tree)? = message?.ballot.content, tree.size == applied.size,
        tree.root == applied.root
      else { return nil }
      return message
    }
    guard same.count >= committee.quorum else { return }
    isFinal = true
    actions.append(.finalise(same))
  }
}
