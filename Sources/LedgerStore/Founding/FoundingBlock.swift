import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// The founding block as it is judged: entry 0, and the root of the state after it.
struct FoundingBlock {
  let statement: SignedStatement
  /// The roster that it founds.
  let roster: Roster
  private let block: BlockInProgress
  private let stateRoot: Digest

  /// - Parameter time: the block's, in ms since the epoch.
  /// - Throws: the refusal of the statement.
  init(_ statement: SignedStatement, time: UInt64, rules: [any RuleSet]) throws {
    let state = try Founding.state(of: statement)
    var hasher = TreeHasher()
    var checker = EntryChecker()
    var earlier = BlockStatementRegistry()
    var block = BlockInProgress(upon: state, time: time, rules: rules)
    let checked = checker.check(statement.entry.span, keys: state.roster.keys)
    try block.admit(checked, statement.entry.span, earlier: &earlier, using: &hasher)
    block.endStatements()
    stateRoot = try StateStore().apply(block.changes, height: 0)
    (self.statement, roster, self.block) = (statement, state.roster, block)
  }

  /// The header entry, signed with the proposer's block key.
  func header(signedBy blockKey: PrivateKey) throws -> [UInt8] {
    var hasher = TreeHasher()
    return try block.header(state: stateRoot, using: &hasher).signed(by: blockKey)
  }

  /// The block that `header` closes.
  ///
  /// - Throws: the first `Fault`.
  func validated(_ header: [UInt8]) throws -> ValidatedBlock {
    var hasher = TreeHasher()
    var checker = EntryChecker()
    let checked = checker.check(header.span, keys: roster.keys)
    return try block.validated(checked, header.span, state: stateRoot, using: &hasher)
  }
}

extension LedgerFolder {
  /// Writes the truth of a ledger that has its founding block alone.
  func writeFounding(_ statement: SignedStatement, _ header: [UInt8], _ note: SignedNote) throws {
    var bytes: [UInt8] = []
    EntryBundle.append(statement.entry.span, to: &bytes)
    EntryBundle.append(header.span, to: &bytes)
    try FileSystem.makeFolder(entries)
    var log = try EntryLog(in: Directory(path), writing: true)
    try log.append(bytes, frames: [0, statement.entry.count + 2], index: 0)
    try log.sync()
    try FileSystem.create(checkpoints, CheckpointLog.frame(note.bytes))
  }
}
