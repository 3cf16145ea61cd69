import Benchmark
import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// What is done to one entry, whatever the others are.
func entryStages(_ samples: Samples) {
  do {
    let entry = try samples.entry()
    let keys = [samples.key.publicKey.thumbprint: samples.key.publicKey]

    Benchmark("decode an entry", configuration: .init(scalingFactor: .kilo)) { benchmark in
      for _ in benchmark.scaledIterations { blackHole(try EntryView(decoding: entry.span)) }
    }
    Benchmark("hash a leaf", configuration: .init(scalingFactor: .kilo)) { benchmark in
      var hasher = TreeHasher()
      for _ in benchmark.scaledIterations { blackHole(hasher.leaf(entry.span)) }
    }
    let entries = try (0..<1024).map { _ in try samples.entry() }
    let (bytes, ranges) = (entries.flatMap { $0 }, Samples.ranges(entries))
    Benchmark("hash 1024 leaves at once") { benchmark in
      var hasher = TreeHasher()
      var leaves: [Digest] = []
      hasher.appendLeaves(bytes.span, at: ranges[...], to: &leaves)
      blackHole(leaves)
    }
    Benchmark("check an entry", configuration: .init(maxDuration: .seconds(3))) { benchmark in
      var checker = EntryChecker()
      blackHole(checker.check(entry.span, keys: keys))
    }
  } catch {
    fatalError("the samples can't be made: \(error)")
  }
  for algorithm in KeyAlgorithm.allCases { signatureStages(algorithm) }
  knownKeyStages()
}

/// Signatures of keys that sign much.
private func knownKeyStages() {
  do {
    let keys = try (0..<16).map { _ in try PrivateKey(generating: .es256) }
    let message = try randomBytes(512)
    let signatures = try keys.map { try $0.signature(over: message) }
    let known = KnownKeys()
    for key in keys { known.makeTable(for: key.publicKey) }
    Benchmark("verify 1024 signatures by the tables of 16 keys") { benchmark in
      var verifier = BatchVerifier(known)
      for number in 0..<1024 {
        let signature = signatures[number % keys.count]
        verifier.add(signature.span, over: message.span, by: keys[number % keys.count].publicKey)
      }
      guard !verifier.takeVerdicts().contains(false) else {
        return benchmark.error("a good signature did not verify")
      }
    }
  } catch {
    fatalError("the samples can't be made: \(error)")
  }
}

private func signatureStages(_ algorithm: KeyAlgorithm) {
  do {
    let key = try PrivateKey(generating: algorithm)
    let message = try randomBytes(512)
    let signature = try key.signature(over: message)
    Benchmark("sign, \(algorithm.rawValue)") { benchmark in
      blackHole(try key.signature(over: message))
    }
    Benchmark("verify, \(algorithm.rawValue)") { benchmark in
      guard key.publicKey.isValid(signature: signature.span, over: message.span) else {
        return benchmark.error("a good signature did not verify")
      }
    }
  } catch {
    fatalError("the samples can't be made: \(error)")
  }
}
