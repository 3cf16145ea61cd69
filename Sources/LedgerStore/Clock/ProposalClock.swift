import Ledger
import Synchronization

/// The clock by which blocks are dated, and the doubt about it.
///
/// One block dated 2099 would make everything after it `stale`, for ever. So a clock that has moved by more than an hour
/// otherwise than time has passed is not believed until the kernel says that it is synchronised, or a person that it is right.
/// How much time has passed is read from the machine's uptime, and all that the clock has moved since this start of the machine
/// was first seen counts together: otherwise it could be walked ahead in small steps. After a restart there is nothing to compare
/// with, and the last block's time serves.
///
/// A block's time is never before its parent's: behind a parent that is ahead, time stands still until the clock has come so far.
package final class ProposalClock: Sendable {
  /// One hour, in ms.
  static let largestJump: UInt64 = 3_600_000

  private struct State {
    var last: Moment?
    var isConfirmed: Bool
    var parentTime: UInt64?
    var isDoubted = false
  }

  private let state: Mutex<State>
  /// The clock itself; tests have their own.
  private let now: @Sendable () -> Moment
  /// How a person confirms that it is right, for messages.
  private let confirmation: String
  /// Told why the clock has come into doubt, and with nil that it is believed again.
  private let onChange: @Sendable (Refusal?) -> Void

  /// - Parameters:
  ///   - last: the moment of the last commit, where it is known.
  ///   - parentTime: the time of the last block, in ms since the epoch.
  ///   - isConfirmed: whether a person has confirmed that the clock is right now.
  ///   - confirmation: how a person does that, for messages.
  init(
    last: Moment?, parentTime: UInt64? = nil, isConfirmed: Bool,
    confirmedBy confirmation: String = Remedies().clockIsRight, now: @escaping @Sendable () -> Moment,
    onChange: @escaping @Sendable (Refusal?) -> Void = { _ in }
  ) {
    (self.confirmation, self.now, self.onChange) = (confirmation, now, onChange)
    state = Mutex(State(last: last, isConfirmed: isConfirmed, parentTime: parentTime))
  }

  /// The moment of the last commit.
  var last: Moment? { state.withLock(\.last) }

  /// The time for a block whose parent has `parentTime`, in ms since the epoch.
  ///
  /// - Throws: the refusal `clock-jump`.
  func time(after parentTime: UInt64) throws(Refusal) -> (time: UInt64, moment: Moment) {
    let moment = now()
    state.withLock { $0.parentTime = parentTime }
    if let doubt = doubt(moment) { throw doubt }
    let believed = state.withLock { state in
      let believed = ProposalClock.continued(moment, state)
      if state.isConfirmed { (state.last, state.isConfirmed) = (believed, false) }
      return believed
    }
    return (max(moment.wall, parentTime), believed)
  }

  /// Takes note of a commit.
  ///
  /// - Parameter moment: nil where the clock is in doubt: what others have dated makes it no better.
  func remember(_ moment: Moment?, parentTime: UInt64) {
    state.withLock { state in
      if let moment { state.last = ProposalClock.continued(moment, state) }
      state.parentTime = parentTime
    }
  }

  /// What the clock says, whether it is believed or not, in ms since the epoch.
  package var wall: UInt64 { now().wall }

  /// Why no block can be dated now; nil where one can.
  package var doubt: Refusal? { doubt(now()) }

  /// Whether the kernel says that the clock is synchronised.
  package var isSynchronised: Bool { now().isSynchronised }

  private func doubt(_ moment: Moment) -> Refusal? {
    let (doubt, isNews) = state.withLock { state in
      let doubt = self.doubt(moment, state)
      defer { state.isDoubted = doubt != nil }
      return (doubt, state.isDoubted != (doubt != nil))
    }
    if isNews { onChange(doubt) }
    return doubt
  }

  private func doubt(_ moment: Moment, _ state: State) -> Refusal? {
    if state.isConfirmed || moment.isSynchronised { return nil }
    let (jump, since): (UInt64, String)
    if let last = state.last, last.isBefore(moment) {
      // What was kept is a file's: a difference too large for a number is too large for a clock.
      let moved = [last.first, last.offset].map { kept in
        let (difference, overflows) = moment.offset.subtractingReportingOverflow(kept)
        return overflows ? UInt64.max : difference.magnitude
      }
      (jump, since) = (moved.max() ?? 0, "since this machine was started")
    } else if let parentTime = state.parentTime {
      jump = moment.wall > parentTime ? moment.wall - parentTime : parentTime - moment.wall
      since = "since the last block, which was before the machine was started"
    } else {
      return nil
    }
    guard jump > ProposalClock.largestJump else { return nil }
    return Refusal(
      .clockJump,
      """
      nothing was recorded, because the clock of the ledger's machine is in doubt: \(since) it has moved by \
      \(jump / 3_600_000) h \(jump / 60_000 % 60) min more or less than time is known to have passed, and the system does not \
      say that it is synchronised. Whoever operates the ledger must synchronise the clock or, if it is right, say so with \
      \(confirmation)
      """)
  }

  /// `moment` with what this start of the machine has seen before. A clock that is known to be right is where counting begins.
  private static func continued(_ moment: Moment, _ state: State) -> Moment {
    guard !state.isConfirmed, !moment.isSynchronised, let last = state.last, last.isBefore(moment) else {
      return moment
    }
    return moment.seen(since: last.first)
  }
}

extension Refusal.Code {
  /// The proposer's own clock is in doubt, and a person must say that it is right.
  public static let clockJump = Self(rawValue: "clock-jump")
}
