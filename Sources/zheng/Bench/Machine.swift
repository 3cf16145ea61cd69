import Foundation
import LedgerCrypto

/// What a figure depends on, for the heading of a table.
struct Machine {
  /// The processor's name, or the architecture where Linux tells none.
  let processor: String
  /// How many of its cores are ours.
  let cores: Int
  /// Those of its features that hashing makes use of.
  let features: [String]
  /// libcrypto's name and version.
  let library: String

  /// What SHA-256 code chooses by, on x86 and on Arm.
  private static let known = ["sha_ni", "avx2", "avx512f", "avx512bw", "vaes", "asimd", "sha2"]

  init() {
    let fields = Machine.processorFields()
    let flags = Set((fields["flags"] ?? fields["Features"] ?? "").split(separator: " ").map(String.init))
    processor = fields["model name"] ?? Machine.architecture
    cores = ProcessInfo.processInfo.activeProcessorCount
    features = Machine.known.filter(flags.contains)
    library = Yardsticks.libraryVersion
  }

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

  var text: String {
    let features = features.isEmpty ? "none of the features that we know" : features.joined(separator: " ")
    return """
      processor  \(Printable.text(processor)), \(Printable.count(cores, "core")), \(features)
      libcrypto  \(library)
      """
  }

  var json: JSON {
    [
      "processor": .text(processor), "cores": .number(UInt64(cores)),
      "features": .array(features.map(JSON.text)), "libcrypto": .text(library),
    ]
  }
}
