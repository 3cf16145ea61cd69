import LedgerCrypto
import Statements
import TestKit
import Testing

@Suite("CBOR: fields of a map")
struct CBORFieldsTests {
  static let digest = Digest(Array(repeating: UInt8(7), count: 32))!
  static let map: CBOR = [
    "text": "证证", "number": 42, "bytes": .bytes([1, 2, 3]), "digest": .bytes(digest.bytes), "flag": true,
    "array": [1, 2], "map": ["inner": 1], "null": .null,
  ]

  static func fields(_ cbor: CBOR = map) throws -> CBORFields { try CBORFields(cbor, of: "deposit") }

  @Test("fields are read by name, type and bounds")
  func reading() throws {
    var fields = try Self.fields()
    #expect(try fields.text("text", bytes: 6...6) == "证证")
    #expect(try fields.unsigned("number") == 42)
    #expect(try fields.unsigned("number", in: 42...42) == 42)
    #expect(try fields.bytes("bytes", count: 3) == [1, 2, 3])
    #expect(try fields.bytes("bytes", count: 3...9) == [1, 2, 3])
    #expect(try fields.digest("digest") == Self.digest)
    #expect(try fields.bool("flag") == true)
    #expect(try fields.array("array", count: 2...2) == [1, 2])
    var inner = try fields.fields("map")
    #expect(inner.name == "deposit: map")
    #expect(try inner.unsigned("inner") == 1)
    try inner.finish()
    #expect(try fields.value("null") == .null)
    try fields.finish()
  }

  @Test("optional fields are read likewise, and are nil where the key is absent")
  func optionals() throws {
    var fields = try Self.fields()
    #expect(try fields.optionalText("text", bytes: 6...6) == "证证")
    #expect(try fields.optionalUnsigned("number", in: 0...42) == 42)
    #expect(try fields.optionalBytes("bytes", count: 3) == [1, 2, 3])
    #expect(try fields.optionalBytes("bytes", count: 1...3) == [1, 2, 3])
    #expect(try fields.optionalDigest("digest") == Self.digest)
    #expect(try fields.optionalBool("flag") == true)
    #expect(try fields.optionalArray("array", count: 0...2) == [1, 2])
    var inner = try #require(try fields.optionalFields("map"))
    #expect(try inner.optionalUnsigned("inner") == 1)
    try inner.finish()
    #expect(fields.optionalValue("null") == .null)
    try fields.finish()

    var empty = try Self.fields([:])
    #expect(try empty.optionalText("text", bytes: 1...6) == nil)
    #expect(try empty.optionalUnsigned("number") == nil)
    #expect(try empty.optionalBytes("bytes", count: 3) == nil)
    #expect(try empty.optionalBytes("bytes", count: 1...3) == nil)
    #expect(try empty.optionalDigest("digest") == nil)
    #expect(try empty.optionalBool("flag") == nil)
    #expect(try empty.optionalArray("array", count: 0...2) == nil)
    #expect(try empty.optionalFields("map") == nil)
    #expect(empty.optionalValue("null") == nil)
    try empty.finish()
  }

  /// Every reader, by the type that it wants.
  static let readers:
    [(key: String, read: @Sendable (inout CBORFields, String) throws(StatementError) -> Void)] = [
      ("text", { fields, key throws(StatementError) in _ = try fields.text(key, bytes: 0...99) }),
      ("text", { fields, key throws(StatementError) in _ = try fields.optionalText(key, bytes: 0...99) }),
      ("number", { fields, key throws(StatementError) in _ = try fields.unsigned(key) }),
      ("number", { fields, key throws(StatementError) in _ = try fields.optionalUnsigned(key) }),
      ("bytes", { fields, key throws(StatementError) in _ = try fields.bytes(key, count: 0...31) }),
      ("bytes", { fields, key throws(StatementError) in _ = try fields.bytes(key, count: 3) }),
      ("bytes", { fields, key throws(StatementError) in _ = try fields.optionalBytes(key, count: 0...31) }),
      ("bytes", { fields, key throws(StatementError) in _ = try fields.optionalBytes(key, count: 3) }),
      ("digest", { fields, key throws(StatementError) in _ = try fields.digest(key) }),
      ("digest", { fields, key throws(StatementError) in _ = try fields.optionalDigest(key) }),
      ("flag", { fields, key throws(StatementError) in _ = try fields.bool(key) }),
      ("flag", { fields, key throws(StatementError) in _ = try fields.optionalBool(key) }),
      ("array", { fields, key throws(StatementError) in _ = try fields.array(key, count: 0...99) }),
      ("array", { fields, key throws(StatementError) in _ = try fields.optionalArray(key, count: 0...99) }),
      ("map", { fields, key throws(StatementError) in _ = try fields.fields(key) }),
      ("map", { fields, key throws(StatementError) in _ = try fields.optionalFields(key) }),
    ]

  @Test("a value of any other type is refused, null too, with the map and the key named")
  func types() throws {
    let keys = ["text", "number", "bytes", "digest", "flag", "array", "map", "null"]
    for (wanted, read) in Self.readers {
      for key in keys where key != wanted {
        var fields = try Self.fields()
        let sentence = expectMalformed("\(wanted) from \(key)") { () throws(StatementError) in
          try read(&fields, key)
        }
        #expect(sentence?.contains("deposit") == true)
        #expect(sentence?.contains(key) == true)
      }
    }
    var negative = try Self.fields(["number": -1])
    expectMalformed { () throws(StatementError) in _ = try negative.unsigned("number") }
  }

  @Test("a field that must be there and is absent is refused by name")
  func absent() throws {
    var fields = try Self.fields([:])
    let sentences = [
      expectMalformed { () throws(StatementError) in _ = try fields.text("size", bytes: 0...9) },
      expectMalformed { () throws(StatementError) in _ = try fields.unsigned("size") },
      expectMalformed { () throws(StatementError) in _ = try fields.bytes("size", count: 0) },
      expectMalformed { () throws(StatementError) in _ = try fields.bytes("size", count: 0...9) },
      expectMalformed { () throws(StatementError) in _ = try fields.digest("size") },
      expectMalformed { () throws(StatementError) in _ = try fields.bool("size") },
      expectMalformed { () throws(StatementError) in _ = try fields.array("size", count: 0...9) },
      expectMalformed { () throws(StatementError) in _ = try fields.fields("size") },
      expectMalformed { () throws(StatementError) in _ = try fields.value("size") },
    ]
    #expect(sentences == Array(repeating: "deposit has no size", count: 9))
  }

  @Test("bounds are kept at both ends, and text is counted in bytes")
  func bounds() throws {
    var fields = try Self.fields()
    for bounds in [0...5, 7...99] {
      expectMalformed { () throws(StatementError) in _ = try fields.text("text", bytes: bounds) }
      expectMalformed { () throws(StatementError) in _ = try fields.optionalText("text", bytes: bounds) }
    }
    for bounds: ClosedRange<UInt64> in [0...41, 43...UInt64.max] {
      expectMalformed { () throws(StatementError) in _ = try fields.unsigned("number", in: bounds) }
      expectMalformed { () throws(StatementError) in _ = try fields.optionalUnsigned("number", in: bounds) }
    }
    for bounds in [0...2, 4...99] {
      expectMalformed { () throws(StatementError) in _ = try fields.bytes("bytes", count: bounds) }
      expectMalformed { () throws(StatementError) in _ = try fields.optionalBytes("bytes", count: bounds) }
    }
    for count in [2, 4] {
      expectMalformed { () throws(StatementError) in _ = try fields.bytes("bytes", count: count) }
      expectMalformed { () throws(StatementError) in _ = try fields.optionalBytes("bytes", count: count) }
    }
    for bounds in [0...1, 3...99] {
      expectMalformed { () throws(StatementError) in _ = try fields.array("array", count: bounds) }
      expectMalformed { () throws(StatementError) in _ = try fields.optionalArray("array", count: bounds) }
    }
    for count in [0, 31, 33, 64] {
      var other = try Self.fields(["digest": .bytes(Array(repeating: 0, count: count))])
      expectMalformed { () throws(StatementError) in _ = try other.digest("digest") }
      expectMalformed { () throws(StatementError) in _ = try other.optionalDigest("digest") }
    }
  }

  @Test("a key that nobody read is refused at the end, and quoted so that it cannot deceive")
  func unknownKeys() throws {
    var fields = try Self.fields(["a": 1, "b": 2, "c\u{202e}\u{1b}[2J": 3])
    #expect(
      expectMalformed { () throws(StatementError) in try fields.finish() } == "deposit has an unknown key “a”"
    )
    _ = try fields.unsigned("b")
    _ = try fields.unsigned("a")
    #expect(
      expectMalformed { () throws(StatementError) in try fields.finish() }
        == "deposit has an unknown key “c\\u{202e}\\u{1b}[2J”")
    let long = try Self.fields([CBOR.text(String(repeating: "k", count: 10_000)): 1])
    let sentence = expectMalformed { () throws(StatementError) in try long.finish() }
    #expect(sentence.map { $0.count < 200 } == true)
  }

  @Test("keys are told apart by their bytes")
  func keysAreBytes() throws {
    var fields = try Self.fields(["e\u{301}": 1])
    #expect(try fields.optionalUnsigned("\u{e9}") == nil)
    #expect(try fields.optionalUnsigned("e\u{301}") == 1)
  }

  @Test(
    "what is no map, and a map with a key that is not text, is refused",
    arguments: [
      [], 1, "a", .null, .bytes([]), .tagged(1, [:]), [1: 2], ["a": 1, 1: 2], [.null: 1], [.bytes([0x61]): 1],
    ] as [CBOR])
  func notAMap(cbor: CBOR) {
    let sentence = expectMalformed { () throws(StatementError) in _ = try CBORFields(cbor, of: "deposit") }
    #expect(sentence?.hasPrefix("deposit ") == true)
  }
}
