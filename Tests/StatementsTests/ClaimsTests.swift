import LedgerCrypto
import Statements
import TestKit
import Testing

@Suite("Entry: claims")
struct ClaimsTests {
  @Test("iss, iat and cti must be there; sub and aud may be absent")
  func presence() throws {
    #expect(HandMadeEntry(claims: { _ in }).isAccepted)
    #expect(!HandMadeEntry(claims: { $0.issuer = [] }).isAccepted)
    #expect(!HandMadeEntry(claims: { $0.issuedAt = [] }).isAccepted)
    #expect(!HandMadeEntry(claims: { $0.tokenID = [] }).isAccepted)
    for (hasSubject, hasAudience) in [(false, false), (false, true), (true, false), (true, true)] {
      let entry = HandMadeEntry(claims: {
        if !hasSubject { $0.subject = [] }
        if !hasAudience { $0.audience = [] }
      })
      let claims = try #require(try SignedStatement(decoding: entry.bytes).claims)
      #expect((claims.subject != nil) == hasSubject)
      #expect((claims.audience != nil) == hasAudience)
    }
  }

  @Test("no other claim may be there, and none in another order or twice")
  func labels() {
    let wrong: [(String, (inout HandMadeClaims) -> Void)] = [
      (
        "nbf",
        {
          $0.audience += [0x05, 0x00]; $0.count = 6
        }
      ),
      (
        "a claim at the end",
        {
          $0.others = [0x08, 0xa0]; $0.count = 6
        }
      ),
      (
        "a private claim",
        {
          $0.others = [0x61, 0x61, 0x00]; $0.count = 6
        }
      ),
      ("a private claim, not counted", { $0.others = [0x61, 0x61, 0x00] }),
      ("a negative claim in place of sub", { $0.subject = [0x20, 0x00] }),
      (
        "label 0",
        {
          $0.issuer = [0x00, 0x00] + $0.issuer; $0.count = 6
        }
      ),
      ("one fewer counted", { $0.count = 4 }),
      ("one more counted", { $0.count = 6 }),
      ("none counted", { $0.count = 0 }),
      (
        "two absent and one counted as absent",
        {
          $0.subject = []; $0.audience = []; $0.count = 4
        }
      ),
      ("sub after aud", { swap(&$0.subject, &$0.audience) }),
      ("iss after sub", { swap(&$0.issuer, &$0.subject) }),
      ("iat before aud", { swap(&$0.audience, &$0.issuedAt) }),
      ("cti before iat", { swap(&$0.tokenID, &$0.issuedAt) }),
      ("sub twice", { $0.audience = $0.subject }),
      (
        "iss twice",
        {
          $0.issuer += $0.issuer; $0.count = 6
        }
      ),
      (
        "aud twice",
        {
          $0.audience += $0.audience; $0.count = 6
        }
      ),
      (
        "iat twice",
        {
          $0.issuedAt += $0.issuedAt; $0.count = 6
        }
      ),
      (
        "cti twice",
        {
          $0.tokenID += $0.tokenID; $0.count = 6
        }
      ),
      ("a long label", { $0.issuer = [0x18] + $0.issuer }),
    ]
    for (what, change) in wrong { #expect(HandMadeEntry(claims: change).refusal == .malformed, "\(what)") }
    for claims: [UInt8] in [
      [0xa0], [0x80], [0xf6], [0x40], Hand.bytes(HandMadeClaims().bytes), [0xbf, 0xff],
    ] {
      #expect(HandMadeEntry { $0.claims = [0x0f] + claims }.refusal == .malformed)
    }
  }

  @Test("iss has 1 to 64 bytes and sub 1 to 255")
  func textBounds() {
    for count in [0, 1, 2, 63, 64, 65, 254, 255, 256, 300] {
      let text = Hand.text(String(repeating: "a", count: count))
      #expect(HandMadeEntry(claims: { $0.issuer = [0x01] + text }).isAccepted == (1...64).contains(count))
      #expect(HandMadeEntry(claims: { $0.subject = [0x02] + text }).isAccepted == (1...255).contains(count))
    }
    // Bytes, not characters: 21 times three is 63, 22 times is 66.
    for (count, isAccepted) in [(21, true), (22, false)] {
      let text = Hand.text(String(repeating: "局", count: count))
      #expect(HandMadeEntry(claims: { $0.issuer = [0x01] + text }).isAccepted == isAccepted)
    }
    #expect(
      HandMadeEntry(claims: { $0.subject = [0x02] + Hand.text(String(repeating: "案", count: 85)) }).isAccepted
    )
    #expect(
      !HandMadeEntry(claims: { $0.subject = [0x02] + Hand.text(String(repeating: "案", count: 86)) })
        .isAccepted)
  }

  @Test("iss and sub hold no control character and are UTF-8")
  func textContent() {
    func isAccepted(_ content: [UInt8]) -> Bool {
      let issuer = HandMadeEntry(claims: { $0.issuer = [0x01] + Hand.text(content) }).isAccepted
      let subject = HandMadeEntry(claims: { $0.subject = [0x02] + Hand.text(content) }).isAccepted
      #expect(issuer == subject)
      return subject
    }
    for value: UInt32 in 0...0x17f {
      let scalar = Unicode.Scalar(value)!
      let isControl = value < 0x20 || (0x7f...0x9f).contains(value)
      #expect(isControl == (scalar.properties.generalCategory == .control))
      #expect(isAccepted(Array("a\(Character(scalar))b".utf8)) == !isControl, "U+\(String(value, radix: 16))")
      #expect(isAccepted(Array(String(Character(scalar)).utf8)) == !isControl)
    }
    // Other characters whose last byte lies where C1's do.
    for text in ["案件", "\u{e080}", "\u{42}\u{482}", "\u{10080}", "ÂÂ"] {
      #expect(isAccepted(Array(text.utf8)))
    }
    for bytes: [UInt8] in [
      [0x80], [0xc2], [0x61, 0xc2], [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
    ] { #expect(!isAccepted(bytes)) }
    for other: [UInt8] in [Hand.bytes([0x61]), [0x00], [0xf6], [0x81, 0x61, 0x61]] {
      #expect(!HandMadeEntry(claims: { $0.issuer = [0x01] + other }).isAccepted)
      #expect(!HandMadeEntry(claims: { $0.subject = [0x02] + other }).isAccepted)
    }
  }

  @Test("aud is 64 lowercase hex digits")
  func audience() throws {
    func isAccepted(_ text: String) -> Bool {
      HandMadeEntry(claims: { $0.audience = [0x03] + Hand.text(text) }).isAccepted
    }
    let digits = "0123456789abcdef0123456789abcdeffedcba9876543210fedcba9876543210"
    let entry = HandMadeEntry(claims: { $0.audience = [0x03] + Hand.text(digits) })
    #expect(try SignedStatement(decoding: entry.bytes).claims?.audience?.hex == digits)
    for count in [0, 2, 62, 63, 65, 66, 128] { #expect(!isAccepted(String(repeating: "a", count: count))) }
    #expect(!isAccepted(digits.uppercased()))
    for byte: UInt8 in 0...0x7f {
      for at in [0, 1, 31, 62, 63] {
        var text = Array(digits.utf8)
        text[at] = byte
        #expect(isAccepted(String(decoding: text, as: UTF8.self)) == "0123456789abcdef".utf8.contains(byte))
      }
    }
    #expect(!HandMadeEntry(claims: { $0.audience = [0x03] + Hand.bytes(count: 32) }).isAccepted)
    #expect(!HandMadeEntry(claims: { $0.audience = [0x03, 0x81] + Hand.text(digits) }).isAccepted)
  }

  @Test("iat is whole seconds up to 2^40")
  func issuedAt() throws {
    func issuedAt(_ value: String) -> UInt64? {
      try? SignedStatement(decoding: HandMadeEntry(claims: { $0.issuedAt = [0x06] + hex(value) }).bytes)
        .claims?
        .issuedAt
    }
    #expect(issuedAt("00") == 0)
    #expect(issuedAt("1a69248100") == 0x6924_8100)
    #expect(issuedAt("1b0000010000000000") == 1 << 40)
    for value in [
      "1b0000010000000001", "1bffffffffffffffff", "20", "3a69248100", "fb41d452d9ec200000", "c11a69248100",
      "f6",
      "6130", "1b0000000069248100", "fa47c35000",
    ] { #expect(issuedAt(value) == nil, "\(value)") }
  }

  @Test("exp may stand between aud and iat, and is whole seconds up to 2^40")
  func expiresAt() throws {
    func expiresAt(_ value: String) -> UInt64? {
      try? SignedStatement(decoding: HandMadeEntry(claims: { $0.expiresAt = [0x04] + hex(value) }).bytes)
        .claims?.expiresAt
    }
    #expect(expiresAt("00") == 0)
    #expect(expiresAt("1a69248100") == 0x6924_8100)
    #expect(expiresAt("1b0000010000000000") == 1 << 40)
    for value in ["1b0000010000000001", "1bffffffffffffffff", "20", "f6", "6130", "fa47c35000"] {
      #expect(expiresAt(value) == nil, "\(value)")
    }
    let expiry: [UInt8] = [0x04, 0x01]
    let wrong: [(inout HandMadeClaims) -> Void] = [
      {
        $0.audience += expiry + expiry; $0.count = 7
      },
      {
        $0.subject += expiry; $0.count = 6
      },
      {
        $0.issuedAt += expiry; $0.count = 6
      },
      {
        $0.expiresAt = expiry; $0.count = 5
      },
      { $0.expiresAt = [0x05, 0x01] },
    ]
    for change in wrong { #expect(HandMadeEntry(claims: change).refusal == .malformed) }
    let claims = Claims(
      issuer: "a", audience: .zero, expiresAt: 7, issuedAt: 5, tokenID: Array(repeating: 0, count: 16))
    let statement = try StatementDraft(contentType: "a/b", claims: claims, payload: [])
      .signed(by: PrivateKey(generating: .es256))
    #expect(statement.claims == claims && statement.claims?.expiresAt == 7)
  }

  @Test("cti has 16 bytes")
  func tokenID() {
    for count in [0, 1, 15, 16, 17, 32] {
      #expect(
        HandMadeEntry(claims: { $0.tokenID = [0x07] + Hand.bytes(count: count) }).isAccepted == (count == 16))
    }
    #expect(!HandMadeEntry(claims: { $0.tokenID = [0x07] + Hand.text("0123456789abcdef") }).isAccepted)
  }

  @Test("claims are equal by their bytes")
  func equality() {
    func claims(_ issuer: String, _ subject: String? = nil) -> Claims {
      Claims(issuer: issuer, subject: subject, audience: nil, issuedAt: 1, tokenID: [])
    }
    #expect(claims("a", "b") == claims("a", "b"))
    #expect(claims("a", "b") != claims("a"))
    #expect(claims("\u{e9}") != claims("e\u{301}"))
    #expect(Set([claims("\u{e9}"), claims("e\u{301}"), claims("\u{e9}")]).count == 2)
  }
}
