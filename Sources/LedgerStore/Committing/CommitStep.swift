/// The steps of a commit, in their order; what is durable after each is what recovery relies on.
///
/// 1. `writeEntries`, `syncEntries`: the block's entries are on the disk. Nobody was told: a tail that is whole is finished
///    at the next start, any other is moved aside.
/// 2. `writeCheckpoint`, `syncCheckpoint`: the block is committed. Only now is anything acknowledged. Beside it what was signed last
///    is written and synced outside of the directory: whatever of the two a crash spares, the block is finished or known.
/// 3. `writeDerived`: what follows the truth; it may be lost and is made again.
///
/// After a failure in 1 or 2 nothing is acknowledged and the writer writes no more.
package enum CommitStep: String, CaseIterable, Sendable {
  case writeEntries, syncEntries, writeCheckpoint, syncCheckpoint, writeDerived
}

/// Breaks a commit on purpose, for tests: what happens in the place of a step.
package enum CommitFault: Sendable {
  /// The step fails with this error number and does nothing.
  case fails(Int32)
  /// A write stops after this many bytes, and fails for want of space.
  case fills(after: Int)
}

/// Tells what is to break; nil where nothing is.
package typealias CommitFaults = @Sendable (CommitStep) -> CommitFault?
