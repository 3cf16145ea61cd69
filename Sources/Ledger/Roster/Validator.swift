public import LedgerCrypto
public import Statements
public import TransparencyLog

/// A party that proposes blocks and cosigns them.
public struct Validator: Hashable, Sendable {
  /// Its name, of the form of a member id.
  public let name: String
  /// Its block key: an Ed25519 key, which signs the headers of the blocks that it proposes. They name it by its thumbprint.
  public let blockKey: PublicKey
  /// Its vote key: an Ed25519 key, which signs the messages by which several validators agree. Nil where there is one alone.
  public let voteKey: PublicKey?
  /// Its cosigner key: note type 0x04.
  public let cosignerKey: NoteVerifierKey

  public init(
    name: String, blockKey: PublicKey, voteKey: PublicKey? = nil, cosignerKey: NoteVerifierKey
  ) {
    (self.name, self.blockKey, self.voteKey, self.cosignerKey) = (name, blockKey, voteKey, cosignerKey)
  }

  /// Its keys.
  var keys: [PublicKey] { uses.map(\.key) }

  /// Its keys by what each is for.
  var uses: [(use: String, key: PublicKey)] {
    let uses = [(use: "block", key: blockKey), (use: "cosigner", key: cosignerKey.publicKey)]
    guard let voteKey else { return uses }
    return uses + [(use: "vote", key: voteKey)]
  }

  /// The canonical item.
  public var cbor: CBOR {
    var pairs: [(CBOR, CBOR)] = [
      ("name", .text(name)), ("block", blockKey.coseKey), ("cosigner", .text(cosignerKey.description)),
    ]
    if let voteKey { pairs.append(("vote", voteKey.coseKey)) }
    return .map(CBORMap(pairs))
  }

  /// The validator of a canonical item.
  ///
  /// - Throws: `malformed`, also of a key.
  public init(_ cbor: CBOR) throws(StatementError) {
    var fields = try CBORFields(cbor, of: "validator")
    let name = try fields.text("name", bytes: 1...64)
    let blockKey = try PublicKey(coseKey: fields.value("block"))
    let voteKey = try fields.optionalValue("vote").map { key throws(StatementError) in
      try PublicKey(coseKey: key)
    }
    let cosigner = try fields.verifierKey("cosigner")
    try fields.finish()
    self.init(name: name, blockKey: blockKey, voteKey: voteKey, cosignerKey: cosigner)
  }
}

extension CBORFields {
  /// The verifier key at `key`, which is spelled as text.
  mutating func verifierKey(_ key: String) throws(StatementError) -> NoteVerifierKey {
    let spelled = try text(key, bytes: 1...512)
    do throws(LogError) { return try NoteVerifierKey(spelled) } catch {
      throw StatementError(.malformed, error.description)
    }
  }
}

extension Terms {
  /// f: how many of `count` validators may lie without harm, ⌊(n−1)/3⌋; 0 where they only crash.
  static func faults(of count: Int, isCrashFaultsOnly: Bool) -> Int {
    isCrashFaultsOnly ? 0 : (count - 1) / 3
  }

  /// The smallest quorum of `count` validators with which two decisions can't differ: ⌊(n+f)/2⌋+1, so that two quorums share an honest
  /// validator.
  public static func leastQuorum(of count: Int, isCrashFaultsOnly: Bool = false) -> Int {
    (count + faults(of: count, isCrashFaultsOnly: isCrashFaultsOnly)) / 2 + 1
  }

  /// Checks a quorum.
  ///
  /// - Throws: `threshold` where it can't be met, `unsafe-quorum` where two decisions could differ.
  static func require(quorum: Int, of count: Int, isCrashFaultsOnly: Bool) throws(Refusal) {
    guard (1...count).contains(quorum) else {
      throw Refusal(.threshold, "a quorum of \(quorum) among \(count) validators can't be met")
    }
    let least = leastQuorum(of: count, isCrashFaultsOnly: isCrashFaultsOnly)
    guard quorum >= least else {
      let lying = faults(of: count, isCrashFaultsOnly: isCrashFaultsOnly)
      throw Refusal(
        .unsafeQuorum,
        """
        a quorum of \(quorum) among \(count) validators, of whom \(lying) may lie, lets two decisions differ; it must be \(least) to \
        \(count)
        """)
    }
  }

  /// Checks what several validators need and a single one has not.
  ///
  /// - Throws: `malformed`.
  static func requireVotes(
    of validators: [Validator], isCrashFaultsOnly: Bool, _ parameters: Parameters
  ) throws(Refusal) {
    guard validators.count > 1 else {
      guard validators.allSatisfy({ $0.voteKey == nil }), !isCrashFaultsOnly else {
        throw Refusal(
          .malformed, "a single validator has no vote key, and nothing is said of its faults: nobody votes")
      }
      return
    }
    for validator in validators where validator.voteKey?.algorithm != .ed25519 {
      throw Refusal(.malformed, "the vote key of \(validator.name), one of several, must be an Ed25519 key")
    }
    guard parameters[Parameters.blockBytes] <= maximumBlockBytes else {
      throw Refusal(
        .malformed,
        "\(Parameters.blockBytes.name) may be at most \(maximumBlockBytes) where there are several validators"
      )
    }
  }

  /// Whether validators vote: there are several.
  public var hasVotes: Bool { validators.count > 1 }
}
