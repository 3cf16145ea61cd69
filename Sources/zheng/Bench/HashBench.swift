import ArgumentParser
import Foundation
import LedgerCrypto

/// `zheng bench hash`.
struct HashBench: ResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "hash", abstract: "Measure SHA-256 by message size, ours against OpenSSL's.",
    discussion: """
      Every way that the ledger hashes, and libcrypto's own calls in loops of nothing else, in one run: in rounds that take \
      turns, of which the medians are printed. The first ratio is of the times, to OpenSSL's EVP with the algorithm fetched \
      once and the context reused; the others are of the speeds, to OpenSSL's one-shot SHA256() on the same message, and \
      by the byte to EVP on 16 KiB. `openssl speed` is asked too, where it is installed; it makes a context for each message.
      Leaves and nodes are hashed many at once by kernels that are checked against OpenSSL when the program starts.

        zheng bench hash
        zheng bench hash --seconds 30 --json
      """)

  @Option(help: "About how long to measure, in s; openssl speed takes a second a size more.") var seconds =
    8.0
  @OptionGroup var options: OutputOptions

  /// How much more than OpenSSL's reused context a Merkle node may cost.
  static let nodeLimit = 1.3

  func validate() throws {
    guard (0.1...3600).contains(seconds) else { throw ValidationError("--seconds may be 0.1 to 3600") }
  }

  func run(_ output: Output) throws {
    BenchCommand.warnUnlessOptimised()
    let machine = Machine()
    let race = HashRace(seconds: seconds)
    var speed = OpenSSLSpeed()
    var rows: [JSON] = []
    var node: Double?
    var lanes: [Int: HashRace.Result] = [:]
    try output.say(machine.text)
    for kernel in LaneKernel.all { try output.say("kernel     \(kernel.name), \(kernel.state.rawValue)") }
    try output.say(
      "\nSHA-256, processor time on one core, medians of \(HashRace.rounds) rounds; ratios to the first line's time, to the one shot's speed, to EVP's on 16 KiB by the byte\n"
    )
    for byteCount in HashRace.byteCounts {
      try output.say(HashBench.heading(byteCount))
      let results = race.results(byteCount)
      for result in results {
        try output.say(
          HashBench.line(result.contender.name, byteCount, result.nanoseconds, result.ratio)
            + String(format: "%7.2f%7.2f", result.oneShots, result.yardsticks))
        rows.append(HashBench.row(result))
        if result.contender == .node { node = result.ratio }
        if result.contender == .lanes(.chosen) { lanes[byteCount] = result }
      }
      if let nanoseconds = speed.nanoseconds(byteCount) {
        // Not measured in the rounds, so its ratio is that of the medians.
        let ratio = nanoseconds / results[0].nanoseconds
        try output.say(HashBench.line("openssl speed -evp sha256", byteCount, nanoseconds, ratio))
        rows.append(HashBench.row("openssl-speed", byteCount, nanoseconds, ratio))
      }
      try output.say("")
      try output.flush()
    }
    if let absence = speed.absence { try output.say("No figures of openssl speed: \(absence).") }
    if let node { try output.say(HashBench.verdict(node)) }
    if let many = lanes[HashContender.nodeByteCount] {
      try output.say(
        String(
          format: "Many nodes at once are hashed %.1f times as fast as by OpenSSL's one-shot SHA256().",
          many.oneShots))
    }
    if output.isJSON {
      try output.result(
        [
          "machine": machine.json, "kernels": .array(LaneKernel.all.map(HashBench.row)),
          "optimised": .bool(BenchCommand.isOptimised),
          "rounds": .number(UInt64(HashRace.rounds)), "results": .array(rows),
          "opensslSpeed": speed.absence.map(JSON.text) ?? "measured",
          "nodeRatio": node.map(JSON.double) ?? .null,
          "nodeLimit": .double(HashBench.nodeLimit),
        ], text: "")
    }
  }

  private static func verdict(_ ratio: Double) -> String {
    String(
      format: "A Merkle node costs %.2f times OpenSSL's EVP with a reused context; the limit is %.1f: %@.",
      ratio,
      nodeLimit, ratio <= nodeLimit ? "kept" : "broken")
  }

  private static func heading(_ byteCount: Int) -> String {
    let what =
      byteCount == HashContender.nodeByteCount
      ? "65 bytes (a Merkle node)" : Printable.byteCount(UInt64(byteCount))
    return what.padding(toLength: 34, withPad: " ", startingAt: 0)
      + "        ns      MB/s  ratio  1shot  evp16"
  }

  private static func line(_ name: String, _ byteCount: Int, _ nanoseconds: Double, _ ratio: Double) -> String
  {
    "  " + name.padding(toLength: 32, withPad: " ", startingAt: 0)
      + String(format: "%10.1f%10.1f%7.2f", nanoseconds, Double(byteCount) * 1000 / nanoseconds, ratio)
  }

  private static func row(_ kernel: LaneKernel) -> JSON {
    [
      "name": .text(kernel.name), "lanes": .number(UInt64(kernel.lanes)),
      "state": .text(kernel.state.rawValue),
    ]
  }

  private static func row(_ result: HashRace.Result) -> JSON {
    [
      "way": .text(result.contender.id), "bytes": .number(UInt64(result.byteCount)),
      "nanoseconds": .double(result.nanoseconds), "megabytesPerSecond": .double(result.megabytesPerSecond),
      "ratio": .double(result.ratio), "speedToOneShot": .double(result.oneShots),
      "speedToEVP16384": .double(result.yardsticks),
    ]
  }

  private static func row(_ way: String, _ byteCount: Int, _ nanoseconds: Double, _ ratio: Double) -> JSON {
    [
      "way": .text(way), "bytes": .number(UInt64(byteCount)), "nanoseconds": .double(nanoseconds),
      "megabytesPerSecond": .double(Double(byteCount) * 1000 / nanoseconds), "ratio": .double(ratio),
    ]
  }
}
