import Foundation
import Ledger
import LedgerCrypto
import TransparencyLog

/// The private keys of one of several validators, in a folder: `<name>.block.pem`, `<name>.vote.pem`, `<name>.cosigner.pem`.
public struct ValidatorKeyFolder: Sendable {
  /// The folder.
  public let path: String

  /// The keys in the folder `path`.
  public init(_ path: String) { self.path = path }

  /// Makes the three keys of the validator called `name`. The folder is made where it is not there; no file is replaced.
  ///
  /// - Returns: by their use, `block`, `vote` and `cosigner`, the public keys.
  /// - Throws: `Failure`; `malformed` for a name that no validator may have.
  public func make(_ name: String) throws -> [(use: String, key: PublicKey)] {
    guard Member.isID(name), name != "none" else {
      throw Refusal(
        .malformed, "\(name.quoted) is no validator's name: 1 to 64 of a-z, 0-9 and -, not \"none\"")
    }
    if !FileSystem.exists(path) { try FileSystem.makeFolder(path, permissions: 0o700) }
    let uses = [
      ("block", NodeKeys.blockKeyName(name)), ("vote", NodeKeys.voteKeyName(name)),
      ("cosigner", NodeKeys.cosignerKeyName(name)),
    ]
    for (_, file) in uses where FileSystem.exists("\(path)/\(file)") {
      throw Failure(
        "create", "\(path)/\(file)", errorNumber: EEXIST,
        reason: "a key is here already, which may be in use; name another folder")
    }
    return try uses.map { use, file in
      let key = try PrivateKey(generating: .ed25519)
      try FileSystem.create("\(path)/\(file)", Array(key.pem().utf8), permissions: 0o600)
      return (use, key.publicKey)
    }
  }

  /// The keys of the validator called `name`.
  ///
  /// - Throws: `Failure` where one is missing, or others may read it.
  func keys(
    called name: String
  ) throws -> (block: PrivateKey, vote: PrivateKey, cosigner: PrivateKey) {
    PrivateMemory.guardProcess()
    let folder = try Directory(path)
    func key(_ name: String) throws -> PrivateKey {
      guard let key = try NodeKeys.key(folder, name, nil) else {
        throw Failure("open", folder.path(of: name), errorNumber: ENOENT)
      }
      return key
    }
    return try (
      key(NodeKeys.blockKeyName(name)), key(NodeKeys.voteKeyName(name)), key(NodeKeys.cosignerKeyName(name))
    )
  }

  /// The keys of `validator`, each held against the roster's.
  ///
  /// - Throws: `Failure` where one is missing, others may read it, or it is another.
  func keys(of validator: Validator) throws -> (
    block: PrivateKey, vote: PrivateKey?, cosigner: PrivateKey
  ) {
    PrivateMemory.guardProcess()
    let folder = try Directory(path)
    func key(_ name: String, _ expected: PublicKey) throws -> PrivateKey {
      try NodeKeys.required(folder, name, expected)
    }
    let vote = try validator.voteKey.map { try key(NodeKeys.voteKeyName(validator.name), $0) }
    return (
      try key(NodeKeys.blockKeyName(validator.name), validator.blockKey), vote,
      try key(NodeKeys.cosignerKeyName(validator.name), validator.cosignerKey.publicKey)
    )
  }
}

extension FoundingFile {
  /// The validator called `name`.
  ///
  /// - Throws: `unknown-member`, with those that there are.
  fileprivate func validator(_ name: String) throws(Refusal) -> Validator {
    guard let validator = roster.terms.validators.first(where: { $0.name == name }) else {
      let names = roster.terms.validators.map(\.name).joined(separator: ", ")
      throw Refusal(.unknownMember, "\(name.quoted) is no validator of this founding; there are \(names)")
    }
    return validator
  }

  /// Signs as the validator called `name`: the first of the roster makes the header, the others sign what it made. What is signed is
  /// kept in STATE first, so that no second header is ever signed for this ledger.
  ///
  /// - Parameters:
  ///   - moment: now, by this validator's clock.
  ///   - place: where the file lies, for messages.
  /// - Throws: `founding-unsigned` where the header is not there yet, `founding-other-header` where this validator has signed another,
  ///   `after-block-time` or `stale` where its clock says that the header is of the future or too old; `Failure`.
  package mutating func sign(
    as name: String, with keys: ValidatorKeyFolder, at moment: ProposalClock.Moment, state: String?,
    _ place: LedgerFolder
  ) throws {
    let validator = try validator(name)
    let (blockKey, voteKey, cosignerKey) = try keys.keys(of: validator)
    let lastSigned = try LastSigned(ledger, name, in: state, of: place)
    if header == nil {
      guard validator == roster.terms.validators[0] else {
        throw Refusal(
          .foundingUnsigned,
          "the header is not here yet: \(roster.terms.validators[0].name), the first validator, makes it and signs first"
        )
      }
      try requireUnsigned(lastSigned, nil)
      try setHeader(
        FoundingBlock(statement, time: moment.wall, rules: rules).header(signedBy: blockKey))
    }
    guard let header else { throw Refusal(.foundingUnsigned, "there is no header") }
    try requireTime(header.block.header.time, now: moment.wall)
    try keep(header, in: lastSigned, at: moment)
    guard !signatures.contains(where: { $0.name == name }) else { return }
    let cosigner = try NoteSigner(
      name: validator.cosignerKey.name, type: .cosignature, key: cosignerKey)
    // Rounded up: what was cosigned must not seem to have existed before it did.
    try add(
      ValidatorJoin(
        signedBy: name, at: header.block.checkpoint, of: ledger, time: (moment.wall + 999) / 1000,
        blockKey: blockKey, voteKey: voteKey, cosigner: cosigner))
  }

  /// Sees that nothing but the block with the header `leaf` was signed for this ledger here.
  private func requireUnsigned(_ lastSigned: LastSigned, _ leaf: Digest?) throws(Refusal) {
    guard let newest = lastSigned.newest, newest.header != leaf else { return }
    throw Refusal(
      .foundingOtherHeader,
      "\(lastSigned.path): this validator has signed another header for the ledger \(ledger), and signs one only; propose the founding anew"
    )
  }

  /// Keeps in STATE that the block with this header was signed.
  fileprivate func keep(
    _ header: (entry: [UInt8], block: ValidatedBlock), in lastSigned: LastSigned,
    at moment: ProposalClock.Moment
  ) throws {
    var hasher = TreeHasher()
    let leaf = hasher.leaf(header.entry.span)
    try requireUnsigned(lastSigned, leaf)
    guard lastSigned.newest == nil else { return }
    let checkpoint = header.block.checkpoint
    try lastSigned.keep(
      LastSigned.Block(
        height: 0, header: leaf, size: checkpoint.size, root: checkpoint.root, moment: moment.text))
  }

  /// Sees that the header's time is one that this validator's clock can confirm: not ahead of it by more than the drift, and not further
  /// back than the statement window.
  private func requireTime(_ time: UInt64, now: UInt64) throws(Refusal) {
    let parameters = roster.terms.parameters
    guard time <= now + parameters[Parameters.allowedDrift] else {
      throw Refusal(
        .afterBlockTime,
        "the header's time lies \((time - now) / 1000) s after this machine's clock; one of the two clocks is wrong"
      )
    }
    guard time + parameters[Parameters.statementWindow] * 1000 >= now else {
      throw Refusal(
        .stale, "the founding was proposed \((now - time) / 86_400_000) days ago; propose it anew")
    }
  }

  /// The founding checkpoint: the log key's line, and every validator's.
  ///
  /// - Throws: `founding-unsigned` where one is missing; `unknown-key` where `logKey` is not the ledger's.
  func note(signedBy logKey: PrivateKey) throws -> SignedNote {
    guard let header else { throw Refusal(.foundingUnsigned, "nobody has signed yet") }
    guard missing.isEmpty else {
      throw Refusal(
        .foundingUnsigned,
        "\(missing.joined(separator: ", ")) must sign first: every validator signs the founding")
    }
    let terms = roster.terms
    guard logKey.publicKey == terms.logKey.publicKey else {
      throw Refusal(.unknownKey, "the log key given is not the ledger's, \(terms.logKey)")
    }
    let text = header.block.checkpoint.text
    let log = try NoteSigner(name: terms.origin, type: .ed25519, key: logKey)
    var lines = [try log.sign(text)]
    for (join, validator) in zip(signatures, terms.validators) {
      let key = validator.cosignerKey
      lines.append(
        try NoteSignature(name: key.name, keyID: key.keyID, signature: join.cosignature.bytes))
    }
    return try SignedNote(text: text, signatures: lines)
  }
}

extension LedgerFolder {
  /// Makes the ledger of a founding that every validator has signed, for the one called `name`.
  ///
  /// - Parameters:
  ///   - keys: where this validator's keys lie; they are copied into the ledger's `keys/`.
  ///   - logKey: the ledger's log key, which comes to every validator.
  /// - Returns: the ledger id.
  /// - Throws: `Failure`, with `EEXIST` where something is here already; as `note`; `founding-other-header`.
  package func found(
    _ founding: FoundingFile, as name: String, with keys: ValidatorKeyFolder, logKey: PrivateKey,
    at moment: ProposalClock.Moment, state: String?
  ) throws -> Digest {
    if FileSystem.exists(path), try !FileSystem.names(in: path).isEmpty {
      throw Failure("init", path, errorNumber: EEXIST)
    }
    let note = try founding.note(signedBy: logKey)
    guard let header = founding.header else { throw Refusal(.foundingUnsigned, "nobody has signed yet") }
    let (block, vote, cosigner) = try keys.keys(of: founding.validator(name))
    // Whatever the file says, this validator goes on only with what it has signed itself.
    try founding.keep(
      header, in: LastSigned(founding.ledger, name, in: state, of: self), at: moment)
    return try inMaking.make { path in
      let scratch = LedgerFolder(path, rules: rules, index: index, remedies: remedies)
      try FileSystem.makeFolder(scratch.keys, permissions: 0o700)
      for (file, key) in [
        (NodeKeys.logKeyName, logKey), (NodeKeys.blockKeyName(name), block),
        (NodeKeys.voteKeyName(name), vote), (NodeKeys.cosignerKeyName(name), cosigner),
      ] as [(String, PrivateKey?)] {
        guard let key else { continue }
        try FileSystem.create("\(scratch.keys)/\(file)", Array(key.pem().utf8), permissions: 0o600)
      }
      try scratch.writeFounding(founding.statement, header.entry, note)
      _ = try scratch.rebuild()
      try FileSystem.create(
        scratch.policy, Array(founding.roster.policyText(ledger: founding.ledger).utf8))
      return founding.ledger
    }
  }
}
