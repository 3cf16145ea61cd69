public import LedgerCrypto

/// What a validator has to say about one round of one height, before it is signed.
///
/// A ballot that rests on a certificate takes height, round and block from it, so that the two cannot differ.
public struct Ballot: Hashable, Sendable {
  /// What is said.
  public enum Content: Hashable, Sendable {
    /// That it is in this round now, by the SC or QC of the round before.
    case enter(Certificate)
    /// As the leader: that this block be decided.
    case propose(Proposal)
    /// That the block with this digest is valid and on its disk.
    case vote(Digest)
    /// That it will not confirm this round.
    case skip
    /// That it has seen this QC, and will not skip its round.
    case confirm(Certificate)
    /// That it has applied the block which ends this tree.
    case cosign(CosignedTree)
  }

  /// The height.
  public let height: UInt64
  /// The round, from 0. A cosignature has that of its DC.
  public let round: Int
  /// What is said.
  public let content: Content
  /// Its sort.
  public let kind: Kind
  /// The block that it is about; nil for `enter` and `skip`.
  public let digest: Digest?

  private init(_ height: UInt64, _ round: Int, _ content: Content) {
    (self.height, self.round, self.content) = (height, round, content)
    (kind, digest) =
      switch content {
      case .enter: (.enter, nil)
      case .propose(let proposal): (.propose, proposal.digest)
      case .vote(let digest): (.vote, digest)
      case .skip: (.skip, nil)
      case .confirm(let certificate): (.confirm, certificate.digest)
      case .cosign(let tree): (.cosign, tree.decision.digest)
      }
  }

  /// Enters the round after that of `certificate`, an SC or a QC.
  public static func enter(_ certificate: Certificate) -> Ballot {
    precondition(certificate.kind != .confirm, "a DC leads to no round")
    return Ballot(certificate.height, certificate.round + 1, .enter(certificate))
  }

  /// Proposes a block.
  public static func propose(_ proposal: Proposal, height: UInt64, round: Int) -> Ballot {
    Ballot(height, round, .propose(proposal))
  }

  /// Votes for a block.
  public static func vote(_ digest: Digest, height: UInt64, round: Int) -> Ballot {
    Ballot(height, round, .vote(digest))
  }

  /// Skips a round.
  public static func skip(height: UInt64, round: Int) -> Ballot { Ballot(height, round, .skip) }

  /// Confirms the round and block of `certificate`, a QC.
  public static func confirm(_ certificate: Certificate) -> Ballot {
    precondition(certificate.kind == .vote, "what is confirmed is a QC")
    return Ballot(certificate.height, certificate.round, .confirm(certificate))
  }

  /// Cosigns the tree after the block that was decided.
  public static func cosign(_ tree: CosignedTree) -> Ballot {
    Ballot(tree.decision.height, tree.decision.round, .cosign(tree))
  }
}

/// A block that a leader proposes.
public struct Proposal: Hashable, Sendable {
  /// The leaf hash of the block's header entry, which fixes size, root, state, time, previous header and roster.
  public let digest: Digest
  /// How many bytes the block takes.
  public let size: Int
  /// The QC of the highest round before that has one; nil where the block is free.
  public let justification: Certificate?

  /// A proposal. `justification`, where there is one, is a QC for the same block.
  public init(digest: Digest, size: Int, justification: Certificate?) {
    precondition(justification.map { $0.kind == .vote && $0.digest == digest } ?? true, "another block's QC")
    (self.digest, self.size, self.justification) = (digest, size, justification)
  }
}

/// The tree that a validator cosigns, and the DC that allows it.
public struct CosignedTree: Hashable, Sendable {
  /// The number of leaves.
  public let size: UInt64
  /// The root.
  public let root: Digest
  /// The DC of the block whose header is the last leaf.
  public let decision: Certificate

  /// A tree to cosign.
  public init(size: UInt64, root: Digest, decision: Certificate) {
    precondition(decision.kind == .confirm, "only a decision is cosigned")
    (self.size, self.root, self.decision) = (size, root, decision)
  }
}

extension Ballot {
  /// What sort of message it becomes. The names are those on the board and on the wire.
  public enum Kind: String, Sendable, CaseIterable {
    /// See `Content`.
    case enter, propose, vote, skip, confirm, cosign
  }

  /// The certificate that travels with it.
  public var certificate: Certificate? {
    switch content {
    case .vote, .skip: nil
    case .enter(let certificate), .confirm(let certificate): certificate
    case .propose(let proposal): proposal.justification
    case .cosign(let tree): tree.decision
    }
  }

  /// What the vote key signs. A cosignature is by another key, over a checkpoint; that this is never signed is seen to by who signs.
  public var subject: SignedSubject {
    var subject = SignedSubject(kind: kind.rawValue, height: height, round: round, digest: digest)
    if case .propose(let proposal) = content {
      (subject.size, subject.justified) = (proposal.size, proposal.justification?.round)
    }
    return subject
  }
}
