import Foundation
import Synchronization

/// A thread of its own for what blocks: the few threads that all tasks share stay free for those who need them.
public enum OwnThread {
  /// Runs `body` on a thread of its own, and gives what it returns.
  public static func run<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      start { continuation.resume(with: Swift.Result { try body() }) }
    }
  }

  /// Whether a thread here can have a working directory of its own (`unshare(CLONE_FS)`); some containers forbid it.
  public static let canHaveOwnFolder: Bool = {
    let answer = Mutex(false)
    let ended = DispatchSemaphore(value: 0)
    start {
      answer.withLock { $0 = leaveSharedFolder() }
      ended.signal()
    }
    ended.wait()
    return answer.withLock { $0 }
  }()

  /// Runs `body`, and every asynchronous function that it calls, on a thread of its own whose working directory is `folder`.
  ///
  /// Threads that it starts inherit that directory; the rest of the process keeps its own.
  ///
  /// - Parameter user: whose rights to files that thread has; only root may give others than its own.
  public static func run<Result: Sendable>(
    in folder: String, as user: uid_t? = nil, _ body: @Sendable () async throws -> Result
  ) async rethrows -> Result {
    let executor = Executor()
    start {
      precondition(leaveSharedFolder() && chdir(folder) == 0, "no working directory of its own: \(folder)")
      if let user { precondition(takeRights(of: user), "no rights of user \(user)") }
      executor.run()
    }
    defer { executor.stop() }
    return try await withTaskExecutorPreference(executor, operation: body)
  }

  private static func start(_ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    // As much as a main thread has.
    thread.stackSize = 8 << 20
    thread.start()
  }

  private static func leaveSharedFolder() -> Bool { call("unshare", 0x200) == 0 }

  /// The rights to files alone are a thread's own; all else would be the process's.
  private static func takeRights(of user: uid_t) -> Bool {
    _ = call("setfsuid", Int32(user))
    // The answer is what it was before the call: asked again, with what can't be, it is what it is.
    return call("setfsuid", -1) == Int32(user)
  }

  /// Calls a function that is not among what Glibc's module shows; nil where there is none.
  private static func call(_ name: String, _ argument: Int32) -> Int32? {
    typealias Function = @convention(c) (Int32) -> Int32
    return dlsym(nil, name).map { unsafeBitCast($0, to: Function.self)(argument) }
  }

  /// Runs a task's jobs on the thread that calls `run`.
  private final class Executor: TaskExecutor {
    private struct State {
      var jobs: [UnownedJob] = []
      var isStopped = false
    }

    private let state = Mutex(State())
    private let arrival = DispatchSemaphore(value: 0)

    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      state.withLock { $0.jobs.append(job) }
      arrival.signal()
    }

    func stop() {
      state.withLock { $0.isStopped = true }
      arrival.signal()
    }

    func run() {
      while true {
        arrival.wait()
        let (job, isStopped) = state.withLock { state in
          (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isStopped)
        }
        if let job { job.runSynchronously(on: asUnownedTaskExecutor()) } else if isStopped { return }
      }
    }
  }
}
