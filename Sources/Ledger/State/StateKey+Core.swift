public import LedgerCrypto

/// The keys of the core. Each has a first part that no scenario may have for its name.
extension StateKey {
  /// The first parts that are the core's.
  public static let coreOwners = ["subject", "digest", "statement", "roster", "proposal"]

  /// The owner of subjects that are no scenario's.
  public static let plain = "plain"

  /// What records there are about `subject`: `subject`, the owner, the subject. Its value is a `RecordList`.
  ///
  /// - Parameters:
  ///   - owner: the name of the scenario whose kinds these are, or `plain`.
  ///   - subject: a statement's `sub`, without a zero byte.
  public static func subject(_ subject: String, of owner: String) -> StateKey {
    StateKey("subject", owner, subject)
  }

  /// What records name the digest of 32 bytes: `digest` and these. Its value is a `RecordList`.
  public static func digest(_ digest: Digest) -> StateKey { StateKey("digest", then: digest) }

  /// That the statement with this id was recorded: `statement` and the 32 bytes of the id. Its value is a
  /// `StatementPlace`.
  public static func statement(_ id: Digest) -> StateKey {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(statementOwner.count + Digest.byteCount)
    appendStatement(id, to: &bytes)
    return StateKey(bytes: bytes)
  }

  private static let statementOwner = Array("statement\0".utf8)

  /// Appends the bytes of `statement(id)`: a block has thousands.
  static func appendStatement(_ id: Digest, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: statementOwner)
    id.append(to: &bytes)
  }

  /// The roster by which the next block is judged. Its value is a `RosterInForce`.
  public static let roster = StateKey("roster")

  /// A change of the roster that is open: `proposal` and the 32 bytes of the statement id. Its value is an
  /// `OpenProposal`.
  public static func proposal(_ id: Digest) -> StateKey { StateKey("proposal", then: id) }

  private init(_ owner: String, then digest: Digest) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(owner.utf8.count + 1 + Digest.byteCount)
    bytes.append(contentsOf: owner.utf8)
    bytes.append(0)
    digest.append(to: &bytes)
    self.init(bytes: bytes)
  }
}
