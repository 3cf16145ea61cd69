import LedgerCrypto
import TestKit
import Testing

@Suite("Known keys")
struct KnownKeyTests {
  /// The verdicts of a fresh verifier on `cases`.
  private static func verdicts(
    _ cases: [KnownKeyCase], _ known: KnownKeys, capacity: Int = 1024
  ) throws -> [Bool] {
    var verifier = BatchVerifier(known, capacity: capacity)
    for each in cases {
      let (raw, digest) = (each.raw, try #require(Digest(each.digest)))
      verifier.add(raw.span, overDigest: digest, by: each.key, from: SignatureSource())
    }
    return verifier.takeVerdicts()
  }

  private static func forced(_ keys: [PublicKey]) throws -> KnownKeys {
    let known = KnownKeys()
    for key in keys { try #require(known.makeTable(for: key)) }
    return known
  }

  // MARK: The same verdicts

  @Test(
    "every edge of r, s, the digest, and the two points gets libcrypto's verdict, in batches of any size",
    arguments: [1, 2, 3, 64, 255, 1024])
  func edges(capacity: Int) throws {
    let cases = try KnownKeyCases(seed: 1)
    let known = try Self.forced(cases.keys)
    // Few at a time, so that none is left to the ordinary way over the bad ones.
    for start in stride(from: 0, to: cases.cases.count, by: 10) {
      let some = Array(cases.cases[start..<min(start + 10, cases.cases.count)])
      #expect(try Self.verdicts(some, known, capacity: capacity) == some.map(\.isValid), "from \(start)")
    }
    #expect(try Self.verdicts(cases.cases, known, capacity: capacity) == cases.cases.map(\.isValid))
    let good = cases.good
    #expect(try Self.verdicts(good, known, capacity: capacity) == good.map { _ in true })
    let counts = known.counts
    #expect(counts.byTable >= 2 * good.count)
    #expect(counts.again > cases.cases.count / 2)
    #expect(CryptoError.drainQueue() == [])
  }

  @Test("no edge that is valid needs the ordinary way")
  func edgesByTable() throws {
    let cases = try KnownKeyCases(seed: 2)
    let known = try Self.forced(cases.keys)
    let good = cases.good
    #expect(try Self.verdicts(good, known) == good.map { _ in true })
    #expect(known.counts.byTable == good.count)
    #expect(known.counts.again == 0)
    #expect(known.counts.ordinary == 0)
  }

  @Test("random valid, mutated and edge-case signatures, mixed in batches, get libcrypto's verdicts: fuzz")
  func fuzz() throws {
    let inputs = 2 * Fuzzing.inputs
    print("fuzz BatchVerifier: \(inputs) inputs, ZHENG_FUZZ_SEED=\(Fuzzing.seed)")
    var cases = try KnownKeyCases(seed: Fuzzing.seed)
    let known = try Self.forced(cases.keys)
    var done = 0
    while done < inputs {
      let count = cases.count(100)
      let some = (0..<count).map { _ in cases.next() }
      let verdicts = try Self.verdicts(some, known, capacity: cases.count(count))
      for (each, verdict) in zip(some, verdicts) where each.isValid != verdict {
        Issue.record("\(verdict) for \(Hex.encode(each.raw)) over \(Hex.encode(each.digest))")
      }
      #expect(verdicts.count == count)
      done += count
    }
    let counts = known.counts
    #expect(counts.byTable > inputs / 4)
    #expect(counts.again > inputs / 10)
    #expect(CryptoError.drainQueue() == [])
  }

  @Test("messages are verified as `isValid` does, of both kinds of keys, and of any length")
  func messages() throws {
    let keys = try [
      PrivateKey(generating: .es256), PrivateKey(generating: .ed25519), PrivateKey(generating: .es256),
    ]
    let known = try Self.forced([keys[0].publicKey])
    var generator = SeededGenerator(seed: Fuzzing.seed)
    var verifier = BatchVerifier(known)
    var expected: [Bool] = []
    for round in 0..<1200 {
      let key = keys[round % 3]
      let message = generator.bytes(round % 100)
      var signature = try key.signature(over: message)
      if round % 5 == 0 { signature = Array((signature + signature).prefix(60 + round % 9)) }
      if round % 7 == 0 { signature[9] ^= 4 }
      expected.append(key.publicKey.accepts(signature, over: message))
      // Each of its own source: one that gives bad ones loses the tables.
      verifier.add(signature.span, over: message.span, by: key.publicKey, from: SignatureSource())
      if round % 400 == 399 {
        let verdicts = verifier.takeVerdicts()
        #expect(verdicts == expected)
        expected = []
      }
    }
    let none = verifier.takeVerdicts()
    #expect(none == [])
    #expect(known.counts.byTable > 100)
  }

  // MARK: When a table is used

  @Test("a key that has given enough good signatures gets a table, and is verified by it from then on")
  func tableOnceItPays() throws {
    let key = try PrivateKey(generating: .es256)
    let digest = SHA256.digest(of: [1])
    let signature = try key.signature(over: [1])
    let known = KnownKeys()
    var verifier = BatchVerifier(known)
    for _ in 0..<2000 { verifier.add(signature.span, overDigest: digest, by: key.publicKey) }
    let verdicts = verifier.takeVerdicts()
    #expect(verdicts == [Bool](repeating: true, count: 2000))
    #expect(known.counts.tables == 1)
    #expect((500..<532).contains(known.counts.ordinary))
    #expect(known.counts.byTable == 2000 - known.counts.ordinary)
    #expect(known.counts.again == 0)
  }

  @Test("where it is known how many come, a key gets its table as soon as its share promises enough")
  func tableByForecast() throws {
    let key = try PrivateKey(generating: .es256)
    let digest = SHA256.digest(of: [1])
    let signature = try key.signature(over: [1])
    for (expected, tables) in [(100_000, 1), (900, 0)] {
      let known = KnownKeys(expecting: expected)
      var verifier = BatchVerifier(known)
      for _ in 0..<100 { verifier.add(signature.span, overDigest: digest, by: key.publicKey) }
      let verdicts = verifier.takeVerdicts()
      #expect(verdicts == [Bool](repeating: true, count: 100))
      #expect(known.counts.tables == tables)
      #expect(known.counts.ordinary == (tables == 1 ? 16 : 100))
    }
  }

  @Test("bad signatures have no table made in a key's name")
  func badOnesDoNotCount() throws {
    let key = try PrivateKey(generating: .es256)
    let signature = try key.signature(over: [1])
    let known = KnownKeys(expecting: 1_000_000)
    var verifier = BatchVerifier(known)
    for _ in 0..<1000 { verifier.add(signature.span, overDigest: .zero, by: key.publicKey) }
    let verdicts = verifier.takeVerdicts()
    #expect(verdicts == [Bool](repeating: false, count: 1000))
    #expect(known.counts.tables == 0)
    #expect(known.counts.ordinary == 1000)
  }

  @Test("there are no more tables than allowed, and the other keys are verified without")
  func mostTables() throws {
    let keys = try (0..<3).map { _ in try PrivateKey(generating: .es256) }
    let known = KnownKeys(expecting: 0, mostTables: 2)
    #expect(keys.map { known.makeTable(for: $0.publicKey) } == [true, true, false])
    #expect(known.makeTable(for: keys[0].publicKey))
    let signature = try keys[2].signature(over: [1])
    var verifier = BatchVerifier(known)
    for _ in 0..<700 {
      verifier.add(signature.span, overDigest: SHA256.digest(of: [1]), by: keys[2].publicKey)
    }
    let verdicts = verifier.takeVerdicts()
    #expect(!verdicts.contains(false))
    #expect(known.counts.tables == 2)
    #expect(known.counts.ordinary == 700)
  }

  @Test("no table is made for an Ed25519 key")
  func ed25519() throws {
    #expect(try !KnownKeys().makeTable(for: PrivateKey(generating: .ed25519).publicKey))
  }

  @Test(
    "a source of many bad signatures loses the tables, in whosoever's name, costs no other source, and wins them back by good ones"
  )
  func sourceOfBadOnes() throws {
    let keys = try (0..<2).map { _ in try PrivateKey(generating: .es256) }
    let known = try Self.forced(keys.map(\.publicKey))
    let good = try keys.map { try $0.signature(over: [1]) }
    let (right, wrong) = (SHA256.digest(of: [1]), SHA256.digest(of: [2]))
    let (bad, honest) = (SignatureSource(), SignatureSource())
    var verifier = BatchVerifier(known)
    for number in 0..<3000 {
      let (signature, key) = (good[number / 2 % 2], keys[number / 2 % 2].publicKey)
      verifier.add(signature.span, overDigest: number % 2 == 0 ? wrong : right, by: key, from: bad)
    }
    let verdicts = verifier.takeVerdicts()
    #expect(verdicts == (0..<3000).map { $0 % 2 == 1 })
    // Eight, and one for each eight good ones between them.
    #expect((9...11).contains(known.counts.again))
    #expect(known.counts.byTable <= 11)
    #expect(known.counts.ordinary == 3000 - known.counts.again - known.counts.byTable)
    // The same keys, in the same verifier, from another source.
    let before = known.counts
    let (signature, key) = (good[0], keys[0].publicKey)
    for _ in 0..<100 { verifier.add(signature.span, overDigest: right, by: key, from: honest) }
    let others = verifier.takeVerdicts()
    #expect(others == [Bool](repeating: true, count: 100))
    #expect(known.counts.byTable == before.byTable + 100 && known.counts.ordinary == before.ordinary)
    for _ in 0..<3000 { verifier.add(signature.span, overDigest: right, by: key, from: bad) }
    let later = verifier.takeVerdicts()
    #expect(later == [Bool](repeating: true, count: 3000))
    // Not at once, but for good.
    #expect((100..<2900).contains(known.counts.ordinary - before.ordinary))
  }

  @Test("one bad signature in a hundred does not lose a key its table")
  func fewBadOnes() throws {
    let key = try PrivateKey(generating: .es256)
    let known = try Self.forced([key.publicKey])
    let good = try key.signature(over: [1])
    let (right, wrong) = (SHA256.digest(of: [1]), SHA256.digest(of: [2]))
    var verifier = BatchVerifier(known)
    for number in 0..<3000 {
      verifier.add(good.span, overDigest: number % 100 == 0 ? wrong : right, by: key.publicKey)
    }
    let verdicts = verifier.takeVerdicts()
    #expect(verdicts == (0..<3000).map { $0 % 100 != 0 })
    #expect(known.counts.byTable == 2970)
    #expect(known.counts.again == 30)
  }

  @Test("more keys than are remembered at once are verified all the same")
  func manyKeys() throws {
    let keys = try (0..<1100).map { _ in try PrivateKey(generating: .es256) }
    let known = try Self.forced([keys[0].publicKey, keys[1050].publicKey])
    var verifier = BatchVerifier(known)
    var expected: [Bool] = []
    for (number, key) in (keys + keys).enumerated() {
      let signature = try key.signature(over: [number % 3 == 0 ? 1 : 2])
      verifier.add(signature.span, over: [1].span, by: key.publicKey, from: SignatureSource())
      expected.append(number % 3 == 0)
    }
    let verdicts = verifier.takeVerdicts()
    #expect(verdicts == expected)
    #expect(known.counts.byTable + known.counts.again == 4)
  }

  // MARK: Threads

  @Test("threads share tables while they are being made")
  func threads() async throws {
    let cases = try KnownKeyCases(seed: 3)
    let all = cases.cases + cases.good + cases.good
    let known = KnownKeys(expecting: 1_000_000)
    let wrong = try await withThrowingTaskGroup(of: Int.self) { group in
      for task in 0..<8 {
        group.addTask {
          var wrong = 0
          for round in 0..<3 {
            let some = Array(all[(task * 37 + round * 11)...]) + all[..<(task * 37 + round * 11)]
            let verdicts = try Self.verdicts(some, known, capacity: 1 + task * 30)
            for (each, verdict) in zip(some, verdicts) where each.isValid != verdict { wrong += 1 }
            if CryptoError.drainQueue() != [] { wrong += 1 }
          }
          return wrong
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(wrong == 0)
    #expect(known.counts.tables == cases.keys.count)
    #expect(known.counts.byTable > 0)
    #expect(
      known.counts.byTable + known.counts.again + known.counts.ordinary == 8 * 3 * all.count)
  }
}
