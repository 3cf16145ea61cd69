import LedgerStore

/// How a node serves its ledger.
public struct NodeSettings: Sendable {
  /// The address on which it listens.
  public var host = "127.0.0.1"
  /// The port on which it listens; 0 for a free one.
  public var port = 8080
  /// The path below which everything is served, such as `/ledger`; empty for the root.
  public var basePath = ""
  /// By which names it is reached, besides `host` and the names of the loopback interface; a request for another is refused.
  public var hostNames: [String] = []
  /// How it proves who it is; nil to serve without TLS.
  public var certificate: NodeCertificate?
  /// The addresses of proxies that are believed for whom they ask.
  public var trustedProxies: [String] = []
  /// Who may read the ledger.
  public enum Readers: String, Sendable, CaseIterable {
    /// Members, who prove themselves with a token.
    case members
    /// Anybody who reaches the node.
    case `public`
  }

  /// Who may read the ledger.
  public var readers = Readers.members
  /// Who may read `/metrics`.
  public enum MetricsReaders: String, Sendable, CaseIterable {
    /// Programs on this machine, which ask it by a loopback name and not through a proxy.
    case loopback
    /// Anybody who reaches the node.
    case `public`
  }

  /// Who may read what the node measures of itself.
  public var metricsReaders = MetricsReaders.loopback
  /// With fewer bytes left on the disk no statement is taken.
  public var leastFreeByteCount: UInt64 = 64 << 20
  /// How statements are taken and blocks are cut.
  public var committer = Committer.Settings()
  /// How the ledger is written.
  public var writer = LedgerWriter.Options()
  /// Which of the ledger's several validators this node is, and how it reaches the others; nil where there is one validator.
  public var consortium: ConsortiumSettings?
  /// What `/health` calls this software.
  public var version = "0"
  /// What a person types to check a proof, and to append a file through a node.
  public struct Commands: Sendable {
    let check, append: String

    /// The commands to show.
    public init(check: String, append: String) { (self.check, self.append) = (check, append) }
  }

  /// The commands that the page for people names, where there are any.
  public var commands: Commands?
  /// The most connections at once; more wait to be accepted.
  public var connectionLimit = 512
  /// The most connections at once of one address (of IPv6 one /64 network); more are answered with 429.
  public var connectionsPerAddress = 128
  /// The most new records of one member in a minute; then it is answered with 429 until the minute's share has come in again.
  public var recordsPerMinute = 600_000
  /// How long a connection may lie idle between two requests.
  public var idleTimeout = Duration.seconds(60)
  /// How long the head of a request may take.
  public var headTimeout = Duration.seconds(10)
  /// How long the body of a request may take.
  public var bodyTimeout = Duration.seconds(20)
  /// How long who is answered may take nothing of what waits for it.
  public var writeTimeout = Duration.seconds(30)
  /// How long who follows the blocks hears nothing, before a comment says that the node is there.
  public var eventPause = Duration.seconds(15)
  /// How long requests in flight may take after the node was told to stop.
  public var stopTimeout = Duration.seconds(30)
  /// How long after an audit of the whole ledger the next may begin.
  public var auditPause = Duration.seconds(30)
  /// Whether SIGTERM and SIGINT stop the node.
  public var handlesSignals = true

  /// The ordinary settings.
  public init() {}
}
