/// What a journal says that a validator has signed.
struct SignedBefore: Sendable {
  private struct Slot: Hashable {
    let height: UInt64
    let round: Int
  }

  private let rules: Rules
  private var pledges: [Slot: Pledges] = [:]
  private var messages: [UInt64: [Message]] = [:]
  private(set) var standing: Standing
  private(set) var cosignedHeight: UInt64?

  var start: UInt64 { standing.start }
  var cosigned: UInt64 { standing.cosigned }

  /// What these records say.
  ///
  /// - Throws: `journal-damaged` where they do not begin with a standing, or hold what may not have been signed.
  init(_ records: [JournalRecord], rules: Rules) throws(ConsortiumError) {
    guard case .standing(let standing)? = records.first else {
      throw ConsortiumError(.journalDamaged, "the journal does not begin by saying from which height it is")
    }
    (self.standing, self.rules) = (standing, rules)
    for record in records.dropFirst() {
      if case .message(let message) = record, let objection = objection(to: message.ballot) {
        throw ConsortiumError(
          .journalDamaged,
          "the journal holds a \(message.ballot.kind.rawValue) of height \(message.ballot.height) although \(objection)"
        )
      }
      note(record)
    }
  }

  /// Why `ballot` may not be signed now; nil where it may.
  func objection(to ballot: Ballot) -> String? {
    if case .cosign(let tree) = ballot.content {
      if let cosignedHeight, ballot.height <= cosignedHeight {
        return "it has cosigned height \(cosignedHeight)"
      }
      return tree.size <= cosigned ? "it may have cosigned a tree of \(cosigned) leaves" : nil
    }
    if ballot.height < start { return "it signs from height \(start) on" }
    return pledges[Slot(height: ballot.height, round: ballot.round)]?.objection(to: ballot.kind, by: rules)
  }

  /// What was signed of the same sort, round and block, or tree.
  func earlier(_ ballot: Ballot) -> Message? {
    messages[ballot.height]?.last { message in
      let before = message.ballot
      if case .cosign(let tree) = ballot.content, case .cosign(let other) = before.content {
        return tree.size == other.size && tree.root == other.root
      }
      return before.kind == ballot.kind && before.round == ballot.round && before.digest == ballot.digest
    }
  }

  /// What was signed at `height`, in order.
  func messages(height: UInt64) -> [Message] { messages[height] ?? [] }

  /// Takes down what is in the journal now.
  mutating func note(_ record: JournalRecord) {
    switch record {
    case .standing(let next):
      // What was signed above a restart counts for nothing after it, and would not be understood.
      if let restart = next.restart, restart != standing.restart { forget(above: restart.height) }
      standing = next
    case .message(let message):
      let ballot = message.ballot
      messages[ballot.height, default: []].append(message)
      if case .cosign(let tree) = ballot.content {
        (cosignedHeight, standing.cosigned) = (ballot.height, tree.size)
      } else {
        pledges[Slot(height: ballot.height, round: ballot.round), default: Pledges()]
          .note(ballot.kind, ballot.digest)
      }
    }
  }

  /// Drops what is below `height`, at which nothing is signed any more.
  mutating func forget(below height: UInt64) {
    standing.start = max(start, height)
    for old in messages.keys where old < height { messages[old] = nil }
    for slot in pledges.keys where slot.height < height { pledges[slot] = nil }
  }

  private mutating func forget(above height: UInt64) {
    for old in messages.keys where old > height { messages[old] = nil }
    for slot in pledges.keys where slot.height > height { pledges[slot] = nil }
  }
}
