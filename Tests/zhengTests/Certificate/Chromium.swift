import Foundation
import TestKit
import Testing

/// The browser that certificates are opened in.
enum Chromium {
  static let path = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  static let canBeDriven = path != nil && Shell.has("python3")

  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
      "Browser/certificate_in_browser.py"
    ).path

  /// What each page in a folder of `box` shows, all of them opened in one browser.
  static func look(_ box: Sandbox, in folder: String = ".", _ cases: [[String: Any]]) async throws
    -> [[String: Any]]
  {
    try box.write("\(folder)/cases.json", JSONSerialization.data(withJSONObject: cases))
    let chromium = try #require(path)
    let results = try await box.must("cd \(folder) && python3 '\(script)' \(chromium) cases.json").objects
    try #require(results.count == cases.count)
    return results
  }
}
