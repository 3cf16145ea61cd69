/// When a certificate was made and who says to have made it. Nothing proves it.
///
/// ```
/// zheng-certificate-issue 1
/// <s since the epoch, decimal>
/// <who, 1 to 200 bytes without control characters; empty where nobody is named>
/// ```
public struct CertificateIssue: Hashable, Sendable {
  /// In s since the epoch, by the clock of whoever made it.
  public let time: UInt64
  /// Who made it, in their own words.
  public let by: String?

  private static let heading = "zheng-certificate-issue 1"
  /// The last time that is written with a year of four digits.
  private static let latest: UInt64 = 253_402_271_999

  /// An issue; nil for a name that is empty, longer than 200 bytes or holds a control character, and for a time after the year 9999.
  public init?(time: UInt64, by: String?) {
    if let by {
      guard (1...200).contains(by.utf8.count), !by.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
        return nil
      }
    }
    guard time <= CertificateIssue.latest else { return nil }
    (self.time, self.by) = (time, by)
  }

  /// As it is embedded.
  var bytes: [UInt8] { Array("\(CertificateIssue.heading)\n\(time)\n\(by ?? "")\n".utf8) }

  /// The issue that `bytes` are, in its only spelling.
  package init?(_ bytes: [UInt8]) {
    let lines = String(decoding: bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    guard lines.count == 4, let time = UInt64(lines[1]) else { return nil }
    self.init(time: time, by: lines[2].isEmpty ? nil : String(lines[2]))
    guard self.bytes == bytes else { return nil }
  }
}
