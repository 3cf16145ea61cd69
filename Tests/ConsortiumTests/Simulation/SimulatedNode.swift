import Consortium
import LedgerCrypto

/// Keys that cost nothing: a signature names its maker, and the restart that it is after. Nobody in the simulation makes one in another's
/// name. (`RealKeysTests` runs validators with real ones.)
struct SimulatedKeys: SigningKeys {
  let place: Int

  func signature(over subject: SignedSubject, for committee: Committee) -> [UInt8] { mark(committee) }

  func cosignature(size: UInt64, root: Digest, time: UInt64, for committee: Committee) -> [UInt8] {
    mark(committee)
  }

  func signature(over restart: Restart) throws(ConsortiumError) -> [UInt8] {
    try Council.shared.keys[place].signature(over: restart)
  }

  private func mark(_ committee: Committee) -> [UInt8] {
    committee.restart == nil ? [UInt8(place)] : [UInt8(place), 1]
  }
}

/// A journal in memory, in segments of two heights, on a disk at each of whose writes the process can be killed.
final class SimulatedJournal: JournalStore {
  /// As a crash leaves them. A start reads the newest two.
  private var segments: [[JournalRecord]]
  private var firstHeight: UInt64 = 1
  /// How many writes are left before the process is killed; nil for any number.
  var writesLeft: Int?
  /// Whether the write at which it is killed reaches the disk.
  var lastIsKept = false
  private(set) var writes = 0

  init(beginning first: JournalRecord) { segments = [[first]] }

  var records: [JournalRecord] { segments.count == 1 ? segments[0] : segments.suffix(2).flatMap { $0 } }

  /// One write to the disk, of whatever sort. False where the process is killed at it.
  func write(_ body: () -> Void) -> Bool {
    writes += 1
    if let left = writesLeft {
      guard left > 0 else {
        writesLeft = nil
        if lastIsKept { body() }
        return false
      }
      writesLeft = left - 1
    }
    body()
    return true
  }

  func append(_ record: JournalRecord) throws(ConsortiumError) {
    let isWritten = write { segments[segments.count - 1].append(record) }
    if !isWritten { throw ConsortiumError(.journalFailed, "killed") }
  }

  func wantsSegment(at height: UInt64) -> Bool { height >= firstHeight + 2 }

  func beginSegment(at height: UInt64, with first: JournalRecord) throws(ConsortiumError) {
    let isWritten = write {
      segments.append([first])
      firstHeight = height
    }
    if !isWritten { throw ConsortiumError(.journalFailed, "killed") }
  }
}

/// An honest validator: what is on its disk, and its process while that runs.
final class SimulatedNode {
  typealias Participant = Consortium.Participant<SimulatedKeys, SimulatedJournal>

  /// What a process has in memory.
  final class Process {
    var participant: Participant
    /// The round of the timer that was set last.
    var timer: Int?
    /// The blocks that it waits for.
    var wanted: [Digest] = []
    var amnesia: Amnesia?
    /// How much of the healed board it has read of its height.
    var read = 0

    init(_ participant: consuming Participant) { self.participant = participant }
  }

  let place: Int
  var process: Process?
  /// Told from the process before by what is on its way to it.
  var starts = 0

  // On the disk.
  var journal: SimulatedJournal
  /// The final blocks from height 1 on.
  var finals: [Digest] = []
  var bodies: Set<Digest> = []
  /// Whether it once had no journal.
  var hasLostJournal = false

  init(place: Int) {
    self.place = place
    journal = SimulatedJournal(beginning: .begin(height: 1, cosigned: 0))
  }

  var height: UInt64 { UInt64(finals.count) + 1 }
  /// The head of its chain; the tree after height h has 10 h leaves.
  var head: ChainHead {
    ChainHead(height: height - 1, block: finals.last ?? .zero, size: (height - 1) * 10)
  }
}
