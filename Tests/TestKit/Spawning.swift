import Foundation

/// Starts programs by `posix_spawn`, and waits for them on threads that nobody shares.
///
/// Foundation's `Process` ties every child to the run loop of the thread that starts it, which here is one of the few that all tasks
/// share; beside hundreds of other tests it has been seen to crash.
enum Spawning {
  /// Starts a program in a process group of its own and with no signal blocked. Of our open files it has
  /// the three given.
  ///
  /// - Parameters:
  ///   - arguments: the program's path and its arguments.
  ///   - environment: all of its environment variables.
  ///   - folder: its working directory.
  ///   - descriptors: what become its standard input, output and error.
  /// - Returns: its process id.
  /// - Throws: `POSIXError` where it cannot be started.
  static func start(
    _ arguments: [String], environment: [String: String], in folder: String,
    descriptors: [Int32]
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    try require(posix_spawn_file_actions_init(&actions))
    defer { posix_spawn_file_actions_destroy(&actions) }
    try require(posix_spawnattr_init(&attributes))
    defer { posix_spawnattr_destroy(&attributes) }
    for (place, descriptor) in descriptors.enumerated() {
      precondition(descriptor > 2 || descriptor == place, "a standard stream in the place of another")
      try require(posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(place)))
    }
    typealias InFolder =
      @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>) -> Int32
    typealias ClosedFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
    try require(function("posix_spawn_file_actions_addchdir_np", as: InFolder.self)(&actions, folder))
    try require(function("posix_spawn_file_actions_addclosefrom_np", as: ClosedFrom.self)(&actions, 3))
    var none = sigset_t()
    sigemptyset(&none)
    try require(posix_spawnattr_setsigmask(&attributes, &none))
    try require(
      posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK)))
    var words = arguments.map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in words + variables { free(text) } }
    var process: pid_t = 0
    try require(posix_spawn(&process, arguments[0], &actions, &attributes, &words, &variables))
    return process
  }

  /// Calls `ended` on a thread of its own when the process `pid`, a child, has ended and not yet been reaped: until `ended` calls
  /// `reap`, nobody else can have its number.
  static func wait(for pid: pid_t, _ ended: @escaping @Sendable () -> Void) {
    let thread = Thread {
      var information = siginfo_t()
      while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
      ended()
    }
    thread.stackSize = 256 << 10
    thread.start()
  }

  /// The status of the child `pid`, which has ended: its exit status, or 128 and the number of the signal that ended it.
  static func reap(_ pid: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7f
    return signal == 0 ? status >> 8 & 0xff : 128 + signal
  }

  /// A function of the C library (glibc 2.34) that is not among what Glibc's module shows.
  private static func function<Function>(_ name: String, as type: Function.Type) throws -> Function {
    guard let symbol = dlsym(nil, name) else { throw POSIXError(.ENOSYS) }
    return unsafeBitCast(symbol, to: type)
  }

  private static func require(_ error: Int32) throws {
    guard error == 0 else { throw POSIXError(POSIXErrorCode(rawValue: error) ?? .EINVAL) }
  }
}
