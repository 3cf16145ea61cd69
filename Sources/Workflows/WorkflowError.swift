/// Why an office's work was not done, where neither the rules refuse it (`Refusal`), nor the ledger is damaged (`Fault`), nor the
/// machine failed (`Failure`).
package struct WorkflowError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What sort of complaint it is: whoever shows it acts by that, as a command line does with its exit status.
  package enum Kind: Sendable {
    /// What was looked at is not what it should be.
    case notVerified
    /// What was asked for makes no sense so.
    case usage
    /// What is to be read is not there or can't be opened.
    case noInput
    /// What is to be written can't be created.
    case cannotCreate
    /// The machine could not do it.
    case inputOutput
    /// Somebody else is at it; try again.
    case busy
  }

  package let kind: Kind
  /// The stable name.
  package let code: String
  /// What is wrong, and what to do next.
  package let detail: String

  package init(_ kind: Kind, _ code: String, _ detail: String) {
    (self.kind, self.code, self.detail) = (kind, code, detail)
  }

  package var description: String { detail }

  /// What was asked for makes no sense so.
  package static func usage(_ detail: String) -> WorkflowError { WorkflowError(.usage, "usage", detail) }

  /// What is to be read is not there.
  package static func noInput(_ detail: String) -> WorkflowError {
    WorkflowError(.noInput, "not-found", detail)
  }

  /// What is to be written can't be.
  package static func cannotCreate(_ detail: String) -> WorkflowError {
    WorkflowError(.cannotCreate, "cannot-create", detail)
  }
}
