import Ledger
import LedgerCrypto
import LedgerStore

/// A verified copy of a ledger at a node that keeps itself current: checked whole once, and from then on block by block.
///
/// Damage to what was checked is found when the next one begins. Not for use from two threads at once.
package final class FollowedCopy {
  /// What the copy has, all of it checked.
  package struct Finding {
    package let entries, records, blocks: UInt64
    package let root: Digest
  }

  /// The copy's directory.
  private let path: String
  /// The file of the policy that it is held to.
  private let policy: String
  private let context: WorkContext
  private var copy: LedgerCopy?
  /// Nil until it is checked whole.
  private var followed: FollowedLedger?

  /// The copy in the directory `path`, which may be there already, and is looked at with the first `advance`.
  package init(_ path: String, policy: String, _ context: WorkContext) {
    (self.path, self.policy, self.context) = (path, policy, context)
  }

  /// Brings the copy up to the newest checkpoint at `node`.
  ///
  /// - Parameter each: told how many entries were copied, and of how many.
  /// - Returns: nil where the node has nothing new.
  /// - Throws: not verified, by the fault's name, where what the node gave is not good: the copy is put aside then. `busy` and what
  ///   the client throws leave what is there to be gone on with.
  package func advance(
    to node: NodeLedger, each: (_ done: UInt64, _ total: UInt64) -> Void
  ) async throws -> Finding? {
    let head = try node.newestCheckpoint
    if let reached = followed?.reached {
      if head.size < reached.size { return nil }
      if head.size == reached.size, head.root == reached.root { return nil }
    }
    let copy = try copy ?? LedgerCopy(path)
    self.copy = copy
    try await node.copy(to: copy, each: each)
    do {
      if let followed { try followed.advance() } else { try check(copy, against: head) }
      guard let reached = followed?.reached else { return nil }
      guard reached.size == head.size, reached.root == head.root else {
        throw Fault(
          .fork, "the checkpoint over \(head.size) entries has another root: two histories were signed")
      }
      return Finding(
        entries: reached.size, records: reached.size - reached.blocks, blocks: reached.blocks,
        root: reached.root)
    } catch {
      // Whatever it is: next time everything is looked at again.
      (followed, self.copy) = (nil, nil)
      guard let fault = error as? Fault else { throw error }
      throw try node.notGood(fault, path)
    }
  }

  /// Checks the whole copy, and makes what reading needs.
  private func check(_ copy: LedgerCopy, against head: NewestCheckpoint) throws {
    var verification = Verification(isOfHashesOnly: false, now: context.now)
    try verification.anchor(inPolicy: policy, note: context.note)
    try verification.extend(head)
    let report = try verification.run(path, context.remedies) { _, _ in }
    if let fault = report.faults.first(where: { $0.code != .derivedMismatch }) { throw fault }
    let folder = try DirectoryLedger.folder(at: path, context.remedies)
    if let fault = report.faults.first {
      // That is this machine's doing, and not the node's.
      context.note("\(fault); what is derived is made anew")
      _ = try DirectoryLedger.rebuild(folder) { _, _ in }
    }
    if !Files.exists("\(path)/policy") {
      try Files.create("\(path)/policy", try Files.contents(policy, of: "a policy", limit: 1 << 20))
    }
    followed = try FollowedLedger(folder, copy)
  }
}
