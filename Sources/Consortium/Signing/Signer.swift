/// Holds a validator's keys and is the only place that signs: nothing that its journal, or the table of the rule, speaks against.
///
/// What it returns is in the journal and on the disk already. It cannot be copied: a copy would not know what the other has signed.
///
/// It takes the certificates of ballots as checked, which the type `Certificate` vouches for.
public struct Signer<Keys: SigningKeys, Store: JournalStore>: ~Copyable {
  /// The validator's name.
  public let name: String
  private let keys: Keys
  private var store: Store
  private var before: SignedBefore
  private var hasFailed = false

  /// The signer of the validator called `name`.
  ///
  /// - Parameters:
  ///   - store: its journal, and `records` what that holds.
  /// - Throws: `journal-damaged` where the records do not begin with a `begin`, or contradict each other.
  public init(
    name: String, keys: Keys, store: Store, records: [JournalRecord]
  ) throws(ConsortiumError) {
    try self.init(name: name, keys: keys, store: store, records: records, rules: .standard)
  }

  package init(
    name: String, keys: Keys, store: Store, records: [JournalRecord], rules: Rules
  ) throws(ConsortiumError) {
    before = try SignedBefore(records, rules: rules)
    (self.name, self.keys, self.store) = (name, keys, store)
  }

  /// The height from which on votes are signed; `JournalRecord.nothing` while nothing may be signed.
  public var start: UInt64 { before.start }
  /// Only trees of more leaves are cosigned: the newest that was, by the journal.
  public var cosigned: UInt64 { before.cosigned }
  /// Whether nothing is signed, since what was signed before is not known.
  public var isAmnesic: Bool { start == JournalRecord.nothing }

  // MARK: Signing

  /// The message that says `ballot`: signed now and in the journal, or the same that was signed before, byte for byte.
  ///
  /// - Parameters:
  ///   - place: the validator's, in `committee`, which is that of the ballot's height.
  ///   - time: of a cosignature, in s since the epoch.
  /// - Throws: `forbidden` where the rule or the journal speaks against it; `amnesia`; `signing`; `journal-failed`, after which nothing
  ///   is signed any more until the journal is read again.
  public mutating func sign(
    _ ballot: Ballot, as place: Int, of committee: Committee, time: UInt64 = 0
  ) throws(ConsortiumError) -> Message {
    guard !isAmnesic else {
      throw ConsortiumError(.amnesia, "what \(name) has signed before is not known, so it signs nothing yet")
    }
    if let objection = before.objection(to: ballot) {
      if let message = before.earlier(ballot) { return message }
      throw ConsortiumError(
        .forbidden,
        "\(name) signs no \(ballot.kind.rawValue) in round \(ballot.round) of height \(ballot.height): \(objection)"
      )
    }
    precondition(committee.seats[place].name == name, "another validator's place")
    let signature =
      if case .cosign(let tree) = ballot.content {
        try keys.cosignature(size: tree.size, root: tree.root, time: time, for: committee)
      } else {
        try keys.signature(over: ballot.subject, for: committee)
      }
    let message = Message(sender: place, ballot: ballot, signature: signature)
    try write(.message(message))
    return message
  }

  /// On return the record is on the disk. After a failure the journal is not written any more: what it holds is not known.
  private mutating func write(_ record: JournalRecord) throws(ConsortiumError) {
    try writing { (store: inout Store) throws(ConsortiumError) in try store.append(record) }
    before.note(record)
  }

  private mutating func writing(
    _ body: (inout Store) throws(ConsortiumError) -> Void
  ) throws(ConsortiumError) {
    guard !hasFailed else {
      throw ConsortiumError(.journalFailed, "the journal could not be written before; start again")
    }
    hasFailed = true
    try body(&store)
    hasFailed = false
  }

  // MARK: What was signed

  /// What was signed at `height`, in the order in which it was: to be sent again after a start.
  public func messages(height: UInt64) -> [Message] { before.messages(height: height) }

  /// Whether `message`, which is this validator's own, is in the journal, or so old that the journal need not have it.
  public func knows(_ message: Message) -> Bool {
    if case .cosign(let tree) = message.ballot.content {
      if tree.size <= before.cosigned { return true }
    } else if message.ballot.height < start {
      return true
    }
    return before.earlier(message.ballot) != nil
  }

  /// Drops what is below `height` from memory; the journal keeps it. Nothing is signed below it any more.
  public mutating func forget(below height: UInt64) {
    if !isAmnesic { before.forget(below: height) }
  }

  /// Begins a new segment of the journal where it is time, before anything of `height` is signed: a start reads the newest two.
  public mutating func turn(to height: UInt64) throws(ConsortiumError) {
    guard !isAmnesic, store.wantsSegment(at: height) else { return }
    // Below `height` nothing is signed any more, so that a start need not know what was.
    var standing = before.standing
    standing.start = max(start, height)
    let first = JournalRecord.standing(standing)
    try writing { (store: inout Store) throws(ConsortiumError) in
      try store.beginSegment(at: height, with: first)
    }
    before.note(first)
  }

  // MARK: Amnesia

  /// Signs nothing from now on, after a start neither, until `resume` is called: somebody has shown a message of its own that the journal
  /// lacks.
  public mutating func lose() throws(ConsortiumError) {
    guard !isAmnesic else { return }
    var standing = before.standing
    standing.start = JournalRecord.nothing
    try write(.standing(standing))
  }

  /// Signs again: votes from `height` on, and cosignatures of trees of more than `cosigned` leaves.
  ///
  /// - Parameters:
  ///   - height: what `Amnesia` found.
  ///   - cosigned: the leaves of the newest tree that this validator is known to have cosigned; 0 for none.
  public mutating func resume(from height: UInt64, cosigned: UInt64) throws(ConsortiumError) {
    precondition(isAmnesic && height < JournalRecord.nothing, "only who has lost its journal resumes")
    var standing = before.standing
    (standing.start, standing.cosigned) = (height, max(before.cosigned, cosigned))
    standing.stopped = nil
    try write(.standing(standing))
  }

  // MARK: Restarts

  /// The newest restart that is in force.
  public var restart: Standing.Epoch? { before.standing.restart }
  /// The restart file that was signed and is not in force yet.
  public var stopped: Standing.Epoch? { before.standing.stopped }
  /// The height of the newest cosignature that the journal has.
  public var cosignedHeight: UInt64? { before.cosignedHeight }

  /// The vote key's signature of a restart. Nothing else is signed from now on, after a start neither, until that restart is in force.
  ///
  /// - Throws: `forbidden` where it has cosigned a block above the restart; `signing`; `journal-failed`.
  public mutating func sign(_ restart: Restart) throws(ConsortiumError) -> [UInt8] {
    if let cosignedHeight, cosignedHeight > restart.height {
      throw ConsortiumError(.forbidden, "\(name) has cosigned height \(cosignedHeight), above the restart")
    }
    let signature = try keys.signature(over: restart)
    if stopped != restart.epoch {
      var standing = before.standing
      (standing.start, standing.stopped) = (JournalRecord.nothing, restart.epoch)
      try write(.standing(standing))
    }
    return signature
  }

  /// Takes a restart as in force, and signs again above its height where it is the one that this validator has stopped for.
  ///
  /// - Parameters:
  ///   - restart: one that all validators have signed.
  ///   - cosigned: as in `resume`.
  /// - Throws: `forbidden` unless nothing is signed now; `journal-failed`.
  mutating func adopt(_ restart: Restart, cosigned: UInt64) throws(ConsortiumError) {
    guard isAmnesic else {
      throw ConsortiumError(.forbidden, "\(name) has its journal, and has not signed this restart")
    }
    // Of a restart that it did not sign it takes the newest.
    if stopped != restart.epoch, let known = self.restart, known.height >= restart.height { return }
    var standing = before.standing
    standing.restart = restart.epoch
    standing.cosigned = max(before.cosigned, cosigned)
    if stopped == restart.epoch { (standing.start, standing.stopped) = (restart.height + 1, nil) }
    try write(.standing(standing))
  }
}
