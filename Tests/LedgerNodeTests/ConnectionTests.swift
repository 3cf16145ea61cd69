import Foundation
import LedgerClient
import LedgerStore
import Statements
import Testing

@testable import LedgerNode

@Suite("One connection", .timeLimit(.minutes(30))) struct ConnectionTests {
  static let head = "POST /entries HTTP/1.1\r\nHost: localhost\r\n"

  /// A request, and the status that its answer has; nil for 201, or 200 where the statement is known.
  private struct Step: Sendable {
    let bytes: [UInt8]
    let status: Int?

    init(_ line: String, _ body: [UInt8]? = nil, _ status: Int?) {
      let length = body.map { "Content-Length: \($0.count)\r\n" } ?? ""
      bytes = Array("\(line)\r\nHost: localhost\r\n\(length)\r\n".utf8) + (body ?? [])
      self.status = status
    }
  }

  @Test("answers come in the order of their requests, however the bytes are cut")
  func pipelined() async throws {
    let ledger = try TestLedger()
    let post = "POST /entries HTTP/1.1"
    var steps = [
      Step(post, try ledger.entry([0]), nil), Step(post, Array("hello".utf8), 400),
      Step(post, try ledger.entry([1]), nil), Step("GET /nothing HTTP/1.1", nil, 404),
      Step(post, try ledger.entry([2]), nil), Step("GET /checkpoint HTTP/1.1", nil, 200),
    ]
    try await withNode(ledger) { node in
      var places: [UInt64] = []
      // Each request stands once in each place.
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
      #expect(places.count == 6 * 3 * 3 && Set(places).count == 3)
    }
  }

  @Test("each answer has the date in the form of RFC 9110, and the server's name")
  func date() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entry = try ledger.entry([1])
      let responses = try await node.connected { wire in
        [try wire.post(entry), try wire.post([1]), try wire.request("GET", "/nothing")]
      }
      let form = DateFormatter()
      form.locale = Locale(identifier: "en_US_POSIX")
      form.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
      for response in responses {
        #expect(response["date"].flatMap { form.date(from: $0) } != nil && response["server"] == "zheng")
      }
    }
  }

  @Test("who says that nothing more comes is answered, and then the connection is closed")
  func halfClosed() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entry = try ledger.entry([1])
      let (status, isClosed) = try await node.connected { wire in
        try wire.send(Array("\(Self.head)Content-Length: \(entry.count)\r\n\r\n".utf8) + entry)
        wire.finishSending()
        return (try wire.response().status, wire.isClosed())
      }
      #expect(status == 201 && isClosed)
    }
  }

  @Test("what follows a submission and is no HTTP is refused after its answer")
  func garbageBehind() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entry = try ledger.entry([1])
      let (first, second, isClosed) = try await node.connected { wire in
        let head = "\(Self.head)Content-Length: \(entry.count)\r\n\r\n"
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
      let head = "\(Self.head)Content-Length: \(entry.count)\r\n\r\n"
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

  @Test("who goes before the answer has a record all the same, and the node goes on")
  func goneBeforeTheAnswer() async throws {
    let ledger = try TestLedger()
    var settings = TestNode.patient
    let conditions = settings.committer.conditions()
    try await withNode(ledger, settings) { node in
      let entries = try (0..<20).map { try ledger.entry([UInt8($0)]) }
      for entry in entries {
        try await node.connected { wire in
          try wire.send(Array("\(Self.head)Content-Length: \(entry.count)\r\n\r\n".utf8) + entry)
        }
      }
      await conditions.reach { $0.statementCount > 0 }
      let again = try await node.connected { wire in try entries.map { try wire.post($0).status } }
      #expect(again.allSatisfy { $0 == 200 || $0 == 201 })
      #expect(again.contains(200), "none was taken before its sender went")
    }
  }
}
