import CClock
import Foundation

extension ProposalClock {
  /// A moment by the wall clock and by the machine's uptime, in ms.
  package struct Moment: Hashable, Sendable {
    let boot: String
    let uptime: UInt64
    package let wall: UInt64
    /// Whether the kernel says that the wall clock is synchronised.
    let isSynchronised: Bool
    /// By how much the wall clock was ahead of the uptime when this start of the machine was first seen.
    let first: Int64

    /// By how much the wall clock is ahead of the uptime.
    var offset: Int64 { Int64(clamping: wall) - Int64(clamping: uptime) }

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
      return Moment(
        boot: thisBoot, uptime: UInt64(max(0, uptime * 1000)), wall: wall,
        isSynchronised: KernelClock.isSynchronised(at: wall))
    }

    init(boot: String, uptime: UInt64, wall: UInt64, isSynchronised: Bool = false, first: Int64? = nil) {
      (self.boot, self.uptime, self.wall, self.isSynchronised) = (boot, uptime, wall, isSynchronised)
      self.first = first ?? Int64(clamping: wall) - Int64(clamping: uptime)
    }

    /// The form in which the index keeps it.
    package var text: String { "\(boot) \(uptime) \(wall) \(first)" }

    /// - Parameter text: as an earlier version wrote it, too, without `first`.
    package init?(text: String) {
      let parts = text.split(separator: " ", omittingEmptySubsequences: false)
      guard (3...4).contains(parts.count), let uptime = UInt64(parts[1]), let wall = UInt64(parts[2]) else {
        return nil
      }
      var first: Int64?
      if parts.count == 4 {
        guard let number = Int64(parts[3]) else { return nil }
        first = number
      }
      self.init(boot: String(parts[0]), uptime: uptime, wall: wall, first: first)
    }

    /// Whether `other` is a later moment since the same start of the machine.
    func isBefore(_ other: Moment) -> Bool {
      !boot.isEmpty && boot == other.boot && uptime <= other.uptime
    }

    func seen(since first: Int64) -> Moment {
      Moment(boot: boot, uptime: uptime, wall: wall, isSynchronised: isSynchronised, first: first)
    }
  }
}

/// What the kernel says of its clock.
enum KernelClock {
  /// Whether it is synchronised, as `adjtimex` tells everybody: setting it by hand ends that.
  ///
  /// - Parameter wall: what the wall clock says, in ms since the epoch. The kernel speaks for no clock but its own.
  static func isSynchronised(at wall: UInt64) -> Bool {
    let own = zheng_synchronised_clock()
    return own >= 0 && (own - Int64(clamping: wall)).magnitude <= 2000
  }
}
