import Foundation
import Ledger
import LedgerClient
import LedgerNode
import LedgerStore
import Statements
import Synchronization
import TestKit
import Testing

@Suite("Anything over HTTP", .timeLimit(.minutes(30))) struct FuzzTests {
  /// A hundredth of a parser's inputs, since each is a request; 10,000 at the soak's million.
  static let count = max(200, Fuzzing.inputs / 100)

  @Test("random and mutated bodies get an answer each, and nothing gets in that is not what was signed")
  func bodies() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let samples = try (0..<8).map {
        try ledger.entry([UInt8](repeating: UInt8($0), count: $0 * 40), by: $0 % 3)
      }
      let known = Set(try samples.map { try SignedStatement(decoding: $0).id.hex })
      let port = node.port
      try await OwnThread.run {
        var wire = try Wire(port: port)
        try Fuzzing.run("HTTP bodies", samples: samples, inputs: Self.count) { body in
          let response = try wire.post(body)
          #expect([200, 201, 400, 403, 413, 422].contains(response.status), "\(response.status)")
          if response.status < 300 {
            #expect(known.contains(try response.json(NodeReceipt.self).id))
          }
        }
        wire = try Wire(port: port)
        #expect(try wire.request("GET", "/health").json(NodeHealth.self).status == .ok)
      }
    }
  }

  @Test("random and mutated requests end in an answer or a closed connection")
  func requests() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entry = try ledger.entry([1])
      let samples: [[UInt8]] =
        [
          "GET /tile/0/x001/x234/067.p/8 HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "GET /entries/0 HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "HEAD /proof/0?at=head HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain;q=0.3, */*\r\n\r\n",
          "POST /entries HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n",
          "GET http://localhost/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
          "OPTIONS * HTTP/1.1\r\n\r\n",
        ].map { Array($0.utf8) } + [
          Array("POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(entry.count)\r\n\r\n".utf8)
            + entry
        ]
      let port = node.port
      try await OwnThread.run {
        try Fuzzing.run("HTTP requests", samples: samples, inputs: Self.count) { request in
          let wire = try Wire(port: port)
          do {
            try wire.send(request)
            wire.finishSending()
            #expect((200..<600).contains(try wire.response(hasBody: false).status))
          } catch is Wire.Closed {}
        }
        #expect(try Wire(port: port).request("GET", "/health").json(NodeHealth.self).status == .ok)
      }
    }
  }
}
