import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import Statements
import TestKit
import Testing
import TransparencyLog

@Suite("Blocks, checkpoints and rosters over HTTP", .timeLimit(.minutes(30))) struct BlockReadingTests {
  /// Every entry, as `/entries?index=…` gives them, 64 at a time.
  private func entries(_ wire: Wire, count: UInt64) throws -> [[UInt8]] {
    var entries: [[UInt8]] = []
    for first in stride(from: 0, to: count, by: 64) {
      let indices = first..<min(first + 64, count)
      let answer = try wire.request("GET", "/entries?\(indices.map { "index=\($0)" }.joined(separator: "&"))")
      #expect(answer.status == 200 && answer["content-type"] == "application/cbor-seq")
      let body = answer.body
      var cursor = CBORCursor(body.indices)
      for _ in indices {
        let range = try cursor.byteString(0...Int.max, "an entry", in: body.span)
        entries.append(Array(body[range]))
      }
      try cursor.finish("the sequence")
    }
    return entries
  }

  private func root(_ leaves: some Collection<Digest>) -> Digest {
    var hasher = TreeHasher()
    return Merkle.root(of: Array(leaves), using: &hasher)
  }

  private func holds(_ proof: ConsistencyProof, from old: Digest, to new: Digest) -> Bool {
    var hasher = TreeHasher()
    do { try proof.verify(oldRoot: old, newRoot: new, using: &hasher) } catch { return false }
    return true
  }

  /// The roster of the items that `path` gives.
  private func roster(_ wire: Wire, _ path: String) throws -> Roster {
    let answer = try wire.request("GET", path)
    #expect(answer.status == 200 && answer["content-type"] == "application/cbor", "\(path)")
    guard case .array(let items) = try CBOR(decoding: answer.body) else { throw Wire.Closed() }
    var decoded: [CBOR] = []
    for item in items {
      guard case .bytes(let bytes) = item else { throw Wire.Closed() }
      decoded.append(try CBOR(decoding: bytes))
    }
    return try Roster(items: decoded, inForceFrom: 0)
  }

  private func leaves(_ entries: [[UInt8]]) -> [Digest] {
    var hasher = TreeHasher()
    return entries.map { hasher.leaf($0.span) }
  }

  @Test(
    "the newest checkpoint comes with the path from every earlier tree, and with none where the node is behind"
  )
  func consistency() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      try await node.connected { wire in
        for number in 0..<9 { _ = try wire.post(ledger.entry([UInt8(number)])) }
        let note = try wire.request("GET", "/checkpoint").body
        let head = try Checkpoint(parsing: SignedNote(parsing: note.span).text)
        let leaves = self.leaves(try self.entries(wire, count: head.size))
        #expect(self.root(leaves) == head.root)
        for size in [0] + Array(1...head.size) + [head.size + 1, .max] {
          let answer = try wire.request("GET", "/checkpoint?since=\(size)").json(NodeCheckpoint.self)
          #expect(Array(answer.checkpoint.utf8) == note)
          let path = answer.consistency.compactMap { Digest(hex: $0) }
          let isKnown = (1...head.size).contains(size)
          #expect(isKnown || path.isEmpty)
          let proof = ConsistencyProof(oldSize: size, newSize: head.size, path: path)
          let old = isKnown ? self.root(leaves.prefix(Int(size))) : .zero
          #expect(self.holds(proof, from: old, to: head.root) == isKnown)
          #expect(!self.holds(proof, from: leaves[1], to: head.root))
        }
      }
    }
  }

  @Test(
    "blocks come page by page and one by one, by height and by entry, and are what their headers and checkpoints say"
  )
  func blocks() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      try await node.connected { wire in
        for number in 0..<5 { _ = try wire.post(ledger.entry([UInt8(number)])) }
        let text = try wire.request("GET", "/policy").body
        let policy = try Policy(parsing: text.span)
        var pages = [try wire.request("GET", "/blocks?limit=2").json(NodeBlocks.self)]
        while let next = pages.last?.next {
          pages.append(try wire.request("GET", "/blocks?limit=2&after=\(next)").json(NodeBlocks.self))
        }
        #expect(pages.map(\.blocks.count) == [2, 2, 2])
        let blocks = pages.flatMap(\.blocks)
        #expect(
          try wire.request("GET", "/blocks").json(NodeBlocks.self) == NodeBlocks(blocks: blocks, next: nil))
        let entries = try self.entries(wire, count: blocks[5].header + 1)
        var leaves = self.leaves(entries)
        for (height, block) in blocks.enumerated().reversed() {
          let whole = try wire.request("GET", "/blocks/\(height)").json(NodeBlock.self)
          #expect(block.height == height && block.entry == nil && block.checkpoint == nil)
          #expect(whole.entry == Data(entries[Int(block.header)]).base64EncodedString())
          leaves = Array(leaves.prefix(Int(block.header) + 1))
          let note = Array((whole.checkpoint ?? "").utf8)
          let checkpoint = try policy.evaluate(SignedNote(parsing: note.span)).checkpoint
          #expect(checkpoint.size == block.header + 1 && checkpoint.root.hex == block.root)
          #expect(checkpoint.root == self.root(leaves))
          let header = try BlockHeader(payload: SignedStatement(decoding: entries[Int(block.header)]).payload)
          #expect(header.height == block.height && header.first == block.first && header.time == block.time)
          #expect(header.state.hex == block.state && header.roster.hex == block.roster)
          #expect(header.size == block.header && block.records == block.header - block.first)
          for entry in block.first...block.header {
            #expect(try wire.request("GET", "/blocks?entry=\(entry)").json(NodeBlock.self) == whole)
          }
        }
      }
    }
  }

  @Test(
    "rosters come as the items whose root headers name, the newest and every earlier one; members as of any height"
  )
  func rosters() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      try await node.connected { wire in
        let before = try self.roster(wire, "/roster")
        let name = LocalizedName(zh: "新名", en: "New name")!
        let change = RosterChange(of: before.root, .rename(member: "member-2", name: name))
        let answer = try wire.post(ledger.entry(change.payload, type: change.contentType))
        #expect(answer.status == 201, "\(answer.text)")
        let after = try self.roster(wire, "/roster")
        #expect(after.root != before.root && after.member("member-2")?.name == name)
        // The block that adopts it is still judged by the old one.
        _ = try wire.post(ledger.entry([1]))
        for (height, expected) in [(UInt64(0), before), (1, before), (2, after)] {
          let block = try wire.request("GET", "/blocks/\(height)").json(NodeBlock.self)
          #expect(block.roster == expected.root.hex)
          let again = try self.roster(wire, "/roster/\(block.roster)?height=\(height)")
          #expect(again.root == expected.root && again.items == expected.items)
          let members = try wire.request("GET", "/members?at=\(height)").json(NodeMembers.self)
          #expect(members.height == height && members.roster == block.roster)
          #expect(members.members[2].en == expected.member("member-2")?.name.en)
        }
        #expect(try self.roster(wire, "/roster/\(before.root)").root == before.root)
        let now = try wire.request("GET", "/members").json(NodeMembers.self)
        #expect(now.height == 3 && now.roster == after.root.hex)
        #expect(try wire.request("GET", "/members?at=3").json(NodeMembers.self) == now)
        for path in ["/roster/\(before.root)?height=2", "/roster/\(after.root)?height=1"] {
          #expect(try wire.request("GET", path).status == 404, "\(path)")
        }
      }
    }
  }

  @Test("what is no number, no root, too much or unknown is refused, and what is not there is not found")
  func refusals() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let hex = String(repeating: "a", count: 64)
      let many = (0..<65).map { _ in "index=0" }.joined(separator: "&")
      try await node.expectProblem(
        400, "malformed",
        at: [
          "/entries", "/entries?", "/entries?index=", "/entries?index=01", "/entries?index=-1",
          "/entries?\(many)",
          "/entries?index=0&x=1", "/checkpoint?since=", "/checkpoint?since=1e3",
          "/checkpoint?since=1&since=1",
          "/checkpoint?since=18446744073709551616", "/blocks?limit=0", "/blocks?limit=257", "/blocks?after=a",
          "/blocks?entry=0&limit=1", "/blocks?after=0&entry=0", "/blocks?entry=", "/blocks/x", "/blocks/00",
          "/blocks/0?x=1", "/roster?height=0", "/roster/abc", "/roster/\(hex.uppercased())",
          "/roster/\(hex)?height=x", "/members?at=", "/members?at=newest", "/members?height=0",
        ])
      try await node.expectProblem(
        404, "not-found",
        at: [
          "/entries?index=0&index=2", "/entries?index=18446744073709551615", "/blocks?entry=2", "/blocks/1",
          "/blocks/18446744073709551615", "/blocks/", "/blocks/0/", "/blocks/%30", "/roster/\(hex)",
          "/roster/\(hex)?height=0", "/members?at=2", "/members?at=18446744073709551615",
        ])
      for path in ["/blocks?after=0", "/blocks?after=18446744073709551615"] {
        let answer = try await node.connected { try $0.request("GET", path).json(NodeBlocks.self) }
        #expect(answer == NodeBlocks(blocks: [], next: nil))
      }
    }
  }
}
