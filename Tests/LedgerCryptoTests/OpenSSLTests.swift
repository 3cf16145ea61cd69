import LedgerCrypto
import TestKit
import Testing

@Suite("With the openssl command", .enabled(if: OpenSSL.isHere, "openssl is not on this machine"))
struct OpenSSLTests {
  private static let message = Array("郑州 evidence ledger".utf8)

  private func generate(_ algorithm: KeyAlgorithm) -> [String] {
    switch algorithm {
    case .es256: ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
    case .ed25519: ["genpkey", "-algorithm", "ED25519"]
    }
  }

  /// `pkeyutl` signs what it is given: the message for Ed25519, and with `-rawin` its digest for ECDSA.
  private func sign(_ algorithm: KeyAlgorithm) -> [String] {
    ["pkeyutl", "-sign", "-inkey", "key.pem", "-rawin", "-in", "message", "-out", "signature"]
      + (algorithm == .es256 ? ["-digest", "sha256"] : [])
  }

  private func verify(_ algorithm: KeyAlgorithm) -> [String] {
    [
      "pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-rawin", "-in", "message", "-sigfile",
      "signature",
    ] + (algorithm == .es256 ? ["-digest", "sha256"] : [])
  }

  @Test(
    "keys that openssl makes are read, and its signatures by them are valid", arguments: KeyAlgorithm.allCases
  )
  func theirs(algorithm: KeyAlgorithm) async throws {
    try await Shell.withTemporaryFolder { folder in
      for round in 0..<4 {
        let text = try await OpenSSL.run(generate(algorithm), in: folder).text
        let key = try PrivateKey(pem: text)
        #expect(key.publicKey.algorithm == algorithm)
        #expect(try key.pem() == text)
        let publicText = try await OpenSSL.run(["pkey", "-pubout"], input: Array(text.utf8), in: folder).text
        #expect(try PublicKey(pem: publicText) == key.publicKey)
        #expect(try key.publicKey.pem() == publicText)

        let message = Self.message + [UInt8(round)]
        try OpenSSL.write(Array(text.utf8), "key.pem", in: folder)
        try OpenSSL.write(message, "message", in: folder)
        try await OpenSSL.run(sign(algorithm), in: folder)
        let signature = try OpenSSL.read("signature", in: folder)
        switch algorithm {
        case .ed25519:
          #expect(key.publicKey.accepts(signature, over: message))
          #expect(try key.signature(over: message) == signature)
        case .es256:
          #expect(key.publicKey.acceptsDER(signature, over: message))
          let raw = try rawForm(signature)
          #expect(key.publicKey.accepts(raw, over: message))
        }
      }
    }
  }

  @Test(
    "keys that we make are read by openssl, and our signatures by them are valid",
    arguments: KeyAlgorithm.allCases)
  func ours(algorithm: KeyAlgorithm) async throws {
    try await Shell.withTemporaryFolder { folder in
      for round in 0..<4 {
        let key = try PrivateKey(generating: algorithm)
        let text = try key.pem()
        let publicText = try key.publicKey.pem()
        #expect(
          try await OpenSSL.run(["pkey", "-check"], input: Array(text.utf8), in: folder).text.contains(
            "valid"))
        #expect(try await OpenSSL.run(["pkey"], input: Array(text.utf8), in: folder).text == text)
        #expect(
          try await OpenSSL.run(["pkey", "-pubout"], input: Array(text.utf8), in: folder).text == publicText)
        let der = try await OpenSSL.run(
          ["pkey", "-pubin", "-outform", "DER"], input: Array(publicText.utf8), in: folder)
        #expect(Array(der.standardOutput.suffix(algorithm.publicKeyByteCount)) == key.publicKey.rawBytes)

        let message = Self.message + [UInt8(round)]
        let signature = try key.signature(over: message)
        try OpenSSL.write(Array(publicText.utf8), "public.pem", in: folder)
        try OpenSSL.write(message, "message", in: folder)
        try OpenSSL.write(
          algorithm == .es256 ? SignatureTests.der(signature) : signature, "signature", in: folder)
        try await OpenSSL.run(verify(algorithm), in: folder)
        // The same command refuses another message, so its yes is worth something.
        try OpenSSL.write(message + [0], "message", in: folder)
        let refused = try await Shell.run("openssl", verify(algorithm), in: folder)
        #expect(refused.status != 0)
      }
    }
  }

  /// The 64 bytes of a DER signature, apart from the code under test.
  private func rawForm(_ der: [UInt8]) throws -> [UInt8] {
    var raw: [UInt8] = []
    var place = 2
    for _ in 0..<2 {
      try #require(der[place] == 0x02)
      let count = Int(der[place + 1])
      let digits = der[place + 2..<place + 2 + count].drop { $0 == 0 }
      raw += [UInt8](repeating: 0, count: 32 - digits.count) + digits
      place += 2 + count
    }
    try #require(place == der.count)
    return raw
  }
}
