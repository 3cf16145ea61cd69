import ArgumentParser
import Foundation
import LedgerCrypto

/// `zheng bench hash-without-sha`.
struct HashWithoutSHABench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "hash-without-sha",
    abstract: "Measure SHA-256 as on a machine that has no instructions for it.",
    discussion: """
      Intel's Xeons from before 2021 have no SHA instructions. Here OpenSSL is told to do without them (OPENSSL_ia32cap, in a \
      process of its own), and what is left of it is compared with each of our kernels that does not use them either: of those, \
      a machine takes the widest that it has. None may be slower than OpenSSL. Processor time of one core.

        zheng bench hash-without-sha
        OPENSSL_ia32cap=:~0x20000000 zheng bench hash
      """)
  static let title = "SHA-256 where the processor has no instructions for it, one core"

  @Option(help: "About how long to measure, in s.") var seconds = 10.0
  @OptionGroup var measuring: MeasureOptions

  /// Bit 29 of what CPUID says in EBX for leaf 7, taken away: `OPENSSL_ia32cap(3)`.
  static let mask = ["OPENSSL_ia32cap": ":~0x20000000"]

  /// Whether there is something here to do without.
  static var isPossible: Bool { Machine().features.contains("sha_ni") }

  func validate() throws {
    guard (0.01...3600).contains(seconds) else { throw ValidationError("--seconds may be 0.01 to 3600") }
  }

  func measure(_ tell: (Measure) throws -> Void) throws {
    guard HashWithoutSHABench.isPossible else {
      throw CommandError.usage(
        "this machine has no SHA instructions of x86 to do without; `zheng bench hash` measures what it has")
    }
    let ids = HashContender.all.filter(\.doesWithoutSHA).map(\.id)
    for measure in try measuresWithoutSHA() where ids.contains(where: { measure.id.hasPrefix("\($0)-") }) {
      try tell(measure)
    }
  }

  /// What `zheng bench hash` measures where OpenSSL does without.
  private func measuresWithoutSHA() throws -> [Measure] {
    let pipe = Pipe()
    let arguments = [
      "bench", "hash", "--json", "--seconds", "\(seconds)", "--rounds", "\(measuring.rounds)",
    ]
    let output = try OwnProcess.run(arguments, with: HashWithoutSHABench.mask, to: pipe) { _ in
      pipe.fileHandleForReading.readDataToEndOfFile()
    }
    return try HashWithoutSHABench.measures(in: output)
  }

  /// - Parameter output: of `zheng bench hash --json`.
  /// - Throws: where OpenSSL did not do without, too.
  static func measures(in output: Data) throws -> [Measure] {
    try output.split(separator: UInt8(ascii: "\n")).map { line in
      let told = try JSONDecoder().decode(ToldMeasure.self, from: line)
      guard told.machine.libcryptoSettings?.usesSHA == false else {
        throw CommandError(
          .inputOutput, "io",
          "OpenSSL could not be made to do without SHA instructions: there is nothing to compare with")
      }
      return told.measure(
        against: "OpenSSL EVP without SHA instructions, context reused", goal: .atLeast(1))
    }
  }
}

extension HashContender {
  /// Whether it is one of our kernels that does not use the processor's instructions for SHA-256.
  fileprivate var doesWithoutSHA: Bool {
    if case .lanes(.kernel(let kernel)) = self { !kernel.usesSHAInstructions } else { false }
  }
}

/// A measure of another process, as its JSON has it.
private struct ToldMeasure: Decodable {
  struct Machine: Decodable { let libcryptoSettings: LibrarySettings? }

  let measure, name, unit: String
  let rounds: Int
  let figure, figureMin, figureMax: Double
  let yardstickFigure, yardstickMin, yardstickMax: Double
  let machine: Machine

  /// - Parameters:
  ///   - yardstick: what the yardstick is called here.
  ///   - goal: of the ratio.
  func measure(against yardstick: String, goal: Goal) -> Measure {
    Measure(
      measure, name.trimmingCharacters(in: .whitespaces), unit: unit, rounds(figureMin, figure, figureMax),
      against: (yardstick, rounds(yardstickMin, yardstickFigure, yardstickMax)), goal: goal)
  }

  /// Of the rounds it tells these three: as many again that have the same.
  private func rounds(_ least: Double, _ median: Double, _ most: Double) -> [Double] {
    rounds == 1 ? [median] : [least] + Array(repeating: median, count: rounds - 2) + [most]
  }
}
