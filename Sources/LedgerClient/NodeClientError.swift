/// Why a node could not be used. What the ledger's rules refuse is a `Refusal` instead.
public struct NodeClientError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds, by their stable names.
  public enum Code: String, Sendable {
    /// Nobody answers at the URL, or no longer.
    case unreachable
    /// What answers there is not a node of this software, or the URL is none.
    case notANode = "not-a-node"
    /// What answers there names another URL.
    case redirected
    /// The node serves another ledger than the one that was asked for.
    case otherLedger = "other-ledger"
    /// The node was busy or being stopped for longer than the client is patient; try again.
    case busy
    /// The node can't write any more, or can't read its ledger.
    case failed
    /// What the node said does not fit what it was sent.
    case untrue
    /// The node says that a statement is a record, and its proof does not hold.
    case notProven = "not-proven"
    /// A file of certificates, or of the key of one, is not what it should be.
    case credentials
    /// The certificate of the node is not trusted, or another host's.
    case untrustedCertificate = "untrusted-certificate"
    /// The node shows its ledger to members alone, and did not accept the token that it was sent, or was sent none.
    case noAccess = "no-access"
    /// No member of the ledger has the key.
    case unknownKey = "unknown-key"
  }

  /// The kind.
  public let code: Code
  /// One sentence for a person, that names the URL and says what to do.
  public let description: String

  package init(_ code: Code, _ description: String) { (self.code, self.description) = (code, description) }
}
