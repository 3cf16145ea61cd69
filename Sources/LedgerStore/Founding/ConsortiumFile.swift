import Foundation
import Ledger
import LedgerCrypto
import TransparencyLog

/// The founders' file: the first roster as JSON, with public keys as PEM files or inline PEM.
///
/// `origin`, `name {zh, en}`, `members [{id, name, roles, keys}]`, `administrators {members, threshold}`; and, where the
/// standard will not do, `quorum` (1), `crash-faults-only` (false), `parameters {…}`, `log` and `validators [{name, block, vote,
/// cosigner}]`, `vote` only where there are several.
/// Each is a PEM file. `log` is the ledger's one log key; a node that writes needs the private key. A validator's keys are private
/// where this node is that validator, public otherwise. Without `log` a log key is made; without `validators`, one validator called
/// `local`. Paths are relative to the file. Unknown keys, and keys that are there twice, are refused.
public struct ConsortiumFile: Sendable {
  /// The first roster.
  public let roster: Roster
  /// Whether it names the ledger's log key, so that none is made.
  let namesLogKey: Bool
  /// The private keys of the validators that this node is, by file name in `keys/`.
  let nodeKeys: [(name: String, key: PrivateKey)]

  /// Whether enough validators' private keys are here for the quorum, so that this node alone can found the ledger.
  public var isWhole: Bool {
    let cosigners = Set(roster.terms.validators.map { NodeKeys.cosignerKeyName($0.name) })
    return nodeKeys.count { cosigners.contains($0.name) } >= roster.terms.quorum
  }

  /// The most bytes of a consortium file.
  public static let maximumByteCount = 1 << 20

  /// Reads the file at `path`.
  ///
  /// - Throws: `Failure` where a file can't be read; a refusal, `malformed` or `threshold`, that begins with the path.
  public init(_ path: String, rules: [any RuleSet]) throws {
    let bytes = try FileSystem.read(path, limit: ConsortiumFile.maximumByteCount)
    do {
      try self.init(parsing: bytes, relativeTo: FileSystem.parent(of: path), rules: rules)
    } catch let refusal as Refusal {
      throw Refusal(refusal.code, "\(path): \(refusal.reason)")
    }
  }

  /// Reads a consortium file's content; key files are relative to `folder`.
  ///
  /// - Parameter rules: by whose parameters the ledger runs, besides its own.
  public init(
    parsing bytes: [UInt8], relativeTo folder: String, rules: [any RuleSet]
  ) throws {
    var file = try StrictJSON(parsing: bytes, of: "the consortium file")
    let origin = try file.text("origin")
    let name = try ConsortiumFile.name(file.requiredObject("name"))
    var members: [Member] = []
    for object in try file.objects("members") ?? [] {
      members.append(try ConsortiumFile.member(object, folder))
    }
    var administration = try file.requiredObject("administrators")
    let administrators = try administration.texts("members") ?? []
    let threshold = try administration.number("threshold") ?? 1
    try administration.finish()
    let numbers: Parameters
    if var values = try file.object("parameters") {
      let minutes = try values.number(UTCOffset.parameter)
      let given = try values.allNumbers()
      numbers = try values.placing { () throws(Refusal) in
        try Parameters(
          given, with: rules.flatMap(\.parameters),
          utcOffset: minutes.map { minutes throws(Refusal) in try UTCOffset(minutes: minutes) } ?? .standard)
      }
    } else {
      numbers = try Parameters(with: rules.flatMap(\.parameters))
    }
    let logText = try file.optionalText("log")
    let (log, logPrivate) = try ConsortiumFile.log(logText, folder)
    namesLogKey = logText != nil
    let validators: [(validator: Validator, own: [(name: String, key: PrivateKey)])]
    if let objects = try file.objects("validators") {
      validators = try objects.map { try ConsortiumFile.validator($0, origin, folder) }
    } else {
      validators = [try ConsortiumFile.localValidator(origin)]
    }
    let quorum = try file.number("quorum") ?? 1
    let isCrashFaultsOnly = try file.flag("crash-faults-only")
    try file.finish()
    let terms = try Terms(
      origin: origin, name: name, logKey: ConsortiumFile.vkey(origin, .ed25519, log),
      validators: validators.map(\.validator), quorum: quorum, isCrashFaultsOnly: isCrashFaultsOnly,
      administrators: administrators, threshold: threshold, parameters: numbers)
    roster = try Roster(terms: terms, members: members, inForceFrom: 0)
    nodeKeys = (logPrivate.map { [(NodeKeys.logKeyName, $0)] } ?? []) + validators.flatMap(\.own)
  }

  private static func name(_ object: StrictJSON) throws(Refusal) -> LocalizedName {
    var object = object
    let name = LocalizedName(zh: try object.optionalText("zh"), en: try object.optionalText("en"))
    try object.finish()
    guard let name else {
      throw object.complaint(
        "\(object.name) needs \"zh\" or \"en\", each 1 to 200 bytes without control characters")
    }
    return name
  }

  private static func member(_ object: StrictJSON, _ folder: String) throws -> Member {
    var object = object
    let id = try object.text("id")
    let name = try name(object.requiredObject("name"))
    let roles = try object.texts("roles") ?? []
    var keys: [MemberKey] = []
    for text in try object.texts("keys") ?? [] {
      let (pem, place) = try pem(text, folder)
      do { keys.append(MemberKey(try PublicKey(pem: pem), from: 0)) } catch {
        throw Refusal(.malformed, "a key of \(id.quoted), \(place): \(error.description)")
      }
    }
    try object.finish()
    return try object.placing { () throws(Refusal) in
      try Member(id: id, name: name, roles: roles, keys: keys)
    }
  }

  /// The validator that `object` describes, and those of its private keys that are given, by their file names.
  static func validator(
    _ object: StrictJSON, _ origin: String, _ folder: String
  ) throws -> (validator: Validator, own: [(name: String, key: PrivateKey)]) {
    var object = object
    let name = try object.text("name")
    let owner = "a key of the validator \(name)"
    let (block, blockPrivate) = try nodeKey(object.text("block"), folder, owner)
    let vote = try object.optionalText("vote").map { try nodeKey($0, folder, owner) }
    let (cosigner, cosignerPrivate) = try nodeKey(object.text("cosigner"), folder, owner)
    try object.finish()
    let validator = Validator(
      name: name, blockKey: block, voteKey: vote?.0,
      cosignerKey: try vkey("\(origin)/\(name)", .cosignature, cosigner))
    let own = [
      (NodeKeys.blockKeyName(name), blockPrivate), (NodeKeys.voteKeyName(name), vote?.1),
      (NodeKeys.cosignerKeyName(name), cosignerPrivate),
    ]
    return (validator, own.compactMap { file, key in key.map { (file, $0) } })
  }

  /// The ledger's log key: the one that the file names, or a fresh one.
  private static func log(_ text: String?, _ folder: String) throws -> (PublicKey, PrivateKey?) {
    if let text { return try nodeKey(text, folder, "the log key") }
    let key = try PrivateKey(generating: .ed25519)
    return (key.publicKey, key)
  }

  private static func nodeKey(
    _ text: String, _ folder: String, _ owner: String
  ) throws -> (PublicKey, PrivateKey?) {
    let (pem, place) = try pem(text, folder)
    do {
      if pem.contains("PRIVATE KEY") {
        let key = try PrivateKey(pem: pem)
        return (key.publicKey, key)
      }
      return (try PublicKey(pem: pem), nil)
    } catch {
      throw Refusal(.malformed, "\(owner), \(place): \(error.description)")
    }
  }

  private static func localValidator(
    _ origin: String
  ) throws -> (validator: Validator, own: [(name: String, key: PrivateKey)]) {
    let block = try PrivateKey(generating: .ed25519)
    let cosigner = try PrivateKey(generating: .ed25519)
    let validator = Validator(
      name: "local", blockKey: block.publicKey,
      cosignerKey: try vkey("\(origin)/local", .cosignature, cosigner.publicKey))
    return (
      validator, [(NodeKeys.blockKeyName("local"), block), (NodeKeys.cosignerKeyName("local"), cosigner)]
    )
  }

  private static func vkey(
    _ name: String, _ type: NoteSignatureType, _ key: PublicKey
  ) throws(Refusal) -> NoteVerifierKey {
    do { return try NoteVerifierKey(name: name, type: type, publicKey: key) } catch {
      throw Refusal(.malformed, "\"\(name)\" can't name a key: \(error.description)")
    }
  }

  private static func pem(_ text: String, _ folder: String) throws -> (pem: String, place: String) {
    if text.contains("-----BEGIN") { return (text, "given inline") }
    let path = text.utf8.first == UInt8(ascii: "/") || folder.isEmpty ? text : "\(folder)/\(text)"
    return (String(decoding: try FileSystem.read(path, limit: 65_536), as: UTF8.self), path)
  }
}
