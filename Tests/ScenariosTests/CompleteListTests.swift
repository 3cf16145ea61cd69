import Ledger
import LedgerCrypto
import Statements
import TestKit
import Testing
import TransparencyLog

/// Lists of records as generated statements make them, proven complete as an outsider checks it.
@Suite("Lists of generated records, proven complete", .timeLimit(.minutes(30)))
struct CompleteListTests {
  private static let statements = 120
  private static let runs: UInt64 = Soak.isOn ? 20 : 1

  @Test("a record missing, doubled, exchanged or foreign is noticed: evidence")
  func evidence() throws {
    for number in 0..<Self.runs {
      var run = try EvidenceRun(seed: Fuzzing.seed &+ number, isSigned: true)
      for _ in 0..<Self.statements { try run.step() }
      try run.finish()
      try check(run.ledger.ledger)
    }
  }

  @Test("a record missing, doubled, exchanged or foreign is noticed: data sharing")
  func sharing() throws {
    for number in 0..<Self.runs {
      var run = try GeneratedSharing(SeededGenerator(seed: Fuzzing.seed &+ number), isSigned: true)
      for _ in 0..<Self.statements { _ = try run.step() }
      try run.finish()
      try check(run.scene.ledger)
    }
  }

  /// Proves each list of the ledger, with its records and with a damage to each of them.
  private func check(_ ledger: TestLedger) throws {
    let policy = try Policy(parsing: Array(ledger.roster.policyText(ledger: ledger.ledgerID).utf8).span)
    let proofs = try Proofs(ledger)
    var records: [UInt64: ProvenRecord] = [:]
    for index in proofs.records { records[index] = try proofs.proof(of: index).check(policy) }
    var oracle = ListOracle()
    for block in ledger.blocks { for entry in block.entries { oracle.read(entry) } }
    print("complete lists: \(oracle.keys.count) lists, ZHENG_FUZZ_SEED=\(Fuzzing.seed)")
    for key in oracle.keys {
      let name = StateKey(bytes: key)
      let proven = try proofs.state(name).check(policy)
      let list = try oracle.records(of: key).map { try #require(records[$0]) }
      func isComplete(_ given: [ProvenRecord]) -> Bool {
        do throws(ProofError) {
          try proven.requireAll(given, of: name)
          return true
        } catch { return false }
      }
      #expect(isComplete(list), "\(name.name)")
      let foreign = try #require(
        records.values.first { record in !list.contains { $0.index == record.index } })
      for place in list.indices {
        var damaged: [[ProvenRecord]] = []
        func damage(_ body: (inout [ProvenRecord]) -> Void) {
          var other = list
          body(&other)
          damaged.append(other)
        }
        damage { $0.remove(at: place) }
        damage { $0.insert(list[place], at: place) }
        damage { $0[place] = foreign }
        damage {
          $0[place] = foreign; $0.sort { $0.index < $1.index }
        }
        damage {
          $0.append(foreign); $0.sort { $0.index < $1.index }
        }
        if place > 0 {
          damage { $0.swapAt(place - 1, place) }
          damage { $0[place] = list[place - 1] }
        }
        for (number, other) in damaged.enumerated() where isComplete(other) {
          Issue.record("\(name.name): damage \(number) at \(place) goes unnoticed, seed \(Fuzzing.seed)")
        }
      }
    }
  }
}

/// Proofs of what a signed test ledger holds, whose roster never changed.
private struct Proofs {
  private let ledger: TestLedger
  private let tree: MemoryTree
  /// The indices of all records.
  let records: [UInt64]

  init(_ ledger: TestLedger) throws {
    self.ledger = ledger
    var hasher = TreeHasher()
    var (leaves, records): ([Digest], [UInt64]) = ([], [])
    for block in ledger.blocks {
      records += block.first..<block.first + UInt64(block.entries.count - 1)
      for entry in block.entries { leaves.append(hasher.leaf(entry.span)) }
    }
    self.records = records
    tree = MemoryTree(leaves: leaves, using: &hasher)
  }

  private func path(_ index: UInt64, in block: StoredBlock) throws -> InclusionProof {
    var hasher = TreeHasher()
    return try InclusionProof(
      index: index, size: block.first + UInt64(block.entries.count), from: tree, using: &hasher)
  }

  private func header(_ block: StoredBlock) throws -> (SignedStatement, InclusionProof) {
    let last = block.entries.count - 1
    return (
      try SignedStatement(decoding: block.entries[last]), try path(block.first + UInt64(last), in: block)
    )
  }

  /// The proof of the record at `index`.
  func proof(of index: UInt64) throws -> RecordProof {
    let block = try #require(ledger.blocks.last { $0.first <= index })
    let (header, headerPath) = try header(block)
    return try RecordProof(
      of: SignedStatement(decoding: block.entries[Int(index - block.first)]), path: path(index, in: block),
      header: header, headerPath: headerPath, roster: ledger.roster,
      checkpoint: SignedNote(parsing: block.checkpoint.span))
  }

  /// What `key` has after the last block.
  func state(_ key: StateKey) throws -> StateProofs {
    var hasher = StateHasher()
    let block = try #require(ledger.blocks.last)
    let (header, path) = try header(block)
    return try StateProofs(
      [ledger.tree.proof(of: key, using: &hasher)], header: header, path: path,
      checkpoint: SignedNote(parsing: block.checkpoint.span))
  }
}
