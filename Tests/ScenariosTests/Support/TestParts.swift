import Ledger
import LedgerCrypto
import Statements
import TestKit
import TransparencyLog

/// A block as it is stored: its entries, the header last, and its checkpoint.
struct StoredBlock {
  let entries: [[UInt8]]
  let checkpoint: [UInt8]
  /// The index of the first entry.
  let first: UInt64
}

/// A stored state, in memory.
struct TestSnapshot: StateSnapshot {
  let values: [StateKey: [UInt8]]

  func value(of key: StateKey) -> [UInt8]? { values[key] }
}

extension TestValidator {
  /// The checkpoint of a block whose time is `time`, in ms, signed and cosigned.
  func sign(_ checkpoint: Checkpoint, _ log: NoteSigner, at time: UInt64) throws -> [UInt8] {
    var note = try SignedNote(text: checkpoint.text, signatures: [log.sign(checkpoint.text)])
    try note.append(cosigner.cosign(checkpoint.text, time: time / 1000 + 1))
    return note.bytes
  }
}
