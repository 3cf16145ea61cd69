import Foundation
import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// The audit of a whole ledger, from the entries up: what `verify` does. It writes nothing.
public enum LedgerAudit {
  /// What the audit's result is tied to from outside.
  public enum Anchor: Sendable {
    /// Nothing: the ledger can only be consistent in itself.
    case none
    /// The ledger id that the founders published.
    case ledgerID(Digest)
    /// A trust file that somebody keeps.
    case policy(Policy)
  }

  /// How an audit is done.
  public struct Options: Sendable {
    /// How deep it goes.
    public var depth = BlockAudit.Depth.everything
    /// What it is tied to.
    public var anchor = Anchor.none
    /// A checkpoint that was saved earlier, which the ledger must extend.
    public var savedCheckpoint: SignedNote?
    /// The auditor's clock, in ms since the epoch, against which the ledger's times are looked at; nil where they are not.
    public var now: UInt64?
    /// The most threads that an audit takes.
    public static let mostThreads = 256
    /// How many threads work, 1 to `mostThreads`, the caller's among them; no verdict depends on it.
    public var threads = min(max(1, ProcessInfo.processInfo.activeProcessorCount), mostThreads)
    /// Called now and then with the number of entries that are done and, where it is known, of all.
    public var progress: @Sendable (_ done: UInt64, _ total: UInt64?) -> Void = { _, _ in }
    /// How many bytes of entries are read at once; no verdict depends on it.
    package var chunkByteCount = 1 << 20

    /// A full audit that is not anchored.
    public init() {}
  }

  /// What an audit found.
  public struct Report: Sendable {
    /// Whether there is no fault.
    public var isGood: Bool { faults.isEmpty }
    /// Whether a policy or a ledger id was given, and fits.
    public var isAnchored = false
    /// The ledger id, where entry 0 can be read.
    public var ledger: Digest?
    /// The number of entries that were audited.
    public var entries: UInt64 = 0
    /// The number of those that are statements.
    public var records: UInt64 = 0
    /// The number of blocks that were audited.
    public var blocks: UInt64 = 0
    /// The root over them.
    public var root = Merkle.emptyRoot
    /// How the signatures of P-256 keys were verified, those of entries read ahead that were then not audited among them.
    public var signatures = KnownKeys.Counts()
    /// Which of the roster's validators cosigned the newest block, and of how many.
    public var cosigned: (names: [String], all: Int)?
    /// Every fault, in the order of the ledger; at most `mostFaults`.
    public var faults: [Fault] = []
    /// What is no fault but worth knowing, each beginning with a stable word: `behind`, `unfinished`, `lag`, `standing`, `more-faults`,
    /// `policy-differs`, `judged-without`, `ignored`, `ahead`, `absent`.
    public var notes: [String] = []

    /// The report of an audit that has found nothing yet.
    public init() {}
  }

  /// How many faults are listed; a note says that there are more.
  public static let mostFaults = 1000

  /// Audits the ledger in `folder`.
  ///
  /// - Throws: `Failure` where it can't be read at all; damage is a fault in the report.
  public static func run(_ folder: LedgerFolder, _ options: Options = Options()) throws -> Report {
    try folder.requireLedger()
    return try AuditRun(folder, options).finish()
  }
}
