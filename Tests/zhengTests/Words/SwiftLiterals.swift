import Foundation

/// The string literals of Swift sources, each with `{}` for an interpolation, as `Words` makes its key of it.
struct SwiftLiterals {
  private(set) var all: Set<String> = []
  /// The sources.
  private(set) var text = ""
  private var bytes: [UInt8] = []

  /// Those of every Swift file below `folder` of this package.
  init(below folder: String) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: folder)
    for name in try FileManager.default.subpathsOfDirectory(atPath: root.path) where name.hasSuffix(".swift")
    {
      bytes = Array(try Data(contentsOf: root.appending(path: name)))
      text += String(decoding: bytes, as: UTF8.self)
      var at = 0
      while at < bytes.count {
        if starts("//", at) {
          at = bytes[at...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        } else if starts("\"", at) {
          literal(&at)
        } else {
          at += 1
        }
      }
    }
  }

  private func starts(_ text: String, _ at: Int) -> Bool { bytes[at...].starts(with: text.utf8) }

  /// Reads the literal that begins at `at`, and those within its interpolations.
  private mutating func literal(_ at: inout Int) {
    let mark = starts("\"\"\"", at) ? "\"\"\"" : "\""
    at += mark.utf8.count
    var text: [UInt8] = []
    while at < bytes.count, !starts(mark, at) {
      if starts("\\(", at) {
        interpolation(&at)
        text += "{}".utf8
      } else if starts("\\", at) {
        let plain = ["n": "\n", "t": "\t", "\\": "\\", "\"": "\"", "\n": "\\\n"]
        text += (plain[String(UnicodeScalar(bytes[at + 1]))] ?? "?").utf8
        at += 2
      } else {
        text.append(bytes[at])
        at += 1
      }
    }
    at += mark.utf8.count
    var result = String(decoding: text, as: UTF8.self)
    if mark.utf8.count == 3 {
      let lines = result.split(separator: "\n", omittingEmptySubsequences: false)
      let indent = lines.last?.count ?? 0
      result = lines.dropFirst().dropLast().map { String($0.dropFirst(indent)) }.joined(separator: "\n")
        .replacing("\\\n", with: "")
    }
    all.insert(result)
  }

  private mutating func interpolation(_ at: inout Int) {
    at += 2
    var depth = 1
    while at < bytes.count, depth > 0 {
      if starts("\"", at) {
        literal(&at)
        continue
      }
      if starts("(", at) { depth += 1 }
      if starts(")", at) { depth -= 1 }
      at += 1
    }
  }
}
