import LedgerCrypto

/// What each validator has said of one sort in one round, by place; the first of each counts.
struct Voices: Sendable {
  /// What hearing a message came to.
  enum Heard {
    case new, repeated
    /// The sender has said something else before.
    case otherwise(Message)
  }

  private(set) var messages: [Message?] = []

  subscript(place: Int) -> Message? { messages.isEmpty ? nil : messages[place] }

  mutating func hear(_ message: Message, of count: Int) -> Heard {
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

/// What is known of one round.
struct RoundRecord: Sendable {
  var proposal: Message?
  var votes = Voices()
  var skips = Voices()
  var confirms = Voices()
  /// The QC.
  var votesCertificate: Certificate?
  /// The SC.
  var skipsCertificate: Certificate?
  /// What this validator itself has signed, or has asked to be signed.
  var own = Pledges()
}
