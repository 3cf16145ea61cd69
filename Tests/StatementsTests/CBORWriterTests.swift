import Statements
import TestKit
import Testing

@Suite("CBOR: writing")
struct CBORWriterTests {
  @Test(
    "heads take the least bytes and are counted as they are written", arguments: CBORStrictnessTests.edges)
  func heads(argument: UInt64) {
    for major: UInt8 in 0...6 {
      var bytes: [UInt8] = []
      CBORWriter.head(CBORMajor(rawValue: major)!, argument, to: &bytes)
      let least = CBORStrictnessTests.least(argument)
      #expect(bytes == CBORStrictnessTests.head(major, argument, width: least))
      #expect(CBORWriter.headByteCount(argument) == bytes.count)
    }
  }

  @Test("integers of either sign are written as RFC 8949 has them")
  func integers() {
    #expect(CBOR(Int.max).encoded == hex("1b7fffffffffffffff"))
    #expect(CBOR(Int.min).encoded == hex("3b7fffffffffffffff"))
    #expect(CBOR(-24).encoded == hex("37"))
    #expect(CBOR(-25).encoded == hex("3818"))
    #expect(CBOR(0).encoded == hex("00"))
  }

  @Test("a map is written in canonical order, whatever order it was given in")
  func mapOrder() {
    let pairs: [(CBOR, CBOR)] = [
      (10, 0), (100, 0), (-1, 0), ("z", 0), ("aa", 0), ([100], 0), ([-1], 0), (false, 0),
    ]
    let expected = hex("a8 0a00 186400 2000 617a00 62616100 81186400 812000 f400")
    var generator = SeededGenerator(seed: 8949)
    for _ in 0..<100 {
      #expect(CBOR.map(CBORMap(pairs.shuffled(using: &generator))).encoded == expected)
    }
  }

  @Test("a map finds its values by text, label and any key")
  func lookUp() {
    let map: CBORMap = ["a": 1, 4: 2, -1: 3, [1]: 4]
    #expect(map["a"] == 1)
    #expect(map[label: 4] == 2)
    #expect(map[label: -1] == 3)
    #expect(map[.array([1])] == 4)
    #expect(map["b"] == nil)
    #expect(map[label: 1] == nil)
    #expect(map.count == 4)
    #expect(!map.isEmpty)
    #expect(CBORMap([]).isEmpty)
    #expect(map == [[1]: 4, -1: 3, 4: 2, "a": 1])
    #expect(map != [[1]: 4, -1: 3, 4: 2, "a": 2])
    #expect(map.hashValue == CBORMap([([1], 4), (-1, 3), (4, 2), ("a", 1)]).hashValue)
  }

  @Test("writing a key twice is a bug and stops the program")
  func duplicateKey() async {
    await #expect(processExitsWith: .failure) { _ = CBORMap([("a", 1), ("b", 2), ("a", 3)]) }
  }

  @Test("items that differ are not equal")
  func inequality() {
    let items: [CBOR] = [
      0, 1, -1, .negative(1), .bytes([]), .bytes([0]), "", "0", [], [0], [:], [0: 0], .tagged(0, 0),
      .tagged(1, 0),
      .tagged(0, 1), true, false, .null,
    ]
    for (at, one) in items.enumerated() {
      for (other, second) in items.enumerated() { #expect((one == second) == (at == other)) }
    }
    #expect(Set(items).count == items.count)
  }

  /// A random item, nested at most `depth` deep.
  static func item(_ depth: Int, _ generator: inout SeededGenerator) -> CBOR {
    let number = generator.next() >> UInt64.random(in: 0..<64, using: &generator)
    switch Int.random(in: 0..<(depth == 0 ? 6 : 9), using: &generator) {
    case 0: return .unsigned(number)
    case 1: return .negative(number)
    case 2: return .bytes(generator.bytes(Int.random(in: 0..<300, using: &generator)))
    case 3: return .text(String(repeating: "证", count: Int.random(in: 0..<100, using: &generator)))
    case 4: return .bool(Bool.random(using: &generator))
    case 5: return .null
    case 6: return .array((0..<Int.random(in: 0..<30, using: &generator)).map { _ in item(0, &generator) })
    case 7:
      var keys: Set<CBOR> = []
      for _ in 0..<Int.random(in: 0..<30, using: &generator) { keys.insert(item(depth - 1, &generator)) }
      return .map(CBORMap(keys.map { ($0, item(depth - 1, &generator)) }))
    default: return .tagged(max(number, 4), item(depth - 1, &generator))
    }
  }

  @Test("whatever is written is read back as it was")
  func roundTrip() throws {
    var generator = SeededGenerator(seed: 20_26)
    for _ in 0..<500 {
      let item = Self.item(3, &generator)
      let bytes = item.encoded
      let decoded = try CBOR(decoding: bytes)
      #expect(decoded == item)
      #expect(decoded.hashValue == item.hashValue)
      #expect(decoded.encoded == bytes)
    }
  }
}
