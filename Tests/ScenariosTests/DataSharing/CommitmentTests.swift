import LedgerCrypto
import Scenarios
import TestKit
import Testing

@Suite("Commitments")
struct CommitmentTests {
  let salt = (0..<32).map { UInt8($0) }

  @Test("the layout is domain, length and data, keyed by the salt")
  func layout() throws {
    let data = Array("姓名,证件类型\n".utf8)
    let message =
      Array("zheng.sharing.commitment.v1\0".utf8) + [0, 0, 0, 0, 0, 0, 0, UInt8(data.count)] + data
    #expect(try Commitment.to(data, salt: salt) == HMACSHA256.code(of: message, key: salt))
    #expect(Commitment.domain.count == 28)
  }

  @Test(
    "Python computes the same from the description",
    .enabled(if: Shell.has("python3"), "there is no python3 on this machine"))
  func python() async throws {
    let program = """
      import hashlib, hmac, struct, sys
      salt, data = bytes(range(32)), sys.stdin.buffer.read()
      message = b"zheng.sharing.commitment.v1\\0" + struct.pack(">Q", len(data)) + data
      sys.stdout.write(hmac.new(salt, message, hashlib.sha256).hexdigest())
      """
    var generator = SeededGenerator(seed: 7)
    for count in [0, 1, 255, 256, 70_000] {
      let data = generator.bytes(count)
      let output = try await Shell.run("python3", ["-c", program], input: data)
      #expect(try Commitment.to(data, salt: salt).hex == output.text, "\(output.errorText)")
    }
  }

  @Test("data that arrive in parts are committed to as a whole, and the wrong number of bytes gives nothing")
  func parts() throws {
    let data = [UInt8](repeating: 7, count: 1000)
    func commit(announced: UInt64, _ parts: [[UInt8]]) throws -> Digest? {
      var commitment = try Commitment.begin(salt: salt, byteCount: announced)
      for part in parts { try commitment.update(part.span) }
      return try commitment.finalize()
    }
    let whole = try Commitment.to(data, salt: salt)
    #expect(try commit(announced: 1000, [Array(data[..<1]), [], Array(data[1...])]) == whole)
    #expect(try commit(announced: 1001, [data]) == nil)
    #expect(try commit(announced: 999, [data]) == nil)
    #expect(try commit(announced: 1000, [data, [1], []]) == nil)
  }

  @Test("another salt, and other data, give another commitment")
  func salts() throws {
    let one = try Commitment.to([1, 2, 3], salt: salt)
    #expect(try Commitment.to([1, 2, 3], salt: salt.reversed()) != one)
    #expect(try Commitment.to([1, 2, 4], salt: salt) != one)
    // What moves from the data into the length is seen.
    #expect(try Commitment.to([], salt: salt) != Commitment.to([0], salt: salt))
    #expect(try Commitment.freshSalt().count == 32)
    #expect(try Commitment.freshSalt() != Commitment.freshSalt())
  }
}
