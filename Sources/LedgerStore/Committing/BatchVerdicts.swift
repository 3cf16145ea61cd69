import Synchronization

/// Gathers what becomes of statements that came together, as it becomes known.
final class BatchVerdicts: Sendable {
  private struct State {
    var verdicts: [Verdict?]
    /// How many are still to be heard of.
    var missing: Int
    var interruption: CommitterUnavailable?
    var waiting: CheckedContinuation<Void, Never>?
  }

  private let state: Mutex<State>

  init(count: Int) {
    state = Mutex(State(verdicts: Array(repeating: nil, count: count), missing: count))
  }

  /// Takes the verdict on statement `number`, from 0.
  func set(_ number: Int, _ verdict: Verdict) { change(1) { $0.verdicts[number] = verdict } }

  /// Takes note that there will be no verdict on statement `number`.
  func fail(_ number: Int, _ reason: CommitterUnavailable) { change(1) { $0.interruption = reason } }

  /// Takes note that there will be none on the statements from `number` on.
  func end(from number: Int, _ reason: CommitterUnavailable) {
    let count = state.withLock { $0.verdicts.count }
    change(count - number) { $0.interruption = reason }
  }

  private func change(_ count: Int, _ body: (inout State) -> Void) {
    let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
      body(&state)
      state.missing -= count
      guard state.missing == 0 else { return nil }
      return state.waiting.take()
    }
    waiting?.resume()
  }

  /// Waits until all is known: the verdicts up to the first statement that has none, and why it has none. To be called once.
  func all() async -> ([Verdict], CommitterUnavailable?) {
    await withCheckedContinuation { continuation in
      let isComplete = state.withLock { state in
        if state.missing > 0 { state.waiting = continuation }
        return state.missing == 0
      }
      if isComplete { continuation.resume() }
    }
    return state.withLock { state in
      (state.verdicts.prefix { $0 != nil }.compactMap(\.self), state.interruption)
    }
  }
}
