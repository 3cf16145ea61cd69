import Benchmark
import LedgerCrypto
import TransparencyLog

/// What is done with leaf hashes.
func treeStages() {
  let leaves = (0..<4096).map { SHA256.digest(of: Array("leaf \($0)".utf8)) }

  Benchmark("hash a node", configuration: .init(scalingFactor: .kilo)) { benchmark in
    var hasher = TreeHasher()
    for _ in benchmark.scaledIterations { blackHole(hasher.node(leaves[0], leaves[1])) }
  }
  Benchmark("root of 4096 leaves") { benchmark in
    var hasher = TreeHasher()
    blackHole(Merkle.root(of: leaves, using: &hasher))
  }
  Benchmark("append 4096 leaves to a frontier") { benchmark in
    var hasher = TreeHasher()
    var frontier = Frontier()
    for leaf in leaves { frontier.append(leaf, using: &hasher) }
    blackHole(frontier.root(using: &hasher))
  }
}
