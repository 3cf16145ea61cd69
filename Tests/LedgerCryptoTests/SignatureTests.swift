import LedgerCrypto
import TestKit
import Testing

@Suite("Signatures")
struct SignatureTests {
  /// r ‖ s as DER, apart from the code under test: any two numbers of 32 bytes, also those that are refused.
  static func der(_ raw: [UInt8]) -> [UInt8] {
    func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
      var digits = Array(bytes.drop { $0 == 0 })
      if digits.isEmpty || digits[0] > 0x7f { digits.insert(0, at: 0) }
      return [0x02, UInt8(digits.count)] + digits
    }
    let body = integer(raw[..<32]) + integer(raw[32...])
    return [0x30, UInt8(body.count)] + body
  }

  /// The r ‖ s that `der` is the one form of, where there is one.
  static func raw(_ bytes: [UInt8]) -> [UInt8]? {
    var rest = bytes.dropFirst(2)
    var raw: [UInt8] = []
    for _ in 0..<2 {
      guard rest.count > 2, let count = rest.dropFirst().first, rest.count >= 2 + Int(count) else {
        return nil
      }
      let digits = rest.dropFirst(2).prefix(Int(count)).drop { $0 == 0 }
      guard digits.count <= 32 else { return nil }
      raw += [UInt8](repeating: 0, count: 32 - digits.count) + digits
      rest = rest.dropFirst(2 + Int(count))
    }
    return der(raw) == bytes ? raw : nil
  }

  @Test("s is low up to half of the order, and of both s the low one verifies as the high one does")
  func lowS() throws {
    func hasHighS(_ raw: [UInt8]) -> Bool { ECDSASignature.hasHighS(raw.span) }
    let half = hex("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8")
    let above = half.dropLast() + [0xa9]
    let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
    let r = [UInt8](repeating: 1, count: 32)
    for (s, low) in [
      (half, half), (Array(above), half), (order, [UInt8](repeating: 0, count: 32)),
      (order.dropLast() + [0x50], [UInt8](repeating: 0, count: 31) + [1]),
      ([UInt8](repeating: 0xff, count: 32), [UInt8](repeating: 0xff, count: 32)),
    ] {
      #expect(hasHighS(r + s) == (s != half))
      #expect(ECDSASignature.lowS(r + s) == r + low)
    }
    let key = try PrivateKey(generating: .es256)
    for number in 0..<64 {
      let message = [UInt8(number)]
      #expect(!hasHighS(try key.signature(over: message)))
    }
    // The first of openssl's below has a low s, the others have a high one.
    let openssl = try PublicKey(pem: Fixtures.p256Public)
    let high = hex(
      "ee6433f161f885c142e7850c95c47355566c72039174c1713d5b6b99fdf07739"
        + "ce4396bae143b65e0e0273f1564847db7e98f6b1b4b8fdec6083300d40c90192")
    #expect(hasHighS(high))
    #expect(openssl.accepts(high, over: Array("abc".utf8)))
    #expect(openssl.accepts(ECDSASignature.lowS(high), over: Array("abc".utf8)))
  }

  @Test(
    "ECDSA signatures that openssl made are valid in both forms",
    arguments: [
      (
        "", "0920c5a41f187446b7c9bfd318c0847bc689e7f310de2255d95d0528362f91e1",
        "4c0c9fcad228879c65e0a96463c5620cb6e769993300801d6fe4dead8928fd91"
      ),
      (
        "abc", "ee6433f161f885c142e7850c95c47355566c72039174c1713d5b6b99fdf07739",
        "ce4396bae143b65e0e0273f1564847db7e98f6b1b4b8fdec6083300d40c90192"
      ),
      (
        "郑州", "e100b69ada13370948961a5f1692f817cee48ce8b01f45aa8c63e225d403c87b",
        "d2f3da97b62c7c0f74876aa358cc621a7bcdc18a089f78c7d6a125db981f931f"
      ),
    ])
  func opensslECDSA(message: String, r: String, s: String) throws {
    let key = try PublicKey(pem: Fixtures.p256Public)
    let raw = hex(r) + hex(s)
    let message = Array(message.utf8)
    #expect(key.accepts(raw, over: message))
    #expect(key.acceptsDER(Self.der(raw), over: message))
    #expect(!key.accepts(raw, over: (message + [0])))
    #expect(!key.acceptsDER(raw, over: message))
    #expect(!key.accepts(Self.der(raw), over: message))
  }

  @Test(
    "Ed25519 signatures that openssl made are valid, and are the ones that we make",
    arguments: [
      (
        "abc",
        "7b226046c53baf4b7523a8c1c61285040ea154c3099fa3d7888ba7a3df52d2da"
          + "7518bbdbed39323ed31b1a52ff422600de922ab65b69bc0909700d739787b40c"
      ),
      (
        "郑州",
        "13473003d9287e172bf187ae5b2678e9e5d09b7abf0ef8cbf2b0271efff5aa2c"
          + "266d889fde2f998f32b49f108c954f69236324f18843d3846cdda6f728ec7a0c"
      ),
    ])
  func opensslEd25519(message: String, signature: String) throws {
    let key = try PrivateKey(pem: Fixtures.ed25519)
    let signature = hex(signature)
    let message = Array(message.utf8)
    #expect(key.publicKey.accepts(signature, over: message))
    #expect(try key.signature(over: message) == signature)
    #expect(!key.publicKey.accepts(signature, over: (message + [0])))
    #expect(!key.publicKey.acceptsDER(signature, over: message))
  }

  @Test("the first example of RFC 8032 §7.1, an empty message, is valid and is what we make")
  func rfc8032() throws {
    let der =
      hex("302e020100300506032b657004220420")
      + hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    let key = try PrivateKey(pem: PEMText.make("PRIVATE KEY", der))
    #expect(
      Hex.encode(key.publicKey.rawBytes) == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    )
    let signature = hex(
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")
    #expect(try key.signature(over: []) == signature)
    #expect(key.publicKey.accepts(signature, over: [UInt8]()))
  }

  @Test("r or s of 0, n − 1, n, n + 1 or the most is refused, in both forms")
  func rangeOfNumbers() throws {
    let key = try PrivateKey(pem: Fixtures.p256)
    let message = Array("range".utf8)
    let good = try key.signature(over: message)
    let n = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc6325"
    let numbers = [
      [UInt8](repeating: 0, count: 32), hex(n + "50"), hex(n + "51"), hex(n + "52"),
      [UInt8](repeating: 0xff, count: 32), [UInt8](repeating: 0, count: 31) + [1],
    ]
    for number in numbers {
      for raw in [number + good[32...], good[..<32] + number, number + number] {
        #expect(!key.publicKey.accepts(Array(raw), over: message))
        #expect(!key.publicKey.acceptsDER(Self.der(Array(raw)), over: message))
        #expect(CryptoError.drainQueue() == [])
      }
    }
  }

  @Test(
    "n − s signs the same message, as ECDSA has it: what is signed is named by the message, not the signature"
  )
  func negatedS() throws {
    let key = try PrivateKey(pem: Fixtures.p256)
    let message = Array("twin".utf8)
    let good = try key.signature(over: message)
    let n = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
    var twin = good
    var borrow = 0
    for index in (0..<32).reversed() {
      let difference = Int(n[index]) - Int(good[32 + index]) - borrow
      borrow = difference < 0 ? 1 : 0
      twin[32 + index] = UInt8(difference + 256 * borrow)
    }
    #expect(twin != good)
    #expect(key.publicKey.accepts(twin, over: message))
  }

  @Test("a signature of another length is refused", arguments: KeyAlgorithm.allCases)
  func lengths(algorithm: KeyAlgorithm) throws {
    let key = try PrivateKey(generating: algorithm)
    let signature = try key.signature(over: [1])
    for count in 0...130 where count != 64 {
      let other = Array((signature + signature + signature).prefix(count))
      #expect(!key.publicKey.accepts(other, over: [1]), "\(count) bytes")
    }
  }

  @Test("mutated ECDSA signatures and messages are refused, and both forms agree")
  func mutatedECDSA() throws {
    let key = try PrivateKey(generating: .es256)
    var generator = SeededGenerator(seed: Fuzzing.seed)
    let message = generator.bytes(80)
    let good = try key.signature(over: message)
    let other = try key.signature(over: message + [1])
    for _ in 0..<1500 {
      var raw = Fuzzing.mutated(good, with: other, using: &generator)
      raw = Array((raw + other).prefix(64))
      let isValid = key.publicKey.accepts(raw, over: message)
      #expect(isValid == (raw == good), "\(Hex.encode(raw))")
      #expect(key.publicKey.acceptsDER(Self.der(raw), over: message) == isValid)
      // DER has one form: a change of it is another signature or none.
      let der = Fuzzing.mutated(Self.der(good), with: Self.der(other), using: &generator)
      #expect(
        key.publicKey.acceptsDER(der, over: message) == (der == Self.der(good)),
        "\(Hex.encode(der))")
      #expect(CryptoError.drainQueue() == [])
    }
  }

  @Test("numbers with leading zero bytes are the same in both forms")
  func leadingZeros() throws {
    // Messages are signed until r, and until s, begins with zeros; each has odds of one in 256.
    let key = try PrivateKey(generating: .es256)
    var (shortR, shortS, highR) = (0, 0, 0)
    var counter: UInt32 = 0
    while (shortR == 0 || shortS == 0 || highR == 0) && counter < 20_000 {
      counter += 1
      let message = withUnsafeBytes(of: counter) { Array($0) }
      let raw = try key.signature(over: message)
      guard raw[0] == 0 || raw[32] == 0 || raw[0] > 0x7f && highR == 0 else { continue }
      shortR += raw[0] == 0 ? 1 : 0
      shortS += raw[32] == 0 ? 1 : 0
      highR += raw[0] > 0x7f ? 1 : 0
      #expect(key.publicKey.accepts(raw, over: message))
      #expect(key.publicKey.acceptsDER(Self.der(raw), over: message))
    }
    #expect(shortR > 0 && shortS > 0 && highR > 0)
  }

  @Test("mutated Ed25519 signatures and messages are refused")
  func mutatedEd25519() throws {
    let key = try PrivateKey(generating: .ed25519)
    var generator = SeededGenerator(seed: Fuzzing.seed)
    let message = generator.bytes(80)
    let good = try key.signature(over: message)
    let other = try key.signature(over: message + [1])
    for _ in 0..<1500 {
      let signature = Fuzzing.mutated(good, with: other, using: &generator)
      #expect(
        key.publicKey.accepts(signature, over: message) == (signature == good),
        "\(Hex.encode(signature))")
      let changed = Fuzzing.mutated(message, with: other, using: &generator)
      #expect(key.publicKey.accepts(good, over: changed) == (changed == message))
      #expect(CryptoError.drainQueue() == [])
    }
  }

  @Test("another key's signature is refused", arguments: KeyAlgorithm.allCases)
  func otherKey(algorithm: KeyAlgorithm) throws {
    let signature = try PrivateKey(generating: algorithm).signature(over: [1])
    let other = try PrivateKey(generating: algorithm).publicKey
    #expect(!other.accepts(signature, over: [1]))
  }

  @Test("one key signs and verifies on several threads at once", arguments: KeyAlgorithm.allCases)
  func severalThreads(algorithm: KeyAlgorithm) async throws {
    let key = try PrivateKey(generating: algorithm)
    let shared = try key.signature(over: [0])
    let wrong = try await withThrowingTaskGroup(of: Int.self) { group in
      for task in 0..<8 {
        group.addTask {
          var wrong = 0
          for round in 0..<60 {
            let message = [UInt8(task), UInt8(round)]
            let signature = try key.signature(over: message)
            if !key.publicKey.accepts(signature, over: message) { wrong += 1 }
            if !key.publicKey.accepts(shared, over: [0]) { wrong += 1 }
            if key.publicKey.accepts(shared, over: message) { wrong += 1 }
            if CryptoError.drainQueue() != [] { wrong += 1 }
          }
          return wrong
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(wrong == 0)
  }
}
