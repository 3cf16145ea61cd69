import Ledger
import LedgerStore

/// What work is done in: the clock and the folder that are given to it, and who is told and asked on the way.
package struct WorkContext: Sendable {
  /// How messages of the store name what mends a problem.
  package typealias Remedies = LedgerStore.Remedies

  /// The wall clock, in ms since the epoch.
  package var wallClock: @Sendable () -> UInt64
  /// Where it is kept what was signed last; nil for the place that the environment names.
  package var stateFolder: String?
  package var remedies: Remedies
  /// What looks through vaults, in words.
  package var vaultAudit = "`VaultAudit`"
  /// Told what a person should know beside the results.
  package var note: @Sendable (String) -> Void
  /// Told how many bytes of a file are hashed, and of how many; they are equal at the end.
  package var hashed: @Sendable (_ path: String, _ done: UInt64, _ total: UInt64) -> Void
  /// Asked whether the clock is right, where the ledger's rules doubt it.
  package var confirmsClock: @Sendable (Refusal) -> Bool

  package init(
    wallClock: @escaping @Sendable () -> UInt64, stateFolder: String? = nil, remedies: Remedies = Remedies(),
    note: @escaping @Sendable (String) -> Void = { _ in },
    hashed: @escaping @Sendable (_ path: String, _ done: UInt64, _ total: UInt64) -> Void = { _, _, _ in },
    confirmsClock: @escaping @Sendable (Refusal) -> Bool = { _ in false }
  ) {
    (self.wallClock, self.stateFolder, self.remedies) = (wallClock, stateFolder, remedies)
    (self.note, self.hashed, self.confirmsClock) = (note, hashed, confirmsClock)
  }

  /// The time in ms since the epoch.
  package var now: UInt64 { wallClock() }

  /// How a ledger is opened for writing, by this clock.
  package func writerOptions(
    isClockConfirmed: Bool = false, adoptsHead: Bool = false
  ) -> LedgerWriter.Options {
    var options = LedgerWriter.Options()
    options.isClockConfirmed = isClockConfirmed
    (options.adoptsHead, options.stateFolder) = (adoptsHead, stateFolder)
    let clock = wallClock
    options.now = { .now(wall: clock()) }
    return options
  }
}
