import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// A block as it is stored: its entries, the header last, and its checkpoint.
struct StoredBlock {
  let entries: [[UInt8]]
  let checkpoint: [UInt8]
  /// The index of the first entry.
  let first: UInt64
}

/// The ids of accepted statements, in memory.
struct TestRegistry: StatementRegistry {
  private var indices: [Digest: UInt64] = [:]

  mutating func index(of id: Digest) -> UInt64? { indices[id] }
  mutating func remember(_ id: Digest, index: UInt64, issuedAt: UInt64) { indices[id] = index }
}

/// A stored state, in memory.
struct TestSnapshot: StateSnapshot {
  let values: [StateKey: [UInt8]]

  func value(of key: StateKey) -> [UInt8]? { values[key] }
}

/// A validator with its private keys.
struct TestValidator {
  let validator: Validator
  let logKey: PrivateKey
  private let log: NoteSigner
  private let cosigner: NoteSigner

  init(_ name: String, origin: String) throws {
    logKey = try PrivateKey(generating: .ed25519)
    log = try NoteSigner(name: origin, type: .ed25519, key: logKey)
    cosigner = try NoteSigner(
      name: "\(name).example", type: .cosignature, key: PrivateKey(generating: .ed25519))
    validator = Validator(name: name, logKey: log.verifierKey, cosignerKey: cosigner.verifierKey)
  }

  /// The checkpoint of a block whose time is `time`, in ms, signed and cosigned.
  func sign(_ checkpoint: Checkpoint, at time: UInt64) throws -> [UInt8] {
    var note = try SignedNote(text: checkpoint.text, signatures: [log.sign(checkpoint.text)])
    try note.append(cosigner.cosign(checkpoint.text, time: time / 1000 + 1))
    return note.bytes
  }
}
