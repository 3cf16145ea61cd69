import ArgumentParser
import Foundation
import LedgerNode
import Logging
import Workflows

/// `zheng node`.
struct NodeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "node", abstract: "Serve a ledger over HTTP, and take statements for it.",
    discussion: """
      While it runs, only the node writes to the ledger; others append through it, and members read. On SIGTERM or \
      Ctrl-C it records and answers what it has taken, and stops. Its address is the first line of standard output; \
      its log goes to standard error.

        zheng node ledger
        zheng append http://127.0.0.1:8080 --policy policy --key notary.pem contract.txt
        curl http://127.0.0.1:8080/checkpoint
        curl -H 'Content-Type: application/cose' --data-binary @one.cose http://127.0.0.1:8080/entries

      A posted statement is answered once it is on disk, with its proof; the header Prefer: return=minimal asks only \
      for its place. Many go in one request as application/cbor-seq (`zheng sign` makes them).

      C2SP asks that a log's origin be its URL without the scheme: for https://example.org/ledger let the proxy pass \
      paths unchanged, and give --base-path /ledger.

      Members read with a token made with their key, which expires after at most ten minutes. Commands with --key \
      make tokens themselves; for other programs:

        curl -H "Authorization: Bearer $(zheng token --key notary.pem --policy policy --node http://127.0.0.1:8080)" \
          http://127.0.0.1:8080/members

      Without a token a node shows only /, /health, /policy, /checkpoint and its descriptions; a statement posted to \
      /entries is admitted by its own signature. With --read public anyone who reaches the node can read everything.

      For readers on other machines give it a certificate, or put a reverse proxy with TLS in front. The certificate \
      is read once: restart the node after renewing it.

        zheng node ledger --listen 0.0.0.0:8443 --host-name ledger.example.org --tls-cert chain.pem --tls-key key.pem

      With --tls-client-ca only clients with a certificate from these authorities can connect. A proxy given with \
      --trusted-proxy is believed when X-Forwarded-For names its client, so that limits apply to each client.

      Options can also come from a file (--config FILE or ZHENG_NODE_CONFIG) and from variables: ZHENG_NODE_LISTEN \
      is --listen, ZHENG_NODE_HOST_NAME is --host-name (several with commas). A flag overrides a variable, and a \
      variable overrides the file.

      A request must name the node as --listen or --host-name do, or as localhost; any other Host is refused (421), so that a \
      web page can't read a node on its reader's machine. Behind a proxy that passes the Host on, give its name.

        zheng node ledger --listen 10.0.0.7:8080 --host-name ledger.example.org

      Where a ledger has several validators, each runs a node of its own, which says which one it is and how it \
      reaches the others: by members of etcd, where each posts what it signs, or directly, or better both ways. A \
      statement is answered when a quorum has agreed on its block; without a quorum of nodes nothing is recorded.

        zheng node ledger --validator v1 --listen 0.0.0.0:8443 --host-name v1.example.org --tls-cert chain.pem \
      --tls-key key.pem --board https://10.0.0.1:2379,https://10.0.0.2:2379,https://10.0.0.3:2379 --board-user v1 \
      --board-password-file password --own-url https://v1.example.org:8443 --peer v2=https://v2.example.org:8443

      What the validator has signed is kept in ZHENG_STATE, and must never be restored from a backup: a validator that \
      does not know what it has signed would sign something else. Where it is lost, the node asks the others, and \
      goes on by itself.
      """)

  @OptionGroup var ledger: DirectoryArgument
  @Option(help: "The address and port to listen on; port 0 for a free one.") var listen =
    "127.0.0.1:8080"
  @Option(help: "The node's certificate with its chain to an authority, in PEM.", completion: .file())
  var tlsCert: String?
  @Option(help: "With --tls-cert: its private key, in PEM.", completion: .file())
  var tlsKey: String?
  @Option(
    help: "With --tls-cert: the authorities from which every client must have a certificate, in PEM.",
    completion: .file())
  var tlsClientCa: String?
  @Option(
    name: .customLong("trusted-proxy"),
    help: "The IP address of a proxy whose X-Forwarded-For is believed; may be repeated.")
  var trustedProxies: [String] = []
  @Option(
    name: .customLong("read"),
    help: "Who may read: members, with a token, or public, anyone who reaches the node.")
  var readers = NodeSettings.Readers.members
  @OptionGroup var consortium: ConsortiumOptions
  @Option(help: "The path below which the node is served, such as /ledger. Default: the root.") var basePath =
    ""
  @Option(help: "The longest wait for a fuller block, in ms. Default: the ledger's own parameter.")
  var blockDelayMs: Int?
  @Option(help: "How many statements may be in progress; further ones are asked to retry.") var queue =
    NodeSettings().committer.statementLimit
  @Option(
    name: .customLong("host-name"),
    help: "A name of the node, besides --listen and localhost; may be repeated.")
  var hostNames: [String] = []
  @Option(
    help:
      "The most simultaneous connections from one address. Behind a proxy, which is one address, give more.")
  var connectionsPerAddress = NodeSettings().connectionsPerAddress
  @Option(help: "The most new records of one member per minute.")
  var recordsPerMinute = NodeSettings().recordsPerMinute
  @Option(
    help: "With less free disk space than this, in MiB, nothing is taken; everything can still be read.")
  var leastFree = NodeSettings().leastFreeByteCount >> 20
  @Option(
    name: .customLong("metrics"),
    help: "Who may read /metrics: loopback, programs on this machine, or public.")
  var metricsReaders = NodeSettings.MetricsReaders.loopback
  @Option(help: "What is logged: trace, debug (each request), info, notice, warning, error or critical.")
  var logLevel = Logger.Level.info
  @Option(
    help: "A JSON file of these options, by their names: {\"listen\": \"…\", \"host-name\": [\"…\"]}.",
    completion: .file())
  var config: String?
  @Flag(help: "The clock is right, although it seems to have jumped.") var clockIsRight = false
  @Flag(help: "Continue, once, from the newest block here, whatever this machine signed last.")
  var adoptHead = false
  @OptionGroup var options: OutputOptions

  func validate() throws {
    guard (1...1_000_000).contains(queue) else { throw ValidationError(localized("--queue is 1 to 1000000")) }
    guard (0...60_000).contains(blockDelayMs ?? 0) else {
      throw ValidationError(localized("--block-delay-ms is 0 to 60000"))
    }
    guard (1...100_000).contains(connectionsPerAddress) else {
      throw ValidationError(localized("--connections-per-address is 1 to 100000"))
    }
    guard (1...1_000_000_000).contains(recordsPerMinute) else {
      throw ValidationError(localized("--records-per-minute is 1 to 1000000000"))
    }
    guard hostNames.allSatisfy({ !$0.isEmpty && !$0.contains(where: { ":/ ".contains($0) }) }) else {
      throw ValidationError(localized("--host-name is a name without a port, such as ledger.example.org"))
    }
    guard (0...1 << 30).contains(leastFree) else {
      throw ValidationError(localized("--least-free is 0 MiB or more"))
    }
    guard (tlsCert == nil) == (tlsKey == nil), tlsCert != nil || tlsClientCa == nil else {
      throw ValidationError(
        localized("--tls-cert and --tls-key go together, and --tls-client-ca goes with them"))
    }
    guard trustedProxies.allSatisfy(NodeSettings.isAddress) else {
      throw ValidationError(localized("--trusted-proxy is an IP address, such as 10.0.0.1 or fd00::1"))
    }
    let host = try address.host
    if !consortium.boards.isEmpty, consortium.ownUrl == nil, ["0.0.0.0", "::"].contains(host) {
      throw ValidationError(
        localized("--listen \(listen) names no address at which others reach this node; give --own-url"))
    }
    guard basePath.isEmpty || basePath.wholeMatch(of: /(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+/) != nil else {
      throw ValidationError(
        localized(
          "--base-path is a path such as /ledger, of letters, digits and -._, without a slash at its end"))
    }
  }

  /// The host and the port of `--listen`; an IPv6 address stands in brackets.
  private var address: (host: String, port: Int) {
    get throws {
      guard let colon = listen.lastIndex(of: ":"), let port = UInt16(listen[listen.index(after: colon)...])
      else {
        throw ValidationError(
          localized("--listen is an address and a port, such as 127.0.0.1:8080 or [::1]:8080"))
      }
      var host = listen[..<colon]
      if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
      guard !host.isEmpty, host.contains(":") == listen.hasPrefix("[") else {
        throw ValidationError(
          localized("--listen is an address and a port, such as 127.0.0.1:8080 or [::1]:8080"))
      }
      return (String(host), Int(port))
    }
  }

  func run() async throws {
    let folder = try ledger.folder
    var settings = NodeSettings()
    (settings.host, settings.port) = try address
    settings.basePath = basePath
    (settings.readers, settings.metricsReaders) = (readers, metricsReaders)
    settings.leastFreeByteCount = leastFree << 20
    settings.hostNames = hostNames
    settings.trustedProxies = trustedProxies
    if let tlsCert, let tlsKey {
      settings.certificate = NodeCertificate(
        certificate: tlsCert, key: tlsKey, clientAuthorities: tlsClientCa)
    }
    settings.consortium = try consortium.settings(
      certificate: tlsCert.flatMap { chain in tlsKey.map { (chain, $0) } })
    settings.connectionsPerAddress = connectionsPerAddress
    settings.connectionLimit = max(settings.connectionLimit, connectionsPerAddress)
    settings.recordsPerMinute = recordsPerMinute
    settings.committer.statementLimit = queue
    settings.committer.blockDelay = blockDelayMs.map { .milliseconds($0) }
    settings.handlesSignals = CommandContext.current.handlesSignals
    settings.writer = CommandContext.current.work.writerOptions(
      isClockConfirmed: clockIsRight, adoptsHead: adoptHead)
    settings.version = Zheng.configuration.version
    settings.commands = .init(
      check: "zheng check", append: "zheng append URL --policy FILE --key KEY.pem FILE")
    var logger = Logger(label: "zheng.node", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = logLevel
    let isJSON = options.json
    try await Node.serve(folder, settings, logger: logger) { node in
      let output = Output(isJSON: isJSON)
      let json: JSON = [
        "url": .text(node.url), "host": .text(node.host), "port": .number(UInt64(node.port)),
        "ledger": .text(node.ledgerID), "size": .number(node.size),
      ]
      try output.result(json, text: localized("listening on \(node.url)"))
      try output.flush()
    }
  }
}

/// A command that prints results and waits for others on the way.
protocol AsyncResultCommand: AsyncParsableCommand {
  /// How results are printed.
  var options: OutputOptions { get }
  /// Does the work; what it printed is flushed afterwards, also when it throws.
  func run(_ output: Output) async throws
}

extension AsyncResultCommand {
  func run() async throws {
    let output = options.output
    do { try await run(output) } catch {
      try output.flush()
      throw error
    }
    try output.flush()
  }
}

extension NodeSettings.Readers: ExpressibleByArgument {}

extension NodeSettings.MetricsReaders: ExpressibleByArgument {}

extension Logger.Level: @retroactive ExpressibleByArgument {}
