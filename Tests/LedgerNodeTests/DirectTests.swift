import Foundation
import HTTPTypes
import LedgerStore
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Statements
import Testing

@testable import LedgerNode

/// A plain `POST /entries` is answered from within its connection, and any other by the responder: nobody may see which it was.
@Suite("Plain submissions") struct DirectTests {
  /// A header field that changes nothing, but makes a submission not plain.
  private static let otherWay = "Connection: keep-alive"

  private struct Told: Hashable {
    let status: Int
    let headers: [String: String]
    let body: [UInt8]

    init(_ response: WireResponse) {
      status = response.status
      headers = response.headers.filter { $0.key != "date" }
      body = response.body
    }
  }

  @Test("both ways give the same answers, in every form, to what is new, known or refused")
  func sameAnswers() async throws {
    let ledger = try TestLedger()
    var flipped = try ledger.entry([9])
    flipped[flipped.count - 1] ^= 1
    let bodies: [[UInt8]] = [
      try ledger.entry([1]), flipped, Array("hello".utf8), try ledger.entry([1], issuer: "nobody"),
      [UInt8](repeating: 0xd2, count: 65_535), [UInt8](repeating: 0xd2, count: 65_536), [],
    ]
    let forms = [
      [], ["Accept: text/plain"], ["Prefer: return=minimal"], ["Content-Type: application/cose"],
      ["Content-Type: text/plain"], ["Accept: text/plain", "Accept: application/json"],
    ]
    try await withNode(ledger) { node in
      for body in bodies {
        for form in forms {
          let (first, direct, other) = try await node.connected { wire in
            (
              try wire.post(body, form), try wire.post(body, form),
              try wire.post(body, form + [Self.otherWay])
            )
          }
          #expect(Told(direct) == Told(other), "\(form) \(body.count)")
          #expect(first.status == direct.status || first.status == 201 && direct.status == 200)
          #expect(direct["date"]?.hasSuffix(" GMT") == true && direct["server"] == "zheng")
        }
      }
      // What is new is told the same way too, but for where it stands.
      let (direct, other) = try await node.connected { wire in
        (try wire.post(ledger.entry([2])), try wire.post(ledger.entry([3]), [Self.otherWay]))
      }
      #expect(direct.status == 201 && other.status == 201)
      #expect(Set(direct.headers.keys) == Set(other.headers.keys))
    }
  }

  @Test("the date is the one that the responder writes")
  func date() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entry = try ledger.entry([1])
      var isSame = false
      // Not within the same second, now and then; the other is written anew once a second.
      for _ in 0..<200 where !isSame {
        let (direct, other) = try await node.connected { wire in
          (try wire.post(entry), try wire.post(entry, [Self.otherWay]))
        }
        isSame = direct["date"] == other["date"]
        if !isSame { try await Task.sleep(for: .milliseconds(100)) }
      }
      #expect(isSame)
    }
  }

  /// A request, and the status that its answer has; nil for 201, or 200 where the statement is known.
  private struct Step: Sendable {
    let bytes: [UInt8]
    let status: Int?

    init(_ head: String, _ body: [UInt8]? = nil, _ status: Int?) {
      let length = body.map { "Content-Length: \($0.count)\r\n" } ?? ""
      bytes = Array("\(head)\r\nHost: localhost\r\n\(length)\r\n".utf8) + (body ?? [])
      self.status = status
    }
  }

  @Test("answers come in the order of their requests, whoever answers, however the bytes are cut")
  func pipelined() async throws {
    let ledger = try TestLedger()
    let post = "POST /entries HTTP/1.1"
    var steps = [
      Step(post, try ledger.entry([0]), nil), Step(post, Array("hello".utf8), 400),
      Step(post, try ledger.entry([1]), nil), Step("GET /nothing HTTP/1.1", nil, 404),
      Step(post, try ledger.entry([2]), nil), Step("\(post)\r\n\(Self.otherWay)", try ledger.entry([3]), nil),
      Step(post, try ledger.entry([4]), nil), Step("GET /checkpoint HTTP/1.1", nil, 200),
    ]
    try await withNode(ledger) { node in
      var places: [UInt64] = []
      // Each request stands once in each place, and so begins under way here and there.
      for _ in steps.indices {
        for piece in [Int.max, 1, 700] {
          let sent = steps
          let bytes = sent.flatMap(\.bytes)
          let responses = try await node.connected { wire in
            for start in stride(from: 0, to: bytes.count, by: min(piece, bytes.count)) {
              try wire.send(Array(bytes[start...].prefix(piece)))
            }
            return try sent.map { _ in try wire.response() }
          }
          for (step, response) in zip(sent, responses) {
            guard let status = step.status else {
              #expect(response.status == 200 || response.status == 201)
              places.append(try response.json(NodeReceipt.self).index)
              continue
            }
            #expect(response.status == status)
          }
        }
        steps.append(steps.removeFirst())
      }
      #expect(places.count == 8 * 3 * 5 && Set(places).count == 5)
    }
  }

  @Test("who says that nothing more comes is answered, and then the connection is closed")
  func halfClosed() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entry = try ledger.entry([1])
      let (status, isClosed) = try await node.connected { wire in
        try wire.send("POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(entry.count)\r\n\r\n")
        try wire.send(entry)
        wire.finishSending()
        return (try wire.response().status, wire.isClosed())
      }
      #expect(status == 201 && isClosed)
    }
  }

  @Test("what follows a submission and is no HTTP is told so after its answer")
  func garbageBehind() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entry = try ledger.entry([1])
      let (first, second, isClosed) = try await node.connected { wire in
        let head = "POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(entry.count)\r\n\r\n"
        try wire.send(Array(head.utf8) + entry + Array("\u{1}\u{2} no HTTP\r\n\r\n".utf8))
        return (try wire.response().status, try wire.response().status, wire.isClosed())
      }
      #expect(first == 201 && second == 400 && isClosed)
    }
  }

  @Test("a body that stops in the midst is 408, and one whose sender goes leaves nothing behind")
  func unfinished() async throws {
    let ledger = try TestLedger()
    var settings = TestNode.patient
    settings.bodyTimeout = .milliseconds(300)
    try await withNode(ledger, settings) { node in
      let entry = try ledger.entry([1])
      let head = "POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(entry.count)\r\n\r\n"
      try await node.connected { wire in try wire.send(Array(head.utf8) + entry.dropLast()) }
      let late = try await node.connected { wire in
        try wire.send(Array(head.utf8) + entry.dropLast())
        return try wire.response()
      }
      #expect(late.status == 408 && late.text.contains("timeout"))
      let health = try await node.connected { try $0.request("GET", "/health").json(NodeHealth.self) }
      #expect(health.size == 2)
    }
  }

  @Test("who sends without reading the answers is not answered any more, and goes on when he reads")
  func unread() async throws {
    let ledger = try TestLedger()
    let committer = try Committer(LedgerWriter(ledger.folder))
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let responder = NodeResponder(committer: committer, settings: NodeSettings(), logger: logger)
    let channel = NIOAsyncTestingChannel()
    try await channel.eventLoop.submit {
      try channel.pipeline.syncOperations.addHandler(DirectSubmissions(responder))
    }.get()
    try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
    func send(_ entry: [UInt8]) async throws {
      let head = HTTPRequest(
        method: .post, scheme: nil, authority: "localhost", path: "/entries",
        headerFields: [.contentLength: "\(entry.count)"])
      try await channel.writeInbound(HTTPRequestPart.head(head))
      try await channel.writeInbound(HTTPRequestPart.body(ByteBuffer(bytes: entry)))
      try await channel.writeInbound(HTTPRequestPart.end(nil))
    }
    func answer() async throws -> Int {
      guard case .head(let head) = try await channel.waitForOutboundWrite(as: HTTPResponsePart.self) else {
        return 0
      }
      for _ in 0..<2 { _ = try await channel.waitForOutboundWrite(as: HTTPResponsePart.self) }
      return head.status.code
    }
    channel.isWritable = false
    for number in 0..<3 { try await send(ledger.entry([UInt8(number)])) }
    #expect(try await answer() == 201)
    try await Task.sleep(for: .milliseconds(300))
    #expect(try await channel.readOutbound(as: HTTPResponsePart.self) == nil)
    #expect(committer.reader.size == 4, "a second one was committed")
    channel.isWritable = true
    channel.pipeline.fireChannelWritabilityChanged()
    #expect(try await answer() == 201)
    #expect(try await answer() == 201)
    _ = try await channel.finish()
    try await committer.stop()
  }

  @Test("who goes before the answer has a record all the same, and the node goes on")
  func goneBeforeTheAnswer() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entries = try (0..<20).map { try ledger.entry([UInt8($0)]) }
      for entry in entries {
        try await node.connected { wire in
          let head = "POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(entry.count)\r\n\r\n"
          try wire.send(Array(head.utf8) + entry)
        }
      }
      let again = try await node.connected { wire in try entries.map { try wire.post($0).status } }
      #expect(again.allSatisfy { $0 == 200 || $0 == 201 })
      #expect(again.contains(200), "none was taken before its sender went")
    }
  }
}
