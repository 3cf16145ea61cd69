import Ledger
import LedgerCrypto
import LedgerStore
import Statements
import TransparencyLog

/// The door to a ledger for an office's work (DESIGN §7): a directory of this machine is behind it, or a node.
///
/// What it reads is of one moment: when it was opened, or when the last statement submitted alone was recorded; at a node later.
package protocol LedgerAccess: LedgerSubmission {
  /// How people name it: the directory's path, or the node's URL.
  var place: String { get }
  /// The leaf hash of the founding statement.
  var ledgerID: Digest { get }
  /// How many of the newest entries a search does not see yet.
  var unsearchable: UInt64 { get }
  /// The number of entries.
  var size: UInt64 { get }

  /// The roster in force, and what is proposed to change it.
  func state() async throws -> LedgerState
  /// The newest block.
  func newestBlock() async throws -> BlockPlace
  /// The roster with this root, which the header at `height` names.
  func roster(_ root: Digest, at height: UInt64) async throws -> Roster

  /// The entry with this index, or nil where the ledger does not reach so far.
  func entry(_ index: UInt64) async throws -> [UInt8]?
  /// The index of the statement with this id, or nil where none is known.
  func entryIndex(of id: Digest) async throws -> UInt64?
  /// The block that holds entry `index`, which must be below `size`.
  func block(of index: UInt64) async throws -> BlockPlace
  /// The proof of the record at `index`: against its own block's checkpoint, or against the newest.
  func proof(of index: UInt64, atHead: Bool) async throws -> RecordProof
  /// What `keys` have in the state after the newest block, with what proves it.
  ///
  /// - Parameter earlier: the height of the block as of which lists are asked for; nil for the newest, and the same where it is
  ///   that or there is none such yet.
  func stateProofs(_ keys: [StateKey], asOf earlier: UInt64?) async throws -> StateProofs
  /// The records that the list at `key` has as of the newest block: all of them, or it throws.
  func records(listedAt key: StateKey) async throws -> [UInt64]

  /// The records that `query` finds from entry `first` on, oldest first: at most a page of them, and none where there are no more.
  func records(_ query: RecordQuery, from first: UInt64) async throws -> [RecordRow]
  /// A rule set's value at `key`, or nil where there is none.
  func value(_ key: StateKey) async throws -> [UInt8]?
  /// Every value of the rule sets' whose key begins with the parts of `prefix` and whose fields have all of these values, in the
  /// order of the keys.
  func values(
    under prefix: StateKey, where fields: [(name: String, value: String)]
  ) async throws -> [(key: StateKey, value: [UInt8])]
  /// The roster and the rule sets' values after the last block whose time is `time`, in ms since the epoch, or before: the records up
  /// to then are judged again.
  func past(at time: UInt64) async throws -> PastState
}

extension LedgerAccess {
  /// What `keys` have in the state after the newest block, with what proves it.
  package func stateProofs(_ keys: [StateKey]) async throws -> StateProofs {
    try await stateProofs(keys, asOf: nil)
  }

  /// Calls `body` with each record that `query` finds, oldest first, however many there are.
  package func eachRecord(_ query: RecordQuery, _ body: (RecordRow) async throws -> Void) async throws {
    var (first, left): (UInt64, Int) = (0, query.limit ?? .max)
    while left > 0 {
      let page = try await records(query, from: first)
      guard let last = page.last else { return }
      for record in page.prefix(left) { try await body(record) }
      (first, left) = (last.index + 1, left - page.count)
    }
  }

  /// Every record that `query` finds, oldest first.
  package func allRecords(_ query: RecordQuery) async throws -> [RecordRow] {
    var all: [RecordRow] = []
    try await eachRecord(query) { all.append($0) }
    return all
  }

  /// Every value of the rule sets' whose key begins with the parts of `prefix`, in the order of the keys.
  package func values(under prefix: StateKey) async throws -> [(key: StateKey, value: [UInt8])] {
    try await values(under: prefix, where: [])
  }

  /// The statement that is entry `index`, which is one.
  package func statement(_ index: UInt64) async throws -> SignedStatement {
    guard let entry = try await entry(index) else {
      throw WorkflowError.noInput("\(place): there is no entry \(index)")
    }
    do { return try SignedStatement(decoding: entry) } catch {
      throw Fault(.malformedEntry, entry: index, "\(error)")
    }
  }
}
