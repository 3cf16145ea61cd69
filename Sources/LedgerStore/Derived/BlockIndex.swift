import Ledger
import LedgerCrypto

/// What is looked up about a ledger: its blocks and records, and the rule sets' state, as of the last block that was taken in.
///
/// Derived, and not believed: `LedgerReader` compares what it says with what was signed. A `StoredIndex` has what lies on the disk, a
/// `BlockFollower` also what is committed and on its way there.
package protocol BlockIndex: Sendable {
  /// Where it lies, for messages.
  var path: String { get }
  /// How many entries that are committed no search of it finds yet.
  var unindexed: Int { get }
  /// Has searches find all that is committed by now, where the index can be written.
  func catchUp()

  /// The last block; nil where there is none.
  func head() throws -> BlockRow?
  /// The last block and the leaf hash of its header, as of one moment.
  func headAndHeader() throws -> (head: BlockRow, header: Digest)?
  /// The block at `height`; nil where there is none.
  func block(height: UInt64) throws -> BlockRow?
  /// The block that holds `entry`; nil or one that lies elsewhere where none does.
  func block(of entry: UInt64) throws -> BlockRow?
  /// The index of the statement with this id.
  func entry(of id: Digest) throws -> UInt64?
  /// The first `limit` entries from `first` on that the list at `key` has, ascending; entries behind the newest block may be among
  /// them.
  func entries(listedAt key: StateKey, from first: UInt64, limit: Int) throws -> [UInt64]
  /// The items of the roster with this root, as a CBOR array of byte strings.
  func rosterItems(_ root: Digest) throws -> [UInt8]?
  /// The first `limit` keys behind `after` of the rule sets' state that begin with the parts of `prefix` and whose shown fields have
  /// all of these values, in their order.
  func keys(
    under prefix: StateKey, where fields: [(name: String, value: String)], after: StateKey?, limit: Int
  ) throws -> [StateKey]
  /// The first `limit` records from entry `first` on that `query` finds, oldest first, whatever its own limit.
  func search(_ query: SearchQuery, from first: UInt64, limit: Int) throws -> [RecordSummary]
}

/// What lies on the disk of an index, as a reader opens it.
package protocol StoredIndex: BlockIndex {
  /// A follower of this process alone that begins with what is stored here; nothing is written.
  func copied(for rules: [any RuleSet]) throws(Failure) -> any BlockFollower
}

extension StoredIndex {
  package var unindexed: Int { 0 }
  package func catchUp() {}
}

/// What follows the commits of a ledger and may lag behind them. Nothing about it makes a commit fail: what can't be written now waits
/// in memory, and is tried again.
package protocol BlockFollower: BlockIndex {
  /// Why it lacks what waits; nil where nothing waits or nothing has failed.
  var failure: (any Error)? { get }

  /// Takes a block that was committed and continues those that were taken before. Waits for a try to store it where much is waiting.
  func add(_ block: CommittedBlock)
  /// Fails before a block is committed for which there would be no room here.
  func requireRoom() throws
  /// Waits until all that was added is stored, or a try has failed.
  ///
  /// - Returns: whether all of it is.
  @discardableResult
  func flush() -> Bool
  /// As `flush()`, and writes nothing afterwards, so that the writer's lock may be let go.
  func close()
  /// Lets go of everything, but for when the last block was proposed.
  func removeAll() throws
  /// When the last block was proposed, where that is known.
  func lastMoment() throws -> ProposalClock.Moment?
  /// Takes note of when the last block was proposed.
  func set(_ moment: ProposalClock.Moment) throws
}

/// Compares a stored index with what the truth says, block by block.
package protocol IndexAuditor: AnyObject {
  /// The last block that is indexed.
  var head: BlockRow? { get }
  /// The faults of the rows of a block of `entries`.
  ///
  /// - Parameter first: the index of the first.
  func audit(
    _ entries: BlockAudit.Entries, first: UInt64, height: UInt64, time: UInt64?, checkpointOffset: UInt64?,
    changes: StateChanges
  ) throws -> [Fault]
  /// The faults of the index as a whole.
  ///
  /// - Parameter values: the values of the rule sets' state, made from the founding on.
  func finish(_ state: LedgerState, _ values: [StateKey: [UInt8]?]) throws -> [Fault]
}

/// The kind of index that follows a ledger: what `LedgerIndex` gives the store, which knows no SQL.
package protocol IndexKind: Sendable {
  /// What its file in a ledger's directory is called.
  var fileName: String { get }

  /// The index of the ledger in `directory` for its one writer, made where there is none; one that is damaged is made anew.
  ///
  /// - Throws: `Failure`, with an error number where it is in use or there is no room for it.
  func follower(in directory: Directory, for rules: [any RuleSet]) throws(Failure) -> any BlockFollower
  /// An empty one of this process alone, which leaves no file behind.
  func followerInMemory(for rules: [any RuleSet]) throws(Failure) -> any BlockFollower
  /// The index of the ledger in `directory` for readers, who never change it.
  func stored(in directory: Directory) throws(Failure) -> any StoredIndex
  /// What audits the index of the ledger in `directory`.
  func auditor(in directory: Directory) throws -> any IndexAuditor
  /// Whether it was made by an earlier version: nobody reads it, and the next writer makes it anew.
  func isOutdated(in directory: Directory) -> Bool
  /// When the last block was proposed, told by an index of any version; nil also where it can't be read.
  func lastMoment(in directory: Directory) -> ProposalClock.Moment?
  /// Puts the index in `scratch`, whose followers are closed, in the place of the one in `directory`.
  func move(from scratch: Directory, to directory: Directory) throws(Failure)
}

/// Where a statement stands.
package struct EntryPlace: Hashable, Sendable {
  package let index: UInt64
  /// The height of its block; nil where it is still to be looked up.
  package let block: UInt64?

  package init(index: UInt64, block: UInt64?) { (self.index, self.block) = (index, block) }
}

/// A block as the index has it.
public struct BlockRow: Hashable, Sendable {
  /// The block's height.
  public let height: UInt64
  /// The index of its first entry.
  public let first: UInt64
  /// The tree size after it; its header is entry `size - 1`.
  public let size: UInt64
  /// Its time, in ms since the epoch.
  public let time: UInt64
  /// Where its checkpoint's frame lies.
  package let checkpoint: UInt64

  package init(height: UInt64, first: UInt64, size: UInt64, time: UInt64, checkpoint: UInt64) {
    (self.height, self.first, self.size, self.time, self.checkpoint) = (height, first, size, time, checkpoint)
  }
}
