import Benchmark
import Ledger
import LedgerCrypto
import LedgerStore
import TransparencyLog

/// What is done with a block of records whose signatures have been verified.
func blockStages(_ samples: Samples) throws {
  let writer = try LedgerWriter(samples.folder, samples.options)
  let state = writer.state
  let time = (state.parentTime ?? 0) + 30_000
  let candidates = try samples.candidates(4096)

  Benchmark("judge a block of 4096 records") { benchmark in
    var hasher = TreeHasher()
    var earlier = Remembered()
    var block = BlockInProgress(upon: state, time: time, rules: [PlainRecords()])
    for candidate in candidates {
      try block.admit(candidate.checked, candidate.entry.span, earlier: &earlier, using: &hasher)
    }
    blackHole(block.header(using: &hasher))
  }
  for count in [1, 256, 4096] {
    let name = count == 1 ? "1 record" : "\(count) records"
    Benchmark("commit a block of \(name)", configuration: .init(maxIterations: 100)) { benchmark in
      let fresh = try samples.candidates(count)
      benchmark.startMeasurement()
      let verdicts = try writer.appendBlock(fresh[...])
      benchmark.stopMeasurement()
      for case .refused(let refusal) in verdicts { return benchmark.error("\(refusal)") }
    }
  }
}

/// What a block in memory remembers.
private struct Remembered: StatementRegistry {
  private var places: [Digest: UInt64] = [:]

  mutating func index(of id: Digest) -> UInt64? { places[id] }

  mutating func remember(_ id: Digest, index: UInt64, issuedAt: UInt64) { places[id] = index }
}
