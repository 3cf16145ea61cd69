import ArgumentParser
import Workflows

/// Whether what was received may be recorded although it is not what was sent: a slip would be there for ever.
struct MismatchOption: ParsableArguments {
  @Flag(help: "Record a mismatch; without this, nothing is recorded then.")
  var recordMismatch = false

  /// Runs `body`, and once more where it found a mismatch that a person at the terminal wants to be recorded.
  ///
  /// - Parameter body: records; gets whether a mismatch may be recorded, and throws `mismatch` where it may not.
  func recording<Recorded>(
    _ output: Output, _ body: (_ mayDiffer: Bool) async throws -> Recorded
  ) async throws -> Recorded {
    do { return try await body(recordMismatch) } catch let error as CommandError
      where error.code == CommandError.mismatchCode
    {
      guard !output.isJSON, Diagnostics.canAsk else { throw error }
      Diagnostics.note(error.detail)
      guard Diagnostics.asks(localized("Record the mismatch, for ever?")) else { throw error }
    }
    return try await body(true)
  }
}

extension CommandError {
  fileprivate static let mismatchCode = "mismatch"

  /// What was received is not what was sent, and nothing was recorded.
  ///
  /// - Parameters:
  ///   - lines: both values.
  ///   - look: what may be wrong with the command.
  static func mismatch(_ what: String, _ lines: [String], look: String) -> CommandError {
    CommandError(
      .notVerified, mismatchCode,
      localized(
        """
        \(what); nothing was recorded
        \(lines.map { "  \($0)" }.joined(separator: "\n"))
        \(look); if it is what you received, the same command with --record-mismatch records that for ever
        """))
  }
}
