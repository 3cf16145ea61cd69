import LedgerCrypto

/// What each validator has said of one sort in one round, by place; the first of each counts.
struct Tally: Sendable {
  /// What a message came to.
  enum Outcome {
    case new, repeated
    /// The sender has said something else before.
    case otherwise(Message)
  }

  private(set) var messages: [Message?] = []

  subscript(place: Int) -> Message? { messages.isEmpty ? nil : messages[place] }

  mutating func receive(_ message: Message, of count: Int) -> Outcome {
    if messages.isEmpty { messages = Array(repeating: nil, count: count) }
    if let before = messages[message.sender] {
      return before.ballot.digest == message.ballot.digest ? .repeated : .otherwise(before)
    }
    messages[message.sender] = message
    return .new
  }

  /// How many have said it of `digest`.
  func count(_ digest: Digest?) -> Int {
    var count = 0
    for case let message? in messages where message.ballot.digest == digest { count += 1 }
    return count
  }

  /// The certificate of the first `quorum` that have said it of `digest`; nil while they are too few.
  func certificate(_ kind: Certificate.Kind, _ digest: Digest?, quorum: Int) -> Certificate? {
    guard count(digest) >= quorum else { return nil }
    var endorsements: [Certificate.Endorsement] = []
    var height: UInt64 = 0
    var round = 0
    for case let message? in messages where message.ballot.digest == digest && endorsements.count < quorum {
      endorsements.append(Certificate.Endorsement(message.sender, message.signature))
      (height, round) = (message.ballot.height, message.ballot.round)
    }
    return Certificate(kind: kind, height: height, round: round, digest: digest, endorsements: endorsements)
  }
}

/// What is known of one round. It is changed where it lies: a copy of it is dear.
struct RoundRecord: Sendable {
  /// What a message or a certificate adds.
  struct News {
    /// Whether it was not known before.
    var isNew = false
    /// What it completes.
    var certificate: Certificate?
    /// What its sender has said before, and should not have said as well.
    var earlier: Message?
    /// A certificate that there should not be beside it.
    var other: Certificate?
  }

  var proposal: Message?
  private(set) var votes = Tally()
  private(set) var skips = Tally()
  private(set) var confirms = Tally()
  /// The QC.
  private(set) var votesCertificate: Certificate?
  /// The SC.
  private(set) var skipsCertificate: Certificate?

  /// Takes in a proposal, vote, skip or confirm of this round.
  mutating func receive(_ message: Message, of committee: Committee) -> News {
    let (kind, digest) = (message.ballot.kind, message.ballot.digest)
    var news = News()
    switch kind {
    case .propose:
      guard let before = proposal else {
        proposal = message
        news.isNew = true
        return news
      }
      guard before.ballot.digest != digest else { return news }
      (news.isNew, news.earlier) = (true, before)
    case .vote:
      guard RoundRecord.take(votes.receive(message, of: committee.count), &news), votesCertificate == nil
      else {
        return news
      }
      news.certificate = votes.certificate(.vote, digest, quorum: committee.quorum)
    case .skip:
      guard RoundRecord.take(skips.receive(message, of: committee.count), &news) else { return news }
      news.earlier = confirms[message.sender]
      guard skipsCertificate == nil else { return news }
      news.certificate = skips.certificate(.skip, nil, quorum: committee.quorum)
    case .confirm:
      guard RoundRecord.take(confirms.receive(message, of: committee.count), &news) else { return news }
      news.earlier = skips[message.sender]
      news.certificate = confirms.certificate(.confirm, digest, quorum: committee.quorum)
    case .enter, .cosign: break
    }
    return news
  }

  /// Whether the sender has said nothing of the sort before.
  private static func take(_ outcome: Tally.Outcome, _ news: inout News) -> Bool {
    switch outcome {
    case .new:
      news.isNew = true
      return true
    case .repeated: return false
    case .otherwise(let before):
      (news.isNew, news.earlier) = (true, before)
      return false
    }
  }

  /// Takes in a QC or an SC of this round.
  mutating func learn(_ certificate: Certificate) -> News {
    var news = News()
    switch certificate.kind {
    case .vote:
      if let known = votesCertificate {
        if known.digest != certificate.digest { news.other = known }
      } else {
        votesCertificate = certificate
        news.isNew = true
      }
    case .skip:
      if skipsCertificate == nil {
        skipsCertificate = certificate
        news.isNew = true
      }
    case .confirm: break
    }
    return news
  }
}
