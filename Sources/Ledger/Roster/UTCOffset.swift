/// How far a ledger's clocks are ahead of UTC: the parameter `utc-offset-minutes`, fixed at founding. Its days are civil days
/// by it.
///
/// The offset is a number and no name of a zone, so that every validator gives the same answer, whatever time-zone data its
/// machine has; a ledger knows no summer time. In the terms it is an integer, and left out where it is the standard one.
public struct UTCOffset: Hashable, Sendable {
  /// Its name among the parameters.
  public static let parameter = "utc-offset-minutes"
  /// What it may be, in minutes.
  public static let bounds = -720...840
  /// UTC+8 (北京时间): the offset if the founders do not set one.
  public static let standard = UTCOffset(unchecked: 480)

  /// Minutes that the ledger's clocks are ahead; negative where they are behind.
  public let minutes: Int

  private init(unchecked minutes: Int) { self.minutes = minutes }

  /// An offset of so many minutes.
  ///
  /// - Throws: `malformed` out of bounds.
  public init(minutes: Int) throws(Refusal) {
    guard UTCOffset.bounds.contains(minutes) else {
      let (least, most) = (UTCOffset.bounds.lowerBound, UTCOffset.bounds.upperBound)
      throw Refusal(.malformed, "\(UTCOffset.parameter) may be \(least) to \(most), not \(minutes)")
    }
    self.minutes = minutes
  }

  /// What it means, with its unit.
  public static let meaning =
    "how far the ledger's clocks are ahead of UTC, in minutes: what its days are counted by"

  static var isFixed: Refusal { Refusal(.malformed, "\(parameter) stays as it was founded") }

  private var parts: (sign: String, hours: Int, minutes: Int) {
    (minutes < 0 ? "-" : "+", abs(minutes) / 60, abs(minutes) % 60)
  }

  /// As RFC 3339 writes it behind a time: `+08:00`, and `Z` for UTC itself.
  public var suffix: String {
    guard minutes != 0 else { return "Z" }
    let (sign, hours, minutes) = parts
    return "\(sign)\(hours < 10 ? "0" : "")\(hours):\(minutes < 10 ? "0" : "")\(minutes)"
  }
}

extension UTCOffset: CustomStringConvertible {
  /// `UTC+8`, `UTC-5`, `UTC+5:30`, `UTC`.
  public var description: String {
    guard minutes != 0 else { return "UTC" }
    let (sign, hours, minutes) = parts
    return "UTC\(sign)\(hours)" + (minutes == 0 ? "" : ":\(minutes < 10 ? "0" : "")\(minutes)")
  }
}
