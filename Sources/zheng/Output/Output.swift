import ArgumentParser
import Foundation
import Workflows

/// How results are printed.
struct OutputOptions: ParsableArguments {
  @Flag(
    help: "Print results as JSON, one object or one per line; errors as an RFC 9457 problem object.")
  var json = false

  /// Where the command's results go.
  var output: Output { Output(isJSON: json) }
}

/// Standard output, as text for people or as JSON for programs. Buffered; nothing is sure to be out before `flush`.
///
/// Not for use from two threads at once.
final class Output {
  let isJSON: Bool
  private var buffer: [UInt8] = []

  init(isJSON: Bool) { self.isJSON = isJSON }

  /// Prints one result: `json` as a line, or the lines of `text`.
  func result(_ json: @autoclosure () throws -> JSON, text: @autoclosure () throws -> String) throws {
    try line(isJSON ? json().line : text())
  }

  /// Prints a line for people; nothing where programs read.
  func say(_ text: @autoclosure () -> String) throws {
    if !isJSON { try line(text()) }
  }

  /// Prints bytes as they are.
  func raw(_ bytes: [UInt8]) throws {
    buffer += bytes
    if buffer.count >= 1 << 16 { try flush() }
  }

  private func line(_ text: String) throws {
    buffer += text.utf8
    buffer.append(UInt8(ascii: "\n"))
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Writes out what is buffered.
  func flush() throws {
    defer { buffer.removeAll(keepingCapacity: true) }
    try Files.write(buffer, to: CommandContext.current.output, path: "standard output")
  }
}

/// Standard error: what people read beside the results.
enum Diagnostics {
  /// Prints `zheng: text`.
  static func note(_ text: String) { write("zheng: \(Printable.text(text, keepingNewlines: true))\n") }

  /// Prints a note that a module below worded.
  static func note(told text: String) { note(retold(text)) }

  /// Writes to standard error; where even that can't be written there is nobody left to tell.
  static func write(_ text: String) {
    do { try Files.write(Array(text.utf8), to: CommandContext.current.errors, path: "standard error") } catch
    {}
  }

  /// Whether a person reads it.
  static var isTerminal: Bool { isatty(CommandContext.current.errors) == 1 }

  /// Whether a person can be asked.
  static var canAsk: Bool { isatty(CommandContext.current.input) == 1 && isTerminal }

  /// Asks a person, who can be; nothing but yes is yes.
  static func asks(_ question: String) -> Bool {
    write("\(question) [y/N] ")
    return ["y", "yes"].contains(readLine()?.lowercased())
  }
}
