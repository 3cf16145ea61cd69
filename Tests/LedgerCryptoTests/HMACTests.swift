import LedgerCrypto
import TestKit
import Testing

@Suite("HMAC-SHA-256", .timeLimit(.minutes(30)))
struct HMACTests {
  /// RFC 4231 §4. Case 5 is of a code cut to 16 bytes.
  static let cases: [(key: [UInt8], data: [UInt8], code: String)] = [
    (
      [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
    ),
    (
      Array(1...25), [UInt8](repeating: 0xcd, count: 50),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
    ),
    (
      [UInt8](repeating: 0x0c, count: 20), Array("Test With Truncation".utf8),
      "a3b6167473100ee06e0c796c2955552b"
    ),
    (
      [UInt8](repeating: 0xaa, count: 131),
      Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
    (
      [UInt8](repeating: 0xaa, count: 131),
      Array(
        "This is a test using a larger than block-size key and a larger than block-size data. "
          .utf8)
        + Array("The key needs to be hashed before being used by the HMAC algorithm.".utf8),
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
    ),
  ]

  @Test("the seven cases of RFC 4231 hold", arguments: cases.indices)
  func vectors(number: Int) throws {
    let (key, data, code) = HMACTests.cases[number]
    #expect(try HMACSHA256.code(of: data, key: key).hex.hasPrefix(code))
    #expect(CryptoError.drainQueue() == [])
  }

  @Test("a message in parts has the code of the whole, wherever it is cut")
  func parts() throws {
    let message = (0..<200).map { UInt8($0) }
    let whole = try HMACSHA256.code(of: message, key: [1, 2, 3])
    let key: [UInt8] = [1, 2, 3]
    for cut in message.indices {
      var mac = try HMACSHA256.keyed(key.span)
      for part in [Array(message[..<cut]), [], Array(message[cut...])] { try mac.update(part.span) }
      #expect(try mac.finalize() == whole)
    }
  }

  @Test("empty keys and messages have a code too, and codes of different keys do not touch each other")
  func empty() throws {
    #expect(
      try HMACSHA256.code(of: [], key: []).hex
        == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    let (key, otherKey): ([UInt8], [UInt8]) = ([1], [2])
    let (message, otherMessage): ([UInt8], [UInt8]) = ([7], [8])
    var one = try HMACSHA256.keyed(key.span)
    var other = try HMACSHA256.keyed(otherKey.span)
    try one.update(message.span)
    try other.update(otherMessage.span)
    #expect(try one.finalize() == HMACSHA256.code(of: [7], key: [1]))
    #expect(try other.finalize() == HMACSHA256.code(of: [8], key: [2]))
  }

  @Test(
    "the openssl command line computes the same for keys and messages of many lengths",
    .enabled(if: OpenSSL.isHere, "there is no openssl on this machine"))
  func openssl() async throws {
    try await Shell.withTemporaryFolder { folder in
      var generator = SeededGenerator(seed: 4231)
      let pairs = [1, 31, 32, 63, 64, 65, 127, 4096, 100_000].map { count in
        (key: generator.bytes(min(count, 200)), message: generator.bytes(count))
      }
      var commands = "set -e"
      for (number, pair) in pairs.enumerated() {
        try OpenSSL.write(pair.message, "\(number)", in: folder)
        commands +=
          "; openssl dgst -sha256 -mac HMAC -macopt hexkey:\(Hex.encode(pair.key)) -binary \(number)"
      }
      let output = try await Shell.run("sh", ["-c", commands], in: folder)
      try #require(output.status == 0, "\(output.errorText)")
      let ours = try pairs.flatMap { try HMACSHA256.code(of: $0.message, key: $0.key).bytes }
      #expect(ours == output.standardOutput)
    }
  }
}
