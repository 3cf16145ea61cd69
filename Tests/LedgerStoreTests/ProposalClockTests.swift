import Foundation
import GRDB
import Ledger
import LedgerCrypto
import Statements
import Synchronization
import Testing
import TransparencyLog

@testable import LedgerStore

@Suite("The proposer's clock")
struct ProposalClockTests {
  private func refusal(
    last: ProposalClock.Moment?, now: ProposalClock.Moment, parent: UInt64, confirmed: Bool = false
  ) -> Refusal.Code? {
    do {
      _ = try ProposalClock(last: last, isConfirmed: confirmed, now: { now }).time(after: parent)
      return nil
    } catch { return error.code }
  }

  private let hour: UInt64 = 3_600_000

  @Test("time that passed by the machine's uptime too is believed, however long; a jump is not")
  func jump() {
    let last = ProposalClock.Moment(boot: "b", uptime: 1000, wall: 1_000_000_000_000)
    func later(_ wall: UInt64, _ uptime: UInt64) -> ProposalClock.Moment {
      .init(boot: "b", uptime: last.uptime + uptime, wall: last.wall + wall)
    }
    #expect(refusal(last: last, now: later(48 * hour, 48 * hour), parent: last.wall) == nil)
    #expect(refusal(last: last, now: later(hour, 0), parent: last.wall) == nil)
    #expect(refusal(last: last, now: later(hour + 1, 0), parent: last.wall) == .clockJump)
    #expect(refusal(last: last, now: later(hour + 1, 0), parent: last.wall, confirmed: true) == nil)
    #expect(refusal(last: last, now: later(0, hour + 1), parent: last.wall) == .clockJump)
  }

  @Test("the first block after the founding may come days later, and a jump since the founding is seen")
  func afterFounding() throws {
    for (uptime, isRefused) in [(48 * hour, false), (0, true)] {
      let ledger = try TestConsortium().found()
      let now = ProposalClock.Moment.now()
      var options = LedgerWriter.Options.inTests
      options.now = { [hour] in
        .init(boot: now.boot, uptime: now.uptime + uptime, wall: now.wall + 48 * hour)
      }
      let writer = try LedgerWriter(ledger.folder, options)
      let candidate = ledger.candidate(try ledger.statement(Array("late".utf8)), writer)
      if isRefused {
        #expect(throws: Refusal.self) { try writer.appendBlock([candidate]) }
      } else {
        guard case .accepted = try writer.appendBlock([candidate]).first else {
          Issue.record("it is not accepted")
          continue
        }
      }
    }
  }

  @Test("an index of an earlier version is behind, one of another is at fault, and a writer makes both anew")
  func otherVersion() throws {
    let ledger = try TestConsortium().found()
    do { try ledger.appendBlock(1, LedgerWriter(ledger.folder, .inTests)) }
    for (version, isGood) in [(1, true), (5, true), (7, false), (-1, false), (1 << 30, false)] {
      try DatabaseQueue(path: ledger.folder.indexFile).write {
        try $0.execute(sql: "PRAGMA user_version = \(version)")
      }
      let report = try LedgerAudit.run(ledger.folder)
      #expect(report.isGood == isGood, "\(version)")
      #expect(report.faults.map(\.code) == (isGood ? [] : [.derivedMismatch]), "\(version)")
      let notes = report.notes.filter {
        $0.hasPrefix("behind: \(ledger.folder.indexFile) is of an earlier version")
      }
      #expect(notes.count == (isGood ? 1 : 0), "\(version)")
      do { try LedgerWriter(ledger.folder, .inTests).flush() }
      let anew = try LedgerAudit.run(ledger.folder)
      #expect(anew.isGood && anew.notes.isEmpty, "\(version)")
    }
  }

  @Test(
    "an index that is made anew knows when the last block was proposed",
    arguments: ["rebuild", "version", "state"])
  func madeAnew(_ what: String) throws {
    let ledger = try TestConsortium().found()
    do { try ledger.appendBlock(1, LedgerWriter(ledger.folder, .inTests)) }
    switch what {
    case "rebuild": _ = try ledger.folder.rebuild()
    case "version":
      try DatabaseQueue(path: ledger.folder.indexFile).write {
        try $0.execute(sql: "PRAGMA user_version = 3")
      }
    default:
      try DatabaseQueue(path: ledger.folder.indexFile).write {
        try $0.execute(sql: "DELETE FROM meta WHERE key = 'state'")
      }
    }
    let now = ProposalClock.Moment.now()
    var options = LedgerWriter.Options.inTests
    options.now = { [hour] in
      .init(boot: now.boot, uptime: now.uptime + 2 * hour, wall: now.wall + 2 * hour)
    }
    let writer = try LedgerWriter(ledger.folder, options)
    let candidate = ledger.candidate(try ledger.statement(Array("late".utf8)), writer)
    guard case .accepted = try writer.appendBlock([candidate]).first else {
      Issue.record("it is not accepted")
      return
    }
  }

  @Test("after a restart of the machine the last block's time is what the clock is held against")
  func restart() {
    let wall: UInt64 = 1_000_000_000_000
    let last = ProposalClock.Moment(boot: "a", uptime: 1000, wall: wall)
    func now(_ later: UInt64) -> ProposalClock.Moment { .init(boot: "b", uptime: 5, wall: wall + later) }
    #expect(refusal(last: last, now: now(hour), parent: wall) == nil)
    #expect(refusal(last: last, now: now(hour + 1), parent: wall) == .clockJump)
    #expect(refusal(last: nil, now: now(hour + 1), parent: wall) == .clockJump)
    #expect(refusal(last: nil, now: now(hour + 1), parent: wall, confirmed: true) == nil)
  }

  @Test("behind a block that is ahead of the clock time stands still, and nothing is refused")
  func standing() throws {
    let wall: UInt64 = 1_000_000_000_000
    let last = ProposalClock.Moment(boot: "b", uptime: 1, wall: wall)
    let now = ProposalClock.Moment(boot: "b", uptime: 5, wall: wall + 4)
    for ahead in [0, 60_000, 60_001, 12 * hour] {
      let clock = ProposalClock(last: last, isConfirmed: false, now: { now })
      #expect(try clock.time(after: now.wall + ahead).time == now.wall + ahead)
    }
    #expect(
      try ProposalClock(last: last, isConfirmed: false, now: { now }).time(after: wall).time == now.wall)
  }

  @Test("a clock that is walked ahead in steps of 59 minutes is doubted before it is two hours ahead")
  func walked() throws {
    let walk = Mutex<(uptime: UInt64, wall: UInt64)>((1000, 1_000_000_000_000))
    let clock = ProposalClock(
      last: .init(boot: "b", uptime: 1000, wall: 1_000_000_000_000), isConfirmed: false,
      now: { walk.withLock { .init(boot: "b", uptime: $0.uptime, wall: $0.wall) } })
    var (time, steps) = (UInt64(1_000_000_000_000), 0)
    while steps < 12 {
      walk.withLock { ($0.uptime, $0.wall) = ($0.uptime + 1000, $0.wall + 59 * 60_000 + 1000) }
      do {
        let next = try clock.time(after: time)
        // What is remembered survives in the index.
        let kept = try #require(ProposalClock.Moment(text: next.moment.text))
        clock.remember(kept, parentTime: next.time)
        time = next.time
      } catch { break }
      steps += 1
    }
    #expect(steps == 1 && clock.doubt?.code == .clockJump)
  }

  @Test("the kernel's word that the clock is synchronised is believed, after a restart of the machine too")
  func synchronised() {
    let wall: UInt64 = 1_000_000_000_000
    let last = ProposalClock.Moment(boot: "a", uptime: 1000, wall: wall)
    for boot in ["a", "b"] {
      let now = ProposalClock.Moment(boot: boot, uptime: 2000, wall: wall + 48 * hour, isSynchronised: true)
      #expect(refusal(last: last, now: now, parent: wall) == nil)
      let unsure = ProposalClock.Moment(boot: boot, uptime: 2000, wall: wall + 48 * hour)
      #expect(refusal(last: last, now: unsure, parent: wall) == .clockJump)
    }
    // It speaks for its own clock only.
    #expect(!ProposalClock.Moment.now(wall: wall).isSynchronised)
  }

  @Test("a person's word holds for one moment: a later jump is doubted again, and each change is told once")
  func confirmedOnce() throws {
    let wall: UInt64 = 1_000_000_000_000
    let walk = Mutex<(uptime: UInt64, wall: UInt64)>((1000, wall + 5 * hour))
    let told = Mutex<[Refusal.Code?]>([])
    let clock = ProposalClock(
      last: .init(boot: "b", uptime: 1000, wall: wall), isConfirmed: true,
      now: { walk.withLock { .init(boot: "b", uptime: $0.uptime, wall: $0.wall) } },
      onChange: { change in told.withLock { $0.append(change?.code) } })
    #expect(try clock.time(after: wall).time == wall + 5 * hour)
    #expect(clock.doubt == nil)
    walk.withLock { $0.wall += 2 * hour }
    for _ in 0..<3 { #expect(clock.doubt?.reason.contains("isClockConfirmed") == true) }
    walk.withLock { $0.wall -= 2 * hour }
    #expect(clock.doubt == nil)
    #expect(told.withLock { $0 } == [.clockJump, nil])
  }

  @Test("an audit notes where time stands still, and finds no fault in it")
  func audited() throws {
    let ledger = try TestConsortium().found()
    let now = ProposalClock.Moment.now()
    let ahead = Mutex<UInt64>(hour - 60_000)
    var options = LedgerWriter.Options.inTests
    options.now = {
      let ahead = ahead.withLock { $0 }
      return .init(boot: now.boot, uptime: now.uptime, wall: now.wall + ahead)
    }
    let writer = try LedgerWriter(ledger.folder, options)
    for step in [hour - 60_000, 0, 1000] {
      ahead.withLock { $0 = step }
      let candidate = ledger.candidate(try ledger.statement(Array("\(step)".utf8)), writer)
      guard case .accepted = try writer.appendBlock([candidate]).first else { throw CancellationError() }
    }
    try writer.flush()
    let report = try LedgerAudit.run(ledger.folder)
    #expect(report.faults == [])
    let notes = report.notes.filter { $0.hasPrefix("standing: ") }
    #expect(
      notes.count == 1 && notes.first?.contains("blocks 2 to 3 have the time of block 1") == true, "\(notes)")
  }
}
