import LedgerCrypto

// What messages and certificates add to what is known.
extension Agreement {
  mutating func hear(_ message: Message) {
    let ballot = message.ballot
    if let certificate = ballot.certificate {
      if ballot.kind != .cosign || rules.showsDecision { learn(certificate) }
    }
    switch ballot.content {
    case .enter: return
    case .cosign:
      if case .otherwise(let before) = cosignatures.hear(message, of: committee.count) {
        report(before, message)
      }
      return
    case .propose, .vote, .skip, .confirm: break
    }
    guard ballot.round <= round + Agreement.horizon else { return }
    var record = records[ballot.round] ?? RoundRecord()
    records[ballot.round] = nil
    let count = committee.count
    let quorum = committee.quorum
    var certificate: Certificate?
    var earlier: Message?
    switch ballot.content {
    case .propose:
      if let before = record.proposal {
        if before.ballot.digest != ballot.digest { earlier = before }
      } else {
        record.proposal = message
      }
    case .vote(let digest):
      let heard = record.votes.hear(message, of: count)
      if case .otherwise(let before) = heard { earlier = before }
      if case .new = heard, record.votesCertificate == nil {
        certificate = record.votes.certificate(.vote, digest, quorum: quorum)
      }
    case .skip:
      if case .new = record.skips.hear(message, of: count) {
        earlier = record.confirms[message.sender]
        if record.skipsCertificate == nil {
          certificate = record.skips.certificate(.skip, nil, quorum: quorum)
        }
      }
    case .confirm:
      let heard = record.confirms.hear(message, of: count)
      if case .otherwise(let before) = heard { earlier = before }
      if case .new = heard {
        earlier = record.skips[message.sender]
        if decision == nil {
          certificate = record.confirms.certificate(.confirm, ballot.digest, quorum: quorum)
        }
      }
    case .enter, .cosign: break
    }
    records[ballot.round] = record
    if let certificate { learn(certificate) }
    if let earlier { report(earlier, message) }
  }

  /// Takes in a certificate that holds, of any round.
  mutating func learn(_ certificate: Certificate) {
    let number = certificate.round
    switch certificate.kind {
    case .vote:
      if let known = records[number]?.votesCertificate {
        if known.digest != certificate.digest { report(known, certificate) }
        return
      }
      records[number, default: RoundRecord()].votesCertificate = certificate
      unconfirmed.append(certificate)
      if number > highestVotes?.round ?? -1 { highestVotes = certificate }
    case .skip:
      guard records[number]?.skipsCertificate == nil else { return }
      records[number, default: RoundRecord()].skipsCertificate = certificate
      if number > highestSkips?.round ?? -1 { highestSkips = certificate }
      if number == skippedSince - 1 { extendSkipped() }
    case .confirm:
      if let decision {
        if decision.digest != certificate.digest { report(decision, certificate) }
      } else {
        decision = certificate
      }
    }
  }

  /// Brings `skippedSince` down as far as SCs reach.
  mutating func extendSkipped() {
    while skippedSince > 0, records[skippedSince - 1]?.skipsCertificate != nil { skippedSince -= 1 }
  }

  /// Goes on to a later round.
  mutating func move(to next: Int) {
    var gap = next
    while gap > round, records[gap - 1]?.skipsCertificate != nil { gap -= 1 }
    // Without a gap what was skipped before this round still counts.
    if gap > round { skippedSince = gap } else { skippedSince = min(skippedSince, round) }
    round = next
    extendSkipped()
    timer = .idle
  }

  private mutating func report(_ first: Message, _ second: Message) {
    if let misconduct = Misconduct(first, second) { report(misconduct) }
  }

  private mutating func report(_ first: Certificate, _ second: Certificate) {
    for misconduct in Misconduct.between(first, second) { report(misconduct) }
  }

  private mutating func report(_ misconduct: Misconduct) {
    guard reported.insert(misconduct.validator).inserted else { return }
    actions.append(.report(misconduct))
  }
}
