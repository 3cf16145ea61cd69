import Foundation
import Ledger

extension Refusal.Code {
  /// So little is left on the disk that nothing more is taken.
  public static let lowSpace = Self(rawValue: "low-space")
}

/// Sees that a disk does not fill up under a writer: what is refused in time needs no recovery, and leaves room to read and to mend.
struct FreeSpace: Sendable {
  /// The ledger's directory.
  let path: String
  /// With fewer bytes left nothing is taken; 0 to take whatever fits.
  let least: UInt64

  /// How many bytes this user may still write on the directory's disk; nil where the system does not say.
  var byteCount: UInt64? { FileSystem.freeByteCount(at: path) }

  /// Why nothing is taken now; nil where there is room.
  var refusal: Refusal? {
    guard least > 0, let left = byteCount, left < least else { return nil }
    return Refusal(
      .lowSpace,
      "\(left >> 20) MiB are left on the node's disk, and it takes statements with \(least >> 20) MiB or more; when its operator has made room, send it again"
    )
  }
}

extension FileSystem {
  /// How many bytes this user may still write where `path` lies; nil where the system does not say.
  static func freeByteCount(at path: String) -> UInt64? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize)
  }
}
