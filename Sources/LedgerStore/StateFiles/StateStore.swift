import Foundation
import Ledger
import LedgerCrypto
import Synchronization

/// The state after the last block, with its values: what judgements read, and what proofs are made of.
///
/// Each value comes with its way to a root that was signed, or it does not come. Where something stored does not fit,
/// `StateMismatch` is thrown, and the state is to be made anew. Safe to share between threads: one judges, others read.
///
/// A block's changes are applied, which gives the root for its header. They may be ahead of what is committed by one block,
/// for which `committed…` readers wait.
package final class StateStore: StateSnapshot {
  fileprivate enum Kept: Sendable {
    case files(StateFiles, ValuesFile)
    case memory(StateInMemory, height: UInt64?)
  }

  fileprivate struct Contents: ~Copyable {
    var kept: Kept
    var hasher = StateHasher()
    /// The values of the block that was applied, which `keep` writes.
    var values: [UInt8] = []
  }

  private let contents: Mutex<Contents>
  /// Guards the two below; signalled when one changes.
  private let committed = NSCondition()
  /// The height up to which blocks are committed, for readers beside the one that writes; nil where nobody waits.
  private nonisolated(unsafe) var committedHeight: UInt64?
  private nonisolated(unsafe) var isBroken = false

  private init(_ kept: Kept) { contents = Mutex(Contents(kept: kept)) }

  // MARK: Opening

  /// An empty state of this process alone.
  package convenience init() { self.init(.memory(StateInMemory(), height: nil)) }

  /// An empty state in the ledger's directory, in the place of whatever was there.
  package static func make(in ledger: Directory) throws(Failure) -> StateStore {
    let files = try StateFiles.make(in: ledger)
    return StateStore(.files(files, try ValuesFile(makingIn: files.directory)))
  }

  /// The state that is stored, as of the last block of which it fits what was signed; nil where there is none.
  ///
  /// A process that does not write keeps what it applies in memory.
  ///
  /// - Parameter signed: the state root in the header at a height; nil where that is not known.
  package static func open(
    in ledger: Directory, writing: Bool, signed: (UInt64) throws -> Digest?
  ) throws -> StateStore? {
    var hasher = StateHasher()
    guard let files = try StateFiles.open(in: ledger, writing: writing, using: &hasher, signed: signed),
      let values = try ValuesFile(in: files.directory, writing: writing)
    else { return nil }
    return StateStore(.files(files, values))
  }

  /// The height of the last block that was applied; nil before the first.
  package var height: UInt64? { contents.withLock { $0.height } }

  // MARK: Reading

  /// The value at `key`, or nil where there is none.
  ///
  /// - Throws: `StateMismatch`, `Failure`.
  package func value(of key: StateKey) throws -> [UInt8]? {
    try contents.withLock { contents throws in try contents.find(key).value }
  }

  /// The value at each of `keys`, each once; nil where there is none.
  ///
  /// - Throws: as `value(of:)`.
  package func values(of keys: [StateKey]) throws -> [[UInt8]?] {
    try contents.withLock { contents throws in try contents.values(of: keys) }
  }

  /// The proofs of what `keys` have and the height that they are of, as soon as that block is committed.
  ///
  /// - Throws: as `value(of:)`; `Failure` where that block will not be committed.
  package func committedProofs(of keys: [StateKey]) throws -> (proofs: [StateProof], height: UInt64?) {
    let found = try proofs(of: keys)
    try waitUntilCommitted(found.height)
    return found
  }

  /// The proofs of what `keys` have and the height that they are of, of a block that may not be committed.
  ///
  /// - Throws: as `value(of:)`.
  func proofs(of keys: [StateKey]) throws -> (proofs: [StateProof], height: UInt64?) {
    try contents.withLock { contents throws in
      (try keys.map { try contents.proof(of: $0) }, contents.height)
    }
  }

  /// The value at `key` as of the newest block, as soon as that is committed.
  ///
  /// - Throws: as `committedProofs`.
  package func committedValue(of key: StateKey) throws -> [UInt8]? {
    let (value, height) = try contents.withLock { contents throws in
      (try contents.find(key).value, contents.height)
    }
    try waitUntilCommitted(height)
    return value
  }

  private func waitUntilCommitted(_ height: UInt64?) throws {
    guard let height else { return }
    committed.lock()
    defer { committed.unlock() }
    while let done = committedHeight, done < height, !isBroken { committed.wait() }
    if let done = committedHeight, done < height {
      throw Failure(
        "read", "the state", reason: "block \(height) was not committed; nothing is written any more")
    }
  }

  /// Lets readers have what was applied up to the block at `height`, which is committed; from the first call on they wait
  /// for the next.
  func setCommitted(_ height: UInt64) {
    committed.lock()
    committedHeight = height
    committed.broadcast()
    committed.unlock()
  }

  /// Lets nobody wait for a block that will not be committed.
  func setBroken() {
    committed.lock()
    isBroken = true
    committed.broadcast()
    committed.unlock()
  }

  // MARK: A block

  /// Applies what the block at `height` changes, keeps it, and gives the root after it. What can't be written is kept in memory.
  ///
  /// - Throws: `StateMismatch`, `Failure`, or in memory a `Refusal`; then the state is to be made anew.
  package func apply(_ changes: StateChanges, height: UInt64) throws -> Digest {
    // In one go: nobody reads between the two.
    try contents.withLock { contents throws in
      let root = try contents.apply(changes, height)
      contents.keep()
      return root
    }
  }

  /// The root that `apply` would give; nothing is changed.
  ///
  /// - Throws: as `apply`.
  package func root(after changes: StateChanges, height: UInt64) throws -> Digest {
    try contents.withLock { contents throws in try contents.root(after: changes, height) }
  }

  /// Does what is due of the upkeep of the files.
  ///
  /// - Throws: `StateMismatch`; then the state is to be made anew.
  package func maintain() throws {
    try contents.withLock { contents throws in
      _ = try contents.withFiles { files, values, hasher in
        // What `top` will be of must be on the disk before it.
        if files.needsUpkeep {
          values.sync()
          if let failure = values.failure { files.stopWriting(failure) }
        }
        try files.maintain(using: &hasher)
      }
    }
  }

  /// Why what was kept last is in memory alone; nil where it is written.
  var failure: Failure? {
    contents.withLock { contents in
      guard case .files(let files, let values) = contents.kept else { return nil }
      return files.failure ?? values.failure
    }
  }

  /// Takes the place of what did not fit: from now on this is `other`, which nobody else uses.
  func become(_ other: StateStore) {
    let kept = other.contents.withLock { $0.kept }
    contents.withLock { $0.kept = kept }
  }
}

extension StateStore.Contents {
  var height: UInt64? {
    switch kept {
    case .files(let files, _): files.height
    case .memory(_, let height): height
    }
  }

  /// Runs `body` on the files, which are then nobody else's.
  mutating func withFiles<Result>(
    _ body: (inout StateFiles, inout ValuesFile, inout StateHasher) throws -> Result
  ) rethrows -> Result? {
    guard case .files(var files, var values) = kept else { return nil }
    kept = .memory(StateInMemory(), height: nil)
    defer { kept = .files(files, values) }
    return try body(&files, &values, &hasher)
  }

  mutating func find(_ key: StateKey) throws -> (value: [UInt8]?, found: StateFiles.Found?) {
    if case .memory(let memory, _) = kept { return (memory.value(of: key, using: &hasher), nil) }
    let found = try withFiles { files, values, hasher -> (value: [UInt8]?, found: StateFiles.Found?) in
      let path = hasher.path(of: key)
      let found = try files.look(path, using: &hasher)
      guard found.way.end?.path == path, let hash = found.valueHash, let place = found.place else {
        return (nil, found)
      }
      return (try values.value(at: place, hash: hash, using: &hasher), found)
    }
    return found ?? (nil, nil)
  }

  mutating func values(of keys: [StateKey]) throws -> [[UInt8]?] {
    if case .memory(let memory, _) = kept { return keys.map { memory.value(of: $0, using: &hasher) } }
    var found = [[UInt8]?](repeating: nil, count: keys.count)
    try withFiles { files, values, hasher in
      let paths = hasher.paths(of: keys)
      let order = StateBatch.order(paths)
      for (leaf, number) in zip(try files.leaves(at: order.map { paths[$0] }, using: &hasher), order) {
        guard let leaf else { continue }
        found[number] = try values.value(at: leaf.place, hash: leaf.valueHash, using: &hasher)
      }
    }
    return found
  }

  mutating func proof(of key: StateKey) throws -> StateProof {
    if case .memory(let memory, _) = kept { return memory.proof(of: key, using: &hasher) }
    let (value, found) = try find(key)
    guard let found else { preconditionFailure("files look in files") }
    return StateProof(key, value, way: found.way) { _ in found.valueHash ?? .zero }
  }

  mutating func apply(_ changes: StateChanges, _ height: UInt64) throws -> Digest {
    if case .memory(var memory, _) = kept {
      kept = .memory(StateInMemory(), height: nil)
      let root = try memory.apply(changes, using: &hasher)
      kept = .memory(memory, height: height)
      return root
    }
    var laidOut: [UInt8] = []
    let root = try withFiles { files, stored, hasher in
      let path = files.file.path
      return try files.apply(changes.paths, height: height, using: &hasher) { old, hasher in
        var lists: [RecordList?] = []
        lists.reserveCapacity(old.count)
        do {
          for (number, leaf) in old.enumerated() {
            guard let leaf, changes.isList(number) else {
              lists.append(nil)
              continue
            }
            lists.append(
              try RecordList(decoding: stored.value(at: leaf.place, hash: leaf.valueHash, using: &hasher)))
          }
          let values = try changes.values(after: &lists, using: &hasher)
          laidOut = values.bytes
          return (StateBatch(changes.paths, values, using: &hasher), stored.places(of: values))
        } catch let refusal as Refusal {
          throw StateMismatch(path: path, reason: refusal.reason)
        }
      }
    }
    values = laidOut
    return root ?? .zero
  }

  mutating func root(after changes: StateChanges, _ height: UInt64) throws -> Digest {
    if case .memory(var memory, _) = kept { return try memory.apply(changes, using: &hasher) }
    _ = withFiles { files, _, _ in files.beginTrial() }
    defer {
      _ = withFiles { files, _, _ in files.endTrial() }
      values = []
    }
    return try apply(changes, height)
  }

  mutating func keep() {
    let bytes = values
    values = []
    _ = withFiles { files, values, _ in
      values.append(bytes)
      // No leaf is written that names a value which is not.
      if let failure = values.failure { files.stopWriting(failure) }
      files.keep()
    }
  }
}
