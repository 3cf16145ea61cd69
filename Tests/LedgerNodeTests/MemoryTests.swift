import Foundation
import LedgerStore
import Statements
import TestKit
import Testing

@Suite("A node's memory", .timeLimit(.minutes(30))) struct MemoryTests {
  /// The program that is looked at, by its files below /proc.
  private struct Watched {
    let process: Int32

    /// Anonymous memory in MB.
    func anonymous() throws -> Int {
      let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
      let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") })
      return try #require(
        line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) })
        / 1000
    }

    /// The processor time that it has used, in clock ticks of 10 ms.
    func ticks() throws -> Int {
      let stat = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
      let fields = try #require(stat.split(separator: ")").last).split(separator: " ")
      return try #require(Int(fields[11])) + #require(Int(fields[12]))
    }

    func openFiles() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
    }

    func limitFiles(to count: Int) throws {
      typealias Limit =
        @convention(c) (Int32, UInt32, UnsafePointer<rlimit>?, UnsafeMutablePointer<rlimit>?) -> Int32
      // Not among what Glibc's module shows.
      let symbol = try #require(dlsym(nil, "prlimit"))
      var limit = rlimit(rlim_cur: UInt(count), rlim_max: 4096)
      #expect(
        unsafeBitCast(symbol, to: Limit.self)(process, UInt32(RLIMIT_NOFILE.rawValue), &limit, nil) == 0)
    }
  }

  private static let health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"

  @Test(
    "who does not read, sends half or opens all there is costs a node no more than 200 MB, and no processor time"
  )
  func pressure() async throws {
    let ledger = try await PressureTests.largeBundle()
    let binary = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
      .deletingLastPathComponent().appending(path: "zheng").path
    let log = ledger.root + "/log"
    try #require(FileManager.default.createFile(atPath: log, contents: nil))
    let program = try RunningProgram(
      "/bin/sh",
      [
        "-c",
        "ulimit -n 4096; exec \"$0\" node \"$1\" --adopt-head --listen 127.0.0.1:0 --read public --connections-per-address 600",
        binary, ledger.folder.path,
      ], in: ledger.root, environment: ["ZHENG_STATE": ledger.root + "/state"],
      errors: try #require(FileHandle(forWritingAtPath: log)))
    let first = try #require(try await program.line())
    let port = try #require(first.split(separator: ":").last.flatMap { Int($0) })
    let watched = Watched(process: program.processIdentifier)
    try await OwnThread.run {
      /// The most anonymous memory while `wires` are held, from when the node has come to answer others.
      func most(_ what: String, _ wires: [Wire]) throws {
        var most = 0
        let other = try Wire(port: port)
        for _ in 0..<20 {
          #expect(try other.request("GET", "/health").status == 200)
          most = max(most, try watched.anonymous())
          usleep(20_000)
        }
        print("anonymous memory, \(what): \(most) MB")
        #expect(most < 200, "\(what)")
        withExtendedLifetime(wires) {}
      }
      let usual = try watched.openFiles()
      /// Returns when those before have all been noticed to be gone: one address has a limit.
      func settle() throws { while try watched.openFiles() > usual + 10 { usleep(20_000) } }
      func wires(_ count: Int, _ body: (Wire) throws -> Void) throws -> [Wire] {
        try settle()
        return try (0..<count).map { _ in
          let wire = try Wire(port: port)
          do { try body(wire) } catch is Wire.Closed {}
          return wire
        }
      }
      try most("nothing", [])
      try most(
        "60 that do not read bundles",
        try wires(60) { try $0.send("GET /tile/entries/000 HTTP/1.1\r\nHost: localhost\r\n\r\n") })
      let field = "X-A: " + String(repeating: "a", count: 15_000) + "\r\n"
      try most(
        "500 half heads",
        try wires(500) { try $0.send("GET / HTTP/1.1\r\nHost: localhost\r\n\(field)\(field)") })
      let post = "POST /entries HTTP/1.1\r\nHost: localhost\r\n"
      try most(
        "500 half entries",
        try wires(500) {
          try $0.send(
            Array("\(post)Content-Length: 65535\r\n\r\n".utf8) + [UInt8](repeating: 1, count: 60_000))
        })
      let half = [UInt8](repeating: 1, count: 6 << 20)
      try most(
        "20 half sequences",
        try wires(20) {
          $0.giveUp(after: 1)
          try $0.send("\(post)Content-Type: application/cbor-seq\r\nContent-Length: 8388608\r\n\r\n")
          try $0.send(half)
        })
      let many = String(repeating: "GET /entries/100 HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 400)
      try most(
        "200 that pipeline and do not read",
        try wires(200) {
          $0.giveUp(after: 1)
          try $0.send(many)
        })

      // No more descriptors.
      let wire = try Wire(port: port)
      #expect(try wire.request("GET", "/health").status == 200)
      try settle()
      try watched.limitFiles(to: watched.openFiles() + 5)
      let waiting = try wires(40) { try $0.send(Self.health) }
      func lines() throws -> [Substring] {
        try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").filter {
          $0.contains("no connection can be accepted")
        }
      }
      while try lines().isEmpty { usleep(20_000) }
      let (before, start) = (try watched.ticks(), ContinuousClock.now)
      usleep(2_000_000)
      let elapsed = (ContinuousClock.now - start) / .milliseconds(10)
      #expect(Double(try watched.ticks() - before) < elapsed / 5)
      #expect((1...10).contains(try lines().count))
      try watched.limitFiles(to: 4096)
      #expect(try wire.request("GET", "/health").status == 200)
      for wire in waiting { #expect(try wire.response().status == 200) }
    }
    program.terminate()
    #expect(try await program.ended() == 0)
  }
}
