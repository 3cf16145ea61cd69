import Foundation
import TestKit
import Testing

/// The `openssl` command line: the software that is not ours, which has to read what we write.
enum OpenSSL {
  static let isHere = Shell.has("openssl")

  /// Runs `openssl`, which has to succeed.
  @discardableResult
  static func run(_ arguments: [String], input: [UInt8] = [], in folder: URL) async throws -> Shell.Output {
    let output = try await Shell.run("openssl", arguments, input: input, in: folder)
    try #require(output.status == 0, "openssl \(arguments.joined(separator: " ")): \(output.errorText)")
    return output
  }

  static func write(_ bytes: [UInt8], _ name: String, in folder: URL) throws {
    try Data(bytes).write(to: folder.appending(path: name))
  }

  static func read(_ name: String, in folder: URL) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: folder.appending(path: name)))
  }

  static func text(_ name: String, in folder: URL) throws -> String {
    String(decoding: try read(name, in: folder), as: UTF8.self)
  }
}
