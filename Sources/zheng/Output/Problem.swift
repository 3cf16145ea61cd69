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
    let error = WorkflowError(describing: error)
    (status, code, detail) = (
      ExitStatus(error.kind), error.code, error.detail + Problem.wayOut(of: error)
    )
  }

  /// What leads on from a complaint of the work behind the commands, which knows of no command.
  private static func wayOut(of error: WorkflowError) -> String {
    switch error.lead {
    case .items(let ledger): "; `zheng evidence list \(ShellText.path(ledger))` shows those that were"
    case .members(let ledger): "; `zheng members \(ShellText.path(ledger))` shows whose keys it knows"
    case .leavingOut: " with --leave-out"
    case .emptyInput: " Where it is meant to be empty, add --allow-empty"
    case .manifest: "; it is not a manifest as `zheng evidence deposit` writes it, or was altered"
    case .withoutManifest: "; check it without --manifest"
    case .ledgerID: "; give --ledger-id"
    case .founding(let path?): "; `zheng init \(ShellText.path(path)) …` founds a ledger"
    case .founding(nil): "; `zheng init` founds one in a new directory"
    case .verification: "; `zheng verify` looks for every fault"
    case .rebuilding(let reason): ", `zheng rebuild` mends it: \(reason)"
    case .requests(let ledger):
      "; `zheng share requests \(ShellText.path(ledger))` shows those that there are"
    case .objections(let ledger):
      "; `zheng share objections \(ShellText.path(ledger))` shows those that there are"
    case .waitingOffers(let ledger):
      "; `zheng share entries \(ShellText.path(ledger)) --waiting` shows what waits"
    case .vault: "; `zheng share deliver` and `zheng share receipt` make one with --vault DIR"
    case .outsideOfVault: "; where it was kept elsewhere, --elsewhere says so"
    case .handoverElsewhere: "; choose another --out"
    case .replacing: "; --force replaces it, --out names another place"
    case .freeManifest: ", choose another --manifest"
    case .otherManifest(nil): "; give another --manifest"
    case .otherManifest(let folder?):
      "; give a --manifest beside it, for example \(folder == "." ? "../manifest" : "\(folder).manifest")"
    case .newKey(let reason): "; `zheng key new` makes one (\(reason))"
    case .passphrase: "; give it with --key-passphrase-fd N, or run this at a terminal"
    case .appending: "; `zheng append` adds to it"
    case nil: ""
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
