import NIOPosix

/// Where disk and database are waited for: not on the threads that all requests share.
enum Disk {
  static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await NIOThreadPool.singleton.runIfActive(body)
  }
}
