import Statements
import TestKit
import Testing

@Suite("CBOR: one encoding of each item")
struct CBORStrictnessTests {
  // MARK: Heads

  /// The head with `argument` in a form of `width` bytes (0: in the initial byte).
  static func head(_ major: UInt8, _ argument: UInt64, width: Int) -> [UInt8] {
    guard width > 0 else { return [major << 5 | UInt8(argument)] }
    let additional: UInt8 = [1: 24, 2: 25, 4: 26, 8: 27][width]!
    return [major << 5 | additional]
      + (0..<width).reversed().map { UInt8(truncatingIfNeeded: argument >> UInt64($0 * 8)) }
  }

  /// The least width in which `argument` fits.
  static func least(_ argument: UInt64) -> Int {
    argument < 24 ? 0 : argument < 256 ? 1 : argument < 65_536 ? 2 : argument < 4_294_967_296 ? 4 : 8
  }

  static let edges: [UInt64] = [
    0, 1, 23, 24, 25, 255, 256, 257, 65_535, 65_536, 65_537, 4_294_967_295, 4_294_967_296, 4_294_967_297,
    UInt64.max - 1, .max,
  ]

  @Test("an integer or tag is read in its shortest form only, at every edge of every width", arguments: edges)
  func shortestIntegers(argument: UInt64) throws {
    for width in [0, 1, 2, 4, 8] where width >= Self.least(argument) {
      for major: UInt8 in [0, 1, 6] {
        let content: [UInt8] = major == 6 ? [0xf6] : []
        let bytes = Self.head(major, argument, width: width) + content
        // Tags 2 and 3 are not on the list of edges, so that null may stand under all of them.
        #expect(isCBOR(bytes) == (width == Self.least(argument)), "\(bytes)")
        if width == Self.least(argument) { #expect(try CBOR(decoding: bytes).encoded == bytes) }
      }
    }
  }

  @Test(
    "a string, array or map is read in the shortest form of its length only",
    arguments: [0, 1, 23, 24, 255, 256, 65_535, 65_536])
  func shortestLengths(length: Int) throws {
    let contents: [UInt8: [UInt8]] = [
      2: Array(repeating: 0xff, count: length), 3: Array(repeating: 0x61, count: length),
      4: Array(repeating: 0xf6, count: length),
      5: (0..<length).flatMap { Self.head(0, UInt64($0), width: Self.least(UInt64($0))) + [0xf6] },
    ]
    for (major, content) in contents {
      for width in [0, 1, 2, 4, 8] where width >= Self.least(UInt64(length)) {
        let bytes = Self.head(major, UInt64(length), width: width) + content
        let isShortest = width == Self.least(UInt64(length))
        #expect(isCBOR(bytes) == isShortest, "major type \(major), \(length) in \(width) bytes")
        if isShortest { #expect(try CBOR(decoding: bytes).encoded == bytes) }
      }
    }
  }

  @Test("of the 256 initial bytes followed by zeros, only those of the subset are read")
  func initialBytes() {
    for initial in UInt8.min ... .max {
      let isAccepted = (0...9).contains { isCBOR([initial] + Array(repeating: 0, count: $0)) }
      let (major, additional) = (initial >> 5, initial & 0x1f)
      let expected =
        switch major {
        case 0, 1: additional < 24
        case 2, 3, 4: additional < 10
        // Zeros are keys that repeat, so that only two maps remain.
        case 5: additional < 2
        // Tags 2 and 3 do not stand on an integer.
        case 6: additional < 24 && additional != 2 && additional != 3
        default: (20...22).contains(additional)
        }
      #expect(isAccepted == expected, "initial byte \(initial)")
    }
  }

  @Test("reserved and indefinite heads are refused for every major type")
  func reservedHeads() {
    for major: UInt8 in 0...7 {
      for additional: UInt8 in 28...31 {
        for content in [[], [0xff], [0x00, 0xff], [0x40, 0xff], [0x60, 0xff], [0x00, 0x00, 0xff]] as [[UInt8]]
        {
          #expect(!isCBOR([major << 5 | additional] + content))
        }
      }
    }
  }

  @Test("false, true and null are the only simple values, in one form each")
  func simpleValues() {
    for value in UInt8.min ... .max {
      if value < 24 { #expect(isCBOR([0xe0 | value]) == (20...22).contains(value)) }
      #expect(!isCBOR([0xf8, value]))
    }
  }

  // MARK: Ends

  @Test("every example cut short, or with a byte after it, is refused")
  func wholeInput() {
    for (text, _) in CBORVectorTests.accepted {
      let bytes = hex(text)
      for count in 0..<bytes.count { #expect(!isCBOR(Array(bytes[..<count])), "\(text) cut to \(count)") }
      #expect(!isCBOR(bytes + [0x00]))
      #expect(!isCBOR(bytes + [0xf6]))
    }
    #expect(!isCBOR([]))
  }

  @Test("a length or count that the rest cannot hold is refused before anything is made")
  func hugeCounts() {
    let counts: [UInt64] = [
      2, 24, 256, 65_536, 4_294_967_296, UInt64(Int.max) - 1, UInt64(Int.max), UInt64(Int.max) + 1, .max - 1,
      .max,
    ]
    for major: UInt8 in 2...5 {
      for count in counts {
        let bytes = Self.head(major, count, width: Self.least(count)) + [0x00]
        #expect(!isCBOR(bytes), "major type \(major) of \(count)")
        #expect(!isCBOR([0x81] + bytes))
        #expect(!isCBOR([0xa1, 0x00] + bytes))
      }
    }
    // A map needs two bytes a pair: five bytes cannot hold three pairs.
    let sentence = expectMalformed { () throws(StatementError) in
      _ = try CBOR(decoding: [0xa3, 0x00, 0x00, 0x01, 0x00, 0x02])
    }
    #expect(sentence?.contains("3 pairs") == true)
  }

  // MARK: Nesting

  @Test("arrays, maps and tags stand in each other 16 deep and no deeper")
  func depth() {
    let openings: [(String, [UInt8])] = [
      ("array", [0x81]), ("map", [0xa1, 0x00]), ("key", [0xa1]), ("tag", [0xc0]),
    ]
    for (name, opening) in openings {
      for depth in 0...40 {
        var bytes: [UInt8] = []
        for _ in 0..<depth { bytes += opening }
        bytes.append(0xf6)
        if name == "key" { bytes += Array(repeating: 0xf6, count: depth) }
        #expect(isCBOR(bytes) == (depth <= 16), "\(name) \(depth) deep")
      }
    }
    let mixed: [UInt8] = Array([[0x81], [0xa1, 0x00], [0xc0], [0x81]].joined())
    #expect(isCBOR(mixed + mixed + mixed + mixed + [0xf6]))
    #expect(!isCBOR(mixed + mixed + mixed + mixed + [0x80]))
    // Siblings do not count.
    #expect(isCBOR([0x98, 40] + Array(repeating: 0x80, count: 40)))
    // Deep enough to exhaust a stack if the limit were not there.
    #expect(!isCBOR(Array(repeating: 0x81, count: 1_000_000)))
    #expect(!isCBOR(Array(repeating: 0xc0, count: 1_000_000)))
  }

  // MARK: Maps

  @Test("keys stand once and in bytewise order of their encodings")
  func keyOrder() throws {
    // RFC 8949 §4.2.1 gives this very order, and these keys.
    let ordered = ["0a", "1864", "20", "617a", "626161", "811864", "8120", "f4"].map { hex($0) } as [[UInt8]]
    let whole: [UInt8] = [0xa8] + ordered.flatMap { key -> [UInt8] in key + [0x00] }
    #expect(isCBOR(whole))
    for (at, key) in ordered.enumerated() {
      for (other, second) in ordered.enumerated() {
        #expect(isCBOR([0xa2] + key + [0x00] + second + [0x00]) == (at < other), "\(key) before \(second)")
      }
    }
    // The older order of RFC 7049 §3.9, shorter keys first, is another.
    #expect(!isCBOR(hex("a2 20 00 1864 00")))
    #expect(isCBOR(hex("a2 1864 00 20 00")))
    // Values do not make a repeated key another.
    #expect(!isCBOR(hex("a2 6161 01 6161 02")))
    #expect(!isCBOR(hex("a3 01 00 02 00 01 00")))
    // In a map within a map, and in a map that is a key.
    #expect(!isCBOR(hex("a1 01 a2 02 00 01 00")))
    #expect(!isCBOR(hex("a1 a2 02 00 01 00 00")))
  }

  // MARK: Text

  @Test(
    "text that is not UTF-8 is refused",
    arguments: [
      "6180", "61c3", "61ff", "61fe", "62c080", "62c1bf", "62c328", "63e08080", "63eda080", "63edbfbf",
      "63e28228",
      "64f0808080", "64f4908080", "64f5808080", "65f888808080", "63e6b0", "62e6b0", "6661c3bcffc3bc",
      "81 61 80",
      "a1 6180 00",
    ])
  func invalidUTF8(bytes: String) { #expect(!isCBOR(hex(bytes))) }

  @Test("text keeps its bytes: no normal form is put on it, and NUL may stand in it")
  func textBytes() throws {
    let composed: CBOR = "\u{e9}"
    let decomposed: CBOR = "e\u{301}"
    #expect("\u{e9}" == "e\u{301}", "Swift calls them equal")
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
    #expect(try CBOR(decoding: hex("62c3a9")) == composed)
    #expect(try CBOR(decoding: hex("6365cc81")) == decomposed)
    let map: CBOR = [decomposed: 1, composed: 2]
    #expect(map.encoded == hex("a2 62c3a9 02 6365cc81 01"))
    #expect(try CBOR(decoding: map.encoded) == map)
    #expect(try CBOR(decoding: hex("63610062")).encoded == hex("63610062"))
    for scalar in [
      "\u{0}", "\u{7f}", "\u{80}", "\u{7ff}", "\u{800}", "\u{d7ff}", "\u{e000}", "\u{ffff}", "\u{10ffff}",
    ] {
      let text = CBOR.text(scalar)
      #expect(try CBOR(decoding: text.encoded) == text)
    }
  }

  // MARK: Bignums

  @Test("a bignum stands only for what 64 bits cannot hold")
  func bignums() {
    for tag in ["c2", "c3"] {
      #expect(isCBOR(hex(tag + "49 010000000000000000")))
      #expect(isCBOR(hex(tag + "50" + String(repeating: "ff", count: 16))))
      for content in [
        "40", "4101", "48ffffffffffffffff", "49 00ffffffffffffffff", "00", "6161", "f6", "8101",
      ] {
        #expect(!isCBOR(hex(tag + content)), "\(tag) \(content)")
      }
    }
  }

  // MARK: Sequences

  @Test("a sequence is read to its end and up to its limit")
  func sequences() throws {
    func decode(_ text: String, _ maximum: Int) throws(StatementError) -> [CBOR] {
      try CBOR.decodeSequence(hex(text).span, maximum: maximum)
    }
    #expect(try decode("", 0) == [])
    #expect(try decode("00", 1) == [0])
    #expect(try decode("00 6161 820102", 3) == [0, "a", [1, 2]])
    #expect(try decode("00 6161 820102", 100) == [0, "a", [1, 2]])
    expectMalformed { () throws(StatementError) in _ = try decode("00 6161 820102", 2) }
    expectMalformed { () throws(StatementError) in _ = try decode("00", 0) }
    expectMalformed { () throws(StatementError) in _ = try decode("00 61", 5) }
    expectMalformed { () throws(StatementError) in _ = try decode("00 1800", 5) }
    // Each item has the whole depth.
    let deep = String(repeating: "81", count: 16) + "00"
    #expect(try decode(deep + deep, 2).count == 2)
  }
}
