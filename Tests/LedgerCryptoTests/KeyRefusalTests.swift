import LedgerCrypto
import TestKit
import Testing

/// The code that `body` throws, or nil where it throws none; the queue has to be empty in either case.
func refusal(_ body: () throws -> Void) -> CryptoError.Code? {
  defer { #expect(CryptoError.drainQueue() == []) }
  do {
    try body()
    return nil
  } catch let error as CryptoError {
    #expect(!error.description.isEmpty)
    return error.code
  } catch {
    Issue.record("another error: \(error)")
    return nil
  }
}

@Suite("Keys that are refused")
struct KeyRefusalTests {
  private func expectBoth(_ text: String, _ code: CryptoError.Code, _ what: String) {
    #expect(refusal { _ = try PublicKey(pem: text) } == code, "as a public key: \(what)")
    #expect(refusal { _ = try PrivateKey(pem: text) } == code, "as a private key: \(what)")
  }

  @Test(
    "a key of another type or curve is unsupported",
    arguments: [
      ("RSA", Fixtures.rsa, Fixtures.rsaPublic), ("P-384", Fixtures.p384, Fixtures.p384Public),
      ("secp256k1", Fixtures.secp256k1, Fixtures.secp256k1Public),
      ("X25519", Fixtures.x25519, Fixtures.x25519Public), ("Ed448", Fixtures.ed448, Fixtures.ed448Public),
    ])
  func otherTypes(name: String, privatePEM: String, publicPEM: String) {
    #expect(refusal { _ = try PrivateKey(pem: privatePEM) } == .unsupportedKey)
    #expect(refusal { _ = try PublicKey(pem: publicPEM) } == .unsupportedKey)
  }

  @Test("a PEM of another kind is malformed, and no passphrase is asked for")
  func otherKinds() {
    #expect(refusal { _ = try PrivateKey(pem: Fixtures.p256Encrypted) } == .passphraseNeeded)
    #expect(refusal { _ = try PublicKey(pem: Fixtures.p256Encrypted) } == .malformedKey)
    #expect(refusal { _ = try PublicKey(pem: Fixtures.p256SEC1) } == .malformedKey)
    // Of SEC1 keys too only P-256, by its name, and one block.
    let sec1 = Fixtures.p256SEC1
    let name = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    for text in [
      name.replacing("BggqhkjOPQMBBw==", with: "BgUrgQQAIg==") + sec1, name + name + sec1, sec1 + name, name,
      sec1 + sec1,
      name + Fixtures.p256, PEMText.make("EC PRIVATE KEY", PEMText.der(Fixtures.p256)),
      PEMText.make("EC PRIVATE KEY", PEMText.der(sec1) + [0]),
      sec1.replacing(
        "-----BEGIN EC PRIVATE KEY-----\n", with: "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n"
      ),
    ] { expectBoth(text, .malformedKey, text) }
    expectBoth(Fixtures.p256Certificate, .malformedKey, "a certificate")
    #expect(refusal { _ = try PublicKey(pem: Fixtures.p256) } == .malformedKey)
    #expect(refusal { _ = try PrivateKey(pem: Fixtures.p256Public) } == .malformedKey)
  }

  @Test("the DER of one kind under the label of another is malformed")
  func wrongLabels() {
    let sources = [Fixtures.p256SEC1, Fixtures.p256Encrypted, Fixtures.p256Certificate]
    for source in sources {
      expectBoth(PEMText.make("PRIVATE KEY", PEMText.der(source)), .malformedKey, "relabelled")
      expectBoth(PEMText.make("PUBLIC KEY", PEMText.der(source)), .malformedKey, "relabelled")
    }
    for source in [Fixtures.p256, Fixtures.ed25519] {
      let text = PEMText.make("PUBLIC KEY", PEMText.der(source))
      #expect(refusal { _ = try PublicKey(pem: text) } == .malformedKey)
    }
    for source in [Fixtures.p256Public, Fixtures.ed25519Public] {
      let text = PEMText.make("PRIVATE KEY", PEMText.der(source))
      #expect(refusal { _ = try PrivateKey(pem: text) } == .malformedKey)
    }
  }

  @Test("garbage is malformed")
  func garbage() {
    for text in [
      "", " ", "\n", "-", "garbage", "-----BEGIN PUBLIC KEY-----", "-----BEGIN PRIVATE KEY-----",
      "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
      "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
      PEMText.make("PUBLIC KEY", [0x30, 0x00]), PEMText.make("PRIVATE KEY", [0x30, 0x00]),
      PEMText.make("PUBLIC KEY", [UInt8](repeating: 0xff, count: 91)), "\u{0}", "密钥",
      String(repeating: "A", count: 1_000_000),
    ] { expectBoth(text, .malformedKey, String(text.prefix(60))) }
  }

  @Test("a PEM cut short anywhere is malformed")
  func truncated() {
    for (text, isPrivate) in [
      (Fixtures.p256, true), (Fixtures.ed25519, true), (Fixtures.p256Public, false),
      (Fixtures.ed25519Public, false),
    ] {
      // The last character is the line feed, which is no part of the block.
      for count in 0..<text.count - 1 {
        let cut = String(text.prefix(count))
        let code = refusal {
          if isPrivate { _ = try PrivateKey(pem: cut) } else { _ = try PublicKey(pem: cut) }
        }
        #expect(code == .malformedKey, "the first \(count) characters")
      }
    }
  }

  @Test("DER cut short, or with bytes after it, is malformed")
  func derEnds() {
    for (text, label) in [
      (Fixtures.p256, "PRIVATE KEY"), (Fixtures.ed25519, "PRIVATE KEY"), (Fixtures.p256Public, "PUBLIC KEY"),
      (Fixtures.ed25519Public, "PUBLIC KEY"),
    ] {
      let der = PEMText.der(text)
      let others =
        (0..<der.count).map { Array(der.prefix($0)) } + [der + [0], der + [0x05, 0x00], der + der]
      for other in others {
        let pem = PEMText.make(label, other)
        let code = refusal {
          if label == "PRIVATE KEY" { _ = try PrivateKey(pem: pem) } else { _ = try PublicKey(pem: pem) }
        }
        #expect(code == .malformedKey, "\(other.count) bytes for \(der.count)")
      }
    }
  }

  @Test("text before or after the block, and a second block, are malformed")
  func surroundings() {
    for extra in [
      "garbage", "# comment", Fixtures.p256Public, Fixtures.p256, Fixtures.p256Certificate, "\u{0}",
    ] {
      for text in [extra + "\n" + Fixtures.ed25519Public, Fixtures.ed25519Public + extra] {
        #expect(refusal { _ = try PublicKey(pem: text) } == .malformedKey, "\(extra)")
      }
      for text in [extra + "\n" + Fixtures.ed25519, Fixtures.ed25519 + extra] {
        #expect(refusal { _ = try PrivateKey(pem: text) } == .malformedKey, "\(extra)")
      }
    }
    let headed = Fixtures.p256.replacing(
      "-----BEGIN PRIVATE KEY-----\n",
      with: "-----BEGIN PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n")
    #expect(refusal { _ = try PrivateKey(pem: headed) } == .malformedKey)
    let commented = Fixtures.p256Public.replacing("KEY-----\nM", with: "KEY-----\nComment: x\n\nM")
    #expect(refusal { _ = try PublicKey(pem: commented) } == .malformedKey)
  }

  @Test("bytes of another number are malformed", arguments: KeyAlgorithm.allCases)
  func wrongLength(algorithm: KeyAlgorithm) throws {
    let bytes = try PrivateKey(generating: algorithm).publicKey.rawBytes
    for count in 0...70 where count != bytes.count {
      let other = Array((bytes + bytes + bytes).prefix(count))
      #expect(refusal { _ = try PublicKey(algorithm, rawBytes: other) } == .malformedKey, "\(count) bytes")
    }
  }

  @Test("bytes that are no point of P-256 are malformed, also in a PEM")
  func offCurveP256() throws {
    let good = try PublicKey(pem: Fixtures.p256Public).rawBytes
    let prime = hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")
    var wrong = [
      [UInt8](repeating: 0, count: 64), [UInt8](repeating: 0xff, count: 64),
      // Coordinates that are congruent to good ones, or that are not reduced.
      prime + Array(good[32...]), Array(good[..<32]) + prime, Array(good[32...]) + Array(good[..<32]),
    ]
    for bit in stride(from: 0, to: 512, by: 7) {
      var changed = good
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      wrong.append(changed)
    }
    let der = PEMText.der(Fixtures.p256Public)
    for bytes in wrong {
      #expect(refusal { _ = try PublicKey(.es256, rawBytes: bytes) } == .malformedKey)
      let pem = PEMText.make("PUBLIC KEY", Array(der[..<27]) + bytes)
      #expect(refusal { _ = try PublicKey(pem: pem) } == .malformedKey)
    }
    // The point at infinity, which is one byte of zero.
    let infinity = hex("3019301306072a8648ce3d020106082a8648ce3d030107030200 00")
    #expect(refusal { _ = try PublicKey(pem: PEMText.make("PUBLIC KEY", infinity)) } == .malformedKey)
  }

  @Test(
    "bytes that are no point of edwards25519, or a second name of one, are malformed, also in a PEM",
    arguments: [
      // y = 2 and y = 7 have no x.
      "0200000000000000000000000000000000000000000000000000000000000000",
      "0700000000000000000000000000000000000000000000000000000000000000",
      // y = p + 3, p + 18 (all bits), and either with the sign of x: not reduced.
      "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ])
  func offCurveEd25519(text: String) throws {
    #expect(refusal { _ = try PublicKey(.ed25519, rawBytes: hex(text)) } == .malformedKey)
    let der = Array(PEMText.der(Fixtures.ed25519Public).dropLast(32)) + hex(text)
    #expect(refusal { _ = try PublicKey(pem: PEMText.make("PUBLIC KEY", der)) } == .malformedKey)
  }

  @Test(
    "an Ed25519 point of small order, for which anyone can sign, is malformed",
    arguments: [
      "0100000000000000000000000000000000000000000000000000000000000000",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "0000000000000000000000000000000000000000000000000000000000000000",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
      // y = p and y = p + 1: 0 and 1 once more.
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ])
  func smallOrder(text: String) {
    for sign: UInt8 in [0, 0x80] {
      var bytes = hex(text)
      bytes[31] ^= sign
      #expect(refusal { _ = try PublicKey(.ed25519, rawBytes: bytes) } == .malformedKey)
    }
  }

  @Test("about half of all Ed25519 encodings are points: those whose x² is a square")
  func halfArePoints() {
    var generator = SeededGenerator(seed: 11)
    let good = (0..<400).count { _ in
      let bytes = generator.bytes(32)
      return refusal { _ = try PublicKey(.ed25519, rawBytes: bytes) } == nil
    }
    #expect((150...250).contains(good))
  }

  @Test("explicit parameters with another generator or coefficient are not P-256")
  func forgedParameters() throws {
    let publicDER = PEMText.der(Fixtures.explicitPublic)
    let privateDER = PEMText.der(Fixtures.explicit)
    let generator = hex(
      "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
    // The key itself as generator: its private key is then 1, whoever made it (CVE-2020-0601).
    let point = try PublicKey(pem: Fixtures.explicitPublic).rawBytes
    let forged = PEMText.replacing(generator, by: point, in: publicDER)
    #expect(refusal { _ = try PublicKey(pem: PEMText.make("PUBLIC KEY", forged)) } == .unsupportedKey)
    let forgedPrivate = PEMText.replacing(generator, by: point, in: privateDER)
    #expect(refusal { _ = try PrivateKey(pem: PEMText.make("PRIVATE KEY", forgedPrivate)) } != nil)
    let b = hex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b")
    let otherB = PEMText.replacing(b, by: Array(b.dropLast()) + [0x4c], in: publicDER)
    #expect(refusal { _ = try PublicKey(pem: PEMText.make("PUBLIC KEY", otherB)) } != nil)
  }

  @Test("a private key that carries another key's public half, or is 0 or not below n, is malformed")
  func mismatchedHalves() throws {
    let der = PEMText.der(Fixtures.p256)
    let publicBytes = try PublicKey(pem: Fixtures.p256Public).rawBytes
    let other = try PrivateKey(generating: .es256).publicKey.rawBytes
    let mixed = PEMText.replacing(publicBytes, by: other, in: der)
    #expect(refusal { _ = try PrivateKey(pem: PEMText.make("PRIVATE KEY", mixed)) } == .malformedKey)
    let scalar = hex("59d5e34be75a93944dc2ddc1ba63f080fff0e2a1ae4a691dc31ef7e9ce3edc49")
    let n = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
    for number in [[UInt8](repeating: 0, count: 32), n, [UInt8](repeating: 0xff, count: 32)] {
      let text = PEMText.make("PRIVATE KEY", PEMText.replacing(scalar, by: number, in: der))
      #expect(refusal { _ = try PrivateKey(pem: text) } == .malformedKey, "\(Hex.encode(number))")
    }
  }
}
