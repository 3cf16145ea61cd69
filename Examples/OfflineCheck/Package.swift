// swift-tools-version: 6.2
import PackageDescription

// A program of somebody else, who checks what a ledger handed out and needs neither a ledger nor a network. Of zheng it builds
// what checks, and neither SQLite nor an HTTP server.
let package = Package(
  name: "OfflineCheck",
  dependencies: [.package(name: "zheng", path: "../..")],
  targets: [
    .executableTarget(
      name: "OfflineCheck",
      dependencies: [
        .product(name: "TransparencyLog", package: "zheng"), .product(name: "Certificates", package: "zheng"),
      ])
  ]
)
