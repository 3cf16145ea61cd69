import Ledger
import Testing

/// Holds the lists of a ledger, and an audit's, to an oracle's after each block.
struct FollowedLists {
  private(set) var oracle = ListOracle()
  let audit: TestAudit

  init(_ ledger: TestLedger) { audit = ledger.newAudit() }

  /// Follows the blocks that `ledger` has cut since.
  ///
  /// - Parameter note: what says which run this is.
  mutating func follow(_ ledger: TestLedger, _ note: @autoclosure () -> String) {
    guard ledger.blocks.count > audit.height else { return }
    for block in ledger.blocks[audit.height...] {
      for entry in block.entries { oracle.read(entry) }
    }
    if let fault = audit.follow(ledger).first { Issue.record("\(fault) (\(note()))") }
    check(ledger, all: false, note())
  }

  /// Compares every list and the place of every statement.
  mutating func finish(_ ledger: TestLedger, _ note: @autoclosure () -> String) {
    follow(ledger, note())
    check(ledger, all: true, note())
    // What is no list: the rule sets' values, and the roster.
    let others = ledger.values.count + 1
    for tree in [ledger.tree, audit.tree] {
      #expect(tree.count == oracle.count + others, "lists that the entries do not give (\(note()))")
    }
  }

  private mutating func check(_ ledger: TestLedger, all: Bool, _ note: @autoclosure () -> String) {
    var hasher = StateHasher()
    for (key, value) in oracle.values(all: all) {
      let key = StateKey(bytes: key)
      if ledger.tree.value(of: key, using: &hasher) != value {
        Issue.record("\(key.name) differs (\(note()))")
      }
      if audit.tree.value(of: key, using: &hasher) != value {
        Issue.record("\(key.name) differs in an audit (\(note()))")
      }
    }
  }
}
