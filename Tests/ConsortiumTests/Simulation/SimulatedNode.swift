import Consortium
import LedgerCrypto

/// Keys that cost nothing: a signature names its maker. Nobody in the simulation makes one in another's name.
struct SimulatedKeys: SigningKeys {
  let place: Int

  func signature(over subject: SignedSubject, for committee: Committee) -> [UInt8] { [UInt8(place)] }

  func cosignature(size: UInt64, root: Digest, time: UInt64, for committee: Committee) -> [UInt8] {
    [UInt8(place)]
  }
}

/// A journal in memory that can fail at a write, as a process that is killed then would leave it.
final class SimulatedJournal: JournalStore {
  private(set) var records: [JournalRecord]
  /// How many writes are left before the process is killed; nil for any number.
  var writesLeft: Int?
  /// Whether the write at which it is killed reaches the disk.
  var lastIsKept = false
  private(set) var writes = 0

  init(beginning first: JournalRecord) { records = [first] }

  func append(_ record: JournalRecord) throws(ConsortiumError) {
    writes += 1
    if let left = writesLeft {
      guard left > 0 else {
        writesLeft = nil
        if lastIsKept { records.append(record) }
        throw ConsortiumError(.journalFailed, "killed")
      }
      writesLeft = left - 1
    }
    records.append(record)
  }
}

/// An honest validator: what is on its disk, and its process while that runs.
final class SimulatedNode {
  /// What a process has in memory.
  final class Process {
    var participant: Participant<SimulatedKeys, SimulatedJournal>
    /// The round of the timer that was set last.
    var timer: Int?
    /// The blocks that it waits for.
    var wanted: [Digest] = []
    var amnesia: Amnesia?

    init(_ participant: consuming Participant<SimulatedKeys, SimulatedJournal>) {
      self.participant = participant
    }
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
}
