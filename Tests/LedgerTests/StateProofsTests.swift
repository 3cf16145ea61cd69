import Ledger
import LedgerCrypto
import Statements
import TestKit
import Testing
import TransparencyLog

@Suite("A proof of what is in the state, and of what is not")
struct StateProofsTests {
  let chain: Chain
  let earlier: Chain
  let policy: Policy
  /// Payloads that were recorded, and one that was not.
  let recorded: [[UInt8]] = [[1], [2], [3], [4]]
  let never: [UInt8] = [9]

  init() throws {
    var chain = try Chain(Consortium(members: 3, validators: 2))
    try chain.add([
      chain.statement([1], subject: "case-7").entry, chain.statement([2], subject: "case-7").entry,
    ])
    earlier = chain
    try chain.add([
      chain.statement([3], subject: "case-7").entry, chain.statement([4], subject: "case-8").entry,
    ])
    self.chain = chain
    policy = try chain.policy
  }

  private func digest(_ payload: [UInt8]) -> StateKey { .digest(SHA256.digest(of: payload)) }

  private func key(_ key: StateKey, of chain: Chain) -> StateProof {
    var hasher = StateHasher()
    return chain.tree.proof(of: key, using: &hasher)
  }

  private func proofs(_ keys: [StateProof], of chain: Chain) throws -> StateProofs {
    let last = try #require(chain.blocks.last)
    return try StateProofs(
      keys, header: SignedStatement(decoding: last.headerEntry),
      path: chain.path(last.headerIndex, size: last.headerIndex + 1),
      checkpoint: SignedNote(parsing: last.checkpoint.span))
  }

  /// The proof of `key` with an earlier header, which is given as the entry `index` of the tree.
  private func proofs(
    _ key: StateKey, earlier header: [UInt8], at index: UInt64, path: InclusionProof? = nil
  ) throws -> StateProofs {
    let last = chain.blocks[2]
    let size = last.headerIndex + 1
    let path = try path ?? chain.path(index, size: size)
    return try StateProofs(
      [self.key(key, of: chain)], header: SignedStatement(decoding: last.headerEntry),
      path: chain.path(last.headerIndex, size: size),
      earlier: .init(
        header: SignedStatement(decoding: header),
        path: InclusionProof(index: index, size: size, path: path.path)),
      checkpoint: SignedNote(parsing: last.checkpoint.span))
  }

  @Test("with an earlier block's header it tells what lists had then; no other entry passes for that header")
  func earlierBlock() throws {
    let before = chain.blocks[1]
    let proofs = try proofs(digest([3]), earlier: before.headerEntry, at: before.headerIndex)
    let again = try StateProofs(parsing: proofs.bytes.span)
    #expect(again.bytes == proofs.bytes)
    #expect(isOne(proofs.bytes))
    let proven = try again.check(policy)
    #expect(proven.earlier == before.header && proven.header == chain.blocks[2].header)
    let list = try RecordList(decoding: try #require(proven.value(of: digest([3]))?.value))
    #expect(list.first > before.headerIndex)

    func fault(_ header: [UInt8], at index: UInt64, path: InclusionProof? = nil) throws -> ProofError.Code? {
      let bytes = try self.proofs(digest([3]), earlier: header, at: index, path: path).bytes
      do throws(ProofError) {
        _ = try StateProofs(parsing: bytes.span).check(policy)
        return nil
      } catch { return error.code }
    }
    let last = chain.blocks[2]
    #expect(try fault(before.headerEntry, at: before.headerIndex) == nil)
    #expect(try fault(last.headerEntry, at: last.headerIndex) == .header, "not an earlier one")
    #expect(try fault(last.entries[0], at: last.headerIndex - 2) == .header, "a record")
    #expect(try fault(chain.blocks[0].headerEntry, at: before.headerIndex) == .inclusion)
    #expect(
      try fault(
        before.headerEntry, at: before.headerIndex - 1,
        path: chain.path(before.headerIndex, size: last.headerIndex + 1))
        != nil, "another place")
    // A header of the same height on a ledger of the same members.
    var other = try Chain(chain.consortium)
    try other.add([other.statement([5]).entry, other.statement([6]).entry])
    #expect(try fault(other.blocks[1].headerEntry, at: before.headerIndex) == .inclusion)
  }

  private func isOne(_ bytes: [UInt8]) -> Bool { StateProofs.isOne(bytes.span) }

  private func fault(_ keys: [StateProof], of chain: Chain? = nil) throws -> ProofError.Code? {
    let bytes = try proofs(keys, of: chain ?? self.chain).bytes
    do throws(ProofError) {
      _ = try StateProofs(parsing: bytes.span).check(policy)
      return nil
    } catch { return error.code }
  }

  @Test("says which records name a digest, and that none names another")
  func presentAndAbsent() throws {
    let proofs = try proofs((recorded + [never]).map { key(digest($0), of: chain) }, of: chain)
    let again = try StateProofs(parsing: proofs.bytes.span)
    #expect(again.bytes == proofs.bytes)
    #expect(isOne(proofs.bytes))
    #expect(try !isOne(chain.proof(of: 2).bytes))
    let proven = try again.check(policy)
    #expect(proven.header == chain.blocks[2].header)
    for (payload, index) in zip(recorded, [UInt64(2), 3, 5, 6]) {
      let value = try #require(proven.value(of: digest(payload))?.value)
      let list = try RecordList(decoding: value)
      #expect(list.count == 1 && list.first == index && list.last == index)
    }
    let absent = try #require(proven.value(of: digest(never)))
    #expect(absent.key == digest(never) && absent.value == nil)
    #expect(proven.value(of: digest([7])) == nil)
  }

  @Test("with a record's proof left out, doubled, exchanged or foreign, its records are not all there are")
  func complete() throws {
    let list = StateKey.subject("case-7", of: StateKey.plain)
    let proven = try proofs([key(list, of: chain)], of: chain).check(policy)
    let records = try [2, 3, 5, 6].map { try chain.proof(of: $0).check(policy) }
    func fault(_ records: [ProvenRecord]) -> ProofError.Code? {
      do throws(ProofError) {
        try proven.requireAll(records, of: list)
        return nil
      } catch { return error.code }
    }
    #expect(fault(Array(records[0...2])) == nil)
    for other in [
      [], [records[0]], [records[0], records[1]], [records[0], records[2]], [records[1], records[2]], records,
      [records[0], records[0], records[1], records[2]], [records[1], records[0], records[2]],
      [records[0], records[1], records[3]],
    ] { #expect(fault(other) == .records) }
    let empty = StateKey.subject("case-9", of: StateKey.plain)
    let none = try proofs([key(empty, of: chain)], of: chain).check(policy)
    try none.requireAll([], of: empty)
    #expect(throws: ProofError.self) { try none.requireAll([records[0]], of: empty) }
    // Twice the same is no list at all, and not the empty one either.
    #expect(throws: ProofError.self) { try none.requireAll([records[0], records[0]], of: empty) }
    #expect(throws: ProofError.self) { try none.requireAll([], of: list) }
  }

  @Test("that a recorded file was never recorded is proven by no forgery")
  func forged() throws {
    let (there, absent) = (key(digest([3]), of: chain), key(digest(never), of: chain))
    #expect(try fault([there]) == nil && fault([absent]) == nil)
    let way = there.way
    func forgery(_ bitmap: [UInt8], _ siblings: [Digest], _ other: StateProof.Other?) throws -> StateProof? {
      var bytes: [UInt8] = []
      CBORWriter.head(.array, 5, to: &bytes)
      CBORWriter.byteString(there.key.bytes.span, to: &bytes)
      CBORWriter.head(.simple, 22, to: &bytes)
      CBORWriter.byteString(bitmap.span, to: &bytes)
      CBORWriter.head(.array, UInt64(siblings.count), to: &bytes)
      for sibling in siblings { CBORWriter.byteString(sibling.bytes.span, to: &bytes) }
      if let other {
        CBORWriter.head(.array, 2, to: &bytes)
        CBORWriter.byteString(other.path.bytes.span, to: &bytes)
        CBORWriter.byteString(other.valueHash.bytes.span, to: &bytes)
      } else {
        CBORWriter.head(.simple, 22, to: &bytes)
      }
      do { return try StateProof(decoding: bytes.span) } catch { return nil }
    }
    var hasher = StateHasher()
    let own = hasher.path(of: there.key)
    let recordedValue = try #require(there.value)
    let value = hasher.valueHash(recordedValue.span)
    var siblings = way.siblings
    // The place is empty; its own leaf as another's; another leaf, of a foreign prefix.
    var forgeries = [
      try forgery(way.bitmap, siblings, nil),
      try forgery(way.bitmap, siblings, .init(path: own, valueHash: value)),
      try forgery(way.bitmap, siblings, absent.other ?? .init(path: .zero, valueHash: value)),
    ]
    // A way shortened, lengthened, and with an empty sibling at its end.
    let last = siblings.removeLast()
    var shorter = way.bitmap
    let bit = way.depth - 1
    shorter[bit / 8] &= ~(0x80 >> UInt8(bit % 8))
    while shorter.last == 0 { shorter.removeLast() }
    forgeries.append(try forgery(shorter, siblings, nil))
    forgeries.append(try forgery(shorter, siblings, .init(path: own, valueHash: value)))
    var longer = way.bitmap
    while longer.count <= way.depth / 8 { longer.append(0) }
    longer[way.depth / 8] |= 0x80 >> UInt8(way.depth % 8)
    forgeries.append(try forgery(longer, way.siblings + [last], nil))
    #expect(try forgery(longer, way.siblings + [.zero], nil) == nil)
    #expect(try forgery(way.bitmap + [0], way.siblings, nil) == nil)
    for forged in forgeries.compactMap({ $0 }) { #expect(try fault([forged]) == .state) }
    // As of a block before, under this block's header; and of another ledger.
    #expect(try fault([key(digest([3]), of: earlier)], of: earlier) == nil)
    #expect(try fault([key(digest([3]), of: earlier)]) == .state)
    var other = try Chain(chain.consortium)
    try other.add([other.statement([5]).entry])
    #expect(try fault([key(digest([3]), of: other)]) == .state)
  }

  @Test("is of the block with which its checkpoint ends, and no other entry passes for the header")
  func otherHeader() throws {
    let good = key(digest([3]), of: chain)
    let (last, before) = (chain.blocks[2], chain.blocks[1])
    func fault(_ header: [UInt8], at index: UInt64, size: UInt64, _ checkpoint: [UInt8]) throws -> ProofError
      .Code?
    {
      let proofs = try StateProofs(
        [good], header: SignedStatement(decoding: header), path: chain.path(index, size: size),
        checkpoint: SignedNote(parsing: checkpoint.span))
      do throws(ProofError) {
        _ = try proofs.check(policy)
        return nil
      } catch { return error.code }
    }
    let size = last.headerIndex + 1
    #expect(try fault(last.headerEntry, at: last.headerIndex, size: size, last.checkpoint) == nil)
    #expect(try fault(before.headerEntry, at: before.headerIndex, size: size, last.checkpoint) == .header)
    #expect(try fault(before.headerEntry, at: last.headerIndex, size: size, last.checkpoint) == .inclusion)
    #expect(
      try fault(
        before.headerEntry, at: before.headerIndex, size: before.headerIndex + 1, before.checkpoint) == .state
    )
    #expect(try fault(last.entries[0], at: last.headerIndex, size: size, last.checkpoint) == .inclusion)
  }

  @Test("a policy for other blocks refuses it by name")
  func otherBlocks() throws {
    let proofs = try proofs([key(digest(never), of: chain)], of: chain)
    for (blocks, expected) in [("0-1", ProofError.Code.policy), ("3-", .policy), ("0-2", nil), ("2-", nil)] {
      let text = chain.consortium.roster.policyText(ledger: chain.ledgerID)
        .split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.hasPrefix("# blocks") ? "# blocks \(blocks)" : String($0) }.joined(separator: "\n")
      let bytes = Array(text.utf8)
      var code: ProofError.Code?
      do { _ = try proofs.check(Policy(parsing: bytes.span)) } catch let error as ProofError {
        code = error.code
      }
      #expect(code == expected, "\(blocks)")
    }
  }

  @Test("a record is not shown in a later block than its own")
  func laterBlock() throws {
    let bytes = try chain.parts(of: 3, head: 2, header: 2).bytes
    var code: ProofError.Code?
    do throws(ProofError) { _ = try RecordProof(parsing: bytes.span).check(policy) } catch {
      code = error.code
    }
    #expect(code == .header)
  }

  @Test(
    "a bit of it that is flipped makes it prove nothing else: one of each byte, all of them in a long run")
  func bits() throws {
    let before = chain.blocks[1]
    for proofs in [
      try proofs([key(digest([3]), of: chain), key(digest(never), of: chain)], of: chain),
      try proofs(digest(never), earlier: before.headerEntry, at: before.headerIndex),
    ] { try bits(proofs.bytes) }
  }

  private func bits(_ bytes: [UInt8]) throws {
    let whole = try StateProofs(parsing: bytes.span).check(policy)
    for place in bytes.indices {
      for bit in Soak.isOn ? Array(0..<8) : [place % 8] {
        var spoilt = bytes
        spoilt[place] ^= 1 << UInt8(bit)
        do {
          let proven = try StateProofs(parsing: spoilt.span).check(policy)
          // A cosignature more or less, or a line that nobody of the policy signed.
          #expect(proven.header == whole.header && proven.earlier == whole.earlier)
          // That another key has nothing may be as true.
          #expect(proven.values.allSatisfy { $0.value == whole.value(of: $0.key)?.value })
        } catch {}
      }
    }
  }
}
