import ArgumentParser
import LedgerClient
import LedgerCrypto
import Workflows

/// How a node is asked.
struct NodeOptions: ParsableArguments {
  @Option(help: "With --node: how many seconds the node may take for an answer. Default: 60.")
  var timeout: Int?

  func validate() throws {
    guard (1...86_400).contains(timeout ?? 1) else {
      throw ValidationError("--timeout is 1 to 86400 seconds")
    }
  }

  /// Sees that `url` is one of a node, and that nothing is said to it that concerns only a writer of this machine.
  func validate(_ url: String?, clockIsRight: Bool, adoptHead: Bool = false) throws {
    guard let url else {
      if timeout != nil { throw ValidationError("--timeout goes with --node") }
      return
    }
    do { _ = try NodeClient(url) } catch { throw ValidationError(error.description) }
    if clockIsRight { throw ValidationError("--clock-is-right is said to the node, not with --node") }
    if adoptHead { throw ValidationError("--adopt-head is said to the node, not with --node") }
  }

  /// A client of the node at `url` that holds it to `trust`, and says where it has to wait.
  func client(_ url: String, _ trust: NodeTrust) throws -> NodeClient {
    var client = try NodeClient(url)
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
