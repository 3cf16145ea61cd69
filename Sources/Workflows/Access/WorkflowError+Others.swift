import Consortium
import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerStore
import Statements
import TransparencyLog

extension WorkflowError {
  /// What `error` is as a complaint of an office's work: one shape for every error there is.
  package init(describing error: any Error) {
    switch error {
    case let error as WorkflowError: self = error
    case let error as Refusal: self.init(.refused, error.code.rawValue, error.reason)
    case let error as Fault:
      self.init(
        .notVerified, error.code.rawValue, "the ledger is damaged: \(error)", lead: .verification)
    case let error as ProofError: self.init(.notVerified, error.code.rawValue, error.description)
    case let error as LogError: self.init(.notVerified, error.code.rawValue, error.description)
    case let error as StatementError: self.init(.refused, error.code.rawValue, error.description)
    case let error as CryptoError: self.init(.inputOutput, error.code.rawValue, error.description)
    case let error as NodeClientError:
      let kinds: [NodeClientError.Code: Kind] = [
        .busy: .busy, .unknownKey: .refused, .untrue: .notVerified, .notProven: .notVerified,
        .otherLedger: .notVerified, .credentials: .noInput, .noAccess: .refused,
        .untrustedCertificate: .notVerified,
      ]
      self.init(kinds[error.code] ?? .inputOutput, error.code.rawValue, error.description)
    case let error as ConsortiumError:
      let kinds: [ConsortiumError.Code: Kind] = [
        .forbidden: .refused, .amnesia: .refused, .journalFailed: .inputOutput, .signing: .inputOutput,
      ]
      self.init(kinds[error.code] ?? .notVerified, error.code.rawValue, error.description)
    case let error as LedgerBusy: self.init(.busy, "busy", error.description)
    case let error as Failure:
      let kind = WorkflowError.kind(of: error)
      let code = kind == .noInput ? "not-found" : kind == .cannotCreate ? "cannot-create" : "io"
      self.init(kind, code, error.description)
    default: self.init(.inputOutput, "io", "\(error)")
    }
  }

  private static func kind(of failure: Failure) -> Kind {
    switch (failure.call, failure.errorNumber) {
    case ("init", _), ("mkdir", _), ("create", _), (_, EEXIST): .cannotCreate
    case ("open", ENOENT), ("open", ENOTDIR), ("open", EACCES), ("open", EPERM), ("open", EISDIR),
      ("open", ELOOP), ("open", ENAMETOOLONG):
      .noInput
    default: .inputOutput
    }
  }
}
