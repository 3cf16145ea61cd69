import Foundation
import LedgerCrypto
import TestKit
import Testing

@Suite(
  "With the openssl command", .timeLimit(.minutes(30)),
  .enabled(if: OpenSSL.isHere, "openssl is not on this machine"))
struct OpenSSLTests {
  private static let message = Array("郑州 evidence ledger".utf8)

  private static let rounds = 4

  private func message(_ round: Int) -> [UInt8] { Self.message + [UInt8(round)] }

  /// What makes a key.
  private func generate(_ algorithm: KeyAlgorithm) -> String {
    switch algorithm {
    case .es256: "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"
    case .ed25519: "openssl genpkey -algorithm ED25519"
    }
  }

  /// `pkeyutl` signs what it is given: the message for Ed25519, and with `-rawin` its digest for ECDSA.
  private func pkeyutl(_ algorithm: KeyAlgorithm) -> String {
    "openssl pkeyutl -rawin" + (algorithm == .es256 ? " -digest sha256" : "")
  }

  /// Runs `commands` for each round, whose number is `$n`; none may fail.
  private func run(_ commands: String, in folder: URL) async throws {
    let loop = "set -e; for n in $(seq 0 \(Self.rounds - 1)); do\n\(commands)\ndone"
    let output = try await Shell.run("sh", ["-c", loop], in: folder)
    try #require(output.status == 0, "\(commands): \(output.text)\(output.errorText)")
  }

  @Test(
    "keys that openssl makes are read, and its signatures by them are valid", arguments: KeyAlgorithm.allCases
  )
  func theirs(algorithm: KeyAlgorithm) async throws {
    try await Shell.withTemporaryFolder { folder in
      for round in 0..<Self.rounds { try OpenSSL.write(message(round), "\(round).message", in: folder) }
      try await run(
        """
        \(generate(algorithm)) > $n.pem
        openssl pkey -pubout -in $n.pem > $n.public
        \(pkeyutl(algorithm)) -sign -inkey $n.pem -in $n.message -out $n.signature
        """, in: folder)
      for round in 0..<Self.rounds {
        let text = try OpenSSL.text("\(round).pem", in: folder)
        let key = try PrivateKey(pem: text)
        #expect(key.publicKey.algorithm == algorithm)
        #expect(try key.pem() == text)
        let publicText = try OpenSSL.text("\(round).public", in: folder)
        #expect(try PublicKey(pem: publicText) == key.publicKey)
        #expect(try key.publicKey.pem() == publicText)

        let signature = try OpenSSL.read("\(round).signature", in: folder)
        switch algorithm {
        case .ed25519:
          #expect(key.publicKey.accepts(signature, over: message(round)))
          #expect(try key.signature(over: message(round)) == signature)
        case .es256:
          #expect(key.publicKey.acceptsDER(signature, over: message(round)))
          let raw = try rawForm(signature)
          #expect(key.publicKey.accepts(raw, over: message(round)))
        }
      }
    }
  }

  @Test(
    "keys that we make are read by openssl, and our signatures by them are valid",
    arguments: KeyAlgorithm.allCases)
  func ours(algorithm: KeyAlgorithm) async throws {
    try await Shell.withTemporaryFolder { folder in
      let keys = try (0..<Self.rounds).map { _ in try PrivateKey(generating: algorithm) }
      for (round, key) in keys.enumerated() {
        let signature = try key.signature(over: message(round))
        for (name, content) in [
          ("pem", Array(try key.pem().utf8)), ("public", Array(try key.publicKey.pem().utf8)),
          ("message", message(round)), ("other", message(round) + [0]),
          ("signature", algorithm == .es256 ? SignatureTests.der(signature) : signature),
        ] { try OpenSSL.write(content, "\(round).\(name)", in: folder) }
      }
      // The last command refuses another message, so its yes is worth something.
      let verify = "\(pkeyutl(algorithm)) -verify -pubin -inkey $n.public -sigfile $n.signature -in"
      try await run(
        """
        openssl pkey -check -noout -in $n.pem | grep -q valid
        openssl pkey -in $n.pem | cmp - $n.pem
        openssl pkey -pubout -in $n.pem | cmp - $n.public
        openssl pkey -pubin -outform DER -in $n.public > $n.der
        \(verify) $n.message
        if \(verify) $n.other; then exit 1; fi
        """, in: folder)
      for (round, key) in keys.enumerated() {
        let der = try OpenSSL.read("\(round).der", in: folder)
        #expect(Array(der.suffix(algorithm.publicKeyByteCount)) == key.publicKey.rawBytes)
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
