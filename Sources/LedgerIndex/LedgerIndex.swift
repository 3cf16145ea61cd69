import Ledger
import LedgerStore

/// The index of a ledger in SQLite, and the only user of it: what is searched, views for people, and the rule sets' state as of the last
/// block. Derived from the truth that `LedgerStore` keeps, and never believed: `LedgerReader` compares what it says.
extension LedgerFolder {
  /// The ledger in the directory `path`, whose index is `index.sqlite`.
  ///
  /// - Parameters:
  ///   - rules: the rule sets by which its statements are judged, in the order in which they are asked.
  ///   - remedies: how messages name the way out.
  public init(_ path: String, rules: [any RuleSet], remedies: Remedies = Remedies()) {
    self.init(path, rules: rules, index: SQLiteIndexes(), remedies: remedies)
  }
}

/// How the store opens and makes indexes in SQLite.
struct SQLiteIndexes: IndexKind {
  var fileName: String { SQLiteIndex.fileName }

  func follower(in directory: Directory, for rules: [any RuleSet]) throws(Failure) -> any BlockFollower {
    let index = try SQLiteIndex.open(in: directory, views: rules.flatMap(\.views))
    // A connection of its own, so that nobody's search waits for a block that is being written.
    return try Indexer(index, searches: SQLiteIndex(in: directory, writing: false))
  }

  func followerInMemory(for rules: [any RuleSet]) throws(Failure) -> any BlockFollower {
    try SQLiteIndex.follower(copying: nil, for: rules)
  }

  func stored(in directory: Directory) throws(Failure) -> any StoredIndex {
    try SQLiteIndex(in: directory, writing: false)
  }

  func auditor(in directory: Directory) throws -> any IndexAuditor { try IndexAudit(in: directory) }

  func isOutdated(in directory: Directory) -> Bool { SQLiteIndex.isOutdated(in: directory) }

  func lastMoment(in directory: Directory) -> ProposalClock.Moment? { SQLiteIndex.lastMoment(in: directory) }

  func move(from scratch: Directory, to directory: Directory) throws(Failure) {
    try SQLiteIndex.remove(in: directory)
    try scratch.move(SQLiteIndex.fileName, to: directory)
  }
}

extension SQLiteIndex: StoredIndex {
  func copied(for rules: [any RuleSet]) throws(Failure) -> any BlockFollower {
    try SQLiteIndex.follower(copying: self, for: rules)
  }

  static func follower(copying index: Self?, for rules: [any RuleSet]) throws(Failure) -> any BlockFollower {
    let own = try SQLiteIndex(copying: index, views: rules.flatMap(\.views))
    return Indexer(own, searches: own)
  }

  /// The index for a ledger's writer; one that is damaged is made anew, since that is all that it needs.
  static func open(in directory: Directory, views: [IndexView]) throws(Failure) -> Self {
    do throws(Failure) {
      let index = try SQLiteIndex(in: directory, writing: true, views: views)
      do { _ = try index.head() } catch let failure as Failure { throw failure } catch {
        throw Failure("read", index.path, reason: "\(error)")
      }
      return index
    } catch  where error.errorNumber == 0 {
      let moment = lastMoment(in: directory)
      try remove(in: directory)
      let index = try SQLiteIndex(in: directory, writing: true, views: views)
      guard let moment else { return index }
      do { try index.set(moment) } catch {
        throw error as? Failure ?? Failure("write", index.path, reason: "\(error)")
      }
      return index
    }
  }
}
