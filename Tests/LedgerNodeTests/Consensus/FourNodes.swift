import Consortium
import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerIndex
import LedgerStore
import Logging
import Statements
import TestKit
import Testing
import TransparencyLog

@testable import LedgerNode

/// A ledger of four validators of whom one may lie: each has a directory, a folder STATE and a port of its own, and whoever runs is a
/// node in this process.
final class FourNodes {
  let ledger: TestLedger
  let terms: Terms
  let folders: [LedgerFolder]
  let host = Loopback.ownHost()
  let ports: [Int]
  private(set) var nodes: [Int: ValidatorNode] = [:]
  /// How long a submitter waits for a decision.
  var decisionLimit = Duration.seconds(600)
  /// By how many ms a validator's clock is ahead.
  var clockLeads: [Int: UInt64] = [:]

  init() throws {
    let ledger = try TestLedger(deciding: (4, 3))
    terms = try LedgerReader(ledger.folder).state().roster.terms
    folders = try (0..<4).map { number in
      let path = "\(ledger.root)/ledger-\(number)"
      try FileManager.default.copyItem(atPath: ledger.folder.path, toPath: path)
      for name in try FileManager.default.contentsOfDirectory(atPath: "\(path)/keys")
      where name != "log.pem" && !name.hasPrefix("\(FourNodes.name(number)).") {
        try FileManager.default.removeItem(atPath: "\(path)/keys/\(name)")
      }
      return LedgerFolder(path, rules: ledger.folder.rules)
    }
    ports = try Loopback.freePorts(4, at: host)
    self.ledger = ledger
  }

  static func name(_ number: Int) -> String { "validator-\(number)" }

  func url(_ number: Int) -> String { "http://\(host):\(ports[number])" }

  /// What connects to the node of `number`.
  func connecting(to number: Int) -> @Sendable () throws -> Wire {
    { [port = ports[number], host] in try Wire(port: port, at: host) }
  }

  /// The validator's folder in STATE.
  func place(_ number: Int) -> String {
    "\(ledger.root)/state-\(number)/\(ledger.id.hex)/\(FourNodes.name(number))"
  }

  func start(_ number: Int) async throws {
    var settings = TestNode.patient
    settings.host = host
    (settings.port, settings.handlesSignals, settings.version) = (ports[number], false, "test")
    settings.readers = .public
    settings.writer.stateFolder = "\(ledger.root)/state-\(number)"
    settings.committer.decisionLimit = decisionLimit
    if let lead = clockLeads[number] {
      settings.writer.now = { .now(wall: UInt64(Date().timeIntervalSince1970 * 1000) + lead) }
    }
    var consortium = ConsortiumSettings(validator: FourNodes.name(number))
    for other in 0..<4 where other != number { consortium.peers[FourNodes.name(other)] = url(other) }
    settings.consortium = consortium
    nodes[number] = try await ValidatorNode.start(folders[number], settings)
  }

  func start(_ numbers: Range<Int>) async throws { for number in numbers { try await start(number) } }

  func stop(_ number: Int) async throws { try await nodes.removeValue(forKey: number)?.stop() }

  func stopAll() async throws { for number in Array(nodes.keys) { try await stop(number) } }

  /// A node that runs.
  subscript(number: Int) -> ValidatorNode { nodes[number]! }

  func keys(_ number: Int) throws -> ValidatorKeyFiles {
    try ValidatorKeyFiles(in: folders[number], validator: FourNodes.name(number), terms: terms)
  }

  /// Who decides at first.
  func committee() throws -> Committee {
    try Committee(
      rosterInForce: LedgerReader(ledger.folder).state().roster, of: ledger.id)
  }

  /// The header of a block of `entry` that validator 1 signs, upon `state`, which names another state than the core's; its leaf hash, and
  /// the tree that it ends.
  func header(
    over entry: [UInt8], _ state: LedgerState, using hasher: inout TreeHasher
  ) throws -> (entry: [UInt8], digest: Digest, tree: Frontier) {
    var tree = state.frontier
    tree.append(hasher.leaf(entry.span), using: &hasher)
    let header = try BlockHeader(
      height: 1, previous: state.parent, first: state.frontier.size, size: tree.size,
      root: tree.root(using: &hasher), state: ledger.id, time: UInt64(Date().timeIntervalSince1970 * 1000),
      roster: state.roster.root
    ).signed(
      by: PrivateKey(
        pem: String(contentsOfFile: "\(folders[1].path)/keys/validator-1.block.pem", encoding: .utf8)))
    let digest = hasher.leaf(header.span)
    tree.append(digest, using: &hasher)
    return (header, digest, tree)
  }

  /// The body of a block of these entries.
  static func body(_ entries: [[UInt8]]) -> [UInt8] {
    var bytes: [UInt8] = []
    for entry in entries { EntryBundle.append(entry.span, to: &bytes) }
    return bytes
  }

  /// Has a statement recorded through a node.
  @discardableResult
  func append(_ payload: String, through number: Int) async throws -> NodeReceipt {
    let entry = try ledger.entry(Array(payload.utf8))
    guard case .recorded(let receipt) = try await NodeClient.patient(url(number)).append(entry) else {
      throw CancellationError()
    }
    return receipt
  }

  /// The value of `Authorization` with which validator `number` asks for `other`'s node.
  func authorization(
    of number: Int, for other: Int, by key: PrivateKey? = nil,
    at time: UInt64 = UInt64(Date().timeIntervalSince1970)
  ) throws -> String {
    let claims = AccessToken.Claims(
      issuer: FourNodes.name(number), ledger: ledger.id, node: FourNodes.name(other), issuedAt: time,
      tokenID: freshTokenID())
    let token = try AccessToken.bytes(claims, signedBy: key ?? keys(number).voteKey)
    return "Bearer \(AccessToken.text(token))"
  }
}

extension Consensus {
  /// What the core says of a block that a leader has proposed; nil where `bytes` are not that block.
  func verdict(on bytes: [UInt8], _ digest: Digest) throws -> Consortium.Verdict? {
    var said: Consortium.Verdict?
    guard try judge(bytes, digest) else { return nil }
    if case .judged(digest, _, let verdict)? = events.last { said = verdict }
    events = []
    return said
  }

  /// Takes a final block that another shows.
  func takeFinal(_ document: FinalDocument, _ bytes: [UInt8]) throws -> Bool { try adopt(document, bytes) }

  /// The bytes of a block that is kept beside the journal.
  func kept(_ digest: Digest) throws -> [UInt8]? { try blocks.bytes(digest, height: height) }

  /// The height from which on it signs.
  var start: UInt64? { office?.participant.start }
}

/// A node of one validator, in this process.
final class ValidatorNode: Sendable {
  let consensus: Consensus
  private let node: Node
  private let running: Task<Void, any Error>

  private init(_ node: Node, _ consensus: Consensus, _ running: Task<Void, any Error>) {
    (self.node, self.consensus, self.running) = (node, consensus, running)
  }

  static func start(_ folder: LedgerFolder, _ settings: NodeSettings) async throws -> ValidatorNode {
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let (addresses, said) = AsyncStream<NodeAddress>.makeStream()
    let node = try Node(folder, settings, logger: logger) { said.yield($0) }
    let running = Task {
      defer { said.finish() }
      try await node.run()
    }
    guard await addresses.first(where: { _ in true }) != nil, let consensus = node.consensus else {
      try await running.value
      throw CancellationError()
    }
    for await _ in consensus.begun.stream {}
    return ValidatorNode(node, consensus, running)
  }

  func stop() async throws {
    await node.stop()
    try await running.value
  }

  /// Waits until it has the block of `height`.
  func reach(_ height: UInt64) async throws -> LedgerReader {
    try await consensus.committer.reader(reaching: height)
  }

  /// Its newest checkpoint.
  func checkpoint() throws -> Checkpoint {
    try Checkpoint(parsing: consensus.committer.reader.checkpoint.text)
  }
}

/// Runs `body` with four nodes' folders, and stops what it has started.
func withFourNodes(_ body: (FourNodes) async throws -> Void) async throws {
  let four = try FourNodes()
  do { try await body(four) } catch {
    try await four.stopAll()
    throw error
  }
  try await four.stopAll()
}
