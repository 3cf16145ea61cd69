import Ledger
import LedgerCrypto
import Statements
import Testing
import TransparencyLog

@Suite("An audit")
struct BlockAuditTests {
  /// Five blocks: the founding, and four with three statements each. Block b begins at 4 b − 2.
  let chain: Chain

  init() throws {
    var chain = try Chain(Consortium(members: 3, validators: 2, administrators: 2, threshold: 2))
    for _ in 0..<4 { try chain.add((0..<3).map { try chain.statement(by: $0).entry }) }
    self.chain = chain
  }

  @Test("a flipped byte of any entry is one fault at that entry, and the audit goes on behind it")
  func flippedBytes() throws {
    for depth in [BlockAudit.Depth.everything, .hashes] {
      for offset in 0..<4 {
        let entry = chain.blocks[2].entries[offset]
        for place in stride(from: 0, to: entry.count, by: depth == .hashes ? 1 : 7) {
          var blocks = chain.blocks
          blocks[2].entries[offset][place] ^= 0x10
          let report = chain.audit(blocks, depth: depth)
          #expect(report.places == ["root-mismatch 2/\(6 + offset)"], "byte \(place)")
          #expect(report.outcomes.count == 5)
          #expect(report.state?.frontier == chain.state.frontier)
        }
      }
    }
  }

  @Test("several altered entries, the header among them, are each located")
  func severalAltered() throws {
    var blocks = chain.blocks
    for offset in [0, 2, 3] { blocks[2].entries[offset][20] ^= 1 }
    blocks[4].entries[1] = [1, 2, 3]
    let report = chain.audit(blocks)
    #expect(
      report.places == [
        "root-mismatch 2/6", "root-mismatch 2/8", "root-mismatch 2/9", "root-mismatch 4/15",
      ])
    #expect(report.outcomes[2].header == nil)
    #expect(report.outcomes.allSatisfy { $0.canGoOn })
    #expect(report.state?.frontier == chain.state.frontier)
  }

  @Test(
    "with its header altered a block's time is only guessed, so no statement is called stale or early by it")
  func unknownTime() throws {
    var chain = try Chain(
      Consortium(parameters: ["statement-window": 60, "allowed-drift-ms": 0]))
    chain.time += 100_000
    var how = Misbehaviour()
    how.cosignedAfter = { _ in 30 }
    let oldest = try chain.statement(at: chain.now - 60).entry
    try chain.add([oldest, chain.statement(at: chain.now).entry], how)
    how.cosignedAfter = { _ in -30 }
    let newest = try chain.statement(at: chain.now).entry
    try chain.add([newest], how)
    try chain.add([chain.statement().entry])
    #expect(chain.audit().places == [])
    var blocks = chain.blocks
    blocks[1].entries[2][40] ^= 1
    blocks[2].entries[1][40] ^= 1
    #expect(chain.audit(blocks).places == ["root-mismatch 1/4", "root-mismatch 2/6"])
  }

  @Test("a block's time is compared with the last one that is known, beyond a header that was altered")
  func timeBeyond() throws {
    var chain = chain
    var how = Misbehaviour()
    let early = chain.time - 3000
    how.header = {
      BlockHeader(
        height: $0.height, previous: $0.previous, first: $0.first, size: $0.size, root: $0.root,
        state: $0.state,
        time: early, roster: $0.roster)
    }
    try chain.add([chain.statement().entry], how)
    var blocks = chain.blocks
    #expect(chain.audit(blocks).places == ["time 5/19"])
    blocks[4].entries[3][40] ^= 1
    #expect(chain.audit(blocks).places == ["root-mismatch 4/17", "time 5/19"])
  }

  @Test("two entries swapped are two faults; one from elsewhere is one")
  func swapped() throws {
    var blocks = chain.blocks
    blocks[3].entries.swapAt(0, 2)
    #expect(chain.audit(blocks).places == ["root-mismatch 3/10", "root-mismatch 3/12"])
    blocks = chain.blocks
    blocks[3].entries[1] = blocks[1].entries[1]
    #expect(chain.audit(blocks).places == ["root-mismatch 3/11"])
  }

  @Test("where no stored leaf restores the root, the fault is from this block on")
  func notLocalised() throws {
    for spoil in [{ $0.stored = [] }, { $0.stored.removeLast() }, { $0.stored[3] = .zero }]
      as [(inout Block) -> Void]
    {
      var blocks = chain.blocks
      blocks[2].entries[1][20] ^= 1
      spoil(&blocks[2])
      let report = chain.audit(blocks)
      #expect(report.places == ["root-mismatch 2/-"])
      #expect(report.faults[0].detail.contains("from this block on"))
      #expect(report.outcomes.count == 3)
      #expect(report.outcomes[2].canGoOn == false)
    }
  }

  @Test("damaged stored leaves do no harm where the entries are good")
  func storedOnly() throws {
    var blocks = chain.blocks
    blocks[2].stored = [.zero]
    blocks[3].stored[1] = .zero
    #expect(chain.audit(blocks).places == [])
  }

  @Test("an entry more or less in a block is found, with the checkpoint's size")
  func otherCount() throws {
    var blocks = chain.blocks
    blocks[4].entries.remove(at: 1)
    blocks[4].stored.remove(at: 1)
    #expect(
      chain.audit(blocks).places == ["broken-chain 4/-", "broken-chain 4/16"])
    blocks = chain.blocks
    let more = try chain.statement().entry
    blocks[4].entries.insert(more, at: 0)
    #expect(chain.audit(blocks).places == ["broken-chain 4/-", "broken-chain 4/18"])
  }

  @Test("a block dropped, and a block that comes twice, break the chain")
  func droppedAndRepeated() throws {
    var blocks = chain.blocks
    blocks.remove(at: 2)
    let dropped = chain.audit(blocks)
    #expect(dropped.faults.contains { $0.code == .brokenChain && $0.block == 2 })
    blocks = chain.blocks
    blocks.insert(blocks[4], at: 4)
    #expect(chain.audit(blocks).faults.contains { $0.block == 5 })
  }

  @Test("a block without entries is a fault, and the next is judged as if it were not there")
  func emptyBlock() throws {
    var empty = chain.blocks[2]
    empty.entries = []
    empty.stored = []
    var blocks = chain.blocks
    blocks.insert(empty, at: 3)
    let report = chain.audit(blocks)
    #expect(report.places == ["broken-chain 3/10"])
    #expect(report.state?.dump == chain.state.dump)
  }

  @Test("a missing checkpoint leaves the chain of headers to judge by")
  func noCheckpoint() throws {
    var blocks = chain.blocks
    blocks[2].checkpoint = []
    let report = chain.audit(blocks)
    #expect(report.places == [])
    #expect(report.outcomes.map(\.isSigned) == [true, true, false, true, true])
    blocks[2].entries[1][chain.blocks[2].entries[1].count - 1] ^= 1
    #expect(chain.audit(blocks).places == ["bad-signature 2/7", "root-mismatch 2/9", "root-mismatch 3/-"])
  }

  @Test("every refused statement of a block is reported with its rule, at its place")
  func refusedStatements() throws {
    var chain = chain
    let stranger = try PrivateKey(generating: .es256)
    let good = try chain.statement().entry
    var forged = try chain.statement(by: 2).entry
    forged[forged.count - 1] ^= 1
    let expected: [([UInt8], String?)] = [
      (good, nil), ([1, 2, 3], "malformed-entry"), (forged, "bad-signature"),
      (try chain.statement(key: stranger).entry, "unknown-signer"),
      (try chain.statement(name: "nobody").entry, "unknown-signer"),
      (good, "refused(duplicate)"), (try chain.statement(at: 0).entry, "refused(stale)"),
      (try chain.statement(at: chain.now + 1000).entry, "refused(after-block-time)"),
      (try chain.statement(audience: .some(.zero)).entry, "refused(wrong-ledger)"),
      (try chain.statement(type: "application/vnd.zheng.x").entry, "refused(unknown-kind)"),
      (try chain.countersign(.zero, by: 0).entry, "refused(unknown-proposal)"),
      (try chain.proposal(.removeMember("m02"), by: 2).entry, "refused(not-administrator)"),
      (try chain.statement().entry, nil),
    ]
    var how = Misbehaviour()
    how.admitsAll = true
    how.cosigners = [0]
    try chain.add(expected.map(\.0), how)
    try chain.add([chain.statement().entry])
    let places = expected.enumerated().compactMap { offset, pair in pair.1.map { "\($0) 5/\(18 + offset)" } }
    let report = chain.audit()
    #expect(report.places == ["quorum 5/-"] + places)
    #expect(report.state?.dump == chain.state.dump)
    #expect(chain.audit(depth: .hashes).places == ["quorum 5/-"])
    for fault in report.faults { #expect(fault.description.hasPrefix(fault.code.rawValue)) }
  }

  @Test("the founding statement is judged too")
  func founding() throws {
    var blocks = chain.blocks
    blocks[0].entries[0][chain.founding.entry.count - 1] ^= 1
    #expect(chain.audit(blocks).places == ["root-mismatch 0/0"])
    blocks[0].checkpoint = []
    #expect(chain.audit(blocks).places.first == "refused(wrong-ledger) 0/0")
  }

  @Test("an approval that was altered is reported there, and the lost roster once where it first shows")
  func lostRoster() throws {
    var chain = chain
    let proposal = try chain.proposal(.setParameter(name: "block-records", value: 2))
    try chain.add([proposal.entry])
    try chain.add([chain.countersign(proposal.id, by: 1).entry])
    for _ in 0..<3 { try chain.add([chain.statement().entry, chain.statement().entry]) }
    #expect(chain.audit().places == [])
    var blocks = chain.blocks
    blocks[6].entries[0][30] ^= 1
    let report = chain.audit(blocks)
    #expect(report.places == ["root-mismatch 6/20", "broken-chain 7/24"])
    #expect(report.outcomes.count == blocks.count)
  }

  @Test("hashes alone follow a chain whose roster and limits changed")
  func hashesOnly() throws {
    var chain = try Chain(Consortium(members: 2, parameters: ["block-records": 1]))
    try chain.add([chain.proposal(.setParameter(name: "block-records", value: 9)).entry])
    try chain.add((0..<9).map { _ in try chain.statement().entry })
    #expect(chain.audit(depth: .hashes).places == [])
    #expect(chain.audit().places == [])
    var blocks = chain.blocks
    blocks[2].entries[4][9] ^= 1
    #expect(chain.audit(blocks, depth: .hashes).places == ["root-mismatch 2/8"])
  }

  @Test("an audit of another ledger's blocks finds that they are another ledger's")
  func otherLedger() throws {
    let other = try Chain(chain.consortium)
    let report = chain.audit(other.blocks)
    #expect(report.places.contains("refused(wrong-ledger) 0/0"))
  }

  @Test("an audit may begin at any block")
  func fromBlock() throws {
    var chain = chain
    let state = chain.state
    let registry = chain.registry
    let block = try chain.add([chain.statement().entry, chain.statement(by: 2).entry])
    var audit = BlockAudit(from: state, depth: .everything, rules: chain.rules)
    var checker = EntryChecker()
    let bytes = block.entries.flatMap { $0 }
    var ranges: [Range<Int>] = []
    for entry in block.entries {
      let start = ranges.last?.upperBound ?? 0
      ranges.append(start..<start + entry.count)
    }
    var known = registry
    let outcome = audit.audit(
      .init(bytes, ranges, block.entries.map { checker.check($0.span, keys: state.roster.keys) }),
      checkpoint: try StoredCheckpoint(parsing: block.checkpoint.span), earlier: &known)
    #expect(outcome.faults == [])
    #expect(audit.state.dump == chain.state.dump)
    #expect(known == chain.registry)
  }
}
