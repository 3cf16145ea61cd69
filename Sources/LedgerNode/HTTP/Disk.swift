import NIOPosix

/// Where disk and database are waited for: not on the threads that all requests share.
enum Disk {
  static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await NIOThreadPool.singleton.runIfActive(body)
  }

  /// The same for what waits now and then.
  static func working<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withTaskExecutorPreference(DiskExecutor.shared) { try await body() }
  }
}

/// Runs tasks on the threads that wait for the disk.
private final class DiskExecutor: TaskExecutor {
  static let shared = DiskExecutor()

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    NIOThreadPool.singleton.submit { [self] _ in job.runSynchronously(on: asUnownedTaskExecutor()) }
  }
}
