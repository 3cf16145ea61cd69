import Foundation
import Ledger
import LedgerStore
import Synchronization
import TransparencyLog

/// The audits of the whole ledger that people ask a node for: one at a time, shared by everybody who looks, and none within `pause` of
/// the one before. What was found is kept until the node stops.
final class NodeAudits: Sendable {
  /// One that is under way.
  struct Running: Hashable, Sendable {
    /// When it began, in ms since the epoch.
    let began: UInt64
    /// How many entries are done, and of how many, where that is known.
    var done: UInt64 = 0
    var total: UInt64?
  }

  /// One that has ended.
  struct Finished: Sendable {
    /// When it began and ended, in ms since the epoch.
    let began: UInt64, ended: UInt64
    let result: Result

    enum Result: Sendable {
      case report(LedgerAudit.Report)
      /// The ledger could not be read at all, and why.
      case unreadable(String)
    }
  }

  /// How it stands.
  struct Standing: Sendable {
    var running: Running?
    var last: Finished?
    /// When the next may begin, in ms since the epoch.
    var next: UInt64 = 0
  }

  /// What audits the ledger, and is given who is told of the progress.
  typealias Work =
    @Sendable (_ progress: @escaping @Sendable (UInt64, UInt64?) -> Void) throws -> LedgerAudit.Report

  private let pause: Duration
  /// In ms since the epoch.
  private let now: @Sendable () -> UInt64
  private let work: Work
  private let state = Mutex(Standing())
  private let waiting = Mutex<[CheckedContinuation<Void, Never>]>([])

  init(pause: Duration, now: @escaping @Sendable () -> UInt64, _ work: @escaping Work) {
    (self.pause, self.now, self.work) = (pause, now, work)
  }

  /// Those of `committer`'s ledger, on half of the cores: it must be the ledger that the node serves, and must reach as far as the
  /// node knows it to.
  convenience init(_ committer: Committer, _ settings: NodeSettings) {
    let now = settings.writer.now
    self.init(pause: settings.auditPause, now: { now().wall }) { progress in
      let reader = committer.reader
      var options = LedgerAudit.Options()
      options.anchor = .ledgerID(reader.ledgerID)
      options.savedCheckpoint = reader.checkpoint
      options.now = now().wall
      options.threads = max(1, options.threads / 2)
      options.progress = progress
      do { return try LedgerAudit.run(reader.folder, options) } catch let fault as Fault {
        // A whole part of the ledger is gone.
        var report = LedgerAudit.Report()
        report.faults = [fault]
        return report
      }
    }
  }

  var standing: Standing { state.withLock { $0 } }

  /// Begins one, unless one is under way or has ended within the pause; then there is nothing to do but look.
  func begin() {
    let time = now()
    let begins = state.withLock { state in
      guard state.running == nil, time >= state.next else { return false }
      state.running = Running(began: time)
      return true
    }
    guard begins else { return }
    // It takes long, and waits for the disk: it gets a thread of its own.
    Thread.detachNewThread { [self] in perform(since: time) }
  }

  private func perform(since began: UInt64) {
    let result: Finished.Result
    do {
      result = .report(
        try work { [self] done, total in
          state.withLock { $0.running = Running(began: began, done: done, total: total) }
        })
    } catch { result = .unreadable("\(error)") }
    let ended = now()
    state.withLock {
      $0 = Standing(
        last: Finished(began: began, ended: ended, result: result), next: ended + pause.milliseconds)
    }
    for continuation in waiting.withLock({ waiting in
      defer { waiting = [] }
      return waiting
    }) {
      continuation.resume()
    }
  }

  /// Returns when none is under way.
  func ended() async {
    await withCheckedContinuation { continuation in
      waiting.withLock { waiting in
        if standing.running == nil { continuation.resume() } else { waiting.append(continuation) }
      }
    }
  }
}

extension Duration {
  fileprivate var milliseconds: UInt64 {
    UInt64(max(0, components.seconds)) * 1000 + UInt64(max(0, components.attoseconds / 1_000_000_000_000_000))
  }
}
