import Foundation
import Ledger

/// The clock by which blocks are proposed, and the doubt about it.
///
/// One block dated 2099 would make everything after it `stale`, for ever. So a clock that has moved by more than an hour
/// otherwise than time has passed is not believed until a person has confirmed it. How much time has passed is read
/// from the machine's uptime; after a restart there is nothing to compare with, and the last block's time serves.
package struct ProposalClock: Sendable {
  /// One hour, in ms.
  static let largestJump: UInt64 = 3_600_000

  /// A moment by the wall clock and by the machine's uptime, in ms.
  package struct Moment: Hashable, Sendable {
    let boot: String
    let uptime: UInt64
    let wall: UInt64

    /// Which start of the machine this process has seen: there is no other for it.
    private static let thisBoot = {
      let boot = (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? ""
      return boot.trimmingCharacters(in: .whitespacesAndNewlines)
    }()

    /// Kept open, since it is read for each block. Where it can't be read no time is known to have passed, and blocks are held
    /// against their parents' time.
    private static let uptimeFile = try? File("/proc/uptime", .read)

    /// This moment by the machine's clocks.
    ///
    /// - Parameter wall: what the wall clock says where it is not the machine's, in ms since the epoch.
    package static func now(wall: UInt64? = nil) -> Moment {
      let wall = wall ?? UInt64(max(0, Date().timeIntervalSince1970 * 1000))
      // Not a clock call: those can be shifted together with the wall clock.
      let text = (try? uptimeFile?.read(at: 0, upTo: 64)) ?? []
      let uptime = Double(String(decoding: text.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)) ?? 0
      return Moment(boot: thisBoot, uptime: UInt64(max(0, uptime * 1000)), wall: wall)
    }

    /// The form in which the index keeps it.
    var text: String { "\(boot) \(uptime) \(wall)" }

    init(boot: String, uptime: UInt64, wall: UInt64) {
      (self.boot, self.uptime, self.wall) = (boot, uptime, wall)
    }

    init?(text: String) {
      let parts = text.split(separator: " ", omittingEmptySubsequences: false)
      guard parts.count == 3, let uptime = UInt64(parts[1]), let wall = UInt64(parts[2]) else { return nil }
      self.init(boot: String(parts[0]), uptime: uptime, wall: wall)
    }
  }

  /// The moment of the last commit, where it is known.
  var last: Moment?
  /// Whether a person has confirmed that the clock is right.
  let isConfirmed: Bool
  /// The clock itself; tests have their own.
  let now: @Sendable () -> Moment

  /// The time for a block whose parent has `parentTime`, in ms since the epoch.
  ///
  /// - Throws: the refusal `clock-jump`.
  func time(after parentTime: UInt64) throws(Refusal) -> (time: UInt64, moment: Moment) {
    let moment = now()
    guard moment.wall + UInt64(BlockAudit.clockTolerance) * 1000 >= parentTime else {
      throw Refusal(
        .clockJump,
        "the clock stands \((parentTime - moment.wall) / 1000) s before the last block; set it right")
    }
    if !isConfirmed, let jump = jump(moment, parentTime), jump > ProposalClock.largestJump {
      throw Refusal(
        .clockJump,
        """
        the clock has moved by \(jump / 3_600_000) h since the last block otherwise than time has passed; if it is right \
        now, say so with --clock-is-right
        """)
    }
    return (max(moment.wall, parentTime), moment)
  }

  private func jump(_ moment: Moment, _ parentTime: UInt64) -> UInt64? {
    func distance(_ left: UInt64, _ right: UInt64) -> UInt64 { left > right ? left - right : right - left }
    guard let last, !last.boot.isEmpty, last.boot == moment.boot, moment.uptime >= last.uptime else {
      return distance(moment.wall, parentTime)
    }
    return distance(moment.wall, last.wall &+ (moment.uptime - last.uptime))
  }
}

extension Refusal.Code {
  /// The proposer's own clock is in doubt, and a person must say that it is right.
  public static let clockJump = Self(rawValue: "clock-jump")
}
