import Consortium
import LedgerClient
import LedgerCrypto

/// The node of another validator, as this one asks it.
struct ValidatorPeer: Sendable {
  /// The other's name.
  let name: String
  let directory: PeerDirectory
  let client: ValidatorClient
  /// Makes this validator's tokens for that node.
  let tokens: ReadingTokens

  /// How long an answer may take, in s; a body that is large, or on a slow line, longer.
  private static let patience: Int64 = 10, bodyPatience: Int64 = 120

  /// Hands messages over.
  func post(_ messages: [[UInt8]]) async throws {
    try await client.post(
      directory.url(of: name), "/consensus", ("application/cbor", MessageList.bytes(messages)),
      authorization: tokens.authorization(), within: ValidatorPeer.patience)
  }

  /// What it has of a height.
  func messages(height: UInt64) async throws -> [[UInt8]] {
    guard let bytes = try await get("/consensus/\(height)") else { return [] }
    return try MessageList.messages(bytes)
  }

  /// Passes statements on.
  func pass(_ entries: [[UInt8]]) async throws {
    try await client.post(
      directory.url(of: name), "/consensus/statements", ("application/cbor-seq", Array(entries.joined())),
      authorization: tokens.authorization(), within: ValidatorPeer.bodyPatience)
  }

  /// Its final block of a height, or its newest; nil where it has none.
  func final(_ height: UInt64?) async throws -> FinalDocument? {
    try await get("/final/\(height.map(String.init) ?? "newest")").map { try FinalDocument(decoding: $0) }
  }

  /// The body of a block of a height, final or not; nil where it does not have it.
  func body(of block: Digest, height: UInt64) async throws -> [UInt8]? {
    try await get("/block/\(block.hex)?height=\(height)", ValidatorPeer.bodyPatience)
  }

  private func get(_ path: String, _ seconds: Int64 = ValidatorPeer.patience) async throws -> [UInt8]? {
    try await client.get(
      directory.url(of: name), path, authorization: tokens.authorization(), within: seconds)
  }
}
