public import LedgerCrypto
public import Statements
public import TransparencyLog

/// A party that proposes blocks and cosigns them.
public struct Validator: Hashable, Sendable {
  /// Its name, of the form of a member id.
  public let name: String
  /// Its block key: an Ed25519 key, which signs the headers of the blocks that it proposes. They name it by its thumbprint.
  public let blockKey: PublicKey
  /// Its cosigner key: note type 0x04.
  public let cosignerKey: NoteVerifierKey

  public init(name: String, blockKey: PublicKey, cosignerKey: NoteVerifierKey) {
    (self.name, self.blockKey, self.cosignerKey) = (name, blockKey, cosignerKey)
  }
}

/// Item 0 of a roster: the terms of the consortium.
///
/// ```cddl
/// terms = { format: 2, origin: tstr, name: name, log: vkey,
///           validators: [+ { name: id, block: COSE_Key, cosigner: vkey }], quorum: uint,
///           administrators: { members: [+ id], threshold: uint },
///           parameters: { ? "utc-offset-minutes": -720..840, * tstr => uint } }
/// ```
public struct Terms: Hashable, Sendable {
  /// The checkpoint origin, which is the name of the log key too.
  public let origin: String
  /// The ledger's name for people.
  public let name: LocalizedName
  /// The ledger's one log key, of note type 0x01: signs the first line of every checkpoint, no matter who proposed the block.
  public let logKey: NoteVerifierKey
  /// The validators, in the order of their cosignatures.
  public let validators: [Validator]
  /// How many validators must cosign.
  public let quorum: Int
  /// The members that may change the roster, sorted.
  public let administrators: [String]
  /// How many of them must approve a change.
  public let threshold: Int
  /// The numbers by which the ledger runs.
  public let parameters: Parameters

  /// The most validators.
  public static let maximumValidatorCount = 32

  /// The format of the ledgers that this software writes and reads.
  public static let format: UInt64 = 2

  /// Terms.
  ///
  /// - Throws: `malformed` for names, keys or numbers out of bounds; `threshold` for a quorum that can't be met.
  public init(
    origin: String, name: LocalizedName, logKey: NoteVerifierKey, validators: [Validator], quorum: Int,
    administrators: [String], threshold: Int, parameters: Parameters
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
    guard (1...validators.count).contains(quorum) else {
      throw Refusal(.threshold, "a quorum of \(quorum) among \(validators.count) validators can't be met")
    }
    guard Set(administrators).count == administrators.count, !administrators.isEmpty else {
      throw Refusal(.malformed, "there must be administrators, each named once")
    }
    guard (1...administrators.count).contains(threshold) else {
      throw Refusal(
        .threshold, "a threshold of \(threshold) among \(administrators.count) administrators can't be met")
    }
    (self.origin, self.name, self.logKey) = (origin, name, logKey)
    (self.validators, self.quorum) = (validators, quorum)
    (self.administrators, self.threshold, self.parameters) = (administrators.sorted(), threshold, parameters)
  }

  /// These terms with other parameters.
  package func with(_ parameters: Parameters) throws(Refusal) -> Terms {
    try Terms(
      origin: origin, name: name, logKey: logKey, validators: validators, quorum: quorum,
      administrators: administrators, threshold: threshold, parameters: parameters)
  }

  /// The canonical item.
  public var cbor: CBOR {
    .map([
      .text("format"): .unsigned(Terms.format), .text("origin"): .text(origin), .text("name"): name.cbor,
      .text("log"): .text(logKey.description), .text("quorum"): .unsigned(UInt64(quorum)),
      .text("validators"): .array(
        validators.map {
          .map([
            .text("name"): .text($0.name), .text("block"): $0.blockKey.coseKey,
            .text("cosigner"): .text($0.cosignerKey.description),
          ])
        }),
      .text("administrators"): .map([
        .text("members"): .array(administrators.map(CBOR.text)),
        .text("threshold"): .unsigned(UInt64(threshold)),
      ]),
      .text("parameters"): parameters.cbor,
    ])
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
      let logKey = try NoteVerifierKey(fields.text("log", bytes: 1...512))
      let quorum = try fields.unsigned("quorum")
      var validators: [Validator] = []
      for item in try fields.array("validators", count: 1...Terms.maximumValidatorCount) {
        var fields = try CBORFields(item, of: "validator")
        let name = try fields.text("name", bytes: 1...64)
        let blockKey = try PublicKey(coseKey: fields.value("block"))
        let cosignerKey = try NoteVerifierKey(fields.text("cosigner", bytes: 1...512))
        try fields.finish()
        validators.append(Validator(name: name, blockKey: blockKey, cosignerKey: cosignerKey))
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
        administrators: administrators, threshold: Int(clamping: threshold), parameters: parameters)
    } catch let error as Refusal {
      throw error
    } catch {
      throw Refusal(.malformed, "\(error)")
    }
  }
}
