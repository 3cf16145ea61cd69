import Ledger
import LedgerCrypto
import Statements
import TestKit
import Testing

@Suite("Checking entries in batches")
struct BatchCheckTests {
  /// Good entries, and ones that are wrong in each way that a single check knows.
  private static func entries() throws -> (entries: [[UInt8]], keys: [Digest: PublicKey]) {
    var chain = try Chain(Consortium(members: 4))
    let keys = chain.state.roster.keys
    let stranger = try PrivateKey(generating: .es256)
    let edwards = try PrivateKey(generating: .ed25519)
    var entries = [chain.founding.entry, chain.blocks[0].headerEntry, []]
    for round in 0..<80 {
      let good = try chain.statement(by: round % 4, [UInt8(round), 7]).entry
      entries.append(good)
      // Mostly good ones, so that no key loses its table.
      guard round % 5 == 0 else { continue }
      entries.append(try chain.statement(by: round % 4, key: stranger).entry)
      entries.append(try chain.statement(by: round % 4, key: edwards).entry)
      var bad = good
      bad[bad.count - 1 - round % 64] ^= 1
      entries.append(bad)
      bad = good
      bad[good.count / 2] ^= 1
      entries.append(bad)
      entries.append(Array(good.dropLast()))
    }
    try chain.add([])
    entries.append(chain.blocks[1].headerEntry)
    return (entries, keys.merging(try [thumbprint(of: edwards): edwards.publicKey]) { first, _ in first })
  }

  private static func thumbprint(of key: PrivateKey) throws -> Digest {
    let entry = try Chain(Consortium(members: 1)).statement(by: 0, key: key).entry
    return try EntryView(decoding: entry.span).keyID
  }

  private func expectSame(_ entries: [[UInt8]], _ keys: [Digest: PublicKey], _ known: KnownKeys) {
    var bytes: [UInt8] = []
    var ranges: [Range<Int>] = []
    for entry in entries {
      ranges.append(bytes.count..<bytes.count + entry.count)
      bytes += entry
    }
    var checker = EntryChecker()
    var single: [String] = []
    for entry in entries { single.append("\(checker.check(entry.span, keys: keys))") }
    var verifier = BatchVerifier(known)
    let batch = checker.check(bytes.span, ranges[...], keys: keys, verifier: &verifier)
    #expect(batch.map { "\($0)" } == single)
    let hashed = checker.hash(bytes.span, ranges[...], keys: keys)
    #expect(hashed.leaves == batch.map(\.leaf))
    let headers = entries.indices.filter { number in
      let entry = entries[number]
      return batch[number].isHeader(entry.span)
    }
    #expect(hashed.headers.map(\.offset) == headers)
    for (offset, header) in hashed.headers {
      let entry = entries[offset]
      let alone = "\(checker.hash(entry.span, keys: keys))"
      #expect("\(header)" == alone)
    }
    // And a part, with the same verifier.
    let part = checker.check(bytes.span, ranges[5..<9], keys: keys, verifier: &verifier)
    #expect(part.map { "\($0)" } == Array(single[5..<9]))
  }

  @Test("a batch gives what single checks give, with tables and without")
  func batch() throws {
    let (entries, keys) = try Self.entries()
    let tables = KnownKeys()
    for key in keys.values where key.algorithm == .es256 { #expect(tables.makeTable(for: key)) }
    for known in [tables, KnownKeys(), KnownKeys(expecting: 1_000_000)] { expectSame(entries, keys, known) }
    // Fewer than are valid: a source of so many bad signatures loses the tables.
    #expect(tables.counts.byTable > 20)
    #expect(tables.counts.again > 0)
  }

  @Test("a batch of any entries gives what single checks give: fuzz")
  func fuzz() throws {
    let (entries, keys) = try Self.entries()
    let known = KnownKeys()
    for key in keys.values where key.algorithm == .es256 { #expect(known.makeTable(for: key)) }
    var some: [[UInt8]] = []
    Fuzzing.run("EntryChecker.check in batches", samples: entries, inputs: Fuzzing.inputs / 4) { bytes in
      some.append(bytes)
      some.append(entries[some.count % entries.count])
      guard some.count == 150 else { return }
      expectSame(some, keys, known)
      some = []
    }
    #expect(known.counts.byTable > 0)
  }
}
