import Testing

@testable import LedgerCrypto

/// Issue 17: keys under a passphrase (PKCS#8, RFC 5958 §3).
@Suite("Private keys under a passphrase")
struct KeyPassphraseTests {
  private let secret = Array("secret".utf8)

  private func code(_ make: () throws -> PrivateKey) -> CryptoError.Code? {
    do {
      _ = try make()
      return nil
    } catch { return (error as? CryptoError)?.code }
  }

  @Test("openssl's key is read with its passphrase, and with no other")
  func theirs() throws {
    let key = try PrivateKey(pem: Fixtures.p256Encrypted, passphrase: secret)
    #expect(try key.publicKey == PrivateKey(pem: Fixtures.p256).publicKey)
    #expect(code { try PrivateKey(pem: Fixtures.p256Encrypted) } == .passphraseNeeded)
    for wrong in ["", "Secret", "secret ", String(repeating: "x", count: 1024)] {
      #expect(
        code { try PrivateKey(pem: Fixtures.p256Encrypted, passphrase: Array(wrong.utf8)) }
          == .wrongPassphrase)
    }
    // One that is not needed is not looked at.
    #expect(try PrivateKey(pem: Fixtures.p256, passphrase: secret).publicKey == key.publicKey)
    #expect(CryptoError.drainQueue() == [])
  }

  @Test(
    "a key that is put under a passphrase comes back, and its text is another each time",
    arguments: KeyAlgorithm.allCases)
  func ours(algorithm: KeyAlgorithm) throws {
    let key = try PrivateKey(generating: algorithm)
    for passphrase in ["密码 with ünïcode", "x", String(repeating: "long", count: 256)] {
      let pem = try key.pem(passphrase: Array(passphrase.utf8))
      #expect(pem.hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"))
      #expect(try key.pem(passphrase: Array(passphrase.utf8)) != pem)
      let back = try PrivateKey(pem: pem, passphrase: Array(passphrase.utf8))
      #expect(back.publicKey == key.publicKey)
      #expect(try back.pem() == key.pem())
      #expect(code { try PrivateKey(pem: pem, passphrase: secret) } == .wrongPassphrase)
    }
  }

  @Test("what is no whole block is malformed, whatever the passphrase")
  func malformed() throws {
    let pem = Fixtures.p256Encrypted
    let der = PEMText.der(pem)
    for text in [
      pem + pem, pem + Fixtures.p256, PEMText.make("ENCRYPTED PRIVATE KEY", der + [0]),
      PEMText.make("ENCRYPTED PRIVATE KEY", Array(der.dropLast())),
      PEMText.make("ENCRYPTED PRIVATE KEY", PEMText.der(Fixtures.p256)),
      pem.replacing("KEY-----\nM", with: "KEY-----\nProc-Type: 4,ENCRYPTED\n\nM"),
    ] { #expect(code { try PrivateKey(pem: text, passphrase: secret) } == .malformedKey, "\(text)") }
    // Any other bit of it is another key's, no key's, or another passphrase's: never one that is accepted.
    let expected = try PrivateKey(pem: Fixtures.p256).publicKey
    for bit in stride(from: 0, to: der.count * 8, by: 5) {
      var altered = der
      altered[bit / 8] ^= 1 << UInt8(bit % 8)
      let text = PEMText.make("ENCRYPTED PRIVATE KEY", altered)
      do {
        let key = try PrivateKey(pem: text, passphrase: secret)
        #expect(key.publicKey == expected)
      } catch { #expect(error.code != .libcrypto) }
    }
    #expect(CryptoError.drainQueue() == [])
  }
}
