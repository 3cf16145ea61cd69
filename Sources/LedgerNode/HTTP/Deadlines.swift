import Synchronization

/// Ends work that takes too long. One timer serves all that is under way: a timer of its own for each would cost more than most of
/// what is timed, and those that were cancelled would stay in the system's heap until their time has come.
final class Deadlines: Sendable {
  private struct Work {
    let deadline: ContinuousClock.Instant
    let cancel: @Sendable () -> Void
  }

  private struct State {
    var underWay: [Int: Work] = [:]
    var nextNumber = 0
    var isWatching = false
  }

  /// How long anything may take.
  let limit: Duration
  private let state = Mutex(State())

  init(_ limit: Duration) { self.limit = limit }

  /// What `body` gives, or nil where it took too long: then it was cancelled. Returns when `body` has ended.
  func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result? {
    // Detached, since all that it would inherit had to be copied.
    let task = Task.detached { try await body() }
    let number = add(Work(deadline: .now + limit, cancel: { task.cancel() }))
    let result = await withTaskCancellationHandler {
      await task.result
    } onCancel: {
      task.cancel()
    }
    // Who is not there any more has been cancelled, and whatever it gives is not whole.
    guard state.withLock({ $0.underWay.removeValue(forKey: number) }) != nil else { return nil }
    return try result.get()
  }

  private func add(_ work: Work) -> Int {
    let (number, mustWatch) = state.withLock { state in
      state.nextNumber += 1
      state.underWay[state.nextNumber] = work
      defer { state.isWatching = true }
      return (state.nextNumber, !state.isWatching)
    }
    if mustWatch { Task.detached { await self.watch() } }
    return number
  }

  /// Cancels each when its time has come, until none is under way when it looks.
  private func watch() async {
    while let next = cancelOverdue() {
      // Nobody cancels this task; if somebody did, it would only look more often.
      try? await Task.sleep(until: next, clock: .continuous)
    }
  }

  /// Cancels what is overdue.
  ///
  /// - Returns: the next deadline, or nil where nothing is under way.
  private func cancelOverdue() -> ContinuousClock.Instant? {
    let now = ContinuousClock.now
    let (overdue, next) = state.withLock { state in
      let overdue = state.underWay.filter { $0.value.deadline <= now }
      for number in overdue.keys { state.underWay[number] = nil }
      let next = state.underWay.values.map(\.deadline).min()
      state.isWatching = next != nil
      return (overdue, next)
    }
    for work in overdue.values { work.cancel() }
    return next
  }
}
