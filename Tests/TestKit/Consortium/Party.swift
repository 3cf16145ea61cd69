import Ledger
import LedgerCrypto
import Statements

/// A member of a test consortium and its private key.
public struct Party: Sendable {
  /// The member id.
  public let id: String
  /// The private key.
  public let key: PrivateKey

  /// A party with a key that there is.
  public init(id: String, key: PrivateKey) { (self.id, self.key) = (id, key) }

  /// A party with a fresh key.
  public init(_ id: String, _ algorithm: KeyAlgorithm = .es256) throws {
    (self.id, key) = (id, try PrivateKey(generating: algorithm))
  }

  /// The parties of a name each, whose fresh keys are of `algorithms` in turn.
  public static func all(
    _ ids: [String], algorithms: [KeyAlgorithm] = [.es256, .ed25519]
  ) throws -> [Party] {
    try ids.enumerated().map { try Party($1, algorithms[$0 % algorithms.count]) }
  }

  /// This party as a member of a roster.
  public func member(roles: [String]) throws -> Member {
    try Member(
      id: id, name: LocalizedName(zh: "单位", en: "Member \(id)")!, roles: roles,
      keys: [MemberKey(key.publicKey, from: 0)])
  }

  /// This party as a member of a consortium file.
  public func draft(roles: [String]) throws -> ConsortiumDraft.Member {
    ConsortiumDraft.Member(id, roles: roles, keys: [try key.publicKey.pem()])
  }

  /// A statement that this party signs.
  ///
  /// - Parameters:
  ///   - ledger: the id of the ledger that it is for; the founding statement has none.
  ///   - time: the time that it claims, in s since the epoch.
  ///   - issuer: the member that it names; this one where nil.
  public func statement(
    _ payload: [UInt8], on ledger: Digest?, type: String, subject: String? = nil, at time: UInt64,
    issuer: String? = nil, tokenID: [UInt8] = freshTokenID()
  ) throws -> SignedStatement {
    let claims = Claims(
      issuer: issuer ?? id, subject: subject, audience: ledger, issuedAt: time, tokenID: tokenID)
    return try StatementDraft(contentType: type, claims: claims, payload: payload).signed(by: key)
  }
}

/// Fresh random bytes for `cti`; statements made twice are then two.
public func freshTokenID() -> [UInt8] { (0..<16).map { _ in UInt8.random(in: .min ... .max) } }

/// The ids of accepted statements, in memory.
public struct MemoryRegistry: StatementRegistry, Equatable, Sendable {
  private var indices: [Digest: UInt64] = [:]
  /// The trees with which the newest blocks ended.
  public var trees = RecentTrees()

  /// An empty one.
  public init() {}

  /// Equal where the statements are the same.
  public static func == (left: MemoryRegistry, right: MemoryRegistry) -> Bool {
    left.indices == right.indices
  }

  /// Whether a recent block ended with this tree.
  public func isRecent(size: UInt64, root: Digest) -> Bool { trees.contains(size: size, root: root) }

  /// The index of the statement, where it was accepted.
  public mutating func index(of id: Digest) -> UInt64? { indices[id] }
  /// Takes note of an accepted statement.
  public mutating func remember(_ id: Digest, index: UInt64, issuedAt: UInt64) { indices[id] = index }
}
