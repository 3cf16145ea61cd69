import Ledger
import LedgerCrypto
import Statements
import Synchronization

/// The state as a reader has it: opened when it is first asked for, and made anew in memory where what is stored does not
/// fit what was signed.
final class StoredState: Sendable {
  private let source: Source?
  private let store: Mutex<StateStore?>

  fileprivate struct Source: Sendable {
    let truth: Truth
    let entries: CheckedEntries
    let index: any BlockIndex
  }

  /// One that is open.
  init(_ store: StateStore) {
    source = nil
    self.store = Mutex(store)
  }

  /// The one that is stored in the ledger's directory.
  init(_ truth: Truth, _ entries: CheckedEntries, _ index: any BlockIndex) {
    source = Source(truth: truth, entries: entries, index: index)
    store = Mutex(nil)
  }

  /// Calls `body` with the state as of the newest block, and once more where it was made anew.
  ///
  /// - Throws: what `body` throws; a `Fault` of the truth.
  func with<Result>(_ body: (StateStore) throws -> Result) throws -> Result {
    do { return try body(opened()) } catch let mismatch as StateMismatch {
      guard let source else { throw mismatch }
      let made = try source.made()
      store.withLock { $0 = made }
      return try body(made)
    }
  }

  private func opened() throws -> StateStore {
    if let open = store.withLock({ $0 }) { return open }
    guard let source else { preconditionFailure("a state that is neither open nor stored") }
    let opened = try source.stored() ?? source.made()
    store.withLock { $0 = opened }
    return opened
  }
}

extension StoredState.Source {
  /// The state that is stored, where it is of the newest block.
  func stored() throws -> StateStore? {
    let newest = try header(truth.head.size - 1)
    let found: StateStore?
    do {
      found = try StateStore.open(in: truth.directory, writing: false) { height in
        if height == newest.height { return newest.state }
        guard height < newest.height, let row = try index.block(height: height) else { return nil }
        return try entries.header(of: row)?.header.state
      }
    } catch is StateMismatch { return nil } catch is Failure {
      // It can't be read, or a writer has just written it anew in other files.
      return nil
    }
    return found?.height == newest.height ? found : nil
  }

  private func header(_ index: UInt64) throws -> BlockHeader {
    try BlockHeader(payload: SignedStatement(decoding: entries.entry(index)).payload)
  }

  /// The state made from the entries, in memory.
  func made() throws -> StateStore {
    let store = StateStore()
    _ = try truth.replay(into: store)
    return store
  }
}
