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
    Benchmark("check an entry", configuration: .init(maxDuration: .seconds(3))) { benchmark in
      var checker = EntryChecker()
      blackHole(checker.check(entry.span, keys: keys))
    }
  } catch {
    fatalError("the samples can't be made: \(error)")
  }
  for algorithm in KeyAlgorithm.allCases { signatureStages(algorithm) }
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
