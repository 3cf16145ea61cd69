import Statements
import TestKit
import Testing

/// RFC 8949 Appendix A, all 82 examples: the 44 that the ledger's subset has and the 38 that it refuses.
@Suite("CBOR: the examples of RFC 8949 Appendix A")
struct CBORVectorTests {
  static let accepted: [(String, CBOR)] = [
    ("00", 0), ("01", 1), ("0a", 10), ("17", 23), ("1818", 24), ("1819", 25), ("1864", 100), ("1903e8", 1000),
    ("1a000f4240", 1_000_000), ("1b000000e8d4a51000", 1_000_000_000_000),
    ("1bffffffffffffffff", .unsigned(.max)),
    ("c249010000000000000000", .tagged(2, .bytes([1, 0, 0, 0, 0, 0, 0, 0, 0]))),
    ("3bffffffffffffffff", .negative(.max)),
    ("c349010000000000000000", .tagged(3, .bytes([1, 0, 0, 0, 0, 0, 0, 0, 0]))),
    ("20", -1), ("29", -10), ("3863", -100), ("3903e7", -1000),
    ("f4", false), ("f5", true), ("f6", .null),
    ("c074323031332d30332d32315432303a30343a30305a", .tagged(0, "2013-03-21T20:04:00Z")),
    ("c11a514b67b0", .tagged(1, 1_363_896_240)),
    ("d74401020304", .tagged(23, .bytes([1, 2, 3, 4]))),
    ("d818456449455446", .tagged(24, .bytes([0x64, 0x49, 0x45, 0x54, 0x46]))),
    ("d82076687474703a2f2f7777772e6578616d706c652e636f6d", .tagged(32, "http://www.example.com")),
    ("40", .bytes([])), ("4401020304", .bytes([1, 2, 3, 4])),
    ("60", ""), ("6161", "a"), ("6449455446", "IETF"), ("62225c", "\"\\"), ("62c3bc", "\u{fc}"),
    ("63e6b0b4", "\u{6c34}"), ("64f0908591", "\u{10151}"),
    ("80", []), ("83010203", [1, 2, 3]), ("8301820203820405", [1, [2, 3], [4, 5]]),
    ("98190102030405060708090a0b0c0d0e0f101112131415161718181819", .array((1...25).map { CBOR($0) })),
    ("a0", [:]), ("a201020304", [1: 2, 3: 4]), ("a26161016162820203", ["a": 1, "b": [2, 3]]),
    ("826161a161626163", ["a", ["b": "c"]]),
    ("a56161614161626142616361436164614461656145", ["a": "A", "b": "B", "c": "C", "d": "D", "e": "E"]),
  ]

  static let refused: [String] = [
    // Floats.
    "f90000", "f98000", "f93c00", "fb3ff199999999999a", "f93e00", "f97bff", "fa47c35000", "fa7f7fffff",
    "fb7e37e43c8800759c", "f90001", "f90400", "f9c400", "fbc010666666666666", "f97c00", "f97e00", "f9fc00",
    "fa7f800000", "fa7fc00000", "faff800000", "fb7ff0000000000000", "fb7ff8000000000000",
    "fbfff0000000000000",
    "c1fb41d452d9ec200000",
    // Undefined and other simple values.
    "f7", "f0", "f818", "f8ff",
    // Indefinite lengths.
    "5f42010243030405ff", "7f657374726561646d696e67ff", "9fff", "9f018202039f0405ffff", "9f01820203820405ff",
    "83018202039f0405ff", "83019f0203ff820405",
    "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff", "bf61610161629f0203ffff",
    "826161bf61626163ff", "bf6346756ef563416d7421ff",
  ]

  @Test("each example of the subset decodes to its value and encodes to its bytes", arguments: accepted)
  func reads(bytes: String, value: CBOR) throws {
    #expect(try CBOR(decoding: hex(bytes)) == value)
    #expect(value.encoded == hex(bytes))
  }

  @Test("each example outside the subset is refused", arguments: refused)
  func refuses(bytes: String) {
    expectMalformed { () throws(StatementError) in _ = try CBOR(decoding: hex(bytes)) }
  }

  @Test("no example is missing")
  func all() {
    #expect(Self.accepted.count + Self.refused.count == 82)
    #expect(Set(Self.accepted.map(\.0) + Self.refused).count == 82)
  }
}
