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

/// A complaint of the command line itself.
struct CommandError: Error {
  let status: ExitStatus
  /// The stable name.
  let code: String
  /// What is wrong, and what to do next.
  let detail: String

  init(_ status: ExitStatus, _ code: String, _ detail: String) {
    (self.status, self.code, self.detail) = (status, code, detail)
  }

  /// Not how the command is used.
  static func usage(_ detail: String) -> CommandError { CommandError(.usage, "usage", detail) }

  /// What is to be read is not there.
  static func noInput(_ detail: String) -> CommandError { CommandError(.noInput, "not-found", detail) }

  /// What is to be written can't be.
  static func cannotCreate(_ detail: String) -> CommandError {
    CommandError(.cannotCreate, "cannot-create", detail)
  }
}
