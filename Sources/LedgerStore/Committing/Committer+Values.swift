import Ledger
import LedgerCrypto
import Logging

/// What a committer is given, and what it says.
extension Committer {
  /// How a committer works.
  public struct Settings: Sendable {
    /// How many statements may be under way: being admitted, waiting, or in the block at hand.
    public var statementLimit = 16_384
    /// How many bytes of entries may be under way.
    public var byteLimit = 64 << 20
    /// The longest wait for a fuller block; nil for the roster's `block-delay-ms`.
    public var blockDelay: Duration?
    /// How long a submitter waits for the validators to decide, where there are several.
    public var decisionLimit = Duration.seconds(10)
    /// Told of each cut and commit at level `debug`, and at `error` that nothing is written any more; by default nobody is.
    public var logger = Logger(label: "zheng.commit", factory: { _ in SwiftLogNoOpLogHandler() })
    /// Told how long it took from the cut of a block until it was on the disk.
    public var onBlock: (@Sendable (Duration) -> Void)?
    /// Told how it is doing after statements were admitted or verified, and when `stop` is called, on any thread: what tests
    /// wait for.
    package var onChange: (@Sendable (Condition) -> Void)?

    /// The ordinary settings.
    public init() {}
  }

  /// A statement that is a record.
  public struct Commitment: Sendable {
    /// Its id.
    public let id: Digest
    /// Where it stands.
    public let receipt: Receipt
    /// False where it was a record before it was submitted.
    public let isNew: Bool
    /// A reader that has it, indexed or not.
    public let reader: LedgerReader
  }

  /// How a committer is doing.
  public struct Condition: Sendable {
    /// How many statements are under way.
    public let statementCount: Int
    /// How many of them are verified and wait to be judged.
    public let queuedCount: Int
    /// Whether `stop` was called.
    public let isStopping: Bool
    /// What made an end to writing.
    public let failure: (any Error)?
    /// What was done since the ledger was opened.
    public let counts: CommitCounts
    let clock: ProposalClock
    let space: FreeSpace

    /// Why nothing is recorded until somebody has seen to the clock; nil where it is believed.
    public var clockDoubt: Refusal? { clock.doubt }
    /// How many bytes are left for it on the disk; nil where the system does not say.
    public var freeByteCount: UInt64? { space.byteCount }
    /// Why no statement is taken now, each with a stable code; empty while they are taken.
    public var obstacles: [(code: String, reason: String)] {
      var obstacles: [(code: String, reason: String)] = []
      if let failure { obstacles.append(("failed", "\(failure)")) }
      if isStopping { obstacles.append(("stopping", "\(CommitterUnavailable.stopping)")) }
      for refusal in [clockDoubt, space.refusal] {
        if let refusal { obstacles.append((refusal.code.rawValue, refusal.reason)) }
      }
      return obstacles
    }
    /// Whether the kernel says that the clock is synchronised.
    public var isClockSynchronised: Bool { clock.isSynchronised }
  }

  /// What became of many statements that came together.
  public struct Outcome: Sendable {
    /// Of the first of them, in order, what became of each; of all, unless there was an interruption. Final.
    public var verdicts: [Verdict]
    /// Why the rest were not judged, or it is not known what became of them.
    public var interruption: CommitterUnavailable?
    /// A reader that has all of them that are records, indexed or not.
    public var reader: LedgerReader
  }
}

extension LedgerWriter {
  /// How much is left on the disk.
  var space: FreeSpace { FreeSpace(path: folder.path, least: options.leastFreeByteCount) }
}
