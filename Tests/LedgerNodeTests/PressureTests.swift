import Foundation
import LedgerClient
import LedgerStore
import Logging
import Statements
import Synchronization
import TestKit
import Testing

@testable import LedgerNode

/// Keeps what a node logs.
final class KeptLog: Sendable {
  private struct Handler: LogHandler {
    let kept: KeptLog
    var metadata = Logger.Metadata()
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let (level, text) = (event.level, "\(event.message)")
      kept.state.withLock { $0.append((level, text)) }
      kept.heard.yield(text)
    }
  }

  private let state = Mutex<[(level: Logger.Level, text: String)]>([])
  private let heard: AsyncStream<String>.Continuation
  /// What is logged, as it is.
  let stream: AsyncStream<String>

  init() { (stream, heard) = AsyncStream.makeStream() }

  var lines: [(level: Logger.Level, text: String)] { state.withLock { $0 } }

  var logger: Logger { Logger(label: "test", factory: { _ in Handler(kept: self) }) }
}

@Suite("Under pressure", .timeLimit(.minutes(30))) struct PressureTests {
  private static let get = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"

  @Test("an address has its number of connections, is refused more with 429, and gets others when some end")
  func connectionsPerAddress() async throws {
    let ledger = try TestLedger()
    var settings = TestNode.patient
    settings.connectionsPerAddress = 4
    try await withNode(ledger, settings) { node in
      let port = node.port
      try await OwnThread.run {
        var wires = try (0..<4).map { _ in try Wire(port: port) }
        for wire in wires { #expect(try wire.request("GET", "/health").status == 200) }
        let refused = try Wire(port: port)
        let answer = try refused.response()
        #expect(answer.status == 429 && answer["retry-after"] == "10" && answer["connection"] == "close")
        #expect(try answer.json(ProblemDetails.self).code == "too-many-connections")
        #expect(refused.isClosed())
        #expect(try wires[0].request("GET", "/health").status == 200)
        wires.removeLast()
        // Until the node has noticed.
        while true {
          let wire = try Wire(port: port)
          do { if try wire.request("GET", "/health").status == 200 { break } } catch is Wire.Closed {}
        }
      }
    }
  }

  @Test("a head that does not come in time ends the connection: the first, and one behind an answer")
  func halfHeads() async throws {
    let ledger = try TestLedger()
    var settings = TestNode.patient
    settings.headTimeout = .seconds(5)
    let kept = KeptLog()
    try await withNode(ledger, settings, kept.logger) { node in
      let port = node.port
      try await OwnThread.run {
        let (silent, half, later) = (try Wire(port: port), try Wire(port: port), try Wire(port: port))
        try half.send("GET /checkp")
        try later.send(Self.get)
        #expect(try later.response().status == 200)
        try later.send("GET /checkpoint HTTP/1.1\r\nHost: localho")
        #expect(silent.isClosed() && half.isClosed() && later.isClosed())
      }
    }
    let lines = kept.lines.filter { $0.text.contains("no whole head") }
    #expect(lines.count == 3 && lines.allSatisfy { $0.text.hasPrefix("127.0.0.1: ") })
  }

  /// A ledger whose first bundle of entries has 15 MiB, and that bundle.
  static func largeBundle() async throws -> TestLedger {
    let ledger = try TestLedger()
    let committer = try Committer(LedgerWriter(ledger.folder, .inTests))
    let payload = [UInt8](repeating: 7, count: 64_000)
    for part in 0..<4 {
      let entries = try (0..<64).map { try ledger.entry(payload + [UInt8(part), UInt8($0)]) }
      var ranges: [Range<Int>] = []
      for entry in entries {
        let start = ranges.last?.upperBound ?? 0
        ranges.append(start..<start + entry.count)
      }
      let outcome = await committer.submit(Array(entries.joined()), at: ranges)
      #expect(outcome.interruption == nil)
    }
    try await committer.stop()
    return ledger
  }

  @Test("a bundle comes whole to who reads it, and who does not read loses the connection, which is logged")
  func unread() async throws {
    let ledger = try await Self.largeBundle()
    var settings = TestNode.patient
    settings.writeTimeout = .seconds(5)
    let kept = KeptLog()
    try await withNode(ledger, settings, kept.logger) { node in
      let port = node.port
      let (bundle, unread) = try await OwnThread.run {
        let bundle = try Wire(port: port).request("GET", "/tile/entries/000")
        let unread = try Wire(port: port)
        try unread.send("GET /tile/entries/000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return (bundle, Kept(unread))
      }
      let file = try ledger.file("entries/000000000000")
      #expect(bundle.body.count > 15 << 20 && bundle.body.elementsEqual(file.prefix(bundle.body.count)))
      for await line in kept.stream where line.contains("was not taken") {
        #expect(line.hasPrefix("127.0.0.1: "))
        break
      }
      withExtendedLifetime(unread) {}
    }
  }

  /// A connection that is only kept.
  private struct Kept: @unchecked Sendable {
    let wire: Wire
    init(_ wire: Wire) { self.wire = wire }
  }

  @Test("Expect: 100-continue is answered before the body, and a body that is not wanted is refused instead")
  func expectations() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entry = try ledger.entry([1])
      let port = node.port
      try await OwnThread.run {
        let wire = try Wire(port: port)
        let head = "POST /entries HTTP/1.1\r\nHost: localhost\r\n"
        try wire.send("\(head)Expect: 100-continue\r\nContent-Length: \(entry.count)\r\n\r\n")
        #expect(try wire.response().status == 100)
        try wire.send(entry)
        #expect(try wire.response().status == 201)
        #expect(try wire.request("GET", "/entries/2").body == entry)
        for (fields, status) in [
          ("Expect: 100-continue\r\nContent-Length: 70000", 413), ("Expect: tea\r\nContent-Length: 10", 417),
          ("Expect: 100-continue\r\nContent-Type: text/plain\r\nContent-Length: 10", 415),
        ] {
          let wire = try Wire(port: port)
          try wire.send("\(head)\(fields)\r\n\r\n")
          let answer = try wire.response()
          #expect(answer.status == status && answer["connection"] == "close", "\(fields)")
          #expect(wire.isClosed())
        }
      }
    }
  }

  @Test(
    "a request whose end or host is in doubt is 400 and the connection is closed",
    arguments: [
      "POST /entries HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
      "POST /entries HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcdefgh\r\n0\r\n\r\n",
      "POST /entries HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\nabc",
      "POST /entries HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
      "POST /entries HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
      "POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
      "GET /health HTTP/1.1\r\n\r\n", "GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
      "GET /health HTTP/1.0\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", "no HTTP at all\r\n\r\n",
    ])
  func inDoubt(_ request: String) async throws {
    let ledger = try TestLedger()
    let kept = KeptLog()
    try await withNode(ledger, TestNode.patient, kept.logger) { node in
      let (status, isClosed) = try await node.connected { wire in
        try wire.send(request)
        return (try wire.response().status, wire.isClosed())
      }
      #expect(status == 400 && isClosed)
    }
    #expect(!kept.lines.contains { $0.level >= .warning }, "\(kept.lines)")
    #expect(kept.lines.contains { $0.text.hasPrefix("127.0.0.1: a bad request") })
  }

  @Test("uploads that are broken off, and a flood of bad requests, write few lines, none of them an error")
  func limitedLog() async throws {
    let ledger = try TestLedger()
    let kept = KeptLog()
    let start = ContinuousClock.now
    try await withNode(ledger, TestNode.patient, kept.logger) { node in
      let port = node.port
      try await OwnThread.run {
        for number in 0..<60 {
          let wire = try Wire(port: port)
          switch number % 3 {
          case 0: try wire.send("GET /health HTTP/1.1\r\n\r\n")
          case 1: try wire.send("POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc")
          default:
            try wire.send("POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc")
            wire.reset()
          }
        }
        for _ in 0..<20 {
          let wire = try Wire(port: port)
          try wire.send("GET /health HTTP/1.1\r\n\r\n")
          #expect(try wire.response().status == 400)
        }
        #expect(try Wire(port: port).request("GET", "/health").json(NodeHealth.self).waiting == 0)
      }
    }
    let bad = kept.lines.filter { $0.text.contains("a bad request") }
    // Ten in each minute that was begun.
    let minutes = Int((ContinuousClock.now - start) / .seconds(60)) + 1
    #expect((1...10 * minutes).contains(bad.count))
    // Of what was reset before it was accepted nobody knows where it came from.
    #expect(bad.allSatisfy { $0.text.hasPrefix("127.0.0.1: ") || $0.text.hasPrefix("an unknown address: ") })
    #expect(!kept.lines.contains { $0.level >= .warning }, "\(kept.lines)")
  }

  @Test("a limited log says how many lines it left out, each minute and for each kind")
  func leftOut() {
    let kept = KeptLog()
    let log = LimitedLog(kept.logger)
    let start = ContinuousClock.now
    for number in 0..<25 { log.log(.badRequest, "\(number)", now: start) }
    log.log(.accept, "other", now: start)
    // One that does not answer for a minute does not hide another that doesn't.
    for name in ["v1", "v2", "v1"] { log.log(.peer(name), name, now: start) }
    for number in 0..<3 { log.log(.badRequest, "later \(number)", now: start + .seconds(60)) }
    #expect(
      kept.lines.map(\.text) == (0..<10).map { "\($0)" }
        + ["other", "v1", "v2", "later 0 (15 more lines like this were left out)", "later 1", "later 2"])
  }

  @Test("only the node's own names are its hosts: any other is 421, whatever it asks for")
  func hosts() async throws {
    let ledger = try TestLedger()
    var settings = TestNode.patient
    settings.hostNames = ["Ledger.example.org"]
    try await withNode(ledger, settings) { node in
      let port = node.port
      try await OwnThread.run {
        func status(_ host: String, _ line: String = "GET /health HTTP/1.1") throws -> Int {
          let wire = try Wire(port: port)
          try wire.send("\(line)\r\nHost: \(host)\r\n\r\n")
          return try wire.response().status
        }
        for host in [
          "localhost", "LocalHost:\(port)", "127.0.0.1", "127.0.0.1:80", "127.1.2.3", "[::1]", "[::1]:8080",
          "localhost.", "ledger.example.org", "ledger.example.org:443",
        ] { #expect(try status(host) == 200, "\(host)") }
        for host in [
          "", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.01", "10.0.0.1",
          "[::2]", "[::1", "[::1]evil", "ledger.example.org.evil", "xlocalhost", "0.0.0.0",
        ] {
          #expect(try status(host) == 421, "\(host)")
          #expect(try status(host, "GET /checkpoint HTTP/1.0") == 421, "\(host)")
        }
        let old = try Wire(port: port)
        try old.send("GET /health HTTP/1.0\r\n\r\n")
        #expect(try old.response().status == 200)
      }
    }
  }

  @Test("a member that has made its records of a minute is 429 with Retry-After, and others are not")
  func recordsPerMinute() async throws {
    let ledger = try TestLedger()
    var settings = TestNode.patient
    settings.recordsPerMinute = 1
    try await withNode(ledger, settings) { node in
      let own = try (0..<2).map { try ledger.entry([UInt8($0)]) }
      var forged = try ledger.entry([9], by: 1)
      forged[forged.count - 1] ^= 1
      let (other, bad) = (try ledger.entry([8], by: 1), forged)
      let sequence = own[1] + other
      try await node.connected { wire in
        // In another's name nobody uses anything up.
        for _ in 0..<5 { #expect(try wire.post(bad).status == 403) }
        #expect(try wire.post(own[0]).status == 201)
        #expect(try wire.post(other).status == 201)
        let whole = try wire.post(sequence, ["Content-Type: application/cbor-seq"])
        for answer in [try wire.post(own[1]), whole] {
          #expect(answer.status == 429)
          #expect((1...60).contains(answer["retry-after"].flatMap { Int($0) } ?? 0))
          #expect(try answer.json(ProblemDetails.self).code == "too-many-requests")
        }
      }
    }
  }

  @Test("a member's share comes in again as time goes, and no more than a minute's is kept")
  func rates() throws {
    let rates = MemberRates(perMinute: 60)
    let start = ContinuousClock.now
    rates.count(90, of: "a", now: start)
    for (seconds, isAllowed) in [(0, false), (30, false), (32, true)] {
      let now = start + .seconds(seconds)
      let isGiven: Bool
      do {
        try rates.require(["b", "a"], now: now)
        isGiven = true
      } catch { isGiven = false }
      #expect(isGiven == isAllowed, "\(seconds)")
    }
    rates.count(60, of: "a", now: start + .seconds(1000))
    #expect(throws: NodeProblem.self) { try rates.require(["a"], now: start + .seconds(1000)) }
  }

  @Test("an address has half of the room for bodies at most, and gets it back")
  func room() throws {
    let visitors = Visitors(connectionLimit: 1, byteLimit: 100)
    let (one, two) = (
      VisitorAddress(try .init(ipAddress: "10.0.0.1", port: 1)),
      VisitorAddress(try .init(ipAddress: "2001:db8::1", port: 1))
    )
    #expect(two == VisitorAddress(try .init(ipAddress: "2001:db8::2", port: 2)))
    #expect(one == VisitorAddress(try .init(ipAddress: "::ffff:10.0.0.1", port: 2)))
    do {
      let (first, second, third) = (
        Visitors.Share(visitors, one), Visitors.Share(visitors, one), Visitors.Share(visitors, two)
      )
      #expect(first.add(30) == .given && second.add(20) == .given && second.add(1) == .tooMuchForOne)
      #expect(third.add(50) == .given && third.add(1) == .full)
      withExtendedLifetime((first, second, third)) {}
    }
    #expect(Visitors.Share(visitors, two).add(50) == .given)
    #expect(visitors.enter(one) && !visitors.enter(one) && visitors.enter(two))
    visitors.leave(one)
    #expect(visitors.enter(one))
  }
}
