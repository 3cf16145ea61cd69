import ArgumentParser
import Foundation
import Measures

/// `zheng bench hash-without-sha`.
struct HashWithoutSHABench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "hash-without-sha",
    abstract: "Measure SHA-256 as on a machine without SHA instructions.",
    discussion: """
      Intel's Xeons from before 2021 have no SHA instructions. OpenSSL is told to do without them (OPENSSL_ia32cap, \
      in a process of its own) and compared with each of our kernels that does not use them; a machine takes the \
      widest of those that it has. None may be slower than OpenSSL. Processor time of one core.

        zheng bench hash-without-sha
        OPENSSL_ia32cap=:~0x20000000 zheng bench hash
      """)

  @Option(help: "About how long to measure, in s.") var seconds = 10.0
  @OptionGroup var measuring: MeasureOptions

  func validate() throws {
    guard (0.01...3600).contains(seconds) else { throw ValidationError("--seconds may be 0.01 to 3600") }
  }

  func measurement() throws -> HashWithoutSHAMeasurement {
    guard HashWithoutSHAMeasurement.isPossible else {
      throw CommandError.usage(
        "this machine has no SHA instructions of x86 to do without; `zheng bench hash` measures what it has")
    }
    return HashWithoutSHAMeasurement { [seconds] rounds in
      let pipe = Pipe()
      let arguments = ["bench", "hash", "--json", "--seconds", "\(seconds)", "--rounds", "\(rounds)"]
      let output = try OwnProcess.run(arguments, with: HashWithoutSHAMeasurement.mask, to: pipe) { _ in
        pipe.fileHandleForReading.readDataToEndOfFile()
      }
      return try HashWithoutSHABench.measures(in: output)
    }
  }

  /// - Parameter output: of `zheng bench hash --json`.
  /// - Throws: where OpenSSL did not do without, too.
  static func measures(in output: Data) throws -> [Measure] {
    try output.split(separator: UInt8(ascii: "\n")).map { line in
      let told = try JSONDecoder().decode(DecodedMeasure.self, from: line)
      try HashWithoutSHAMeasurement.requireWithout(told.machine.libcryptoSettings.map(LibrarySettings.init))
      return told.measure
    }
  }
}

/// A measure of another process, as its JSON has it.
private struct DecodedMeasure: Decodable {
  struct Machine: Decodable { let libcryptoSettings: String? }

  let measureID, name, unit, yardstick: String
  let rounds: Int
  let figure, figureMin, figureMax: Double
  let yardstickFigure, yardstickMin, yardstickMax: Double
  let machine: Machine

  private enum CodingKeys: String, CodingKey {
    case measureID = "measure"
    case name, unit, yardstick, rounds, figure, figureMin, figureMax, yardstickFigure, yardstickMin,
      yardstickMax, machine
  }

  var measure: Measure {
    Measure(
      measureID, name.trimmingCharacters(in: .whitespaces), unit: unit, rounds(figureMin, figure, figureMax),
      against: (yardstick, rounds(yardstickMin, yardstickFigure, yardstickMax)))
  }

  /// Of the rounds it tells these three: as many again that have the same.
  private func rounds(_ least: Double, _ median: Double, _ most: Double) -> [Double] {
    rounds == 1 ? [median] : [least] + Array(repeating: median, count: rounds - 2) + [most]
  }
}
