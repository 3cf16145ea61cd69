import Foundation
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import LedgerNode

@Suite("What a receipt is written with") struct ReceiptTests {
  static let texts: [String] =
    ["", "a", "\"\\/", "line\nline\n", "—  郑州 🀄️ \u{2028}\u{7f}\u{e9}", "\u{fffd}\\u0000"]
    + (0..<0x30).map { "a\(Character(Unicode.Scalar(UInt8($0))))b" }

  @Test("the JSON of a receipt is what the encoder makes of it, and is read back", arguments: texts)
  func json(_ text: String) throws {
    let receipt = NodeReceipt(
      index: .max, block: 0, id: "00ff", time: 7, proof: text, checkpoint: text + text)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = NodeReceipt.json(
      index: .max, block: 0, id: "00ff", time: 7, proof: Array(text.utf8),
      checkpoint: Array((text + text).utf8))
    #expect(
      String(decoding: json, as: UTF8.self) == String(decoding: try encoder.encode(receipt), as: UTF8.self))
    #expect(try JSONDecoder().decode(NodeReceipt.self, from: Data(json)) == receipt)
  }

  @Test("the JSON of a verdict on a record is what the encoder makes of it", arguments: [200, 201])
  func verdict(_ status: Int) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    for (index, block, time) in [(0, 7, .max), (.max, nil, 3), (nil, 1, nil)] as [(UInt64?, UInt64?, UInt64?)]
    {
      let verdict = NodeVerdict(
        id: "00ff", status: status, index: index, block: block, time: time, problem: nil)
      #expect(Array(try encoder.encode(verdict)) == verdict.json)
    }
  }

  @Test("every byte at every place in a run of eight is escaped as the encoder does it")
  func escapes() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    for scalar in (0..<0x80).map({ Unicode.Scalar(UInt8($0)) }) + ["\u{80}", "\u{7ff}", "证", "\u{10ffff}"] {
      for place in 0..<17 {
        let text = String(repeating: "A", count: place) + String(Character(scalar)) + "BCDEFGHIJ"
        var json: [UInt8] = []
        JSONText.append(Array(text.utf8), to: &json)
        #expect(json == Array(try encoder.encode(text)), "\(scalar.value) at \(place)")
      }
    }
  }
}

@Suite("What a request prefers") struct PreferTests {
  @Test(
    "return=minimal is found among other preferences, and nothing else is taken for it",
    arguments: [
      (nil, false), ("return=minimal", true), ("return=\"minimal\"", true), ("Return = Minimal", true),
      ("respond-async, return=minimal; foo=\"bar\"", true), ("return=representation", false),
      ("return=representation, return=minimal", false), ("return", false), ("", false), ("minimal", false),
      ("return=minimally", false), ("wait=10;return=minimal", false), (",,=,", false),
    ] as [(String?, Bool)])
  func minimal(_ header: String?, _ isMinimal: Bool) { #expect(Prefer.isMinimal(header) == isMinimal) }
}

@Suite("The time that a body may take") struct BodyDeadlineTests {
  private static let head = HTTPRequestPart.head(
    HTTPRequest(method: .post, scheme: "http", authority: "l", path: "/entries"))

  @Test("a body that is whole in time is left alone, whatever comes after; one that is not ends in an error")
  func deadline() throws {
    let channel = EmbeddedChannel(handler: BodyDeadline(.seconds(10)))
    // Three that are whole, over more time than one may take.
    for _ in 0..<3 {
      try channel.writeInbound(BodyDeadlineTests.head)
      channel.embeddedEventLoop.advanceTime(by: .seconds(6))
      try channel.writeInbound(HTTPRequestPart.end(nil))
    }
    channel.embeddedEventLoop.advanceTime(by: .seconds(60))
    try channel.throwIfErrorCaught()
    // One that is not.
    try channel.writeInbound(BodyDeadlineTests.head)
    for _ in 0..<9 {
      channel.embeddedEventLoop.advanceTime(by: .seconds(1))
      try channel.writeInbound(HTTPRequestPart.body(ByteBuffer(string: "a")))
    }
    try channel.throwIfErrorCaught()
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(throws: BodyTimeout.self) { try channel.throwIfErrorCaught() }
    // Said once.
    channel.embeddedEventLoop.advanceTime(by: .seconds(60))
    try channel.throwIfErrorCaught()
    _ = try channel.finish()
  }

  @Test("a second request's time counts from its own head on, not from the timer of the first")
  func second() throws {
    let channel = EmbeddedChannel(handler: BodyDeadline(.seconds(10)))
    try channel.writeInbound(BodyDeadlineTests.head)
    try channel.writeInbound(HTTPRequestPart.end(nil))
    channel.embeddedEventLoop.advanceTime(by: .seconds(9))
    try channel.writeInbound(BodyDeadlineTests.head)
    channel.embeddedEventLoop.advanceTime(by: .seconds(9))
    try channel.throwIfErrorCaught()
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(throws: BodyTimeout.self) { try channel.throwIfErrorCaught() }
    _ = try channel.finish()
  }
}
