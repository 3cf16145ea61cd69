import Foundation

/// The public test suites, read from `ZHENG_VECTORS` or from `../shared/vectors` beside the project.
public enum Vectors {
  /// The folder that holds the suites, or nil where this machine has none (tests then say *skipped*).
  public static let folder: URL? = {
    let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    var candidates = [project.appending(path: "../shared/vectors").standardizedFileURL]
    if let named = ProcessInfo.processInfo.environment["ZHENG_VECTORS"] {
      candidates.insert(URL(filePath: named), at: 0)
    }
    return candidates.first { FileManager.default.fileExists(atPath: $0.path) }
  }()

  /// True where the suites can be read.
  public static var areHere: Bool { folder != nil }

  /// Decodes the suite at `path`, relative to the folder.
  public static func decode<T: Decodable>(_ type: T.Type, _ path: String) throws -> T {
    guard let folder else { throw CocoaError(.fileNoSuchFile) }
    return try JSONDecoder().decode(type, from: Data(contentsOf: folder.appending(path: path)))
  }
}

/// The bytes of a hex string; traps on anything else, since tests write it.
public func hex(_ text: String) -> [UInt8] {
  let digits = text.filter { !$0.isWhitespace }.map { UInt8($0.hexDigitValue!) }
  precondition(digits.count % 2 == 0, "odd number of hex digits")
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
