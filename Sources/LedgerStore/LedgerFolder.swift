import Ledger

/// Where the parts of a ledger lie (DESIGN §3), and the rule sets by which it is judged.
public struct LedgerFolder: Sendable {
  /// The ledger's directory.
  public let path: String
  /// The rule sets by which its statements are judged, in the order in which they are asked.
  public let rules: [any RuleSet]
  /// The kind of its index.
  package let index: any IndexKind
  /// How messages name the way out.
  public let remedies: Remedies

  /// The ledger in the directory `path`.
  package init(_ path: String, rules: [any RuleSet], index: any IndexKind, remedies: Remedies) {
    (self.path, self.rules, self.index, self.remedies) = (path, rules, index, remedies)
  }

  /// Truth: the entries, in segments.
  var entries: String { path + "/entries" }
  /// Truth: the checkpoints.
  var checkpoints: String { path + "/checkpoints" }
  /// Derived: where each bundle of 256 entries begins.
  var offsets: String { path + "/offsets" }
  /// Derived: the tree's hashes, one file a tile level.
  var tiles: String { path + "/tiles" }
  /// Configuration: the trust file for others.
  public var policy: String { path + "/policy" }
  /// Configuration: the node's private keys.
  public var keys: String { path + "/keys" }
  /// Names the process that writes.
  var lock: String { path + "/lock" }
  /// Tails that nobody was told about, kept.
  var aside: String { path + "/aside" }

  /// Derived: what is searched.
  var indexFile: String { "\(path)/\(index.fileName)" }

  func tileFile(level: Int) -> String { "\(tiles)/\(level)" }

  /// Whether there is a ledger.
  public var isLedger: Bool { FileSystem.exists(checkpoints) && FileSystem.exists(entries) }

  /// Fails with what to do where there is no ledger.
  func requireLedger() throws(Failure) {
    guard isLedger else {
      throw Failure("open", path, reason: "no ledger is here; \(remedies.founding) founds one")
    }
  }
}
