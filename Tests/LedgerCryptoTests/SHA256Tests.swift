import LedgerCrypto
import TestKit
import Testing

@Suite("SHA-256", .timeLimit(.minutes(30)))
struct SHA256Tests {
  @Test(
    "the examples of FIPS 180 and of NIST's validation suite have their published digests",
    arguments: [
      ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      (
        Array(
          ("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
            + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu").utf8),
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
      ),
      (hex("d3"), "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"),
      (hex("11af"), "5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98"),
      (
        [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
      ),
    ])
  func knownDigests(message: [UInt8], digest: String) {
    var hasher = SHA256()
    let reused = hasher.digest(message.span)
    #expect(reused.hex == digest)
    #expect(SHA256.digest(of: message).hex == digest)
  }

  @Test(
    "messages of random lengths have the digests that openssl computes",
    .enabled(if: OpenSSL.isHere, "openssl is not on this machine"))
  func agreesWithOpenSSL() async throws {
    try await Shell.withTemporaryFolder { folder in
      var generator = SeededGenerator(seed: Fuzzing.seed)
      var messages: [[UInt8]] = []
      for length in [0, 1, 55, 56, 63, 64, 65, 119, 120, 127, 128] {
        messages.append(generator.bytes(length))
      }
      for _ in 0..<60 { messages.append(generator.bytes(Int.random(in: 0...5000, using: &generator))) }
      messages.append(generator.bytes(300_000))
      let names = messages.indices.map { "m\($0)" }
      for (name, message) in zip(names, messages) { try OpenSSL.write(message, name, in: folder) }
      let lines = try await OpenSSL.run(["dgst", "-sha256", "-r"] + names, in: folder).text.split(
        separator: "\n")
      try #require(lines.count == messages.count)
      var hasher = SHA256()
      for (line, message) in zip(lines, messages) {
        let digest = hasher.digest(message.span)
        #expect(line.prefix(64) == digest.hex, "\(message.count) bytes")
      }
    }
  }

  @Test("a message in two or three parts has the digest of the whole, wherever it is split")
  func everySplit() {
    let bytes = (0..<140).map { UInt8(truncatingIfNeeded: $0 * 37) }
    var hasher = SHA256()
    for count in 0...bytes.count {
      let message = bytes[..<count]
      let whole = hasher.digest(Array(message).span)
      for first in 0...count {
        // Three parts at every place for what fits in a block, two for the rest.
        for second in count <= 24 ? Array(first...count) : [first] {
          hasher.begin()
          hasher.update(Array(message[..<first]).span)
          hasher.update(Array(message[first..<second]).span)
          hasher.update(Array(message[second...]).span)
          let isSame = hasher.finalize() == whole
          #expect(isSame, "\(count) bytes, split at \(first) and \(second)")
        }
      }
    }
  }

  @Test("a byte at a time gives the digest of the whole")
  func byteByByte() {
    let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
    var hasher = SHA256()
    hasher.begin()
    for byte in message { hasher.update([byte].span) }
    let streamed = hasher.finalize()
    #expect(streamed == SHA256.digest(of: message))
  }

  @Test("a prefix byte and a pair of digests are hashed as the bytes that they stand for")
  func prefixedForms() {
    var generator = SeededGenerator(seed: 1)
    var hasher = SHA256()
    for prefix in UInt8.min ... .max {
      let message = generator.bytes(Int(prefix))
      let leaf = hasher.digest(prefix: prefix, message.span)
      #expect(leaf == SHA256.digest(of: [prefix] + message))
      let left = generator.bytes(32)
      let right = generator.bytes(32)
      let node = hasher.digest(prefix: prefix, Digest(left)!, Digest(right)!)
      #expect(node == SHA256.digest(of: [prefix] + left + right))
    }
  }

  @Test("no message leaves a trace in the next one, whatever the order of the forms")
  func reuse() {
    var generator = SeededGenerator(seed: Fuzzing.seed)
    var hasher = SHA256()
    var other = SHA256()
    for _ in 0..<5000 {
      let message = generator.bytes(Int.random(in: 0...200, using: &generator))
      let expected: Digest
      let digest: Digest
      switch Int.random(in: 0..<4, using: &generator) {
      case 0:
        (digest, expected) = (hasher.digest(message.span), SHA256.digest(of: message))
      case 1:
        (digest, expected) = (hasher.digest(prefix: 7, message.span), SHA256.digest(of: [7] + message))
      case 2:
        let half = SHA256.digest(of: message)
        (digest, expected) = (
          hasher.digest(prefix: 1, half, .zero),
          SHA256.digest(of: [1] + half.bytes + [UInt8](repeating: 0, count: 32))
        )
      default:
        hasher.begin()
        hasher.update(message.span)
        // Another context at work in between is another message.
        _ = other.digest(message.span)
        hasher.update(message.span)
        (digest, expected) = (hasher.finalize(), SHA256.digest(of: message + message))
      }
      #expect(digest == expected)
    }
  }

  @Test("contexts of several threads do not disturb each other")
  func severalThreads() async {
    let message = [UInt8](repeating: 0x5a, count: 100)
    let expected = SHA256.digest(of: message)
    let wrong = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          var hasher = SHA256()
          var wrong = 0
          for _ in 0..<5000 where hasher.digest(message.span) != expected { wrong += 1 }
          return wrong
        }
      }
      return await group.reduce(0, +)
    }
    #expect(wrong == 0)
  }

  @Test("a part without a beginning, and a message within a message, are bugs that trap")
  func misuse() async {
    await #expect(processExitsWith: .failure) {
      var hasher = SHA256()
      hasher.update([1].span)
    }
    await #expect(processExitsWith: .failure) {
      var hasher = SHA256()
      _ = hasher.finalize()
    }
    await #expect(processExitsWith: .failure) {
      var hasher = SHA256()
      hasher.begin()
      _ = hasher.digest([1].span)
    }
  }
}
