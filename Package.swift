// swift-tools-version: 6.2
import PackageDescription

/// What every module up to `Ledger` is built with: no unmarked unsafe code, and no warning.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "zheng",
  products: [
    .library(name: "TransparencyLog", targets: ["TransparencyLog"]),
    .library(name: "Ledger", targets: ["LedgerCrypto", "Statements", "Ledger", "LedgerStore"]),
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
  ],
  targets: [
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "LedgerCrypto", dependencies: ["COpenSSL"], swiftSettings: strict),
    .target(name: "TransparencyLog", dependencies: ["LedgerCrypto"], swiftSettings: strict),
    .target(name: "Statements", dependencies: ["TransparencyLog", "LedgerCrypto"], swiftSettings: strict),
    .target(
      name: "Ledger", dependencies: ["Statements", "TransparencyLog", "LedgerCrypto"], swiftSettings: strict),
    .target(
      name: "LedgerStore",
      dependencies: [
        "Ledger", "Statements", "TransparencyLog", "LedgerCrypto",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .executableTarget(
      name: "zheng",
      dependencies: [
        "LedgerStore", "Ledger", "Statements", "TransparencyLog", "LedgerCrypto",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .testTarget(name: "LedgerCryptoTests", dependencies: ["LedgerCrypto", "TestSupport"]),
    .testTarget(
      name: "TransparencyLogTests", dependencies: ["TransparencyLog", "LedgerCrypto", "TestSupport"]),
    .testTarget(name: "StatementsTests", dependencies: ["Statements", "LedgerCrypto", "TestSupport"]),
    .testTarget(
      name: "LedgerTests",
      dependencies: ["Ledger", "Statements", "TransparencyLog", "LedgerCrypto", "TestSupport"]),
    .testTarget(name: "zhengTests", dependencies: ["zheng", "TestSupport"]),
    .testTarget(
      name: "LedgerStoreTests",
      dependencies: ["LedgerStore", "Ledger", "Statements", "TransparencyLog", "LedgerCrypto", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
