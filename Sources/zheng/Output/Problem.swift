import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerStore
import Measures
import Statements
import TransparencyLog
import Workflows

/// Why a command did not do what it was asked: one shape for every error there is.
///
/// As text it is `zheng: detail`; with `--json` an RFC 9457 problem object.
struct Problem {
  let status: ExitStatus
  /// The stable name: that of a refusal or a fault, or one of the command line's own.
  let code: String
  /// What is wrong, and what to do next.
  let detail: String

  /// The problem that `error` is.
  init(_ error: any Error) {
    switch error {
    case let error as WorkflowError:
      (status, code, detail) = (ExitStatus(error.kind), error.code, error.detail)
    case let error as Refusal: (status, code, detail) = (.refused, error.code.rawValue, error.reason)
    case let error as Fault:
      (status, code) = (.notVerified, error.code.rawValue)
      detail = "the ledger is damaged: \(error); `zheng verify` looks for every fault"
    case let error as ProofError:
      (status, code, detail) = (.notVerified, error.code.rawValue, error.description)
    case let error as LogError:
      (status, code, detail) = (.notVerified, error.code.rawValue, error.description)
    case let error as StatementError:
      (status, code, detail) = (.refused, error.code.rawValue, error.description)
    case let error as CryptoError:
      (status, code, detail) = (.inputOutput, error.code.rawValue, error.description)
    case let error as NodeClientError:
      let statuses: [NodeClientError.Code: ExitStatus] = [
        .busy: .busy, .unknownKey: .refused, .untrue: .notVerified, .notProven: .notVerified,
        .otherLedger: .notVerified,
      ]
      (status, code, detail) = (statuses[error.code] ?? .inputOutput, error.code.rawValue, error.description)
    case let error as MeasureError:
      (status, code) =
        switch error.code {
        case .unusable: (.usage, "usage")
        case .cannotCreate: (.cannotCreate, "cannot-create")
        case .failed: (.inputOutput, "io")
        }
      detail = error.description
    case let error as LedgerBusy: (status, code, detail) = (.busy, "busy", error.description)
    case let error as Failure:
      status = Problem.status(error)
      code = status == .noInput ? "not-found" : status == .cannotCreate ? "cannot-create" : "io"
      detail = error.description
    default: (status, code, detail) = (.inputOutput, "io", "\(error)")
    }
  }

  private static func status(_ failure: Failure) -> ExitStatus {
    switch (failure.call, failure.errorNumber) {
    case ("init", _), ("mkdir", _), ("create", _), (_, EEXIST): .cannotCreate
    case ("open", ENOENT), ("open", ENOTDIR), ("open", EACCES), ("open", EPERM), ("open", EISDIR),
      ("open", ELOOP), ("open", ENAMETOOLONG):
      .noInput
    default: .inputOutput
    }
  }

  /// The problem object.
  var json: JSON {
    var fields: [(String, JSON)] = [
      ("type", .text("urn:zheng:\(code)")), ("title", .text(title)), ("detail", .text(detail)),
    ]
    if let httpStatus { fields.append(("status", .number(httpStatus))) }
    return .object(
      fields.map { ($0.0, $0.1) } + [
        ("code", .text(code)), ("exit", .number(UInt64(status.rawValue))),
      ])
  }

  private var title: String {
    switch status {
    case .good: "Done"
    case .notVerified: "It did not verify"
    case .refused: "Refused by the ledger's rules"
    case .usage: "Not how the command is used"
    case .noInput: "No such input"
    case .cannotCreate: "Cannot create"
    case .inputOutput: "Input or output failed"
    case .busy: "Busy: another process writes"
    }
  }

  private var httpStatus: UInt64? {
    switch status {
    case .good, .notVerified: nil
    case .refused: code == "too-large" ? 413 : 422
    case .usage: 400
    case .noInput: 404
    case .cannotCreate, .inputOutput: 500
    case .busy: 503
    }
  }
}
