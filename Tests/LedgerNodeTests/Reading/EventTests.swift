import Foundation
import LedgerClient
import TestKit
import Testing

@Suite("Blocks as they come, and what is known already", .timeLimit(.minutes(30))) struct EventTests {
  /// What follows the blocks from now on, or behind the one of height `last`.
  private func follow(_ wire: Wire, after last: UInt64? = nil) throws {
    let field = last.map { "Last-Event-ID: \($0)\r\n" } ?? ""
    try wire.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\(field)\r\n")
    let head = try wire.response(hasBody: false)
    #expect(head.status == 200 && head["content-type"] == "text/event-stream")
    #expect(head["cache-control"] == "no-store" && head["etag"] == nil)
  }

  /// The heights of the next `count` events, each of which is its block.
  private func heights(_ wire: Wire, _ count: Int) throws -> [UInt64] {
    var heights: [UInt64] = []
    while heights.count < count {
      guard let chunk = try wire.chunk() else { throw Wire.Closed() }
      let lines = String(decoding: chunk, as: UTF8.self).components(separatedBy: "\n")
      if lines[0] == ":" { continue }
      let data = try #require(lines.first { $0.hasPrefix("data: ") }).dropFirst(6)
      let block = try JSONDecoder().decode(NodeBlock.self, from: Data(data.utf8))
      #expect(lines.count == 5 && lines[1] == "event: block" && lines[3...] == ["", ""])
      #expect(lines[0] == "id: \(block.height)" && block.entry == nil && block.checkpoint == nil)
      heights.append(block.height)
    }
    return heights
  }

  @Test("each block is an event, from the newest on or behind the last that is known")
  func follow() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let port = node.port
      try await node.connected { wire in
        let listener = try Wire(port: port)
        try self.follow(listener)
        #expect(try self.heights(listener, 1) == [0])
        for number in 0..<3 {
          _ = try wire.post(ledger.entry([UInt8(number)]))
          #expect(try self.heights(listener, 1) == [UInt64(number) + 1])
        }
        let late = try Wire(port: port)
        try self.follow(late, after: 0)
        #expect(try self.heights(late, 3) == [1, 2, 3])
        let ahead = try Wire(port: port)
        try self.follow(ahead, after: 4)
        #expect(try ahead.chunk() == Array(":\n\n".utf8))
        _ = try wire.post(ledger.entry([3]))
        _ = try wire.post(ledger.entry([4]))
        #expect(try self.heights(ahead, 1) == [5] && self.heights(late, 2) == [4, 5])
        let blocks = try wire.request("GET", "/blocks").json(NodeBlocks.self)
        #expect(blocks.blocks.count == 6)
        for field in ["Last-Event-ID: x", "Last-Event-ID: 01", "Last-Event-ID: -1"] {
          let answer = try wire.request("GET", "/events", [field])
          #expect(answer.status == 400, "\(field)")
        }
        let head = try wire.request("HEAD", "/events")
        #expect(head.status == 200 && head["content-type"] == "text/event-stream")
      }
    }
  }

  @Test("who follows hears that the node is there, and the end of the stream when it stops")
  func stop() async throws {
    let ledger = try TestLedger()
    var settings = TestNode.patient
    settings.eventPause = .milliseconds(1)
    let node = try await TestNode.start(ledger, settings)
    let (heard, hear) = AsyncStream<Void>.makeStream()
    let ended = Task {
      try await node.connected { wire in
        try self.follow(wire)
        #expect(try self.heights(wire, 1) == [0])
        for _ in 0..<3 { #expect(try wire.chunk() == Array(":\n\n".utf8)) }
        hear.finish()
        while let chunk = try wire.chunk() { #expect(chunk == Array(":\n\n".utf8)) }
      }
    }
    for await _ in heard {}
    try await node.stop()
    try await ended.value
  }

  @Test("what is known by its entity tag is not sent again")
  func entityTags() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      try await node.connected { wire in
        _ = try wire.post(ledger.entry([1]))
        var tags: Set<String> = []
        let paths = [
          "/entries/2", "/entries/3", "/entries?index=2", "/entries?index=3", "/proof/2", "/blocks/0",
          "/blocks/1",
          "/tile/0/000.p/4", "/tile/entries/000.p/4", "/tile/entries/000.p/2", "/checkpoint", "/policy",
          "/members",
          "/roster", "/",
        ]
        for path in paths {
          let answer = try wire.request("GET", path)
          let tag = try #require(answer["etag"], "\(path)")
          #expect(tags.insert(tag).inserted, "\(path)")
          for known in [tag, "W/\(tag)", "\"x\" , \(tag)", "*"] {
            let again = try wire.request("GET", path, ["If-None-Match: \(known)"], hasBody: false)
            #expect(again.status == 304 && again["etag"] == tag && again["content-type"] == nil, "\(path)")
            #expect(again["cache-control"] == answer["cache-control"] && again["vary"] == answer["vary"])
            let head = try wire.request("HEAD", path, ["If-None-Match: \(known)"])
            #expect(head.status == 304, "\(path)")
          }
          let other = try wire.request("GET", path, ["If-None-Match: \"x\""])
          #expect(other.status == 200 && other.body == answer.body, "\(path)")
        }
        let json = try wire.request("GET", "/entries/2", ["Accept: application/json"])
        #expect(try tags.insert(#require(json["etag"])).inserted)
        for path in ["/health", "/entries/9"] {
          let answer = try wire.request("GET", path, ["If-None-Match: *"])
          #expect(answer["etag"] == nil && answer.status != 304, "\(path)")
        }
        let before = try wire.request("GET", "/checkpoint")["etag"] ?? ""
        _ = try wire.post(ledger.entry([2]))
        let answer = try wire.request("GET", "/checkpoint", ["If-None-Match: \(before)"])
        #expect(answer.status == 200 && answer["etag"] != before)
      }
    }
  }
}
