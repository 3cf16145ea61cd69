import ArgumentParser
import LedgerClient
import LedgerCrypto
import Workflows

/// How a node is asked, and by what it is judged.
extension LedgerArgument {
  /// The policy file that is given, or that the environment names.
  ///
  /// - Throws: usage, where there is none.
  var trustFile: String {
    get throws {
      guard let path = policy ?? CommandContext.variable(NodeTrust.variable) else {
        throw CommandError.usage(NodeTrust.missing)
      }
      return path
    }
  }

  /// The ledger at the node, held to the policy, and to `id` where that is given.
  ///
  /// - Parameters:
  ///   - key: a member's, with which it proves that it may read; the one that the environment names where that is nil.
  ///   - item: of evidence, how it stands being asked for in the same request.
  func atNode(
    ledgerID id: String? = nil, as key: PrivateKey? = nil, showing item: String? = nil
  ) async throws -> NodeLedger {
    let trust = try NodeTrust(policy: policy ?? trustFile, ledgerID: id)
    let reader = try key ?? CommandContext.variable(KeyOption.variable).map { try KeyFiles.privateKey($0) }
    guard let ledger = try await held(client(trust, as: reader), trust, showing: item) else {
      throw CommandError.usage(NodeTrust.missing)
    }
    return ledger
  }

  /// The ledger at the node that `client` asks, held to `trust` and to the checkpoint that is given; nil where there is no policy.
  func held(
    _ client: NodeClient, _ trust: NodeTrust, showing item: String? = nil
  ) async throws -> NodeLedger? {
    guard let policy = trust.policy else {
      if checkpoint != nil {
        throw CommandError.usage(localized("--checkpoint is judged by the policy; give --policy"))
      }
      return nil
    }
    return try await NodeLedger(
      client, trust.ledgerID, policy, CommandContext.current.work,
      saved: checkpoint.map { try SavedCheckpoint($0, note: Diagnostics.note(told:)) }, showing: item)
  }

  /// A client of the node that holds it to `trust`, and says where it has to wait.
  ///
  /// - Parameter key: a member's, with which it proves that it may read.
  func client(_ trust: NodeTrust, as key: PrivateKey? = nil) throws -> NodeClient {
    var client = try NodeClient(path, tls: NodeTLS(authorities: cacert, certificate: cert, key: certKey))
    client.patience = timeout.map { .seconds($0) } ?? CommandContext.current.patience
    (client.policy, client.checksProofs) = (trust.policy, true)
    client.wayOut = "start one with `zheng node LEDGER`, or correct the URL"
    client.authorityWayOut =
      "if it is the node's, give its authority's certificate with --cacert; otherwise correct the URL"
    if let key {
      let tokens = ReadingTokens(
        key: key, ledger: trust.ledgerID, node: client.url, now: CommandContext.current.seconds)
      client.authorization = tokens.authorization
    }
    client.onWaiting = (.seconds(2), { Diagnostics.note("\($0) (--timeout)") })
    return client
  }
}

/// The private key of who signs.
struct KeyOption: ParsableArguments {
  /// The environment variable that names the key of whoever always signs with one.
  static let variable = "ZHENG_KEY"

  @Option(
    name: .customLong("key"),
    help: "A member's private key, which signs. Default: what \(variable) names.",
    completion: .file())
  var given: String?
  // No group in a group where it can be helped: the argument parser's checks of a debug build take four times as long for each.
  @Option(name: PassphraseOption.name, help: PassphraseOption.help) var descriptor: Int32?

  func validate() throws { try PassphraseOption.use(descriptor) }

  /// The file of the key.
  ///
  /// - Throws: usage, where neither names one.
  var path: String {
    get throws {
      guard let path = given ?? CommandContext.variable(KeyOption.variable) else {
        throw CommandError.usage(
          localized(
            "--key is missing: the private key of a member, who signs; or the variable \(KeyOption.variable)")
        )
      }
      return path
    }
  }
}

extension NodeTrust {
  /// The environment variable that names the policy file of whoever always writes to one ledger.
  static let variable = "ZHENG_POLICY"
  /// The complaint that there is none.
  static var missing: String {
    localized(
      "--policy is missing: the policy file of the ledger, from a source that you trust, by which the node is judged; or the variable \(variable)"
    )
  }

  /// By a policy file, by a ledger id, or by both; by the file that `ZHENG_POLICY` names where neither is given.
  ///
  /// - Throws: usage, where there is none of them.
  init(policy path: String?, ledgerID text: String?) throws {
    let id = try text.map(Digest.init(ledgerIDOption:))
    guard let path = path ?? (id == nil ? CommandContext.variable(NodeTrust.variable) : nil) else {
      guard let id else { throw CommandError.usage(NodeTrust.missing) }
      self.init(ledgerID: id)
      return
    }
    try self.init(policy: path, ledgerID: id, note: Diagnostics.note(told:))
    if let id, id != ledgerID {
      throw CommandError.usage(
        localized("--ledger-id \(id): \(path) is the policy of another ledger, \(ledgerID)"))
    }
  }
}
