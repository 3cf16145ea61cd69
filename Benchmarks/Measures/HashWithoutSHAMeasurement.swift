import LedgerCrypto
import Workflows

/// SHA-256 as on a machine that has no instructions for it: processor time of one core.
///
/// Intel's Xeons from before 2021 have no SHA instructions. OpenSSL is told to do without them (`OPENSSL_ia32cap(3)`), which it hears
/// only when a process begins, and what is left of it is compared with each of our kernels that does not use them either: of those,
/// a machine takes the widest that it has. None may be slower than OpenSSL.
package struct HashWithoutSHAMeasurement: Measurement {
  package static let title = "SHA-256 where the processor has no instructions for it, one core"

  /// Gives what `HashMeasurement` measures, in so many rounds, in a process in whose environment `mask` is.
  let hashing: @Sendable (_ rounds: Int) throws -> [Measure]

  package init(hashing: @escaping @Sendable (_ rounds: Int) throws -> [Measure]) { self.hashing = hashing }

  /// Bit 29 of what CPUID says in EBX for leaf 7, taken away: `OPENSSL_ia32cap(3)`.
  package static let mask = ["OPENSSL_ia32cap": ":~0x20000000"]

  /// Whether there is something here to do without.
  package static var isPossible: Bool { Machine().features.contains("sha_ni") }

  package func measure(rounds: Int, _ watcher: Watcher, _ report: (Measure) throws -> Void) throws {
    guard HashWithoutSHAMeasurement.isPossible else {
      throw WorkflowError.usage("this machine has no SHA instructions of x86 to do without")
    }
    let ids = HashContender.all.filter(\.doesWithoutSHA).map { "\($0.id)-" }
    for measure in try hashing(rounds) where ids.contains(where: measure.id.hasPrefix) {
      try report(
        measure.judged(against: "OpenSSL EVP without SHA instructions, context reused", goal: .lanes))
    }
  }

  /// Sees that OpenSSL did without where it was told to.
  ///
  /// - Parameter settings: of the process that measured.
  package static func requireWithout(_ settings: LibrarySettings?) throws {
    guard settings?.usesSHA == false else {
      throw WorkflowError(
        .inputOutput, "io",
        "OpenSSL could not be made to do without SHA instructions: there is nothing to compare with")
    }
  }
}

extension HashContender {
  /// Whether it is one of our kernels that does not use the processor's instructions for SHA-256.
  fileprivate var doesWithoutSHA: Bool {
    if case .lanes(.kernel(let kernel)) = self { !kernel.usesSHAInstructions } else { false }
  }
}

extension Measure {
  /// The same figures beside the same yardstick under another name, and what is asked of their ratio.
  fileprivate func judged(against yardstick: String, goal: Goal) -> Measure {
    Measure(
      id, name, unit: unit, figure.rounds, against: self.yardstick.map { (yardstick, $0.figure.rounds) },
      goal: goal)
  }
}
