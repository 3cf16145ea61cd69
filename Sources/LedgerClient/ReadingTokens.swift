import Foundation
import LedgerCrypto
import Statements
import Synchronization

/// Makes a member's tokens for reading one node (`AccessToken`), each used until shortly before it ends.
public final class ReadingTokens: Sendable {
  private let key: PrivateKey
  private let issuer: String?
  private let ledger: Digest
  private let node: String
  private let now: @Sendable () -> UInt64
  private let newest = Mutex<(text: String, end: UInt64)?>(nil)

  /// How long before its end a token is replaced by a new one, in s.
  private static let reserve: UInt64 = 120

  /// - Parameters:
  ///   - issuer: the member whose key it is; nil to let the key say it.
  ///   - node: the node's URL, with no slash at its end.
  ///   - now: in s since the epoch.
  public init(
    key: PrivateKey, issuer: String? = nil, ledger: Digest, node: String,
    now: @escaping @Sendable () -> UInt64
  ) {
    (self.key, self.issuer, self.ledger, self.node, self.now) = (key, issuer, ledger, node, now)
  }

  /// A token that holds for some minutes, in base64url.
  public func token() throws -> String {
    try newest.withLock { newest in
      let now = now()
      if let newest, newest.end > now + ReadingTokens.reserve { return newest.text }
      let made = try new(lifetime: ReadingTokens.longestLife, from: now)
      newest = made
      return made.text
    }
  }

  /// No token holds for longer, in s.
  public static let longestLife = AccessToken.longestLife

  /// A new token that holds for `lifetime` s from now on, in base64url, and when it ends, in s since the epoch.
  public func new(lifetime: UInt64) throws -> (text: String, end: UInt64) {
    try new(lifetime: lifetime, from: now())
  }

  private func new(lifetime: UInt64, from now: UInt64) throws -> (text: String, end: UInt64) {
    let claims = try AccessToken.Claims(
      issuer: issuer, ledger: ledger, node: node, issuedAt: now, lifetime: lifetime, tokenID: randomBytes(16))
    return (AccessToken.text(try AccessToken.bytes(claims, signedBy: key)), claims.expiresAt)
  }

  /// The value of `Authorization`.
  public func authorization() throws -> String { "Bearer \(try token())" }

  /// Whether a token may be sent to `url`: over TLS, or to this machine.
  public static func maySend(to url: String) -> Bool {
    guard let parts = URLComponents(string: url), let host = parts.host?.lowercased() else { return false }
    if parts.scheme?.lowercased() == "https" { return true }
    let bytes = host.split(separator: ".", omittingEmptySubsequences: false)
    return host == "localhost" || host == "[::1]" || host == "::1"
      || bytes.count == 4 && bytes[0] == "127" && bytes.allSatisfy { UInt8($0) != nil }
  }
}
