import LedgerCrypto
import Statements
import TestKit
import RegexBuilder
import Testing

/// The entry that `statement`'s parts make, by the general encoder.
func reencoded(_ statement: SignedStatement) -> [UInt8] {
  var header: [(CBOR, CBOR)] = [
    (1, CBOR(statement.algorithm.rawValue)), (3, .text(statement.contentType)),
    (4, .bytes(statement.keyID.bytes)),
  ]
  if let claims = statement.claims {
    var pairs: [(CBOR, CBOR)] = [
      (1, .text(claims.issuer)), (6, .unsigned(claims.issuedAt)), (7, .bytes(claims.tokenID)),
    ]
    if let subject = claims.subject { pairs.append((2, .text(subject))) }
    if let audience = claims.audience { pairs.append((3, .text(audience.hex))) }
    header.append((15, .map(CBORMap(pairs))))
  }
  return CBOR.tagged(
    18,
    [
      .bytes(CBOR.map(CBORMap(header)).encoded), [:], .bytes(statement.payload), .bytes(statement.signature),
    ]
  ).encoded
}

/// The profile once more, over decoded items instead of bytes: whether `entry` should be accepted.
func modelAccepts(_ entry: [UInt8]) -> Bool {
  func isText(_ cbor: CBOR?, _ bytes: ClosedRange<Int>) -> Bool {
    guard case .text(let text)? = cbor else { return false }
    return bytes.contains(text.utf8.count)
      && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
  func isBytes(_ cbor: CBOR?, _ count: Int) -> Bool {
    guard case .bytes(let bytes)? = cbor else { return false }
    return bytes.count == count
  }
  func labels(_ map: CBORMap) -> Set<CBOR> { Set(map.pairs.map(\.key)) }

  guard entry.count <= 65_535, case .tagged(18, .array(let parts))? = try? CBOR(decoding: entry),
    parts.count == 4,
    case .bytes(let protected) = parts[0], parts[1] == [:], case .bytes = parts[2],
    case .bytes(let signature) = parts[3], signature.count == 64,
    case .map(let header)? = try? CBOR(decoding: protected), labels(header).subtracting([15]) == [1, 3, 4],
    [-7, -8, -9, -19].contains(header[label: 1]), isText(header[label: 3], 3...255),
    case .text(let contentType)? = header[label: 3], isBytes(header[label: 4], 32)
  else { return false }
  // Half the order of P-256: of the two values of s that verify, the greater is refused.
  let highestS = hex("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8")
  if [-7, -9].contains(header[label: 1]), highestS.lexicographicallyPrecedes(signature[32...]) {
    return false
  }
  let name = /[A-Za-z0-9][A-Za-z0-9!#$&\-^_.+]{0,126}/
  let token = /[A-Za-z0-9!#$%&'*+\-.^_`|~]+/
  let quoted = /"(?:[ !#-\[\]-~]|\\[ -~])*"/
  guard contentType.utf8.allSatisfy({ $0 < 0x80 }),
    contentType.wholeMatch(
      of: Regex {
        name; "/"; name;
        ZeroOrMore {
          /[ ]*;[ ]*/; token; "=";
          ChoiceOf {
            token; quoted
          }
        }
      })
      != nil
  else { return false }
  guard let value = header[label: 15] else { return true }
  guard case .map(let claims) = value, labels(claims).subtracting([2, 3, 4]) == [1, 6, 7],
    isText(claims[label: 1], 1...64), claims[label: 2] == nil || isText(claims[label: 2], 1...255),
    case .unsigned(let issuedAt)? = claims[label: 6], issuedAt <= 1 << 40, isBytes(claims[label: 7], 16)
  else { return false }
  if let expiry = claims[label: 4] {
    guard case .unsigned(let expiresAt) = expiry, expiresAt <= 1 << 40 else { return false }
  }
  guard let audience = claims[label: 3] else { return true }
  guard case .text(let digits) = audience else { return false }
  return digits.utf8.count == 64 && digits.utf8.allSatisfy("0123456789abcdef".utf8.contains)
}

@Suite("Fuzzing")
struct FuzzTests {
  @Test("whatever CBOR is accepted encodes back to the same bytes")
  func cbor() {
    let samples = (CBORVectorTests.accepted.map(\.0) + CBORVectorTests.refused).map { hex($0) }
    var generator = SeededGenerator(seed: 1)
    let items = (0..<40).map { _ in CBORWriterTests.item(3, &generator).encoded }
    var accepted = 0
    Fuzzing.run("CBOR", samples: samples + items.filter { $0.count < 2_000 }) { bytes in
      guard let item = try? CBOR(decoding: bytes) else { return }
      accepted += 1
      #expect(item.encoded == bytes)
    }
    #expect(accepted > 0)
  }

  @Test("whatever CBOR sequence is accepted encodes back to the same bytes")
  func sequences() {
    let samples = CBORVectorTests.accepted.map { hex($0.0) }
    Fuzzing.run("CBOR sequence", samples: samples + [Array(samples.joined().prefix(400))]) { bytes in
      guard let items = try? CBOR.decodeSequence(bytes.span, maximum: 64) else { return }
      #expect(items.count <= 64)
      #expect(items.flatMap(\.encoded) == bytes)
    }
  }

  static func samples() throws -> [[UInt8]] {
    let foreign = SigningTests.foreign.map { hex($0.entry) }
    let made = [
      HandMadeEntry().bytes, HandMadeEntry { $0.claims = [] }.bytes,
      HandMadeEntry { $0.payload = [0x40] }.bytes,
      HandMadeEntry(claims: { $0.subject = [] }).bytes, HandMadeEntry(claims: { $0.audience = [] }).bytes,
      HandMadeEntry { $0.contentType = [0x03] + Hand.text("a/b; c=\"d e\"") }.bytes,
    ]
    return foreign + made
  }

  /// View, statement and model must agree on `bytes`; returns whether they accept.
  static func judge(_ bytes: [UInt8]) -> Bool {
    let view = try? EntryView(reading: bytes)
    let statement = try? SignedStatement(decoding: bytes)
    #expect((view != nil) == (statement != nil))
    #expect((view != nil) == modelAccepts(bytes), "\(bytes)")
    guard let statement, let view else { return false }
    #expect(statement.view == view)
    #expect(reencoded(statement) == bytes)
    #expect(statement.id == SHA256.digest(of: statement.sigStructure))
    return true
  }

  @Test("whatever entry is accepted encodes back to the same bytes, and a second judge agrees on each")
  func entries() throws {
    var accepted = 0
    try Fuzzing.run("entry", samples: Self.samples()) { bytes in if Self.judge(bytes) { accepted += 1 } }
    #expect(accepted > 0)
  }

  @Test("parts of an entry put together at random are judged alike by the second judge")
  func assembledEntries() {
    var generator = SeededGenerator(seed: Fuzzing.seed)
    let odd: [[UInt8]] = [
      [], [0x00], [0xf6], [0x40], [0x60], [0x80], [0xa0], [0xf7], [0xf9, 0, 0], [0x18, 0x05], [0x26],
      Hand.text("a/b"),
      Hand.bytes(count: 16), Hand.bytes(count: 32), Hand.bytes(count: 64),
      Hand.text(String(repeating: "a", count: 64)),
      Hand.text("\u{85}"), Hand.text([0xff]), [0x1b, 0, 0, 1, 0, 0, 0, 0, 0], [0x1b, 0, 0, 1, 0, 0, 0, 0, 1],
    ]
    func pick(_ label: UInt8, _ good: [[UInt8]]) -> [UInt8] {
      switch Int.random(in: 0..<24, using: &generator) {
      case 0: []
      case 1: odd.randomElement(using: &generator)!
      case 2: [UInt8.random(in: 0...24, using: &generator)] + good.randomElement(using: &generator)!
      case 3: [label] + odd.randomElement(using: &generator)!
      default: [label] + good.randomElement(using: &generator)!
      }
    }
    var (accepted, refused) = (0, 0)
    for _ in 0..<Fuzzing.inputs / 5 {
      let entry = HandMadeEntry {
        $0.algorithm = pick(0x01, [[0x26], [0x27], [0x28], [0x32]])
        $0.contentType = pick(
          0x03, ["a/b", "text/plain", "a/b;c=d", "a/b ; c=\"\\d\""].map { Hand.text($0) })
        $0.keyID = pick(0x04, [Hand.bytes(count: 32)])
        var claims = HandMadeClaims()
        claims.issuer = pick(0x01, [Hand.text("a"), Hand.text("数据局")])
        claims.subject = Bool.random(using: &generator) ? [] : pick(0x02, [Hand.text("a"), Hand.text("案件")])
        claims.audience =
          Bool.random(using: &generator) ? [] : pick(0x03, [Hand.text(String(repeating: "0f", count: 32))])
        claims.issuedAt = pick(0x06, [[0x00], [0x1a, 0x69, 0x24, 0x81, 0x00]])
        claims.tokenID = pick(0x07, [Hand.bytes(count: 16)])
        $0.claims = Int.random(in: 0..<8, using: &generator) == 0 ? [] : pick(0x0f, [claims.bytes])
      }
      if Self.judge(entry.bytes) { accepted += 1 } else { refused += 1 }
    }
    #expect(accepted > 100)
    #expect(refused > 100)
  }

  @Test("the fields reader takes any item without a trap")
  func fields() {
    var generator = SeededGenerator(seed: 2)
    let samples =
      [CBORFieldsTests.map.encoded] + (0..<20).map { _ in CBORWriterTests.item(2, &generator).encoded }
    Fuzzing.run("fields", samples: samples, inputs: Fuzzing.inputs / 5) { bytes in
      guard let item = try? CBOR(decoding: bytes), var fields = try? CBORFields(item, of: "item") else {
        return
      }
      for (key, read) in CBORFieldsTests.readers { try? read(&fields, key) }
      try? fields.finish()
    }
  }
}
