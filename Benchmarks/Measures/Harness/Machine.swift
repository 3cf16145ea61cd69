import Foundation
import LedgerCrypto

/// What a figure depends on, for the heading of a table.
package struct Machine: Sendable {
  /// The processor's name, or the architecture where Linux tells none.
  package let processor: String
  /// How many of its cores are ours.
  package let cores = Machine.cores
  /// Those of its features that hashing makes use of.
  package let features: [String]
  /// libcrypto's name and version.
  package let library: String
  /// What libcrypto makes use of in the processor; nil where it does not say.
  package let librarySettings = Yardsticks.processorSettings.map(LibrarySettings.init)
  /// The names of the kernels by which many messages are hashed at once; none where libcrypto hashes all.
  package let kernels: [String]

  /// What SHA-256 code chooses by, on x86 and on Arm.
  private static let known = ["sha_ni", "avx2", "avx512f", "avx512bw", "vaes", "asimd", "sha2"]

  package init() {
    let fields = Machine.processorFields()
    let flags = Set((fields["flags"] ?? fields["Features"] ?? "").split(separator: " ").map(String.init))
    processor = fields["model name"] ?? Machine.architecture
    features = Machine.known.filter(flags.contains)
    library = Yardsticks.libraryVersion
    kernels = LaneKernel.all.filter { $0.state == .used }.map(\.name)
  }

  /// How many cores are ours.
  static var cores: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

  /// `1 core`, `2 cores`.
  package static var coreCount: String { cores == 1 ? "1 core" : "\(cores) cores" }

  private static var architecture: String {
    #if arch(x86_64)
      "x86-64"
    #elseif arch(arm64)
      "arm64"
    #else
      "unknown"
    #endif
  }

  /// The first processor's fields of `/proc/cpuinfo`; none where there is no such file.
  private static func processorFields() -> [String: String] {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return [:] }
    var fields: [String: String] = [:]
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let name = line[..<colon].trimmingCharacters(in: .whitespaces)
      if fields[name] == nil {
        fields[name] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      }
    }
    return fields
  }

  /// On one line.
  package var line: String {
    [processor, Machine.coreCount, featureText, libraryText, kernelText].joined(separator: ", ")
  }

  package var featureText: String {
    features.isEmpty ? "none of the features that we know" : features.joined(separator: " ")
  }

  /// With what the environment has told it, for then it is not as fast as it could be.
  package var libraryText: String {
    guard let told = librarySettings?.told else { return library }
    return "\(library), told \(told)"
  }

  package var kernelText: String {
    kernels.isEmpty ? "no kernel, OpenSSL hashes all" : kernels.joined(separator: " and ")
  }

  /// The names of kernels that do not agree with OpenSSL, and are not used.
  package var faultyKernels: [String] { LaneKernel.all.filter { $0.state == .faulty }.map(\.name) }
}
