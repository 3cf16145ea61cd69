import LedgerCrypto
import TestKit
import Testing

@Suite("Digest")
struct DigestTests {
  @Test("digests are ordered as their bytes are")
  func order() {
    var generator = SeededGenerator(seed: Fuzzing.seed)
    for _ in 0..<5000 {
      let left = generator.bytes(32)
      // A common beginning of any length, so that every byte gets to decide.
      let common = Int.random(in: 0...32, using: &generator)
      let right = Array(left[..<common]) + generator.bytes(32 - common)
      let digests = (Digest(left)!, Digest(right)!)
      #expect((digests.0 < digests.1) == left.lexicographicallyPrecedes(right))
      #expect((digests.1 < digests.0) == right.lexicographicallyPrecedes(left))
      #expect((digests.0 == digests.1) == (left == right))
    }
  }

  @Test("a change of any one bit makes another, and greater or smaller, digest")
  func everyBit() {
    let bytes = SHA256.digest(of: []).bytes
    for bit in 0..<256 {
      var changed = bytes
      changed[bit / 8] ^= 0x80 >> UInt8(bit % 8)
      #expect(Digest(changed)! != Digest(bytes)!)
      #expect((Digest(bytes)! < Digest(changed)!) == (changed[bit / 8] > bytes[bit / 8]))
    }
  }

  @Test("bytes, hex and description give the bytes back in their order")
  func forms() throws {
    let bytes = (0..<32).map { UInt8($0 * 8 + 1) }
    let digest = try #require(Digest(bytes))
    #expect(digest.bytes == bytes)
    #expect(digest.hex == "0109111921293139414951596169717981899199a1a9b1b9c1c9d1d9e1e9f1f9")
    #expect(digest.description == digest.hex)
    #expect(Digest(hex: digest.hex) == digest)
    #expect(digest.fingerprint == 0x0109_1119_2129_3139)
    var appended: [UInt8] = [0xaa]
    digest.append(to: &appended)
    #expect(appended == [0xaa] + bytes)
    #expect(Digest.zero.bytes == [UInt8](repeating: 0, count: 32))
  }

  @Test("only 32 bytes, or 64 lowercase digits, are a digest")
  func lengths() {
    for count in 0...65 where count != 32 { #expect(Digest([UInt8](repeating: 1, count: count)) == nil) }
    let text = String(repeating: "ab", count: 32)
    #expect(Digest(hex: text) != nil)
    for wrong in [text.uppercased(), String(text.dropLast()), text + "a", text + "ab", " " + text, ""] {
      #expect(Digest(hex: wrong) == nil, "\(wrong)")
    }
  }

  @Test("a digest is read at any place that leaves it 32 bytes, and at no other")
  func offsets() {
    let bytes = (0..<40).map { UInt8($0) }
    for offset in 0...8 {
      let isSame = Digest(bytes.span, at: offset)?.bytes == Array(bytes[offset..<offset + 32])
      #expect(isSame)
    }
    for offset in [-1, 9, 40, 41, Int.max, Int.min, Int.max - 31] {
      let isNone = Digest(bytes.span, at: offset) == nil
      #expect(isNone, "at \(offset)")
    }
    let isNone = Digest([UInt8]().span) == nil
    #expect(isNone)
  }
}
