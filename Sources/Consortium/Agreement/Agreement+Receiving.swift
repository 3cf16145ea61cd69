import LedgerCrypto

// What messages and certificates add to what is known.
extension Agreement {
  /// Takes in a message that holds. Says whether it, or its certificate, is news.
  mutating func receive(_ message: Message) -> Bool {
    let ballot = message.ballot
    var isNews = false
    if let certificate = ballot.certificate {
      if ballot.kind != .cosign || rules.showsDecision { isNews = learn(certificate) }
    }
    switch ballot.kind {
    case .enter: return isNews
    case .cosign:
      switch cosignatures.receive(message, of: committee.count) {
      case .new: return true
      case .repeated: return isNews
      case .otherwise(let before):
        report(before, message)
        return true
      }
    case .propose, .vote, .skip, .confirm: break
    }
    guard ballot.round <= round + Agreement.horizon else { return isNews }
    let news = records[ballot.round, default: RoundRecord()].receive(message, of: committee)
    guard news.isNew else { return isNews }
    if let certificate = news.certificate { _ = learn(certificate) }
    if let earlier = news.earlier { report(earlier, message) }
    return true
  }

  /// Takes in a certificate that holds, of any round. Says whether it is news.
  mutating func learn(_ certificate: Certificate) -> Bool {
    let number = certificate.round
    if certificate.kind == .confirm {
      guard let decision else {
        decision = certificate
        return true
      }
      guard decision.digest != certificate.digest else { return false }
      report(decision, certificate)
      return true
    }
    let news = records[number, default: RoundRecord()].learn(certificate)
    if let other = news.other { report(other, certificate) }
    guard news.isNew else { return false }
    if certificate.kind == .vote {
      certified.insert(number)
      unconfirmed.append(certificate)
      if number > highestVotes?.round ?? -1 { highestVotes = certificate }
    } else {
      skipped.insert(number)
      if number > highestSkips?.round ?? -1 { highestSkips = certificate }
      if number == skippedSince - 1 { extendSkipped() }
    }
    return true
  }

  /// Brings `skippedSince` down as far as SCs reach.
  mutating func extendSkipped() {
    while skippedSince > 0, skipped.contains(skippedSince - 1) { skippedSince -= 1 }
  }

  /// Goes on to a later round.
  mutating func move(to next: Int) {
    var gap = next
    while gap > round, skipped.contains(gap - 1) { gap -= 1 }
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
