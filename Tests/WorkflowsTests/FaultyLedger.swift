import Ledger
import LedgerCrypto
import LedgerStore
import Testing
import Workflows

/// A ledger that fails when it has answered so many times, as a disk or a node does in the middle of the work.
final class FaultyLedger: LedgerAccess {
  /// What it fails with.
  static let failure = Failure("read", "ledger", reason: "broken on purpose")

  private let sound: any LedgerAccess
  /// How many more answers it gives.
  private var left: Int
  /// How many answers it was asked for.
  private(set) var askedCount = 0

  init(_ sound: any LedgerAccess, answers: Int) { (self.sound, left) = (sound, answers) }

  /// Sees that `body` does its work on `sound`, and fails with `failure` wherever an answer of it does.
  static func expectFailure(
    at sound: any LedgerAccess, of body: (any LedgerAccess) async throws -> Void
  ) async throws {
    let whole = FaultyLedger(sound, answers: .max)
    try await body(whole)
    #expect(whole.askedCount > 0)
    for answers in 0..<whole.askedCount {
      await #expect(throws: failure) { try await body(FaultyLedger(sound, answers: answers)) }
    }
  }

  private func answering<Answer>(_ answer: (any LedgerAccess) async throws -> Answer) async throws -> Answer {
    askedCount += 1
    guard left > 0 else { throw FaultyLedger.failure }
    left -= 1
    return try await answer(sound)
  }

  var place: String { sound.place }
  var ledgerID: Digest { sound.ledgerID }
  var unsearchable: UInt64 { sound.unsearchable }
  var size: UInt64 { sound.size }

  func state() async throws -> LedgerState { try await answering { try await $0.state() } }

  func newestBlock() async throws -> BlockPlace { try await answering { try await $0.newestBlock() } }

  func roster(_ root: Digest, at height: UInt64) async throws -> Roster {
    try await answering { try await $0.roster(root, at: height) }
  }

  func entry(_ index: UInt64) async throws -> [UInt8]? { try await answering { try await $0.entry(index) } }

  func entryIndex(of id: Digest) async throws -> UInt64? {
    try await answering { try await $0.entryIndex(of: id) }
  }

  func block(of index: UInt64) async throws -> BlockPlace {
    try await answering { try await $0.block(of: index) }
  }

  func proof(of index: UInt64, atHead: Bool) async throws -> RecordProof {
    try await answering { try await $0.proof(of: index, atHead: atHead) }
  }

  func stateProofs(_ keys: [StateKey], asOf earlier: UInt64?) async throws -> StateProofs {
    try await answering { try await $0.stateProofs(keys, asOf: earlier) }
  }

  func records(listedAt key: StateKey) async throws -> [UInt64] {
    try await answering { try await $0.records(listedAt: key) }
  }

  func records(_ query: RecordQuery, from first: UInt64) async throws -> [RecordRow] {
    try await answering { try await $0.records(query, from: first) }
  }

  func value(_ key: StateKey) async throws -> [UInt8]? { try await answering { try await $0.value(key) } }

  func values(
    under prefix: StateKey, where fields: [(name: String, value: String)]
  ) async throws -> [(key: StateKey, value: [UInt8])] {
    try await answering { try await $0.values(under: prefix, where: fields) }
  }

  func past(at time: UInt64) async throws -> PastState { try await answering { try await $0.past(at: time) } }

  func submit(_ entry: [UInt8]) async throws -> RecordPlace {
    try await answering { try await $0.submit(entry) }
  }

  func submit(
    _ source: RecordSource, signer: StatementSigner, each: ([RecordOutcome]) throws -> Void
  ) async throws {
    try await answering { try await $0.submit(source, signer: signer, each: each) }
  }
}
