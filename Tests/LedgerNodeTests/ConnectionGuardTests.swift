import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import Testing

@testable import LedgerNode

@Suite("The time that a request may take") struct ConnectionGuardTests {
  private static let head = "POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n"

  private func connect() throws -> EmbeddedChannel {
    let channel = EmbeddedChannel()
    // Never let go: optimised by Swift 6.3, the end of its core releases what its buffers have released (compare swift-nio #3511).
    _ = Unmanaged.passRetained(channel)
    let pipeline = channel.pipeline.syncOperations
    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false, withErrorHandling: false)
    try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    try pipeline.addHandler(
      ConnectionGuard(NodeSettings(), Visitors(connectionLimit: 9, byteLimit: 9), LimitedLog(logger)))
    channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
    return channel
  }

  private func send(_ text: String, _ channel: EmbeddedChannel, then seconds: Int64) throws {
    try channel.writeInbound(ByteBuffer(string: text))
    channel.embeddedEventLoop.advanceTime(by: .seconds(seconds))
  }

  private func answer(_ channel: EmbeddedChannel) throws {
    try channel.writeOutbound(HTTPResponsePart.head(.init(status: .ok)))
    try channel.writeOutbound(HTTPResponsePart.end(nil))
  }

  /// Ends with a channel as NIO asks for.
  private func end(_ channel: EmbeddedChannel) throws {
    do { _ = try channel.finish(acceptAlreadyClosed: true) } catch is HTTPParserError {
      // The rest of a head that was cut off.
    }
  }

  @Test("a head that trickles in ends the connection after ten seconds; one behind an answer too")
  func trickle() throws {
    for isLater in [false, true] {
      let channel = try connect()
      if isLater {
        try send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", channel, then: 0)
        try answer(channel)
        channel.embeddedEventLoop.advanceTime(by: .seconds(50))
      }
      for byte in "GET /page" { try send(String(byte), channel, then: 1) }
      #expect(channel.isActive)
      channel.embeddedEventLoop.advanceTime(by: .seconds(1))
      #expect(!channel.isActive)
      try end(channel)
    }
  }

  @Test(
    "a body that is whole in time is left alone, whatever comes after; one that is not ends in an error, once"
  )
  func body() throws {
    let channel = try connect()
    // Three that are whole, over more time than one may take.
    for _ in 0..<3 {
      try send(Self.head, channel, then: 15)
      try send("12345678901234567890", channel, then: 0)
      try answer(channel)
    }
    channel.embeddedEventLoop.advanceTime(by: .seconds(60))
    try channel.throwIfErrorCaught()
    try send(Self.head, channel, then: 0)
    for _ in 0..<19 { try send("1", channel, then: 1) }
    try channel.throwIfErrorCaught()
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(throws: BodyTimeout.self) { try channel.throwIfErrorCaught() }
    channel.embeddedEventLoop.advanceTime(by: .seconds(60))
    try channel.throwIfErrorCaught()
    try end(channel)
  }

  @Test("who takes nothing of an answer loses the connection after thirty seconds, who takes some does not")
  func unread() throws {
    let channel = try connect()
    try send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", channel, then: 0)
    try answer(channel)
    for isRead in [true, false] {
      channel.isWritable = false
      channel.pipeline.fireChannelWritabilityChanged()
      channel.embeddedEventLoop.advanceTime(by: .seconds(29))
      if isRead {
        channel.isWritable = true
        channel.pipeline.fireChannelWritabilityChanged()
      }
      channel.embeddedEventLoop.advanceTime(by: .seconds(1))
      #expect(channel.isActive == isRead)
    }
    try end(channel)
  }
}
