// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that a plain `swift build` of the ledger does not pay for it:
//
//     swift package --package-path Benchmarks benchmark
//
// Without traits it needs no jemalloc and no interposers; malloc counts would read 0, and so are not asked for.
let package = Package(
  name: "benchmarks",
  dependencies: [
    .package(name: "zheng", path: ".."),
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    .executableTarget(
      name: "Stages",
      dependencies: [
        .product(name: "TransparencyLog", package: "zheng"),
        .product(name: "Ledger", package: "zheng"),
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "Stages",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
  ],
  swiftLanguageModes: [.v6]
)
