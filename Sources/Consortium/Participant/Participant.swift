/// One validator, height after height: its `Signer`, and the `Agreement` of the height that it works on.
///
/// It does what an agreement wants signed, sends nothing that is not in the journal, and notices when the journal lacks something.
/// Everything else that an agreement wants done is handed on to the caller.
public struct Participant<Keys: SigningKeys, Store: JournalStore>: ~Copyable {
  /// What the caller is to do.
  public enum Action: Sendable {
    /// Send this message to everybody, by every way.
    case send(Message)
    /// Read the board from this height on, and again from time to time.
    case read(height: UInt64)
    /// Somebody is at this height: get the final checkpoints and blocks below it from any validator.
    case catchUp(height: UInt64)
    /// The journal lacks what this validator has signed: ask the others for their newest certificates, and `resume`.
    case ask
    /// What the agreement wants done; never `sign`.
    case perform(AgreementAction)
  }

  /// The height that is worked on.
  public var height: UInt64 { agreement.height }
  /// Whether it signs nothing, since it does not know what it has signed.
  public var isAmnesic: Bool { signer.isAmnesic }
  /// The height from which on it signs; `JournalRecord.nothing` while it is amnesic. Where more than n − q of the validators do not sign at
  /// the height that is worked on, nothing moves without a restart.
  public var start: UInt64 { signer.start }
  /// Where the height stands.
  public private(set) var agreement: Agreement
  /// The validator's name.
  public var name: String { signer.name }
  var signer: Signer<Keys, Store>
  /// The most bytes of a block of round 0, from the next height on: what the roster in force says.
  public var blockByteCount: Int
  private let rules: Rules

  /// How many heights below the newest what was signed is kept in memory, for those that are behind.
  static var kept: UInt64 { 100 }

  /// The validator that `signer` is of, at `height`: the final checkpoint of the height before is on its disk.
  ///
  /// Call `begin` next.
  public init(
    signer: consuming Signer<Keys, Store>, committee: Committee, height: UInt64,
    blockByteCount: Int = Message.maximumBlockByteCount
  ) throws(ConsortiumError) {
    try self.init(
      signer: signer, committee: committee, height: height, blockByteCount: blockByteCount, rules: .standard)
  }

  package init(
    signer: consuming Signer<Keys, Store>, committee: Committee, height: UInt64, blockByteCount: Int,
    rules: Rules
  ) throws(ConsortiumError) {
    let place = try Self.place(of: signer.name, in: committee)
    agreement = Agreement(
      committee: signer.committee(committee, at: height), height: height, place: place,
      blockByteCount: blockByteCount, signed: signer.messages(height: height), rules: rules)
    self.signer = signer
    (self.blockByteCount, self.rules) = (blockByteCount, rules)
  }

  private static func place(of name: String, in committee: Committee) throws(ConsortiumError) -> Int {
    guard let place = committee.seats.firstIndex(where: { $0.name == name }) else {
      throw ConsortiumError(.unknownValidator, "\(name) is no validator of this roster")
    }
    return place
  }

  /// Begins the work on `height`, after a start or since the final checkpoint of the height before is on the disk: what was signed at
  /// it is sent again, byte for byte.
  public mutating func begin(_ height: UInt64, _ committee: Committee) throws(ConsortiumError) -> [Action] {
    let place = try Self.place(of: signer.name, in: committee)
    if height > Self.kept { signer.forget(below: height - Self.kept) }
    try signer.turn(to: height)
    let signed = signer.messages(height: height)
    agreement = Agreement(
      committee: signer.committee(committee, at: height), height: height, place: place,
      blockByteCount: blockByteCount, signed: signed, rules: rules)
    return signed.map(Action.send) + [.read(height: height)] + (signer.isAmnesic ? [.ask] : [])
  }

  /// Takes in what has happened.
  ///
  /// - Parameter time: now, in s since the epoch: what a cosignature says.
  /// - Throws: `journal-failed` and `signing`: the process stops, and starts again.
  public mutating func handle(_ event: AgreementEvent, time: UInt64) throws(ConsortiumError) -> [Action] {
    if case .message(let message) = event {
      if message.sender == agreement.place, !signer.isAmnesic, !signer.knows(message) {
        try signer.lose()
        return [.ask]
      }
      if message.ballot.height > height { return [.catchUp(height: message.ballot.height)] }
    }
    var results: [Action] = []
    var events = [event]
    while let next = events.popLast() {
      for action in agreement.handle(next) {
        guard case .sign(let ballot) = action else {
          results.append(.perform(action))
          continue
        }
        guard let message = try sign(ballot, time) else { continue }
        results.append(.send(message))
        events.append(.message(message))
      }
    }
    return results
  }

  /// The signed ballot; nil where the journal speaks against it, so that this validator stays silent.
  private mutating func sign(_ ballot: Ballot, _ time: UInt64) throws(ConsortiumError) -> Message? {
    do {
      return try signer.sign(ballot, as: agreement.place, of: agreement.committee, time: time)
    } catch {
      switch error.code {
      case .forbidden, .amnesia: return nil
      default: throw error
      }
    }
  }

  /// Signs again, from the height that enough others' answers say.
  ///
  /// - Parameter cosigned: the leaves of the newest tree that this validator is known to have cosigned.
  public mutating func resume(_ amnesia: Amnesia, cosigned: UInt64) throws(ConsortiumError) -> [Action] {
    guard signer.isAmnesic, let height = amnesia.resumption else { return [] }
    // Who has signed a restart file waits for it, until a final block above shows that it cannot come into force.
    if let stopped = signer.stopped, self.height <= stopped.height + 1 { return [] }
    try signer.resume(from: height, cosigned: cosigned)
    return try begin(self.height, agreement.committee)
  }

  /// The height of the newest certificate that this validator has: what it answers to one that has lost its journal. Nil while it has
  /// lost its own.
  public var newestHeight: UInt64? {
    guard !signer.isAmnesic else { return nil }
    return agreement.hasCertificate ? height : height - 1
  }

  /// What it has signed at `height`: for those that are behind, and for a board that was lost.
  public func messages(height: UInt64) -> [Message] { signer.messages(height: height) }
}

extension Signer {
  /// The committee of `height`, which the caller knows by the roster: above a restart what was signed before it counts for nothing.
  borrowing func committee(_ committee: Committee, at height: UInt64) -> Committee {
    guard let restart, height > restart.height else { return committee }
    return committee.after(restart.file)
  }
}

extension Agreement {
  /// Whether a certificate of this height is known.
  var hasCertificate: Bool { highestVotes != nil || highestSkips != nil || decision != nil }
}
