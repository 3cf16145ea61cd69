public import LedgerCrypto
import Statements
public import TransparencyLog

/// Everything that the next block is judged by, apart from the ids of earlier statements.
public struct LedgerState: Sendable {
  /// The leaf hash of the founding statement.
  public let ledgerID: Digest
  /// The height of the next block.
  public internal(set) var height: UInt64
  /// The leaf hash of the last header.
  public internal(set) var parent: Digest
  /// The time of the last header, in ms; nil before the founding block. Where that header can't be read, which only an
  /// audit goes beyond, it is that of the last one before.
  public internal(set) var parentTime: UInt64?
  /// The roster in force for the next block.
  public internal(set) var roster: Roster
  /// The proposals to change it.
  public internal(set) var proposals: Proposals
  /// The tree so far.
  public internal(set) var frontier: Frontier

  /// The state before the founding block, with the roster that the founding statement sets.
  init(founding ledgerID: Digest, roster: Roster) {
    self.ledgerID = ledgerID
    self.roster = roster
    height = 0
    parent = .zero
    parentTime = nil
    proposals = Proposals()
    frontier = Frontier()
  }
}

/// The ids of earlier statements, for the rule against duplicates.
public protocol StatementRegistry {
  /// The index of the statement with this id, or nil if there is none within the statement window.
  mutating func index(of id: Digest) -> UInt64?
  /// Remembers an accepted statement; `issuedAt` in s since the epoch.
  mutating func remember(_ id: Digest, index: UInt64, issuedAt: UInt64)
  /// Whether the tree with this size and root is that with which one of the newest `RecentTrees.most` blocks ended; false where that is
  /// not known.
  mutating func isRecent(size: UInt64, root: Digest) -> Bool
}

extension StatementRegistry {
  /// Not known.
  public mutating func isRecent(size: UInt64, root: Digest) -> Bool { false }
}

/// The trees with which the newest blocks ended: what a validator that joins may have cosigned.
public struct RecentTrees: Hashable, Sendable {
  /// How many blocks a checkpoint may be old.
  public static let most = 1000

  private var trees: [(size: UInt64, root: Digest)] = []
  private var next = 0

  /// None.
  public init() {}

  /// Takes note of the tree with which the next block ends.
  public mutating func note(size: UInt64, root: Digest) {
    if trees.count < RecentTrees.most { trees.append((size, root)) } else { trees[next] = (size, root) }
    next = (next + 1) % RecentTrees.most
  }

  /// Whether one of the newest blocks ended with this tree.
  public func contains(size: UInt64, root: Digest) -> Bool {
    trees.contains { $0.size == size && $0.root == root }
  }

  public static func == (left: RecentTrees, right: RecentTrees) -> Bool {
    left.next == right.next && left.trees.elementsEqual(right.trees) { $0 == $1 }
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(next) }
}

extension LedgerState {
  /// The state after a block of which the header and the state tree are known.
  ///
  /// - Parameters:
  ///   - header: of the block, and `leaf` its entry's leaf hash.
  ///   - roster: the one in force for the next block.
  ///   - open: the open proposals.
  ///   - frontier: the tree that ends with the header.
  /// - Throws: `malformed` if a proposal is approved by nobody, or by one who is no administrator.
  public init(
    after header: BlockHeader, leaf: Digest, of ledger: Digest, roster: Roster, open: [Digest: OpenProposal],
    frontier: Frontier
  ) throws(Refusal) {
    (ledgerID, height, parent, parentTime) = (ledger, header.height + 1, leaf, header.time)
    (self.roster, self.frontier, proposals) = (roster, frontier, Proposals())
    for (id, proposal) in open {
      guard proposal.change.action.isOwn || !proposal.approvals.isEmpty,
        proposal.approvals.allSatisfy({ roster.isAdministrator($0) })
      else {
        throw Refusal(.malformed, "the approvals of the proposal \(id)")
      }
      proposals.pending[id] = Proposals.Pending(
        change: proposal.change, proposed: proposal.proposed, approvals: proposal.approvals)
    }
  }
}
