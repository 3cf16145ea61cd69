import Ledger
import LedgerStore

/// A JSON file of a command's options, by the names that they have on the command line.
package enum OptionsFile {
  /// What an option's value is.
  package enum Form: Sendable {
    case text
    case number
    /// Texts, for an option that may be repeated.
    case texts
  }

  private static let limit = 65_536

  /// The options that the file at `path` has, each with its values.
  ///
  /// - Parameter known: every option that may be there.
  /// - Throws: usage, also for an option that is not known, with line and column.
  package static func read(
    _ path: String, _ known: [(name: String, form: Form)]
  ) throws -> [(name: String, values: [String])] {
    let bytes = try Files.contents(path, of: "a configuration file", limit: limit)
    do { return try options(bytes, known) } catch {
      throw WorkflowError(.usage, "malformed-configuration", "\(path): \(error.reason)")
    }
  }

  private static func options(
    _ bytes: [UInt8], _ known: [(name: String, form: Form)]
  ) throws(Refusal) -> [(name: String, values: [String])] {
    var file = try StrictJSON(parsing: bytes, of: "the configuration")
    var options: [(name: String, values: [String])] = []
    for option in known {
      guard let values = try values(of: option.name, option.form, &file) else { continue }
      options.append((option.name, values))
    }
    try file.finish()
    return options
  }

  private static func values(
    of name: String, _ form: Form, _ file: inout StrictJSON
  ) throws(Refusal) -> [String]? {
    switch form {
    case .texts: return try file.texts(name)
    case .text:
      guard let text = try file.optionalText(name) else { return nil }
      return [text]
    case .number:
      guard let number = try file.number(name) else { return nil }
      return ["\(number)"]
    }
  }
}
