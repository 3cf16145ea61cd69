import Ledger
import LedgerCrypto
import Statements
import TestKit
import TransparencyLog

/// A block as it is stored: its entries, the header last, and its checkpoint.
struct Block: Sendable {
  var entries: [[UInt8]]
  var checkpoint: [UInt8]
  /// The leaf hashes as they were committed.
  var stored: [Digest]
  let header: BlockHeader
  let first: UInt64

  init(entries: [[UInt8]], checkpoint: [UInt8], header: BlockHeader, first: UInt64) {
    (self.entries, self.checkpoint, self.header, self.first) = (entries, checkpoint, header, first)
    stored = entries.map { leafHash($0) }
  }

  /// The header's index.
  var headerIndex: UInt64 { first + UInt64(entries.count) - 1 }
  /// The header entry.
  var headerEntry: [UInt8] { entries[entries.count - 1] }
}

func leafHash(_ entry: [UInt8]) -> Digest {
  var hasher = TreeHasher()
  return hasher.leaf(entry.span)
}

/// How a proposer misbehaves, and what the validators sign all the same.
struct Misbehaviour {
  /// Takes in what is refused.
  var admitsAll = false
  var header: (BlockHeader) -> BlockHeader = { $0 }
  var headerEntry: ([UInt8]) -> [UInt8] = { $0 }
  var headerKey: PrivateKey?
  var proposer = 0
  /// Signs the checkpoint's first line; the ledger's log key where nil.
  var checkpointSigner: NoteSigner?
  /// The validators that cosign, in this order; all where nil.
  var cosigners: [Int]?
  /// s after the block's time, by cosigner.
  var cosignedAfter: (Int) -> Int64 = { _ in 1 }
  var checkpoint: (Checkpoint) throws -> String = { $0.text }
}

/// A ledger in memory, whose blocks go through `BlockInProgress` as a proposer's do.
struct Chain: Sendable {
  static let founded: UInt64 = 1_750_000_000

  let consortium: Consortium
  let founding: SignedStatement
  let rules: [any RuleSet]
  /// The state before the founding block.
  let foundingState: LedgerState
  private(set) var state: LedgerState
  /// The state tree after the last block, with its values.
  private(set) var tree = StateInMemory()
  private(set) var registry = MemoryRegistry()
  private(set) var blocks: [Block] = []
  /// The roster in force for each block.
  private(set) var rosters: [Roster] = []
  private(set) var leaves: [Digest] = []
  /// Who signs the next block: those that founded the ledger, until they are changed.
  var validators: [TestValidator]
  /// Signs the first line of the next checkpoint: the log key that it was founded with, until that is changed.
  var log: NoteSigner
  /// The time of the next block in ms.
  var time: UInt64 = Chain.founded * 1000

  /// A founded ledger, whose block 0 is there.
  init(_ consortium: Consortium, rules: [any RuleSet] = [PlainRecords()]) throws {
    self.consortium = consortium
    self.rules = rules
    (validators, log) = (consortium.validators, consortium.log)
    let administrator = consortium.members[0]
    founding = try Founding.statement(
      consortium.roster, administrator: administrator.id, key: administrator.key, issuedAt: Chain.founded,
      tokenID: freshTokenID())
    foundingState = try Founding.state(of: founding)
    state = foundingState
    try add([founding.entry])
  }

  var ledgerID: Digest { foundingState.ledgerID }
  /// The claimed time that fits the next block exactly, in s.
  var now: UInt64 { time / 1000 }
  var size: UInt64 { state.frontier.size }

  // MARK: Statements

  /// A statement of member `issuer`, good unless something else is given.
  func statement(
    by issuer: Int = 1, _ payload: [UInt8] = [1, 2, 3], type: String = "application/octet-stream",
    subject: String? = nil, at issuedAt: UInt64? = nil, name: String? = nil, key: PrivateKey? = nil,
    audience: Digest?? = nil, tokenID: [UInt8] = freshTokenID()
  ) throws -> SignedStatement {
    let party = consortium.members[issuer]
    let signer = key.map { Party(id: party.id, key: $0) } ?? party
    return try signer.statement(
      payload, on: audience ?? ledgerID, type: type, subject: subject, at: issuedAt ?? now, issuer: name,
      tokenID: tokenID)
  }

  /// What `validator` signs to join at the newest checkpoint, or at that of block `height`.
  func join(_ validator: TestValidator, at height: Int? = nil) throws -> ValidatorJoin {
    let bytes = blocks[height ?? blocks.count - 1].checkpoint
    let note = try SignedNote(parsing: bytes.span)
    return try ValidatorJoin(
      signedBy: validator.validator.name, at: Checkpoint(parsing: note.text), of: ledgerID, time: now,
      blockKey: validator.blockKey, voteKey: validator.voteKey, cosigner: validator.cosigner)
  }

  /// A proposal of `action`, which changes the roster in force unless another is given.
  func proposal(
    _ action: RosterChange.Action, by issuer: Int = 0, of roster: Digest? = nil
  ) throws -> SignedStatement {
    let change = RosterChange(of: roster ?? state.roster.root, action)
    return try statement(by: issuer, change.payload, type: change.contentType)
  }

  func countersign(_ id: Digest, by issuer: Int) throws -> SignedStatement {
    try statement(by: issuer, Proposals.countersignPayload(id), type: Kind.countersign)
  }

  // MARK: Blocks

  /// A block upon the chain, open for statements.
  func open(time: UInt64? = nil) -> BlockInProgress {
    BlockInProgress(upon: state, time: time ?? self.time, rules: rules)
  }

  /// Adds a block of these statements.
  ///
  /// - Throws: a refusal or fault, unless the proposer misbehaves so that there is none.
  @discardableResult
  mutating func add(_ entries: [[UInt8]], _ how: Misbehaviour? = nil) throws -> Block {
    var checker = EntryChecker()
    var hasher = TreeHasher()
    // An empty block comes an hour after its parent at the earliest.
    if entries.isEmpty, let last = state.parentTime {
      time = max(time, last + BlockHeader.emptyBlockInterval)
    }
    var block = open()
    let first = block.nextIndex
    let validator = validators[how?.proposer ?? 0]
    for entry in entries {
      let checked = checker.check(entry.span, keys: state.roster.keys)
      do {
        try block.admit(checked, entry.span, earlier: &registry, using: &hasher)
      } catch {
        guard how?.admitsAll == true else { throw error }
        block.passOver(checked.leaf, using: &hasher)
      }
    }
    rosters.append(state.roster)
    var stateHasher = StateHasher()
    block.endStatements()
    let root = try tree.apply(block.changes, using: &stateHasher)
    let honest = block.header(state: root, using: &hasher)
    let header = how?.header(honest) ?? honest
    let signed = try header.signed(by: how?.headerKey ?? validator.blockKey)
    let headerEntry = how?.headerEntry(signed) ?? signed
    let checked = checker.check(headerEntry.span, keys: state.roster.keys)
    let checkpoint: Checkpoint
    if how == nil {
      let validated = try block.validated(checked, headerEntry.span, state: root, using: &hasher)
      state = validated.state
      checkpoint = validated.checkpoint
    } else {
      state = block.close(checked, headerEntry.span, state: root, using: &hasher).state
      checkpoint = try Checkpoint(
        origin: Consortium.origin, size: state.frontier.size, root: state.frontier.root(using: &hasher))
    }
    let stored = Block(
      entries: entries + [headerEntry], checkpoint: try sign(checkpoint, header, how ?? Misbehaviour()),
      header: header, first: first)
    registry.trees.note(size: checkpoint.size, root: checkpoint.root)
    blocks.append(stored)
    leaves += stored.stored
    time += 1000
    return stored
  }

  private func sign(
    _ checkpoint: Checkpoint, _ header: BlockHeader, _ how: Misbehaviour
  ) throws -> [UInt8] {
    let text = try how.checkpoint(checkpoint)
    var note = try SignedNote(
      text: text, signatures: [(how.checkpointSigner ?? log).sign(text)])
    for number in how.cosigners ?? Array(validators.indices) {
      let seconds = Int64(header.time / 1000) + how.cosignedAfter(number)
      try note.append(validators[number].cosigner.cosign(text, time: UInt64(max(0, seconds))))
    }
    return note.bytes
  }

  // MARK: Auditing

  /// Audits `blocks`, or those of the chain, from before the founding on.
  func audit(_ blocks: [Block]? = nil, depth: BlockAudit.Depth = .everything) -> AuditReport {
    var audit = BlockAudit(from: foundingState, depth: depth, rules: rules)
    var checker = EntryChecker()
    var registry = MemoryRegistry()
    var report = AuditReport()
    var tree: StateInMemory? = depth == .everything ? StateInMemory() : nil
    var stateHasher = StateHasher()
    let keys = rosters.reduce(into: [:]) { $0.merge($1.keys) { first, _ in first } }
    for block in blocks ?? self.blocks {
      var bytes: [UInt8] = []
      var ranges: [Range<Int>] = []
      for entry in block.entries {
        ranges.append(bytes.count..<bytes.count + entry.count)
        bytes += entry
      }
      let checked = block.entries.map { checker.check($0.span, keys: keys) }
      var outcome = audit.audit(
        .init(bytes, ranges, checked, stored: block.stored),
        checkpoint: try? StoredCheckpoint(parsing: block.checkpoint.span), earlier: &registry)
      // As `verify` does: behind a fault the state is not known any more.
      if outcome.faults.isEmpty, var known = tree, let header = outcome.header {
        tree = nil
        do throws(Refusal) {
          let root = try known.apply(outcome.changes, using: &stateHasher)
          if let fault = header.fault(state: root) { outcome.faults.append(fault) } else { tree = known }
        } catch { outcome.faults.append(Fault(.stateMismatch, block: header.height, error.reason)) }
      } else {
        tree = nil
      }
      if let checkpoint = try? StoredCheckpoint(parsing: block.checkpoint.span).checkpoint {
        registry.trees.note(size: checkpoint.size, root: checkpoint.root)
      }
      report.outcomes.append(outcome)
      guard outcome.canGoOn else { break }
    }
    report.state = audit.state
    return report
  }
}

/// What an audit of a whole chain gave.
struct AuditReport: Sendable {
  var outcomes: [BlockAudit.Outcome] = []
  var state: LedgerState?

  var faults: [Fault] { outcomes.flatMap(\.faults) }
  /// `code block/entry` of each fault, in order.
  var places: [String] {
    faults.map { fault in
      let code = fault.refusal.map { "\(fault.code.rawValue)(\($0.rawValue))" } ?? fault.code.rawValue
      return "\(code) \(fault.block.map(String.init) ?? "-")/\(fault.entry.map(String.init) ?? "-")"
    }
  }
}

extension LedgerState {
  /// All but the tree, byte for byte; equal exactly where two states are.
  var dump: [UInt8] {
    let pending = proposals.pending.map { id, proposal in
      (CBOR.bytes(id.bytes), CBOR.bytes(OpenProposal(proposal).encoded))
    }
    return CBOR.map([
      "ledger": .bytes(ledgerID.bytes), "height": .unsigned(height), "parent": .bytes(parent.bytes),
      "time": parentTime.map(CBOR.unsigned) ?? .null, "roster": .array(roster.items.map(CBOR.bytes)),
      "pending": .map(CBORMap(pending)), "settled": .array(proposals.settled.map { .bytes($0.bytes) }),
    ]).encoded
  }
}
