import Consortium
import Foundation

/// The folder `misconduct/` of a validator in STATE: evidence against others, one file for each height and validator, named
/// `HEIGHT-VALIDATOR.cbor` with the height in 20 digits (`MisconductFile`).
struct MisconductFolder {
  let path: String

  /// How many files there are.
  func count() throws -> Int {
    guard FileManager.default.fileExists(atPath: path) else { return 0 }
    return try FileManager.default.contentsOfDirectory(atPath: path).count { $0.hasSuffix(".cbor") }
  }

  /// Keeps the evidence of what a validator of `committee` did at `height`.
  ///
  /// - Returns: the path of its file; nil where there was one already.
  func keep(_ misconduct: Misconduct, in committee: Committee, height: UInt64) throws -> String? {
    let file = try MisconductFile(misconduct, in: committee)
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let digits = String(height)
    let number = String(repeating: "0", count: 20 - digits.count) + digits
    let place = "\(path)/\(number)-\(file.seat.name).cbor"
    guard !FileManager.default.fileExists(atPath: place) else { return nil }
    try Data(file.bytes).write(to: URL(filePath: place), options: .atomic)
    return place
  }
}
