import Foundation

/// Keeps private keys from what a process leaves behind when it crashes.
public enum PrivateMemory {
  /// From now on this process writes no core file, and no other process of the same user may look into its memory.
  public static func guardProcess() { _ = isGuarded }

  private static let isGuarded: Bool = {
    var limit = rlimit(rlim_cur: 0, rlim_max: 0)
    let hasNoCore = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0
    typealias ProcessControl = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
    // A variadic function, which Swift does not show. 4 is PR_SET_DUMPABLE.
    guard let symbol = dlsym(nil, "prctl") else { return false }
    return unsafeBitCast(symbol, to: ProcessControl.self)(4, 0, 0, 0, 0) == 0 && hasNoCore
  }()
}
