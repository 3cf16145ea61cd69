import LedgerCrypto
import Workflows

// What the command line shares with the work behind it.
typealias JSON = Workflows.JSON
typealias Files = Workflows.Files
typealias Printable = Workflows.Printable
typealias ShellText = Workflows.ShellText

extension Files {
  /// The SHA-256 of the file at `path`, however large, and its number of bytes; says how far the work has come.
  static func digest(_ path: String) throws -> (digest: Digest, byteCount: UInt64) {
    let progress = Progress(localized("hashing \(Printable.text(path))"), unit: "MiB")
    defer { progress.finish() }
    return try digest(path) { progress.update($0 >> 20, of: $1.map { $0 >> 20 }) }
  }
}

extension Files.Put {
  /// What became of a file, in words.
  var text: String { self == .unchanged ? localized("was there already, the same") : named("put", rawValue) }
}
