import Ledger
import LedgerCrypto
import TransparencyLog

/// A block that this validator's core has judged good upon the newest one that is committed. Whether it becomes final is decided by all.
public struct JudgedBlock: Sendable {
  let validated: ValidatedBlock
  let run: EntryRun
  let statements: BlockStatements
  /// The leaf hash of its header entry: what is voted on.
  public let digest: Digest
  /// The time of the block before it, in ms since the epoch.
  let parentTime: UInt64?

  /// The furthest that a block's time may be from a voter's clock, in ms.
  static let largestDistance: UInt64 = 60_000

  /// Its header.
  public var header: BlockHeader { validated.header }
  /// Its height.
  public var height: UInt64 { header.height }
  /// Its time, in ms since the epoch.
  public var time: UInt64 { header.time }
  /// Whose block key signed the header.
  public var proposer: Validator { validated.proposer }
  /// Its entries as they lie on the disk, each behind its length as a big-endian u16; the header is the last.
  public var bytes: [UInt8] { run.bytes }
  /// How many entries it has besides the header.
  public var statementCount: Int { run.ranges.count - 1 }
  /// Origin, size and root of the tree that ends with the header: what the validators cosign when the block is decided.
  public var checkpoint: Checkpoint { validated.checkpoint }
  /// The number of leaves of that tree.
  public var size: UInt64 { checkpoint.size }
  /// Its root.
  public var root: Digest { checkpoint.root }

  /// Whether its time is one that a voter whose clock says `now` confirms: within a minute of it; or its parent's, where that is ahead of
  /// the clock.
  ///
  /// - Parameter now: in ms since the epoch.
  public func isTimely(at now: UInt64) -> Bool {
    // The core has seen that it is not before its parent's.
    let isOld = time + JudgedBlock.largestDistance < now
    let isAhead = time > now && time - now > JudgedBlock.largestDistance
    return !isOld && (!isAhead || time == parentTime)
  }
}
