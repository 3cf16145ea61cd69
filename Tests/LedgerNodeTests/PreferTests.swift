import Foundation
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import LedgerNode

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
