// swift-tools-version: 6.2
import PackageDescription

/// What every module up to `Ledger` is built with: no unmarked unsafe code, and no warning.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

// What a clean release build of `zheng` costs, in seconds of processor (1,127 altogether; a Xeon of 2 cores, Swift 6.3.1):
//
//   ours       106 zheng, 69 LedgerNode, 51 Scenarios, 48 LedgerStore, 44 Workflows, 32 Ledger, 29 Certificates, 17 Measures,
//              14 TransparencyLog, 10 LedgerClient, 9 LedgerCrypto, 8 LedgerIndex, 6 Statements, 4 CSHA256Lanes
//   SQLite     101 GRDB
//   TLS        168 BoringSSL (300 files of C and C++ with prefixed symbols, so that it and libcrypto live in one process), 15 swift-nio-ssl
//   HTTP       103 swift-nio, 39 hummingbird, 27 swift-async-algorithms, 24 swift-nio's _NIOFileSystem, 14 swift-collections, 12 swift-system,
//              11 swift-http-types, 6 swift-nio-extras, 15 logs, metrics, atomics and lifecycle
//   client     34 AsyncHTTPClient, 39 swift-nio-http2, 20 swift-configuration, 11 swift-algorithms
//   arguments  24 swift-argument-parser
//
// A debug build with tests costs as much (1,083): 380 for our tests, of which 108 zhengTests, 300 for ours. In return for TLS and the
// client no binary needs FoundationNetworking, libcurl and libxml2.
//
// One module is one serial compilation, so the largest decide how long two cores take. Hummingbird's default traits would add nothing
// that is used; its targets need the rest whatever the traits.
let package = Package(
  name: "zheng",
  products: [
    .library(name: "TransparencyLog", targets: ["LedgerCrypto", "TransparencyLog"]),
    .library(name: "Certificates", targets: ["Ledger", "Certificates"]),
    .library(
      name: "Ledger", targets: ["LedgerCrypto", "Statements", "Ledger", "LedgerStore", "LedgerIndex"]),
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.30.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0", traits: []),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
  ],
  targets: [
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CSHA256Lanes"),
    .systemLibrary(name: "CClock"),
    .target(name: "LedgerCrypto", dependencies: ["COpenSSL", "CSHA256Lanes"], swiftSettings: strict),
    .target(name: "TransparencyLog", dependencies: ["LedgerCrypto"], swiftSettings: strict),
    .target(name: "Statements", dependencies: ["TransparencyLog", "LedgerCrypto"], swiftSettings: strict),
    .target(
      name: "Ledger", dependencies: ["Statements", "TransparencyLog", "LedgerCrypto"], swiftSettings: strict),
    .target(
      name: "LedgerStore",
      dependencies: [
        "CClock", "Ledger", "Statements", "TransparencyLog", "LedgerCrypto",
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(
      name: "Scenarios",
      dependencies: ["Consortium", "Ledger", "Statements", "TransparencyLog", "LedgerCrypto"],
      swiftSettings: strict),
    .target(
      name: "Consortium", dependencies: ["Ledger", "Statements", "TransparencyLog", "LedgerCrypto"],
      swiftSettings: strict),
    .target(
      name: "LedgerIndex",
      dependencies: [
        "LedgerStore", "Ledger", "Statements", "TransparencyLog", "LedgerCrypto",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),
    .target(
      name: "Certificates",
      dependencies: ["Scenarios", "Ledger", "Statements", "TransparencyLog", "LedgerCrypto"],
      resources: [
        .embedInCode("Page/certificate.html"), .embedInCode("Page/certificate.css"),
        .embedInCode("Page/proofs.js"), .embedInCode("Page/custody.js"),
        .embedInCode("Page/certificate.js"), .embedInCode("Page/certificate.words"),
      ],
      swiftSettings: strict),
    .target(
      name: "LedgerClient",
      dependencies: [
        "Ledger", "Statements", "TransparencyLog", "LedgerCrypto",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),
    .target(
      name: "Boards",
      dependencies: [
        "Consortium", "LedgerClient", "LedgerCrypto",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .target(
      name: "Workflows",
      dependencies: [
        "Consortium", "LedgerIndex", "LedgerStore", "LedgerClient", "Certificates", "Scenarios", "Ledger",
        "Statements",
        "TransparencyLog", "LedgerCrypto",
      ]),
    .target(
      name: "LedgerNode",
      dependencies: [
        "Boards", "Consortium", "Workflows", "Certificates", "LedgerClient", "LedgerStore", "Scenarios",
        "Ledger", "Statements", "TransparencyLog", "LedgerCrypto",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "CoreMetrics", package: "swift-metrics"),
      ],
      resources: [
        .embedInCode("Routes/Pages/Frame/pages.css"), .embedInCode("Routes/Pages/Frame/pages.js"),
        .embedInCode("Routes/Pages/Frame/answers.js"), .embedInCode("Routes/Pages/Frame/verify.js"),
        .embedInCode("Routes/Pages/Frame/pages.words"),
      ]),
    .target(
      name: "Measures",
      dependencies: [
        "LedgerNode", "Workflows", "Certificates", "LedgerIndex", "LedgerStore", "Scenarios", "Ledger",
        "Statements", "TransparencyLog", "LedgerCrypto", "COpenSSL",
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Benchmarks/Measures"),
    .executableTarget(
      name: "zheng",
      dependencies: [
        "Measures", "LedgerNode", "Workflows", "Boards", "Certificates", "LedgerClient", "Scenarios",
        "Ledger",
        "LedgerCrypto",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      resources: [
        .embedInCode("Words/words.zh"), .embedInCode("Words/told.zh"), .embedInCode("Words/help.zh"),
      ]),

    .target(
      name: "TestKit", dependencies: ["Ledger", "Statements", "TransparencyLog", "LedgerCrypto"],
      path: "Tests/TestKit"),
    .testTarget(name: "LedgerCryptoTests", dependencies: ["LedgerCrypto", "COpenSSL", "TestKit"]),
    .testTarget(
      name: "TransparencyLogTests", dependencies: ["TransparencyLog", "LedgerCrypto", "TestKit"]),
    .testTarget(name: "StatementsTests", dependencies: ["Statements", "LedgerCrypto", "TestKit"]),
    .testTarget(
      name: "LedgerTests",
      dependencies: ["Ledger", "Statements", "TransparencyLog", "LedgerCrypto", "TestKit"]),
    .testTarget(
      name: "ConsortiumTests",
      dependencies: ["Consortium", "Ledger", "Statements", "TransparencyLog", "LedgerCrypto", "TestKit"]),
    .testTarget(name: "BoardsTests", dependencies: ["Boards", "Consortium", "LedgerCrypto", "TestKit"]),
    .testTarget(
      name: "ScenariosTests",
      dependencies: [
        "Scenarios", "Ledger", "Statements", "TransparencyLog", "LedgerCrypto", "TestKit",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(
      name: "WorkflowsTests",
      dependencies: [
        "Workflows", "LedgerClient", "LedgerIndex", "LedgerStore", "Certificates", "Scenarios", "Ledger",
        "Statements", "TransparencyLog", "LedgerCrypto", "TestKit",
      ]),
    .testTarget(
      name: "zhengTests",
      dependencies: [
        "zheng", "Measures", "LedgerNode", "Workflows", "Boards", "Consortium", "Certificates",
        "LedgerClient",
        "LedgerIndex", "LedgerStore", "Scenarios", "Ledger", "TransparencyLog", "LedgerCrypto", "COpenSSL",
        "TestKit", .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(name: "MeasuresTests", dependencies: ["Measures", "LedgerCrypto", "TestKit"]),
    .testTarget(
      name: "LedgerNodeTests",
      dependencies: [
        "LedgerNode", "Consortium", "Workflows", "Certificates", "LedgerClient", "LedgerIndex", "LedgerStore",
        "Scenarios", "Ledger", "Statements",
        "TransparencyLog", "LedgerCrypto", "TestKit",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(
      name: "LedgerStoreTests",
      dependencies: [
        "LedgerIndex", "LedgerStore", "Ledger", "Statements", "TransparencyLog", "LedgerCrypto", "TestKit",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
