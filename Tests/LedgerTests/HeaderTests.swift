import Ledger
import LedgerCrypto
import Statements
import TestKit
import Testing
import TransparencyLog

@Suite("The chain of headers")
struct HeaderTests {
  let consortium: Consortium

  init() throws { consortium = try Consortium(members: 3, validators: 2) }

  /// A chain whose block 2 is closed as `how` says, between honest ones.
  func chain(_ how: Misbehaviour) throws -> Chain {
    var chain = try Chain(consortium)
    try chain.add([chain.statement().entry])
    try chain.add([chain.statement().entry, chain.statement(by: 2).entry], how)
    try chain.add([chain.statement().entry])
    return chain
  }

  func changed(_ header: BlockHeader, _ change: (inout Fields) -> Void) -> BlockHeader {
    var fields = Fields(header)
    change(&fields)
    return fields.header
  }

  struct Fields {
    var height, first, size, time: UInt64
    var previous, root, state, roster: Digest

    init(_ header: BlockHeader) {
      (height, first, size, time) = (header.height, header.first, header.size, header.time)
      (previous, root, state, roster) = (header.previous, header.root, header.state, header.roster)
    }

    var header: BlockHeader {
      BlockHeader(
        height: height, previous: previous, first: first, size: size, root: root, state: state, time: time,
        roster: roster)
    }
  }

  @Test("a header says what came before it, and the first has no parent")
  func honest() throws {
    let chain = try chain(Misbehaviour())
    #expect(chain.audit().places == [])
    #expect(chain.blocks[0].header.previous == .zero)
    #expect(chain.blocks.map(\.header.height) == [0, 1, 2, 3])
    #expect(chain.blocks.map(\.header.size) == [1, 3, 6, 8])
    for (block, next) in zip(chain.blocks, chain.blocks.dropFirst()) {
      #expect(next.header.previous == leafHash(block.headerEntry))
    }
    var hasher = TreeHasher()
    for block in chain.blocks {
      #expect(
        block.header.root
          == Merkle.root(of: Array(chain.leaves.prefix(Int(block.header.size))), using: &hasher))
    }
  }

  @Test("no header is longer than what an audit of hashes reads")
  func longest() throws {
    let header = BlockHeader(
      height: .max, previous: .zero, first: .max, size: .max, root: .zero, state: .zero,
      time: BlockHeader.maximumTime, roster: .zero)
    let entry = try header.signed(by: PrivateKey(generating: .ed25519))
    #expect(entry.count <= BlockHeader.maximumEntryByteCount && entry.count > 300)
    var checker = EntryChecker()
    guard case .decoded = checker.hash(entry.span, keys: [:]).content else {
      Issue.record("a header is not read")
      return
    }
  }

  @Test("each wrong field is one fault at the header's place, and the audit goes on behind it")
  func wrongFields() throws {
    let cases: [(String, (inout Fields) -> Void)] = [
      ("broken-chain", { $0.height += 1 }), ("broken-chain", { $0.height = 0 }),
      ("broken-chain", { $0.height = .max }), ("broken-chain", { $0.previous = .zero }),
      ("broken-chain", { $0.size -= 1 }), ("broken-chain", { $0.size = .max }),
      ("header", { $0.first -= 1 }), ("header", { $0.first += 1 }), ("header", { $0.first = 0 }),
      ("state-mismatch", { $0.state = .zero }), ("state-mismatch", { $0.state = $0.root }),
      ("root-mismatch", { $0.root = .zero }), ("broken-chain", { $0.roster = .zero }),
      ("time", { $0.time -= 2000 }),
    ]
    for (code, change) in cases {
      var how = Misbehaviour()
      how.header = { self.changed($0, change) }
      #expect(try chain(how).audit().places == ["\(code) 2/6"])
    }
  }

  @Test("all faults of a header are reported at once")
  func everyFault() throws {
    var how = Misbehaviour()
    how.header = {
      self.changed($0) { (fields: inout Fields) in
        fields.height = 9
        fields.previous = fields.root
        fields.root = .zero
        fields.roster = .zero
        fields.time -= 2000
      }
    }
    how.headerKey = try PrivateKey(generating: .ed25519)
    how.cosigners = [1]
    #expect(
      try chain(how).audit().places == [
        "quorum 2/-", "unknown-signer 2/6", "broken-chain 2/6", "broken-chain 2/6", "root-mismatch 2/6",
        "broken-chain 2/6", "time 2/6",
      ])
  }

  @Test("a block may have its parent's time and no earlier one")
  func sameTime() throws {
    for (back, expected) in [(UInt64(1000), [String]()), (1001, ["time 2/6"])] {
      var how = Misbehaviour()
      how.header = { self.changed($0) { (fields: inout Fields) in fields.time -= back } }
      #expect(try chain(how).audit().places == expected)
    }
  }

  @Test("a header by another key than a validator's block key is of an unknown signer")
  func signer() throws {
    for key in [
      try PrivateKey(generating: .ed25519), consortium.members[1].key, consortium.members[0].key,
    ] {
      var how = Misbehaviour()
      how.headerKey = key
      #expect(try chain(how).audit().places == ["unknown-signer 2/6"])
    }
  }

  @Test("a header with a bad signature, or another algorithm identifier than −8, is a fault of its own")
  func signature() throws {
    var how = Misbehaviour()
    how.headerEntry = { $0.dropLast() + [$0[$0.count - 1] ^ 1] }
    #expect(try chain(how).audit().places == ["bad-signature 2/6"])
    let key = consortium.validators[0].blockKey
    how.headerEntry = { entry in
      do {
        let statement = try SignedStatement(decoding: entry)
        return try StatementDraft(contentType: Kind.block, claims: nil, payload: statement.payload)
          .signed(by: key, as: .ed25519, keyID: key.publicKey.thumbprint).entry
      } catch { return entry }
    }
    #expect(try chain(how).audit().places == ["malformed-entry 2/6"])
  }

  @Test("a last entry that is no header is malformed: another type, with claims, another payload, no COSE")
  func noHeader() throws {
    let key = consortium.validators[0].blockKey
    let claims = Claims(issuer: "m00", audience: nil, issuedAt: 1, tokenID: freshTokenID())
    let others: [(String, Claims?, ([UInt8]) -> [UInt8])] = [
      ("application/vnd.zheng.blocks+cbor", nil, { $0 }), ("application/vnd.zheng.Block+cbor", nil, { $0 }),
      (Kind.block, claims, { $0 }), (Kind.block, nil, { _ in [0xa0] }), (Kind.block, nil, { $0 + [0] }),
    ]
    for (type, claims, payload) in others {
      var how = Misbehaviour()
      how.headerEntry = { entry in
        do {
          let statement = try SignedStatement(decoding: entry)
          return try StatementDraft(contentType: type, claims: claims, payload: payload(statement.payload))
            .signed(by: key).entry
        } catch { return entry }
      }
      #expect(try chain(how).audit().places == ["malformed-entry 2/6"])
    }
    var how = Misbehaviour()
    how.headerEntry = { _ in [1, 2, 3] }
    let report = try chain(how).audit()
    #expect(report.places == ["malformed-entry 2/6"])
    #expect(report.outcomes[2].header == nil)
  }

  @Test("a payload is read back as the same header; with a field more, less or out of bounds it is none")
  func payload() throws {
    let header = try chain(Misbehaviour()).blocks[2].header
    #expect(try BlockHeader(payload: header.payload) == header)
    let latest = changed(header) { $0.time = BlockHeader.maximumTime }
    #expect(try BlockHeader(payload: latest.payload) == latest)
    let tooLate = changed(header) { $0.time = BlockHeader.maximumTime + 1 }
    #expect(throws: StatementError.self) { try BlockHeader(payload: tooLate.payload) }
    guard case .map(let map) = try CBOR(decoding: header.payload) else { return }
    let pairs = map.pairs.map { ($0.key, $0.value) }
    for missing in pairs.indices {
      var fewer = pairs
      fewer.remove(at: missing)
      #expect(throws: StatementError.self) { try BlockHeader(payload: CBOR.map(CBORMap(fewer)).encoded) }
      var wrong = pairs
      wrong[missing].1 = .null
      #expect(throws: StatementError.self) { try BlockHeader(payload: CBOR.map(CBORMap(wrong)).encoded) }
    }
    #expect(throws: StatementError.self) {
      try BlockHeader(payload: CBOR.map(CBORMap(pairs + [("more", 1)])).encoded)
    }
  }

  @Test("only what is without fault becomes a validated block")
  func validated() throws {
    let chain = try Chain(consortium)
    var checker = EntryChecker()
    var hasher = TreeHasher()
    var registry = chain.registry
    let keys = chain.state.roster.keys
    let entry = try chain.statement().entry
    var good = chain.open()
    try good.admit(checker.check(entry.span, keys: keys), entry.span, earlier: &registry, using: &hasher)
    good.endStatements()
    let root = SHA256.digest(of: [1])
    let header = try good.header(state: root, using: &hasher).signed(by: consortium.validators[1].blockKey)
    let last = checker.check(header.span, keys: keys)

    let validated = try good.validated(last, header.span, state: root, using: &hasher)
    #expect(validated.proposer == consortium.validators[1].validator)
    #expect(validated.checkpoint.size == 4)
    #expect(validated.checkpoint.root == validated.state.frontier.root(using: &hasher))
    #expect(validated.state.parent == last.leaf)
    #expect(
      try good.validated(checker.check(header.span, keys: [:]), header.span, state: root, using: &hasher)
        .header
        == validated.header)

    var fault: Fault.Code?
    do throws(Fault) { _ = try good.validated(last, header.span, state: .zero, using: &hasher) } catch {
      fault = error.code
    }
    #expect(fault == .stateMismatch)

    var passing = chain.open()
    passing.passOver(leafHash(entry), using: &hasher)
    var code: Fault.Code?
    do throws(Fault) { _ = try passing.validated(last, header.span, state: root, using: &hasher) } catch {
      code = error.code
    }
    #expect(code == .refused)

    // Judged by one time, closed by a header that says another.
    var later = chain.open(time: chain.time + 1)
    registry = chain.registry
    try later.admit(checker.check(entry.span, keys: keys), entry.span, earlier: &registry, using: &hasher)
    do throws(Fault) { _ = try later.validated(last, header.span, state: root, using: &hasher) } catch {
      code = error.code
    }
    #expect(code == .time)
  }

  @Test("a block keeps to the roster's limits on statements and bytes, and says when it is full")
  func limits() throws {
    let small = try Consortium(members: 2, parameters: ["block-records": 2, "block-bytes": 65_537])
    var chain = try Chain(small)
    try chain.add([chain.statement().entry, chain.statement().entry])
    try chain.add(
      [chain.statement().entry, chain.statement().entry, chain.statement().entry], Misbehaviour())
    let large = [UInt8](repeating: 1, count: 40_000)
    try chain.add([chain.statement(by: 1, large).entry, chain.statement(by: 1, large).entry], Misbehaviour())
    try chain.add([chain.statement(by: 1, large).entry])
    #expect(chain.audit().places == ["broken-chain 2/8", "broken-chain 3/11"])

    let block = chain.open()
    #expect(block.hasRoom(for: 65_535) && block.hasRoom(for: 65_537) && !block.hasRoom(for: 65_538))
    var checker = EntryChecker()
    var hasher = TreeHasher()
    var filling = block
    var registry = chain.registry
    for room in [true, true, false] {
      #expect(filling.hasRoom(for: 100) == room)
      guard room else { break }
      let entry = try chain.statement().entry
      try filling.admit(
        checker.check(entry.span, keys: chain.state.roster.keys), entry.span, earlier: &registry,
        using: &hasher)
      #expect(filling.hasRoom(for: 65_537 - filling.byteCount) == (filling.statementCount < 2))
      #expect(!filling.hasRoom(for: 65_538 - filling.byteCount))
    }
  }

  @Test("a block without a statement is a fault until an hour after its parent, to the ms")
  func noStatement() throws {
    var chain = try Chain(consortium)
    try chain.add([])
    #expect(chain.audit().places == [])
    var how = Misbehaviour()
    how.header = { self.changed($0) { (fields: inout Fields) in fields.time -= 1 } }
    try chain.add([], how)
    #expect(chain.audit().places == ["empty-block 2/\(chain.blocks[2].headerIndex)"])
  }

  @Test("the founding block holds the founding statement and nothing else")
  func foundingBlock() throws {
    let chain = try Chain(consortium)
    var checker = EntryChecker()
    var hasher = TreeHasher()
    var registry = MemoryRegistry()
    let keys = chain.foundingState.roster.keys
    for count in [0, 2] {
      var block = BlockInProgress(
        upon: chain.foundingState, time: Chain.founded * 1000, rules: [PlainRecords()])
      for entry in [chain.founding.entry, try chain.statement().entry].prefix(count) {
        try block.admit(checker.check(entry.span, keys: keys), entry.span, earlier: &registry, using: &hasher)
      }
      let header = try block.header(state: .zero, using: &hasher).signed(
        by: consortium.validators[0].blockKey)
      let closed = block.close(
        checker.check(header.span, keys: keys), header.span, state: .zero, using: &hasher)
      #expect(closed.faults.map(\.code) == [.brokenChain])
    }
  }
}
