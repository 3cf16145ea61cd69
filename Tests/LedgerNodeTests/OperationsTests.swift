import Foundation
import Ledger
import LedgerClient
import LedgerStore
import Logging
import Synchronization
import TestKit
import Testing

@testable import LedgerNode

/// Issue 17, Operations: what a node says of itself, and that it stops before its disk is full.
@Suite("How a node is doing", .timeLimit(.minutes(30)))
struct OperationsTests {
  @Test(
    "with too little left on the disk nothing is taken, and the node says so; when there is room again all goes on"
  )
  func lowSpace() async throws {
    let ledger = try TestLedger()
    var settings = TestNode.patient
    settings.leastFreeByteCount = .max
    let entry = try ledger.entry("text".utf8)
    try await withNode(ledger, settings) { node in
      try await node.connected { wire in
        let refused = try wire.post(entry)
        #expect(refused.status == 503 && refused["retry-after"] == nil)
        #expect(try refused.json(ProblemDetails.self).code == "low-space")
        let answer = try wire.request("GET", "/health")
        let health = try answer.json(NodeHealth.self)
        #expect(answer.status == 503 && health.status == .space && health.live && !health.ready)
        #expect(
          health.reasons.map(\.code) == ["low-space"] && health.failure?.contains("MiB are left") == true)
        #expect(try wire.request("GET", "/entries/0").status == 200)
        let metrics = try wire.request("GET", "/metrics").text
        #expect(
          metrics.contains("zheng_refusals_total{code=\"low-space\"} 1\n")
            && metrics.contains("zheng_ready 0\n"))
      }
    }
    try await withNode(ledger) { node in
      try await node.connected { wire in
        #expect(try wire.post(entry).status == 201)
        let health = try wire.request("GET", "/health").json(NodeHealth.self)
        #expect(health.status == .ok && health.live && health.ready && health.reasons == [])
      }
    }
  }

  @Test("metrics count what became of statements, and are for this machine's programs alone")
  func metrics() async throws {
    let ledger = try TestLedger()
    let (one, other) = (try ledger.entry([1]), try ledger.entry([2]))
    try await withNode(ledger) { node in
      try await node.connected { wire in
        for entry in [one, one, other] { _ = try wire.post(entry) }
        _ = try wire.post([0])
        _ = try wire.post(one + one, ["Content-Type: application/cbor-seq"])
        let answer = try wire.request("GET", "/metrics")
        #expect(answer.status == 200 && answer["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        let samples = try Self.samples(answer.text)
        #expect(samples["zheng_appends_total{outcome=\"recorded\"}"] == 2)
        #expect(samples["zheng_appends_total{outcome=\"duplicate\"}"] == 3)
        #expect(samples["zheng_refusals_total{code=\"malformed\"}"] == 1)
        #expect(samples["zheng_commit_seconds_count"] == 4 && samples["zheng_ready"] == 1)
        #expect(samples["zheng_commit_seconds_bucket{le=\"+Inf\"}"] == 4)
        #expect(samples["zheng_blocks"] == 2 && samples["zheng_queue_statements"] == 0)
        #expect(samples["zheng_block_seconds_count"].map { $0 >= 2 } == true)
        #expect(samples["zheng_disk_free_bytes"].map { $0 > 0 } == true)
        #expect(samples["zheng_responses_total{status=\"201\"}"] == 2)
        // What a proxy on this machine passes on comes from elsewhere.
        #expect(try wire.request("GET", "/metrics", ["X-Forwarded-For: 203.0.113.7"]).status == 403)
      }
    }
    var settings = TestNode.patient
    settings.metricsReaders = .public
    try await withNode(ledger, settings) { node in
      let answer = try await node.connected {
        try $0.request("GET", "/metrics", ["X-Forwarded-For: 203.0.113.7"])
      }
      #expect(answer.status == 200)
    }
    try await withNode(ledger) { node in
      let answer = try await node.connected { try $0.request("GET", "/metrics", ["Via: 1.1 proxy"]) }
      #expect(answer.status == 403)
    }
  }

  private static func hasPrometheusClient() async throws -> Bool {
    guard Shell.has("python3") else { return false }
    return try await Shell.run("python3", ["-c", "import prometheus_client"]).status == 0
  }

  @Test(
    "PyPI's prometheus-client reads the metrics, each of its kind and with its help",
    .enabled("there is no python3 with prometheus-client on this machine") { try await hasPrometheusClient() }
  )
  func prometheusClient() async throws {
    let program = """
      import sys
      from prometheus_client.parser import text_string_to_metric_families
      for family in text_string_to_metric_families(sys.stdin.read()):
          assert family.documentation and family.samples, family
          count = sum(s.value for s in family.samples if s.name.endswith(("_total", "_count")))
          print(f"{family.name} {family.type} {count:g}")
      """
    let ledger = try TestLedger()
    let entry = try ledger.entry([1])
    try await withNode(ledger) { node in
      let text = try await node.connected { wire in
        for bytes in [entry, [0]] { _ = try wire.post(bytes) }
        return try wire.request("GET", "/metrics").text
      }
      let read = try await Shell.run("python3", ["-c", program], input: Array(text.utf8))
      #expect(read.status == 0, "\(read.errorText)")
      let lines = Set(
        String(decoding: read.standardOutput, as: UTF8.self).split(separator: "\n").map(String.init))
      let names = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
      #expect(lines.count == names.count && names.count >= 12)
      for line in [
        "zheng_appends counter 1", "zheng_refusals counter 1", "zheng_commit_seconds histogram 1",
        "zheng_ready gauge 0",
      ] { #expect(lines.contains(line), "\(lines)") }
    }
  }

  /// The samples of a text in Prometheus' format, each line of which must be one, a comment or a type.
  private static func samples(_ text: String) throws -> [String: Double] {
    var samples: [String: Double] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("# ") {
      let match = try #require(
        line.wholeMatch(of: /([a-z_]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})?) (\S+)/), "\(line)")
      let value = try #require(Double(String(match.2)), "\(line)")
      samples[String(match.1)] = value
    }
    #expect(text.hasSuffix("\n") && text.contains("# TYPE zheng_appends_total counter\n"))
    return samples
  }

  @Test("a text of metrics is escaped, in order, and of one kind a name")
  func text() {
    let factory = PrometheusFactory()
    factory.describe("a.b", "Says \"what\\it\"\nis.")
    factory.makeCounter(label: "a.b", dimensions: [("x", "\"\\\n"), ("é", "1")]).increment(by: 2)
    factory.makeCounter(label: "a.b", dimensions: []).increment(by: 1)
    factory.makeMeter(label: "a.b", dimensions: []).set(9 as Double)
    factory.makeRecorder(label: "2", dimensions: [], aggregate: false).record(0.5)
    let timer = factory.makeTimer(label: "t", dimensions: [("y", "z")])
    for nanoseconds in [1_000_000, 1_000_001, 20_000_000_000] as [Int64] {
      timer.recordNanoseconds(nanoseconds)
    }
    let lines = factory.text.split(separator: "\n").map(String.init)
    #expect(
      lines.prefix(6) == [
        "# TYPE _2 gauge", "_2 0.5", "# HELP a_b Says \"what\\\\it\"\\nis.", "# TYPE a_b counter", "a_b 1",
        "a_b{__=\"1\",x=\"\\\"\\\\\\n\"} 2",
      ])
    #expect(
      lines[6..<9] == [
        "# TYPE t histogram", "t_bucket{y=\"z\",le=\"0.001\"} 1", "t_bucket{y=\"z\",le=\"0.0025\"} 2",
      ])
    #expect(
      lines.suffix(3) == [
        "t_bucket{y=\"z\",le=\"+Inf\"} 3", "t_sum{y=\"z\"} 20.002000001", "t_count{y=\"z\"} 3",
      ])
  }

  @Test("each answer names its request, and the log knows it by the same name")
  func requestIDs() async throws {
    let ledger = try TestLedger()
    let lines = LogLines()
    var logger = Logger(label: "test", factory: { _ in lines })
    logger.logLevel = .debug
    try await withNode(ledger, TestNode.patient, logger) { node in
      let (one, other) = try await node.connected { wire in
        (try wire.request("GET", "/health"), try wire.request("GET", "/nothing"))
      }
      let (first, second) = (try #require(one["x-request-id"]), try #require(other["x-request-id"]))
      #expect(first.count == 16 && first != second)
      let logged = lines.all
      #expect(
        logged.contains { $0["request"] == "\(first)" && $0["path"] == "/health" && $0["status"] == "200" })
      #expect(logged.contains { $0["request"] == "\(second)" && $0["status"] == "404" })
    }
  }
}

/// What is logged with metadata.
final class LogLines: LogHandler, Sendable {
  private let lines = Mutex<[Logger.Metadata]>([])

  var all: [Logger.Metadata] { lines.withLock { $0 } }

  var logLevel: Logger.Level {
    get { .debug }
    set {}
  }
  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  subscript(metadataKey _: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }

  func log(event: LogEvent) {
    if let metadata = event.metadata { lines.withLock { $0.append(metadata) } }
  }
}
