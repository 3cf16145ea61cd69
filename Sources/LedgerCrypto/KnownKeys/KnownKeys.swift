import Synchronization

/// Tables that verify the signatures of frequently used P-256 keys, about four times as fast as libcrypto alone.
///
/// In a permissioned ledger a few keys sign everything. A key with enough good signatures gets a table of its
/// multiples, which `BatchVerifier` uses; libcrypto verifies the signatures of the others. One instance serves all
/// threads and lives as long as an audit or a node.
public final class KnownKeys: Sendable {
  /// How signatures of P-256 keys were verified.
  public struct Counts: Hashable, Sendable {
    /// The tables that were made.
    public var tables = 0
    /// Signatures that were found valid by a table.
    public var byTable = 0
    /// Signatures that a table did not accept, verified again in the ordinary way.
    public var again = 0
    /// Signatures that were verified in the ordinary way only: of keys without a table, or that have lost it.
    public var ordinary = 0

    /// None.
    public init() {}
  }

  /// How many tables there may be; each takes about 150 KB.
  public static let mostTables = 256

  /// A table takes as long to make as this many signatures save by it.
  private static let price = 500
  /// How many keys are counted before they have a table; others do without.
  private static let mostKeys = 65_536

  private enum Stage {
    case counted(Int)
    case beingMade
    case made(KeyTable)
  }

  private struct State {
    var stages: [PublicKey: Stage] = [:]
    /// Good signatures of all keys.
    var signatures = 0
    /// Tables that were made or are being made.
    var tables = 0
    var counts = Counts()
    /// False once libcrypto has failed to make a table, or made one that did not pass: then no other is tried.
    var canMake = true
  }

  private let state = Mutex(State())
  private let expected: Int
  private let mostTables: Int

  /// No tables yet.
  ///
  /// - Parameter expected: about how many signatures there will be in all, where that is known: then a key has a table as
  ///   soon as its share promises that the table will pay, else once it has given as many as the table is worth.
  public convenience init(expecting expected: Int = 0) {
    self.init(expecting: expected, mostTables: KnownKeys.mostTables)
  }

  package init(expecting expected: Int, mostTables: Int) {
    (self.expected, self.mostTables) = (expected, mostTables)
  }

  /// How signatures were verified until now. A `BatchVerifier` reports what it did with the verdicts.
  public var counts: Counts { state.withLock { $0.counts } }

  /// Makes the table of `key` now, which takes some 25 ms, unless there is one.
  ///
  /// - Returns: false if there may be no more tables, or libcrypto makes none; also while another thread makes it.
  @discardableResult
  public func makeTable(for key: PublicKey) -> Bool {
    table(for: key, signatures: 0, isWanted: true) != nil
  }

  /// The table of `key`, if there is one.
  func table(for key: PublicKey) -> KeyTable? {
    state.withLock {
      if case .made(let table) = $0.stages[key] { table } else { nil }
    }
  }

  /// Takes note of `signatures` good ones of `key`, and makes its table if that will pay.
  ///
  /// - Returns: the table, if there is one.
  func table(for key: PublicKey, signatures: Int, isWanted: Bool = false) -> KeyTable? {
    let (table, isOurs) = state.withLock { state -> (KeyTable?, Bool) in
      state.signatures += signatures
      var count = signatures
      switch state.stages[key] {
      case .made(let table): return (table, false)
      case .beingMade: return (nil, false)
      case .counted(let before): count += before
      case nil: guard state.stages.count < KnownKeys.mostKeys else { return (nil, false) }
      }
      guard state.canMake, state.tables < mostTables, key.algorithm == .es256,
        isWanted || isWorthATable(count, of: state.signatures)
      else {
        state.stages[key] = .counted(count)
        return (nil, false)
      }
      state.tables += 1
      state.stages[key] = .beingMade
      return (nil, true)
    }
    guard isOurs else { return table }
    // Outside of the lock: the others go on in the ordinary way meanwhile.
    let made = KeyTable.make(for: key)
    state.withLock { state in
      if let made {
        state.stages[key] = .made(made)
        state.counts.tables += 1
      } else {
        state.stages[key] = .counted(0)
        state.tables -= 1
        state.canMake = false
      }
    }
    return made
  }

  /// Whether a key that gave `count` of the first `total` signatures should have a table.
  ///
  /// With as many signatures as the table is worth, it costs at most twice what either way would have. With a forecast of
  /// twice its worth it may be made for nothing once in a thousand signatures, which makes those a third dearer at worst.
  private func isWorthATable(_ count: Int, of total: Int) -> Bool {
    if count >= KnownKeys.price { return true }
    guard count >= 16, expected > total else { return false }
    return Double(count) / Double(total) * Double(expected - total) >= Double(2 * KnownKeys.price)
  }

  /// Adds what a `BatchVerifier` did.
  func report(_ counts: Counts) {
    state.withLock {
      $0.counts.byTable += counts.byTable
      $0.counts.again += counts.again
      $0.counts.ordinary += counts.ordinary
      $0.signatures += counts.byTable
    }
  }
}
