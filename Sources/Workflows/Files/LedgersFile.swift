import Ledger
import LedgerStore

/// The configuration file of whoever works on several ledgers: what `@NAME` stands for.
///
///     {
///       "ledgers": [
///         {"name": "city", "ledger": "https://node.example", "policy": "city.policy", "key": "notary.pem"},
///         {"name": "here", "ledger": "/srv/ledger"}
///       ]
///     }
///
/// `policy` and `key` are optional; relative paths begin in the file's directory.
package struct LedgersFile {
  private static let limit = 1 << 20

  /// A ledger with a name.
  package struct Named: Sendable {
    package let name: String
    /// A directory, or the URL of a node.
    package let ledger: String
    /// The policy file, and the file of the private key that signs.
    package let policy, key: String?
  }

  package let path: String
  package let ledgers: [Named]

  /// - Parameter isURL: whether what a ledger is called by is the URL of a node.
  package init(_ path: String, isURL: (String) -> Bool) throws {
    self.path = path
    let bytes = try Files.contents(path, of: "a configuration file", limit: LedgersFile.limit)
    let folder = Files.parent(of: path)
    func absolute(_ file: String) -> String {
      file.utf8.first == UInt8(ascii: "/") ? file : "\(folder)/\(file)"
    }
    do {
      var file = try StrictJSON(parsing: bytes, of: "the configuration")
      var ledgers: [Named] = []
      for var entry in try file.objects("ledgers") ?? [] {
        let (name, ledger) = (try entry.text("name"), try entry.text("ledger"))
        let (policy, key) = (try entry.optionalText("policy"), try entry.optionalText("key"))
        try entry.finish()
        guard !name.isEmpty, !ledger.isEmpty else { throw entry.complaint("its name or its ledger is empty") }
        guard !ledgers.contains(where: { $0.name == name }) else {
          throw entry.complaint("two ledgers are called \(name.quoted)")
        }
        ledgers.append(
          Named(
            name: name, ledger: isURL(ledger) ? ledger : absolute(ledger), policy: policy.map(absolute),
            key: key.map(absolute)))
      }
      try file.finish()
      self.ledgers = ledgers
    } catch let refusal as Refusal { throw WorkflowError.usage("\(path): \(refusal.reason)") }
  }
}
