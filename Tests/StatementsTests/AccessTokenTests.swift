import LedgerCrypto
import Testing

@testable import Statements

@Suite("Access tokens")
struct AccessTokenTests {
  private func claims(_ issuer: String? = "notary") -> AccessToken.Claims {
    AccessToken.Claims(
      issuer: issuer, ledger: SHA256.digest(of: [1]), node: "https://ledger.example.org/pilot",
      issuedAt: 1_800_000_000,
      tokenID: [UInt8](repeating: 7, count: 16))
  }

  @Test("a token says what was signed, in bytes and as text", arguments: KeyAlgorithm.allCases)
  func roundTrip(algorithm: KeyAlgorithm) throws {
    let (key, other) = (try PrivateKey(generating: algorithm), try PrivateKey(generating: algorithm))
    for issuer in ["notary", nil] {
      let bytes = try AccessToken.bytes(claims(issuer), signedBy: key)
      for token in [try AccessToken(decoding: bytes), try AccessToken(text: AccessToken.text(bytes))] {
        #expect(token.claims == claims(issuer) && token.keyID == key.publicKey.thumbprint)
        #expect(token.isSigned(by: key.publicKey) && !token.isSigned(by: other.publicKey))
      }
    }
  }

  @Test("a token is never a statement, and a statement never a token")
  func apart() throws {
    let key = try PrivateKey(generating: .es256)
    let bytes = try AccessToken.bytes(claims(), signedBy: key)
    #expect(throws: StatementError.self) { try SignedStatement(decoding: bytes) }
    let statement = try StatementDraft(
      contentType: AccessToken.type,
      claims: Claims(
        issuer: "notary", subject: nil, audience: claims().ledger, issuedAt: 1, tokenID: claims().tokenID),
      payload: []
    ).signed(by: key)
    #expect(throws: StatementError.self) { try AccessToken(decoding: statement.entry) }
  }

  @Test("any other byte of it is refused, or another signature's")
  func altered() throws {
    let key = try PrivateKey(generating: .ed25519)
    let bytes = try AccessToken.bytes(claims(), signedBy: key)
    for place in bytes.indices {
      for bit in 0..<8 {
        var altered = bytes
        altered[place] ^= 1 << UInt8(bit)
        do throws(StatementError) {
          let token = try AccessToken(decoding: altered)
          #expect(!token.isSigned(by: key.publicKey), "byte \(place), bit \(bit)")
        } catch {}
      }
    }
    for text in [
      "", "=", AccessToken.text(bytes) + "=", AccessToken.text(bytes) + "A", " " + AccessToken.text(bytes),
    ] {
      #expect(throws: StatementError.self) { try AccessToken(text: text) }
    }
    #expect(throws: StatementError.self) { try AccessToken(decoding: bytes + [0]) }
    #expect(throws: StatementError.self) { try AccessToken(text: String(repeating: "A", count: 1 << 20)) }
  }
}
