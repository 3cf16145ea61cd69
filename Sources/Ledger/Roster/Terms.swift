public import LedgerCrypto
public import Statements
public import TransparencyLog

/// Item 0 of a roster: the terms of the consortium.
///
/// ```cddl
/// terms = { format: 2, origin: tstr, name: name, log: vkey,
///           validators: [+ validator], quorum: uint, ? "crash-faults-only": true, ? since: uint,
///           ? former: [+ digest], administrators: { members: [+ id], threshold: uint },
///           parameters: { ? "utc-offset-minutes": -720..840, * tstr => uint } }
/// validator = { name: id, block: COSE_Key, ? vote: COSE_Key, cosigner: vkey }
/// ```
///
/// Each of several validators has a vote key, and a single one has none. `since` and `former` are there once the validators or the log key have changed.
public struct Terms: Hashable, Sendable {
  /// The checkpoint origin, which is the name of the log key too.
  public let origin: String
  /// The ledger's name for people.
  public let name: LocalizedName
  /// The ledger's one log key, of note type 0x01: signs the first line of every checkpoint, no matter who proposed the block.
  public let logKey: NoteVerifierKey
  /// The validators, in the order of their cosignatures.
  public let validators: [Validator]
  /// How many validators must vote and cosign.
  public let quorum: Int
  /// Whether validators are expected to crash and never to lie, so that the quorum may be a bare majority.
  public let isCrashFaultsOnly: Bool
  /// The height from which these validators hold office with this quorum and this log key, so that one policy is for all blocks from it
  /// on: 0 for the founders'.
  public let since: UInt64
  /// The log keys and the keys that validators had and have no more, by thumbprint, ascending: they stay taken.
  public let former: [Digest]
  /// The members that may change the roster, sorted.
  public let administrators: [String]
  /// How many of them must approve a change.
  public let threshold: Int
  /// The numbers by which the ledger runs.
  public let parameters: Parameters

  /// The most validators.
  public static let maximumValidatorCount = 32

  /// The most keys that are no log key or validator's any more.
  public static let maximumFormerCount = 1024

  /// The most that `block-bytes` may be where there are several validators: a block goes to each of them.
  public static let maximumBlockBytes: UInt64 = 16 << 20

  /// The format of the ledgers that this software writes and reads.
  public static let format: UInt64 = 2

  /// Terms.
  ///
  /// - Throws: `malformed` for names, keys or numbers out of bounds; `threshold` for a quorum that can't be met; `unsafe-quorum` for one
  ///   with which two decisions could differ.
  public init(
    origin: String, name: LocalizedName, logKey: NoteVerifierKey, validators: [Validator], quorum: Int,
    isCrashFaultsOnly: Bool = false, since: UInt64 = 0, former: [Digest] = [], administrators: [String],
    threshold: Int, parameters: Parameters
  ) throws(Refusal) {
    // That it has the form of a key name follows from the log key, which bears it.
    guard (1...200).contains(origin.utf8.count) else {
      throw Refusal(.malformed, "the origin must have 1 to 200 bytes")
    }
    guard (1...Terms.maximumValidatorCount).contains(validators.count) else {
      throw Refusal(.malformed, "1 to \(Terms.maximumValidatorCount) validators are allowed")
    }
    // In a tlog-policy, which names the validators so, `none` is no quorum.
    guard Set(validators.map(\.name)).count == validators.count,
      validators.allSatisfy({ Member.isID($0.name) && $0.name != "none" })
    else {
      throw Refusal(
        .malformed, "validators' names must differ, be of the form of a member id, and not be \"none\"")
    }
    var labels: Set<String> = []
    for key in [logKey] + validators.map(\.cosignerKey) {
      guard !key.name.hasControlCharacter else {
        throw Refusal(.malformed, "the key name \(key.name.quoted) holds a control character")
      }
      // Signature lines say nothing else about whose they are, and key IDs are short.
      guard labels.insert("\(key.keyID) \(key.name)").inserted else {
        throw Refusal(.malformed, "two keys are called \(key.name.quoted) and have the same key ID")
      }
    }
    guard logKey.type == .ed25519, logKey.name.hasSameBytes(as: origin) else {
      throw Refusal(.malformed, "the log key must have type 0x01 and the origin as its name")
    }
    for validator in validators {
      guard validator.blockKey.algorithm == .ed25519 else {
        throw Refusal(.malformed, "the block key of \(validator.name) must be an Ed25519 key")
      }
      guard validator.cosignerKey.type == .cosignature else {
        throw Refusal(.malformed, "the cosigner key of \(validator.name) must have type 0x04")
      }
    }
    try Terms.requireVotes(of: validators, isCrashFaultsOnly: isCrashFaultsOnly, parameters)
    try Terms.require(quorum: quorum, of: validators.count, isCrashFaultsOnly: isCrashFaultsOnly)
    guard former.count <= Terms.maximumFormerCount, zip(former, former.dropFirst()).allSatisfy({ $0 < $1 })
    else {
      throw Refusal(
        .malformed,
        "the former keys are at most \(Terms.maximumFormerCount), each once and in ascending order")
    }
    guard Set(administrators).count == administrators.count, !administrators.isEmpty else {
      throw Refusal(.malformed, "there must be administrators, each named once")
    }
    guard (1...administrators.count).contains(threshold) else {
      throw Refusal(
        .threshold, "a threshold of \(threshold) among \(administrators.count) administrators can't be met")
    }
    (self.origin, self.name, self.logKey) = (origin, name, logKey)
    (self.validators, self.quorum, self.isCrashFaultsOnly) = (validators, quorum, isCrashFaultsOnly)
    (self.since, self.former) = (since, former)
    (self.administrators, self.threshold, self.parameters) = (administrators.sorted(), threshold, parameters)
  }

  /// These terms with other parameters, or others that administer.
  package func with(
    _ parameters: Parameters? = nil, administrators: [String]? = nil, threshold: Int? = nil
  ) throws(Refusal) -> Terms {
    try Terms(
      origin: origin, name: name, logKey: logKey, validators: validators, quorum: quorum,
      isCrashFaultsOnly: isCrashFaultsOnly, since: since, former: former,
      administrators: administrators ?? self.administrators, threshold: threshold ?? self.threshold,
      parameters: parameters ?? self.parameters)
  }

  /// These terms with other validators, who hold office from the height `since` on. The keys that are no validator's any more stay taken.
  ///
  /// - Throws: as the initialiser; `malformed` also where a key of today's validators gets another owner or another use.
  func with(
    validators: [Validator], quorum: Int, isCrashFaultsOnly: Bool, since: UInt64
  ) throws(Refusal) -> Terms {
    var uses: [Digest: String] = [:]
    for validator in self.validators {
      for (use, key) in validator.uses { uses[key.thumbprint] = "\(validator.name)/\(use)" }
    }
    var gone = Set(uses.keys)
    for validator in validators {
      for (use, key) in validator.uses {
        let id = key.thumbprint
        guard gone.remove(id) != nil else { continue }
        guard uses[id] == "\(validator.name)/\(use)" else { throw Roster.usedTwice(id) }
      }
    }
    return try Terms(
      origin: origin, name: name, logKey: logKey, validators: validators, quorum: quorum,
      isCrashFaultsOnly: isCrashFaultsOnly, since: since, former: gone.union(former).sorted(),
      administrators: administrators, threshold: threshold, parameters: parameters)
  }

  /// These terms with another log key, from the height `since` on. The one before stays taken.
  ///
  /// - Throws: as the initialiser.
  func with(logKey: NoteVerifierKey, since: UInt64) throws(Refusal) -> Terms {
    try Terms(
      origin: origin, name: name, logKey: logKey, validators: validators, quorum: quorum,
      isCrashFaultsOnly: isCrashFaultsOnly, since: since,
      former: (former + [self.logKey.publicKey.thumbprint]).sorted(), administrators: administrators,
      threshold: threshold, parameters: parameters)
  }

  /// The canonical item.
  public var cbor: CBOR {
    var pairs: [(CBOR, CBOR)] = [
      ("format", .unsigned(Terms.format)), ("origin", .text(origin)), ("name", name.cbor),
      ("log", .text(logKey.description)), ("quorum", .unsigned(UInt64(quorum))),
      ("validators", .array(validators.map(\.cbor))),
      (
        "administrators",
        .map([
          .text("members"): .array(administrators.map(CBOR.text)),
          .text("threshold"): .unsigned(UInt64(threshold)),
        ])
      ), ("parameters", parameters.cbor),
    ]
    if isCrashFaultsOnly { pairs.append(("crash-faults-only", .bool(true))) }
    if since > 0 { pairs.append(("since", .unsigned(since))) }
    if !former.isEmpty { pairs.append(("former", .array(former.map { .bytes($0.bytes) }))) }
    return .map(CBORMap(pairs))
  }

  /// The terms of a canonical item.
  ///
  /// - Throws: `malformed`, which names the format where it is another than 2; `threshold`.
  public init(_ cbor: CBOR) throws(Refusal) {
    do {
      var fields = try CBORFields(cbor, of: "terms")
      guard let format = try fields.optionalUnsigned("format") else {
        throw Refusal(.malformed, "the ledger is of format 1, made before the first release")
      }
      guard format == Terms.format else {
        throw Refusal(
          .malformed, "the ledger is of format \(format), which this software does not know")
      }
      let origin = try fields.text("origin", bytes: 1...200)
      let name = try LocalizedName(fields.value("name"))
      let logKey = try fields.verifierKey("log")
      let quorum = try fields.unsigned("quorum")
      var validators: [Validator] = []
      for item in try fields.array("validators", count: 1...Terms.maximumValidatorCount) {
        validators.append(try Validator(item))
      }
      let isCrashFaultsOnly = try fields.optionalBool("crash-faults-only")
      let since = try fields.optionalUnsigned("since")
      let former = try fields.optionalArray("former", count: 1...Terms.maximumFormerCount)
      guard isCrashFaultsOnly != false, since != 0 else {
        throw StatementError(.malformed, "the terms spell out what is left out")
      }
      var ruling = try CBORFields(fields.value("administrators"), of: "administrators")
      var administrators: [String] = []
      for item in try ruling.array("members", count: 1...Roster.maximumMemberCount) {
        guard case .text(let id) = item else {
          throw StatementError(.malformed, "an administrator is not a text")
        }
        administrators.append(id)
      }
      let threshold = try ruling.unsigned("threshold")
      try ruling.finish()
      let parameters = try Parameters(fields.value("parameters"))
      try fields.finish()
      guard administrators.sorted() == administrators else {
        throw StatementError(.malformed, "the administrators are not sorted")
      }
      try self.init(
        origin: origin, name: name, logKey: logKey, validators: validators, quorum: Int(clamping: quorum),
        isCrashFaultsOnly: isCrashFaultsOnly ?? false, since: since ?? 0,
        former: (former ?? []).map(Terms.thumbprint), administrators: administrators,
        threshold: Int(clamping: threshold), parameters: parameters)
    } catch let error as Refusal {
      throw error
    } catch {
      throw Refusal(.malformed, "\(error)")
    }
  }

  private static func thumbprint(_ item: CBOR) throws(StatementError) -> Digest {
    guard case .bytes(let bytes) = item, let digest = Digest(bytes) else {
      throw StatementError(.malformed, "a former key is not a thumbprint of 32 bytes")
    }
    return digest
  }
}
