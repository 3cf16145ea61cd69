import Dispatch
import Synchronization

/// Work that goes on while the thread that wants its result does something else.
package final class BackgroundResult<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let isDone = DispatchSemaphore(value: 0)

  /// Begins the work.
  package init(_ body: @escaping @Sendable () throws -> Value) {
    DispatchQueue.global().async {
      let made = Result { try body() }
      self.result.withLock { $0 = made }
      self.isDone.signal()
    }
  }

  /// Waits for the result; to be called once.
  package func value() throws -> Value {
    isDone.wait()
    guard let made = result.withLock({ $0.take() }) else { preconditionFailure("a result is taken once") }
    return try made.get()
  }
}
