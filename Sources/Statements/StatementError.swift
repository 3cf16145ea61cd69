/// Why bytes are no statement, or a draft cannot become one; equal by its code.
public struct StatementError: Error, Hashable, CustomStringConvertible {
  /// What is wrong, as a stable name.
  public enum Code: String, Sendable, CaseIterable {
    /// Not deterministic CBOR, or not of the shape that COSE, the claims or a record kind prescribe.
    case malformed
    /// An entry of more than 65,535 bytes.
    case tooLarge = "too-large"
    /// An algorithm identifier that is well formed but not one that the ledger knows.
    case unsupportedAlgorithm = "unsupported-algorithm"
  }

  /// What is wrong.
  public let code: Code
  /// A sentence for a person: what was read, where, and what was expected.
  public let description: String

  /// An error for a shape that another module checks: the payload of a kind, a header, a roster.
  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// Equal by code.
  public static func == (left: StatementError, right: StatementError) -> Bool { left.code == right.code }

  public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
