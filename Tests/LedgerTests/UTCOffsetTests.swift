import Ledger
import LedgerCrypto
import Statements
import TestKit
import Testing

@Suite("A ledger's offset from UTC")
struct UTCOffsetTests {
  @Test("is written as RFC 3339 and as people write it")
  func texts() throws {
    for (minutes, suffix, name) in [
      (480, "+08:00", "UTC+8"), (0, "Z", "UTC"), (-300, "-05:00", "UTC-5"), (330, "+05:30", "UTC+5:30"),
      (-210, "-03:30", "UTC-3:30"), (-5, "-00:05", "UTC-0:05"), (840, "+14:00", "UTC+14"),
    ] {
      let offset = try UTCOffset(minutes: minutes)
      #expect(offset.suffix == suffix && offset.description == name)
    }
  }

  @Test("is -720 to 840 minutes")
  func bounds() throws {
    for minutes in [-720, 840] { #expect(try UTCOffset(minutes: minutes).minutes == minutes) }
    for minutes in [-721, 841, .min, .max] {
      #expect(try refusal { try UTCOffset(minutes: minutes) } == .malformed)
    }
  }

  @Test(
    "terms that name it are read back; the standard one is left out, and refused where it is named",
    arguments: [-720, -1, 0, 479, 480, 840])
  func terms(minutes: Int) throws {
    var parts = try Consortium().parts
    parts.utcOffset = try UTCOffset(minutes: minutes)
    let roster = try parts.roster()
    let items = try roster.items.map { try CBOR(decoding: $0) }
    #expect(try Roster(items: items, inForceFrom: 0) == roster)
    #expect(roster.terms.parameters.utcOffset.minutes == minutes)
    #expect((try UTCOffsetTests.named(in: items[0]) == nil) == (minutes == 480))
  }

  @Test("what terms name in its place is refused and traps nothing")
  func refused() throws {
    let items = try Consortium().roster.items.map { try CBOR(decoding: $0) }
    for value: CBOR in [
      .unsigned(480), .unsigned(841), .unsigned(.max), .negative(720), .negative(.max), .text("480"), .null,
      .array([]), .bool(true),
    ] {
      var changed = items
      changed[0] = try UTCOffsetTests.naming(value, in: items[0])
      #expect(try refusal { try Roster(items: changed, inForceFrom: 0) } == .malformed, "\(value)")
    }
    for value: CBOR in [.unsigned(0), .unsigned(840), .negative(719), .negative(0)] {
      var changed = items
      changed[0] = try UTCOffsetTests.naming(value, in: items[0])
      #expect(try refusal { try Roster(items: changed, inForceFrom: 0) } == nil, "\(value)")
    }
  }

  @Test("no proposal changes it")
  func fixed() throws {
    for minutes in [0, 480] as [UInt64] {
      let chain = try Chain(Consortium(members: 2))
      let proposal = try chain.proposal(.setParameter(name: UTCOffset.parameter, value: minutes))
      #expect(try verdict(chain, proposal.entry) == .malformed)
    }
  }

  /// The value that terms give it; nil where they name none.
  private static func named(in terms: CBOR) throws -> CBOR? {
    guard case .map(let map) = terms, case .map(let parameters)? = map[.text("parameters")] else {
      throw Refusal(.malformed, "not terms")
    }
    return parameters[.text(UTCOffset.parameter)]
  }

  /// Terms that give it `value`.
  private static func naming(_ value: CBOR, in terms: CBOR) throws -> CBOR {
    guard case .map(let map) = terms else { throw Refusal(.malformed, "not terms") }
    return .map(
      CBORMap(
        map.pairs.map { key, item in
          guard key == .text("parameters"), case .map(let parameters) = item else { return (key, item) }
          return (
            key,
            .map(CBORMap(parameters.pairs.map { ($0.key, $0.value) } + [(.text(UTCOffset.parameter), value)]))
          )
        }))
  }
}
