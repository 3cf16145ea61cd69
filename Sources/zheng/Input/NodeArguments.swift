import ArgumentParser
import LedgerClient
import LedgerCrypto
import Workflows

/// How a node is asked.
struct NodeOptions: ParsableArguments {
  @Option(help: "With --node: how many seconds the node may take for an answer. Default: 60.")
  var timeout: Int?

  @Option(
    help:
      "With a node of https: a PEM file of the authorities that it is judged by, in place of the system's.",
    completion: .file())
  var cacert: String?
  @Option(help: "With a node of https: this client's certificate, in PEM.", completion: .file())
  var cert: String?
  @Option(help: "With --cert: the file of its private key, in PEM.", completion: .file())
  var certKey: String?

  func validate() throws {
    guard (cert == nil) == (certKey == nil) else {
      throw ValidationError("--cert and --cert-key go together")
    }
    guard (1...86_400).contains(timeout ?? 1) else {
      throw ValidationError("--timeout is 1 to 86400 seconds")
    }
  }

  /// Sees that `url` is one of a node, and that nothing is said to it that concerns only a writer of this machine.
  func validate(_ url: String?, clockIsRight: Bool, adoptHead: Bool = false) throws {
    guard let url else {
      if timeout != nil { throw ValidationError("--timeout goes with --node") }
      if cacert != nil || cert != nil {
        throw ValidationError("--cacert, --cert and --cert-key go with a node of https")
      }
      return
    }
    do { _ = try NodeClient(url) } catch { throw ValidationError(error.description) }
    if cacert != nil || cert != nil, !url.lowercased().hasPrefix("https://") {
      throw ValidationError("--cacert, --cert and --cert-key go with a node of https; \(url) is none")
    }
    if clockIsRight { throw ValidationError("--clock-is-right is said to the node, not with --node") }
    if adoptHead { throw ValidationError("--adopt-head is said to the node, not with --node") }
  }

  /// A client of the node at `url` that holds it to `trust`, and says where it has to wait.
  func client(_ url: String, _ trust: NodeTrust) throws -> NodeClient {
    var client = try NodeClient(url, tls: NodeTLS(authorities: cacert, certificate: cert, key: certKey))
    client.patience = timeout.map { .seconds($0) } ?? CommandContext.current.patience
    (client.policy, client.checksProofs) = (trust.policy, true)
    client.wayOut = "start one with `zheng node LEDGER`, or correct the URL"
    client.onWaiting = (.seconds(2), { Diagnostics.note("\($0) (--timeout)") })
    return client
  }
}

extension NodeTrust {
  /// The environment variable that names the policy file of whoever always writes to one ledger.
  static let variable = "ZHENG_POLICY"

  /// By a policy file, by a ledger id, or by both; by the file that `ZHENG_POLICY` names where neither is given.
  ///
  /// - Throws: usage, where there is none of them.
  init(policy path: String?, ledgerID text: String?) throws {
    let id = try text.map(Digest.init(ledgerIDOption:))
    let variable = CommandContext.current.environment[NodeTrust.variable].flatMap { $0.isEmpty ? nil : $0 }
    guard let path = path ?? (id == nil ? variable : nil) else {
      guard let id else {
        throw CommandError.usage(
          "--policy is missing: the policy file of the ledger, by which the node is judged; or --ledger-id, or the variable \(NodeTrust.variable)"
        )
      }
      self.init(ledgerID: id)
      return
    }
    try self.init(policy: path, ledgerID: id, note: Diagnostics.note)
    if let id, id != ledgerID {
      throw CommandError.usage("--ledger-id \(id): \(path) is the policy of another ledger, \(ledgerID)")
    }
  }
}
