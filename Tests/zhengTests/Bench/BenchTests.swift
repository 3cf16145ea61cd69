import Foundation
import LedgerCrypto
import TestKit
import Testing

@testable import Measures
@testable import zheng

@Suite("zheng bench", .timeLimit(.minutes(30)))
struct BenchTests {
  private static let long = ConditionTrait.enabled(if: Soak.isOn, "long: make soak runs it")

  /// What each command measures, at sizes that say nothing.
  static let commands: [(arguments: [String], measures: [String])] = [
    (
      ["hash", "--seconds", "0.05"],
      ["node", "single-node", "leaves-256", "leaves-1024", "leaves-4096", "lanes-65", "evp-one-shot-1048576"]
    ),
    (
      ["merkle", "--leaves", "300", "--block", "7", "--seconds", "0.05"],
      ["root", "frontier-blocks", "frontier-single"]
    ),
    (
      ["verify-signature", "--keys", "2", "--batch", "16", "--seconds", "0.05"],
      ["known-keys", "one-known-key", "ordinary-batches", "ordinary"]
    ),
    (
      [
        "append", "--sequences", "3", "--sequence", "20", "--submitters", "2", "--posts", "20", "--clients",
        "4",
        "--members", "2",
      ], ["append-sequences", "append-indexed", "append-posts", "append-posts-minimal"]
    ),
    (
      ["validate", "--records", "60", "--small-records", "20", "--members", "2"],
      ["full", "cores", "growth", "memory", "hashes-only"]
    ),
    (["store", "--blocks", "2", "--block", "8"], ["store", "store-indexed"]),
    (
      ["prove", "--leaves", "70000", "--proofs", "4", "--records", "20"],
      [
        "inclusion", "inclusion-check", "consistency", "consistency-check", "open", "prove-record",
        "check-record",
      ]
    ),
    (
      ["state-tree", "--keys", "3000", "--blocks", "1", "--proofs", "4"],
      ["state-upkeep", "state-proof", "state-proof-check", "state-proof-bytes", "state-open", "state-memory"]
    ),
    (["rules", "--records", "16"], ["evidence-rules", "evidence-whole", "sharing-rules", "sharing-whole"]),
    (
      ["stages", "--seconds", "0.05"],
      ["decode-entry", "check-entry", "judge-record", "sign-ed25519", "commit-1", "commit-4096"]
    ),
  ]

  @Test(
    "each gives one well-formed object a measure, and a chart of the same values", long, arguments: commands)
  func measures(arguments: [String], measures: [String]) async throws {
    let box = try Sandbox()
    let outcome = try await box.program(
      ["bench"] + arguments + ["--rounds", "3", "--json", "--plot", "chart.svg"])
    try #require(outcome.status == 0, "\(outcome.errors)")
    let objects = try outcome.objects
    let ids = objects.compactMap { $0["measure"] as? String }
    #expect(ids.count == objects.count && Set(ids).count == ids.count)
    #expect(Set(measures).isSubset(of: ids), "\(ids)")
    let chart = try Chart(String(decoding: try box.read("chart.svg"), as: UTF8.self))
    for object in objects { try judge(object, chart) }
  }

  private func judge(_ object: [String: Any], _ chart: Chart) throws {
    func number(_ name: String) throws -> Double {
      try #require(object[name] as? Double, "\(name): \(object)")
    }
    let id = try #require(object["measure"] as? String)
    let machine = try #require(object["machine"] as? [String: Any])
    #expect((machine["libcrypto"] as? String)?.hasPrefix("OpenSSL") == true && machine["kernels"] is [String])
    let figure = try number("figure")
    #expect(try number("figureMin") <= figure && figure <= number("figureMax"), "\(id)")
    var judged = figure
    if object["yardstick"] is String {
      let yardstick = try number("yardstickFigure")
      #expect(try number("yardstickMin") <= yardstick && yardstick <= number("yardstickMax"), "\(id)")
      judged = try number("ratio")
      // JSON has three digits behind the point.
      let slack = 0.001 + judged * (0.001 / figure + 0.001 / yardstick)
      #expect(abs(judged - figure / yardstick) <= slack, "\(id): \(judged), \(figure) / \(yardstick)")
      if object["better"] is String {
        #expect(abs(try #require(chart.bars[id]) - judged) <= 0.001 + judged * 0.01, "\(id)")
      }
    } else {
      #expect(object["ratio"] is NSNull)
    }
    guard let better = object["better"] as? String else {
      #expect(object["must"] is NSNull && object["aim"] is NSNull && object["reached"] is NSNull)
      return
    }
    let must = try number("must")
    let aim = object["aim"] as? Double
    func passes(_ limit: Double) -> Bool { better == "more" ? judged >= limit : judged <= limit }
    let expected = aim.map(passes) == true ? "aim" : passes(must) ? "must" : "no"
    #expect(object["reached"] as? String == expected, "\(id): \(judged)")
  }

  @Test(
    "a report has every measurement, with a chart for each, and is made anew in the place of the last", long)
  func report() async throws {
    let box = try Sandbox()
    try box.makeFolder("out")
    try box.write("out/REPORT.md", "old\n")
    let outcome = try await box.program("bench", "report", "--out", "out", "--trial", "--json")
    try #require(outcome.status == 0, "\(outcome.errors)")
    #expect(try outcome.json["report"] as? String == "out/REPORT.md")
    let report = String(decoding: try box.read("out/REPORT.md"), as: UTF8.self)
    #expect(report.hasPrefix("# Measured\n") && report.contains("OpenSSL 3") && !report.contains(box.path))
    let charts = try box.names("out/charts")
    let commands = [
      "hash", "merkle", "verify-signature", "validate", "append", "store", "prove", "state-tree", "rules",
      "stages",
    ]
    for command in commands + (Self.hasSHAInstructions ? ["hash-without-sha"] : []) {
      #expect(report.contains("`zheng bench \(command) "), "\(command)")
      // A chart shows ratios to goals; the stages have none.
      let hasChart = command != "stages"
      #expect(report.contains("](charts/\(command).svg)") == hasChart, "\(command)")
      #expect(charts.contains("\(command).svg") == hasChart, "\(command)")
    }
    let summary = try Chart(String(decoding: try box.read("out/charts/summary.svg"), as: UTF8.self))
    for id in ["node", "known-keys", "full", "append-sequences", "store", "inclusion"] {
      #expect(summary.bars[id] != nil && summary.aims[id] != nil, "\(id)")
    }
  }

  @Test(
    "without SHA instructions every kernel that does without is measured, and no other", long,
    .enabled(if: hasSHAInstructions, "this machine has no SHA instructions of x86"))
  func withoutSHA() async throws {
    let box = try Sandbox()
    let outcome = try await box.program(
      "bench", "hash-without-sha", "--seconds", "0.05", "--rounds", "1", "--json")
    try #require(outcome.status == 0, "\(outcome.errors)")
    let objects = try outcome.objects
    let kernels = LaneKernel.all.filter { $0.state == .used || $0.state == .spare }.map(\.name)
    let others = kernels.filter { !$0.hasPrefix("sha") }
    #expect(others.count < kernels.count)
    #expect(
      Set(objects.compactMap { $0["measure"] as? String })
        == Set(others.flatMap { kernel in [65, 256, 1024, 4096, 16_384].map { "lanes-\(kernel)-\($0)" } }))
    #expect(objects.allSatisfy { $0["must"] as? Double == 1 && $0["rounds"] as? Int == 1 })

    // Where OpenSSL has the instructions there is nothing to compare with.
    let usual = try await box.must("$ZHENG bench hash --seconds 0.02 --rounds 1 --json").output
    #expect(throws: CommandError.self) { try HashWithoutSHABench.measures(in: usual) }

    // A heading tells what OpenSSL has been told, for figures against it are then no honest ones.
    let table = try await box.must("OPENSSL_ia32cap=:~0x20000000 $ZHENG bench hash --seconds 0.02 --rounds 1")
      .text
    #expect(table.contains(", told OPENSSL_ia32cap=:~0x20000000"))
    #expect(!(try await box.must("$ZHENG bench hash --seconds 0.02 --rounds 1").text.contains("told")))
  }

  @Test(
    "what OpenSSL says of its use of the processor is read as the openssl command has it",
    .enabled(if: hasSHAInstructions, "this machine has no SHA instructions of x86"))
  func librarySettings() async throws {
    let box = try Sandbox()
    let lines = try await box.must(
      "env -u OPENSSL_ia32cap openssl version -c; OPENSSL_ia32cap=:~0x20000000 openssl version -c"
    ).lines
    try #require(lines.count == 2)
    let settings = lines.map { LibrarySettings($0.replacingOccurrences(of: "CPUINFO: ", with: "")) }
    let (usual, without) = (settings[0], settings[1])
    #expect(usual.usesSHA == true && usual.told == nil)
    #expect(without.usesSHA == false && without.told == "OPENSSL_ia32cap=:~0x20000000")
    for text in ["", "OPENSSL_armcap=0x3d", "OPENSSL_ia32cap=0x1:", "OPENSSL_ia32cap=0x1:none"] {
      #expect(LibrarySettings(text).usesSHA == nil, "\(text)")
    }
  }

  @Test(
    "what is interrupted takes the process with it that it has begun, and be it just begun", long,
    .enabled(if: hasSHAInstructions, "this machine has no SHA instructions of x86"),
    .enabled(if: listsChildren, "this system does not list the processes that one has begun"))
  func interruptedWithChild() async throws {
    let box = try Sandbox()
    for _ in 0..<10 {
      let process = try box.start(
        "env", ["--default-signal", Sandbox.binary, "bench", "hash-without-sha", "--seconds", "3600"])
      let found = try await OwnThread.run { [self] in
        var found: Int32?
        while process.isRunning, found == nil {
          found = child(of: process.processIdentifier)
          sched_yield()
        }
        return found
      }
      let number = try #require(found)
      process.send(SIGINT)
      #expect(try await process.ended() == 128 + SIGINT)
      // Whoever has it now may take a moment to bury it.
      let isAlive = try await OwnThread.run { [self] in
        func isAlive() -> Bool { field("State", of: number).map { $0 != "Z" } ?? false }
        let end = ContinuousClock.now + .seconds(60)
        while isAlive(), .now < end { sched_yield() }
        return isAlive()
      }
      if isAlive {
        Issue.record("the process that it has begun goes on")
        kill(number, SIGKILL)
      }
    }
  }

  private static let listsChildren = FileManager.default.fileExists(atPath: "/proc/thread-self/children")

  /// A process that `process` has begun; nil where it has none.
  private func child(of process: Int32) -> Int32? {
    let threads = "/proc/\(process)/task"
    let lists = (try? FileManager.default.contentsOfDirectory(atPath: threads))?.compactMap {
      try? String(contentsOfFile: "\(threads)/\($0)/children", encoding: .utf8)
    }
    return lists?.lazy.flatMap { $0.split(separator: " ") }.compactMap { Int32($0) }.first
  }

  /// What `/proc` says of a process; nil where there is none any more.
  private func field(_ name: String, of process: Int32) -> Substring? {
    let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix("\(name):") }
    return line?.split(whereSeparator: \.isWhitespace)[1]
  }

  private static let hasSHAInstructions =
    LaneKernel.all.contains { $0.name == "sha-ni-2" && $0.state != .unsupported }

  @Test("a scratch folder goes although somebody still writes there")
  func writingOn() async throws {
    let box = try Sandbox()
    let path = box.path
    try await OwnThread.run {
      let (begun, ended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
      try ScratchFolder.with(in: path, { Issue.record("\($0)") }) { path in
        Thread.detachNewThread {
          var count = 0
          while count < 50_000, mkdir("\(path)/\(count)", 0o755) == 0 {
            count += 1
            if count == 100 { begun.signal() }
          }
          begun.signal()
          ended.signal()
        }
        begun.wait()
      }
      ended.wait()
    }
    #expect(try box.names().isEmpty)
  }

  @Test("what is interrupted leaves nothing behind", long, arguments: ["", "/log/tiles/0"])
  func interrupted(having file: String) async throws {
    let box = try Sandbox()
    try box.makeFolder("scratch")
    for _ in 0..<5 {
      let process = try box.start(
        "env",
        [
          "--default-signal", Sandbox.binary, "bench", "prove", "--leaves", "1000000000", "--folder",
          "scratch",
        ])
      let scratch = "\(box.path)/scratch"
      try await OwnThread.run {
        func hasBegun() throws -> Bool {
          try FileManager.default.contentsOfDirectory(atPath: scratch).contains {
            FileManager.default.fileExists(atPath: "\(scratch)/\($0)\(file)")
          }
        }
        while process.isRunning, try !hasBegun() { sched_yield() }
      }
      process.send(SIGINT)
      #expect(try await process.ended() == 128 + SIGINT)
      try #require(box.names("scratch").isEmpty)
    }
  }

  @Test("as text it is a table below the machine's features, with a line for each measure")
  func table() async throws {
    let box = try Sandbox()
    let outcome = try await box.zheng(
      "bench", "merkle", "--leaves", "100", "--block", "10", "--seconds", "0.02")
    try #require(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.lines.first?.hasPrefix("processor") == true)
    let head = try #require(outcome.lines.firstIndex { $0.hasPrefix("measure ") })
    #expect(outcome.lines.count == head + 4)
    #expect(
      outcome.lines[head + 1].hasPrefix("root of 100 leaves") && outcome.lines[head + 1].contains("≥ 8"))
  }

  @Test("a chart is never written over a file, and that is said before anything is measured")
  func keepsFiles() async throws {
    let box = try Sandbox()
    try box.write("chart.svg", "mine")
    let outcome = try await box.zheng("bench", "hash", "--seconds", "3000", "--plot", "chart.svg")
    #expect(outcome.status == 73 && outcome.errors.contains("never overwritten"))
    #expect(try box.read("chart.svg") == Data("mine".utf8))
  }

  @Test(
    "what can't be measured is wrong usage",
    arguments: [
      ["hash", "--seconds", "0"], ["hash", "--rounds", "0"], ["merkle", "--leaves", "1"],
      ["merkle", "--leaves", "10", "--block", "11"], ["verify-signature", "--keys", "0"],
      ["verify-signature", "--keys", "8", "--batch", "4"], ["rules", "--records", "0"],
      ["append", "--clients", "0"], ["append", "--sequence", "0"],
      ["validate", "--records", "0"], ["store", "--block", "0"], ["prove", "--leaves", "1"],
      ["state-tree", "--keys", "0"],
      ["stages", "--seconds", "0"],
      ["report"],
    ])
  func usage(arguments: [String]) async throws {
    #expect(try await Sandbox().zheng(["bench"] + arguments).status == 64)
  }
}
