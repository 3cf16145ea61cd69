import Workflows

/// What the process says to the one that started it; the numbers from 64 on are those of `sysexits.h`.
enum ExitStatus: Int32, Sendable {
  /// Done, and good.
  case good = 0
  /// It did not verify.
  case notVerified = 1
  /// The ledger's rules say no.
  case refused = 2
  /// Not how the command is used.
  case usage = 64
  /// What is to be read is not there or can't be opened.
  case noInput = 66
  /// What is to be written can't be created.
  case cannotCreate = 73
  /// The machine could not do it.
  case inputOutput = 74
  /// Another process writes; try again.
  case busy = 75
}

extension ExitStatus {
  /// What a complaint of this sort ends a command with.
  init(_ kind: WorkflowError.Kind) {
    self =
      switch kind {
      case .notVerified: .notVerified
      case .usage: .usage
      case .noInput: .noInput
      case .cannotCreate: .cannotCreate
      case .inputOutput: .inputOutput
      case .busy: .busy
      case .refused: .refused
      }
  }
}

/// A complaint of the command line itself is of the same form.
typealias CommandError = WorkflowError
