public import LedgerCrypto

/// Two things that one validator has signed and that no honest one signs both of: proof of a lie, or of a journal that was rolled back.
///
/// - two proposals, two votes or two confirms of one (height, round) for different blocks;
/// - a confirm and a skip of one (height, round);
/// - two cosignatures of one size with different roots, or of one height with different trees.
public struct Misconduct: Hashable, Sendable {
  /// One of the two.
  public struct Testimony: Hashable, Sendable {
    /// What was signed.
    public enum Content: Hashable, Sendable {
      /// By the vote key.
      case ballot(SignedSubject)
      /// By the cosigner key: the tree of this size and root; with `header`, of which height that is.
      case tree(size: UInt64, root: Digest, header: HeaderProof?)
    }

    /// What was signed.
    public let content: Content
    /// 64 bytes, or the 72 of a cosignature.
    public let signature: [UInt8]

    /// A testimony.
    public init(_ content: Content, signature: [UInt8]) {
      (self.content, self.signature) = (content, signature)
    }
  }

  /// The validator's place in the roster.
  public let validator: Int
  /// What it signed.
  public let first: Testimony
  /// What else it signed.
  public let second: Testimony

  /// The two as evidence against the validator at `validator`; nil where an honest one may sign both. Whether the signatures hold is
  /// another matter.
  public init?(validator: Int, _ first: Testimony, _ second: Testimony) {
    guard Misconduct.contradict(first.content, second.content) else { return nil }
    (self.validator, self.first, self.second) = (validator, first, second)
  }

  /// Two messages as evidence against their sender; nil where an honest one may send both.
  public init?(_ first: Message, _ second: Message) {
    guard first.sender == second.sender else { return nil }
    self.init(validator: first.sender, first.testimony, second.testimony)
  }

  /// What two certificates prove against those that stand in both: where one is a DC and the other an SC of the same round, or both
  /// are QCs or DCs of one round for different blocks, at least f + 1.
  public static func between(_ first: Certificate, _ second: Certificate) -> [Misconduct] {
    first.endorsements.compactMap { endorsement in
      guard let other = second.endorsements.first(where: { $0.validator == endorsement.validator }) else {
        return nil
      }
      return Misconduct(
        validator: endorsement.validator,
        Testimony(.ballot(first.subject), signature: endorsement.signature),
        Testimony(.ballot(second.subject), signature: other.signature))
    }
  }

  private static func contradict(_ first: Testimony.Content, _ second: Testimony.Content) -> Bool {
    switch (first, second) {
    case (.ballot(let one), .ballot(let other)):
      guard one.height == other.height, one.round == other.round,
        let kind = Ballot.Kind(rawValue: one.kind), let otherKind = Ballot.Kind(rawValue: other.kind)
      else { return false }
      switch (kind, otherKind) {
      case (.propose, .propose), (.vote, .vote), (.confirm, .confirm): return one.digest != other.digest
      case (.confirm, .skip), (.skip, .confirm): return true
      default: return false
      }
    case (.tree(let size, let root, let header), .tree(let otherSize, let otherRoot, let otherHeader)):
      if size == otherSize { return root != otherRoot }
      guard let height = header?.height, let otherHeight = otherHeader?.height else { return false }
      return height == otherHeight
    default: return false
    }
  }
}

extension Message {
  var testimony: Misconduct.Testimony {
    if case .cosign(let tree) = ballot.content {
      return .init(.tree(size: tree.size, root: tree.root, header: nil), signature: signature)
    }
    return .init(.ballot(ballot.subject), signature: signature)
  }
}
