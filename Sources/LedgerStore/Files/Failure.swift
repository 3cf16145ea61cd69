import Foundation

/// The machine could not do it: which call, on which file, and why.
public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The system call or library that failed.
  public let call: String
  /// The file that it was about.
  public let path: String
  /// The error number, or 0 where the reason is not a system's.
  public let errorNumber: Int32
  /// The reason in words.
  public let reason: String

  /// The failure of a system call, with `errno` as it stands.
  public init(_ call: String, _ path: String, errorNumber: Int32 = errno) {
    (self.call, self.path, self.errorNumber) = (call, path, errorNumber)
    reason = String(cString: strerror(errorNumber))
  }

  /// The failure of a system call, in other words than the system's.
  public init(_ call: String, _ path: String, errorNumber: Int32, reason: String) {
    (self.call, self.path, self.errorNumber, self.reason) = (call, path, errorNumber, reason)
  }

  /// A failure that is not a system call's.
  public init(_ call: String, _ path: String, reason: String) {
    (self.call, self.path, self.reason) = (call, path, reason)
    errorNumber = 0
  }

  /// `path: call: reason`.
  public var description: String { "\(path): \(call): \(reason)" }

  /// The same of a file that lies elsewhere now, or would.
  func moved(from old: String, to new: String) -> Failure {
    Failure(
      call, path.replacing(old, with: new), errorNumber: errorNumber, reason: reason.replacing(old, with: new)
    )
  }
}

/// Another process writes to the ledger.
public struct LedgerBusy: Error, Hashable, Sendable, CustomStringConvertible {
  /// The ledger's directory.
  public let path: String
  /// The id of the process that holds the lock, where it says so.
  public let holder: Int32?
  /// How its node is used, in the words of `Remedies`.
  let node: String

  /// Who writes, and what to do.
  public var description: String {
    let who = holder.map { "process \($0)" } ?? "another process"
    return "\(path): \(who) writes to this ledger; try again when it has ended, or use its node with \(node)"
  }
}
