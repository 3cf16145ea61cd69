import Foundation
import Ledger
import LedgerCrypto
import NIOHTTP1
import Statements
import TransparencyLog

/// What a node gives to read, as it gives it: nothing of it is checked here but its form. `NodeClient` has no memory; whoever asks
/// holds it together, by a policy and the checkpoints that were seen.
extension NodeClient {
  /// The newest checkpoint, and what is to show that its tree begins with that of an earlier size.
  package struct NewestCheckpoint: Sendable {
    package let note: SignedNote
    /// The hashes of a consistency proof (RFC 9162 §2.1.4); none where the tree has that size or a smaller one.
    package let path: [Digest]
  }

  /// The newest checkpoint, with the path from the tree of `size` entries.
  package func checkpoint(since size: UInt64) async throws -> NewestCheckpoint {
    let path = "/checkpoint?since=\(size)"
    let answer: NodeCheckpoint = try await json(path)
    do {
      return NewestCheckpoint(
        note: try SignedNote(parsing: Array(answer.checkpoint.utf8).span),
        path: try digests(answer.consistency))
    } catch { throw unread(path, "a checkpoint", error) }
  }

  private func digests(_ hex: [String]) throws -> [Digest] {
    try hex.map {
      guard let digest = Digest(hex: $0) else { throw NodeClientError(.untrue, "a hash is none") }
      return digest
    }
  }

  /// How an item of evidence stands, with the newest checkpoint.
  package struct ItemStatus: Sendable {
    package let state: StateProofs
    /// As of the newest checkpoint, which the state is proven by.
    package let path: [Digest]
    package let records: [RecordProof]
    /// The items of the roster in force; nil where they are to be asked for.
    package let roster: [UInt8]?
    package var newest: NewestCheckpoint { NewestCheckpoint(note: state.proof.checkpoint, path: path) }
  }

  /// How `item` stands, with the path from the tree of `size` entries; nil where that is too much for one answer.
  package func status(ofItem item: String, since size: UInt64) async throws -> ItemStatus? {
    let path = NodeClient.path("/status", [("item", item), ("since", String(size))])
    let answer = try await read(path, accept: "application/json", or: 413)
    guard answer.status == 200 else { return nil }
    do {
      let status: NodeStatus = try answer.decoded()
      let roster = try status.roster.map { text in
        guard let items = Data(base64Encoded: text) else {
          throw NodeClientError(.untrue, "the roster is not base64")
        }
        return Array(items)
      }
      return ItemStatus(
        state: try StateProofs(parsing: Array(status.state.utf8).span), path: try digests(status.consistency),
        records: try status.records.map { try RecordProof(parsing: Array($0.utf8).span) },
        roster: roster)
    } catch { throw unread(path, "the status of an item", error) }
  }

  /// The proofs of what `keys`, 1 to 64, have in the state after the newest block; nil where that is too much for one answer.
  ///
  /// - Parameter earlier: the height of the block as of which lists are asked for, where that is an earlier one.
  package func stateProofs(_ keys: [StateKey], asOf earlier: UInt64?) async throws -> StateProofs? {
    let asked = keys.map { "key=\(Hex.encode($0.bytes))" } + (earlier.map { ["at=\($0)"] } ?? [])
    let path = "/state?" + asked.joined(separator: "&")
    let answer = try await read(path, accept: "text/plain", or: keys.count > 1 ? 413 : nil)
    guard answer.status == 200 else { return nil }
    let proofs: StateProofs
    do { proofs = try StateProofs(parsing: answer.bytes.span) } catch {
      throw unread("/state", "a state proof", error)
    }
    guard proofs.keys.count == keys.count, Set(proofs.keys.map(\.key)) == Set(keys) else {
      throw NodeClientError(.untrue, "\(url)/state answered about other keys than it was asked for")
    }
    return proofs
  }

  /// The proof of the record at `index`, against its block's checkpoint or the newest; nil where no record is there.
  package func recordProof(_ index: UInt64, atHead: Bool) async throws -> RecordProof? {
    let path = "/proof/\(index)\(atHead ? "?at=head" : "")"
    let answer = try await read(path, accept: "text/plain", or: 404)
    guard answer.status == 200 else { return nil }
    let proof: RecordProof
    do { proof = try RecordProof(parsing: answer.bytes.span) } catch {
      throw unread(path, "a proof", error)
    }
    guard proof.proof.index == index else {
      throw NodeClientError(.untrue, "\(url)\(path) gives the proof of entry \(proof.proof.index)")
    }
    return proof
  }

  /// The proofs of the records at `indices` against the newest checkpoint, some at a time, in their order.
  ///
  /// - Throws: `untrue` where no record is at one of them.
  package func recordProofs(_ indices: [UInt64]) async throws -> [RecordProof] {
    try await some(indices) { index in
      guard let proof = try await recordProof(index, atHead: true) else {
        throw NodeClientError(
          .untrue, "\(url) names entry \(index), and has no proof of a record there")
      }
      return proof
    }
  }

  /// The bytes of entry `index`; nil where there is none.
  package func entry(_ index: UInt64) async throws -> [UInt8]? {
    let answer = try await read("/entries/\(index)", accept: "application/cose", or: 404)
    return answer.status == 200 ? answer.bytes : nil
  }

  /// The block that holds entry `index`.
  package func block(of index: UInt64) async throws -> NodeBlock { try await json("/blocks?entry=\(index)") }

  /// The block at `height`.
  package func block(at height: UInt64) async throws -> NodeBlock { try await json("/blocks/\(height)") }

  /// The checkpoints of the block at `height` and of some behind it, each of a tree of at most `size` entries; at least one.
  package func checkpoints(of height: UInt64, upTo size: UInt64) async throws -> [SignedNote] {
    let page: NodeBlocks = try await json(
      "/blocks?limit=\(2 * NodeClient.proofsAtOnce)\(height == 0 ? "" : "&after=\(height - 1)")")
    let heights = page.blocks.filter { $0.header < size }.map(\.height)
    guard heights.first == height, zip(heights, heights.dropFirst()).allSatisfy({ $0 + 1 == $1 }) else {
      throw NodeClientError(.untrue, "\(url)/blocks does not go on with block \(height)")
    }
    return try await some(heights) { height in
      guard let note = try await block(at: height).checkpoint else {
        throw NodeClientError(.untrue, "\(url)/blocks/\(height) has no checkpoint")
      }
      do { return try SignedNote(parsing: Array(note.utf8).span) } catch {
        throw unread("/blocks/\(height)", "a block", error)
      }
    }
  }

  /// The bytes of a bundle of entries (C2SP tlog-tiles).
  package func bundle(_ path: TilePath) async throws -> [UInt8] {
    try await read("/\(path)", accept: "application/octet-stream").bytes
  }

  /// What `ask` gives for each of `items`, in their order, with some under way at once.
  private func some<Item: Sendable, Answer: Sendable>(
    _ items: [Item], _ ask: @escaping @Sendable (Item) async throws -> Answer
  ) async throws -> [Answer] {
    try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
      var answers: [Int: Answer] = [:]
      var next = 0
      func begin() {
        guard next < items.count else { return }
        let number = next
        group.addTask { (number, try await ask(items[number])) }
        next += 1
      }
      for _ in 0..<NodeClient.proofsAtOnce { begin() }
      while let (number, answer) = try await group.next() {
        answers[number] = answer
        begin()
      }
      return items.indices.compactMap { answers[$0] }
    }
  }

  /// The items of the roster with this root, as a CBOR array of byte strings.
  package func rosterItems(_ root: Digest) async throws -> [UInt8] {
    try await read("/roster/\(root.hex)", accept: "application/cbor").bytes
  }

  /// A page of what a node finds, and where the next begins; nil on the last.
  package struct Page<Item: Sendable>: Sendable {
    package let items: [Item]
    package let next: Item?
    /// How many of the newest entries a search did not see yet.
    package var lag: UInt64 = 0
  }

  /// The entries behind `after` that the list at `key` has, ascending.
  package func entries(listedAt key: StateKey, after: UInt64?) async throws -> Page<UInt64> {
    let parameters = [("list", Hex.encode(key.bytes))] + (after.map { [("after", String($0))] } ?? [])
    let answer: NodeIndices = try await json(NodeClient.path("/records", parameters))
    return Page(items: answer.records, next: answer.next)
  }

  /// The entries behind `after` that a search with these `filters` finds, ascending, at most `limit`.
  package func entries(
    found filters: [(name: String, value: String)], after: UInt64?, limit: Int
  ) async throws -> Page<UInt64> {
    let parameters = filters + (after.map { [("after", String($0))] } ?? []) + [("limit", String(limit))]
    let answer: NodeRecords = try await json(NodeClient.path("/records", parameters))
    return Page(items: answer.records.map(\.index), next: answer.next, lag: answer.indexLag)
  }

  /// The keys of the rule sets' values behind `after` that begin with the parts of `prefix` and whose fields have these values.
  package func keys(
    under prefix: StateKey, where fields: [(name: String, value: String)], after: StateKey?
  ) async throws -> Page<StateKey> {
    let parameters =
      [("prefix", Hex.encode(prefix.bytes))] + fields.map { ("where", "\($0.name):\($0.value)") }
      + (after.map { [("after", Hex.encode($0.bytes))] } ?? [])
    let answer: NodeKeys = try await json(NodeClient.path("/values", parameters))
    func key(_ hex: String) throws -> StateKey {
      guard let bytes = Hex.decode(hex) else {
        throw NodeClientError(.untrue, "\(url)/values names a key that is none")
      }
      return StateKey(bytes: bytes)
    }
    return Page(items: try answer.keys.map(key), next: try answer.next.map(key))
  }

  // MARK: The wire

  private func json<Value: Decodable & Sendable>(_ path: String) async throws -> Value {
    let answer = try await read(path, accept: "application/json")
    do { return try answer.decoded() } catch { throw unread(path, "what it should be", error) }
  }

  /// The answer to a `GET` of `path`: one with status 200, or `other`.
  private func read(_ path: String, accept: String, or other: Int? = nil) async throws -> NodeAnswer {
    let answer = try await bounded { _ in
      while true {
        let answer = try await send(.GET, path, accept: accept)
        guard answer.isOpen else { return answer }
        try await Task.sleep(for: .seconds(1))
      }
    }
    guard answer.status == 200 || answer.status == other else {
      let name = path.prefix { $0 != "?" }
      throw NodeClientError(
        answer.status >= 500 ? .failed : .notANode,
        "\(url)\(name) answered with status \(answer.status)\(answer.detail); is that the URL of a node of this version?"
      )
    }
    return answer
  }

  private func unread(_ path: String, _ what: String, _ error: any Error) -> NodeClientError {
    NodeClientError(.untrue, "what \(url)\(path.prefix { $0 != "?" }) answered is not \(what): \(error)")
  }

  /// `path` with a query of `parameters`, each percent-encoded (RFC 3986 §2.3).
  private static func path(_ path: String, _ parameters: [(name: String, value: String)]) -> String {
    func encoded(_ text: String) -> String {
      var encoded = ""
      for byte in text.utf8 {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
          encoded.unicodeScalars.append(UnicodeScalar(byte))
        default: encoded += "%" + Hex.encode([byte]).uppercased()
        }
      }
      return encoded
    }
    guard !parameters.isEmpty else { return path }
    return path + "?"
      + parameters.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
  }
}
