import Foundation
import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

extension LedgerFolder {
  /// Founds a ledger here: keys, the founding block, what is derived, and the policy.
  ///
  /// It is made beside its place and moved there whole, so that a crash leaves a ledger or none.
  ///
  /// - Parameters:
  ///   - administrator: the key of an administrator, who signs the founding statement.
  ///   - now: the block's time, in ms since the epoch.
  /// - Returns: the ledger id.
  /// - Throws: `Failure`, with `EEXIST` where something is here already; a `Refusal` of the roster or the key.
  public func found(
    _ consortium: ConsortiumFile, administrator key: PrivateKey, options: LedgerWriter.Options = .init()
  ) throws -> Digest {
    if FileSystem.exists(path), try !FileSystem.names(in: path).isEmpty {
      throw Failure("init", path, errorNumber: EEXIST)
    }
    let roster = consortium.roster
    let signer = try founder(of: roster, administrator: key.publicKey)
    let moment = options.now()
    let statement = try Founding.statement(
      roster, administrator: signer.id, key: key, issuedAt: moment.wall / 1000, tokenID: randomBytes(16))
    return try inMaking.make { path in
      let scratch = LedgerFolder(path, rules: rules, index: index, remedies: remedies)
      try FileSystem.makeFolder(scratch.keys, permissions: 0o700)
      for node in consortium.nodeKeys {
        try FileSystem.create("\(scratch.keys)/\(node.name)", Array(node.key.pem().utf8), permissions: 0o600)
      }
      try scratch.writeFoundingBlock(statement, at: moment)
      let id = try scratch.open(options, at: moment)
      try FileSystem.create(scratch.policy, Array(roster.policyText(ledger: id).utf8))
      return id
    }
  }

  var inMaking: FolderInMaking { FolderInMaking(path: path, doing: "founding") }

  /// The administrator who founds a ledger with `roster`, by its key: what can be seen to before anything is signed or
  /// written.
  ///
  /// - Throws: `unknown-role`, `unknown-key`, `not-administrator`.
  public func founder(of roster: Roster, administrator key: PublicKey) throws(Refusal) -> Member {
    try rules.founder(of: roster, administrator: key)
  }

  /// Removes what foundings of a ledger here have left that were killed: unfinished folders, with private keys that sign nothing.
  ///
  /// - Returns: their paths.
  public func removeAbandonedFoundings() throws -> [String] { try inMaking.removeAbandoned() }

  /// Opens the ledger for the first time, which makes what is derived, and closes it.
  ///
  /// - Parameter moment: when the founding block was proposed.
  /// - Returns: the ledger id.
  private func open(_ options: LedgerWriter.Options, at moment: ProposalClock.Moment) throws -> Digest {
    let writer = try LedgerWriter(self, options)
    try writer.remember(moment)
    return writer.state.ledgerID
  }

  private func writeFoundingBlock(
    _ statement: SignedStatement, at moment: ProposalClock.Moment
  ) throws {
    let block = try FoundingBlock(statement, time: moment.wall, rules: rules)
    let nodeKeys = try NodeKeys(in: Directory(path), block.roster.terms)
    let header = try block.header(signedBy: nodeKeys.blockKey)
    let note = try nodeKeys.cosign(block.validated(header), time: (moment.wall + 999) / 1000)
    try writeFounding(statement, header, note)
  }
}

extension [any RuleSet] {
  /// The administrator who founds a ledger with `roster`, by its key.
  ///
  /// - Throws: `unknown-role`, `unknown-key`, `not-administrator`.
  func founder(of roster: Roster, administrator key: PublicKey) throws(Refusal) -> Member {
    try requireKnown(roster.terms.parameters)
    for member in roster.members { try requireKnown(roles: member.roles, of: member.id) }
    guard let founder = roster.members.first(where: { $0.keys.contains { $0.id == key.thumbprint } }) else {
      throw Refusal(.unknownKey, "the key that signs is no member's in the consortium file")
    }
    guard roster.administrators(at: 0).contains(founder.id) else {
      throw Refusal(
        .notAdministrator, "\(founder.id) is not an administrator; one of them signs the founding statement")
    }
    return founder
  }
}
