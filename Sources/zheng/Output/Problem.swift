import Ledger
import LedgerNode
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
    (status, code) = (ExitStatus(error.kind), error.code)
    let wayOut = Problem.wayOut(of: error)
    detail =
      Problem.isChinese(error.detail)
      ? error.detail + wayOut
      : Problem.told(error.detail, by: error.code, of: ExitStatus(error.kind), andThen: wayOut)
  }

  /// A complaint in the language of whoever reads: in Chinese what its code says comes first, and the English of whoever noticed it on a
  /// line of its own.
  ///
  /// - Parameter wayOut: what to do next.
  static func told(
    _ english: String, by code: String, of status: ExitStatus, andThen wayOut: String = ""
  ) -> String {
    guard Language.current == .zh else { return english + wayOut }
    let sentence =
      Catalogue.words["code.\(code)"] ?? PageWords.chinese("verify.\(code)") ?? title(status)
    return "\(sentence)（\(code)）\(wayOut)\n\(english)"
  }

  /// Whether `text` was worded here, in Chinese: then it has no three English words in a row, except in commands.
  private static func isChinese(_ text: String) -> Bool {
    Language.current == .zh && text.contains(/\p{Han}/)
      && text.replacing(/`[^`]*`/, with: "").firstMatch(of: /[A-Za-z']+ [A-Za-z']+ [A-Za-z']+/) == nil
  }

  /// What leads on from a complaint of the work behind the commands, which knows of no command.
  private static func wayOut(of error: WorkflowError) -> String {
    switch error.lead {
    case .items(let ledger):
      localized("; `zheng evidence list \(ShellText.path(ledger))` shows those that were")
    case .members(let ledger):
      localized("; `zheng members \(ShellText.path(ledger))` shows whose keys it knows")
    case .leavingOut: localized(" with --leave-out")
    case .emptyInput: localized(" Where it is meant to be empty, add --allow-empty")
    case .manifest: localized("; it is not a manifest as `zheng evidence deposit` writes it, or was altered")
    case .withoutManifest: localized("; check it without --manifest")
    case .ledgerID: localized("; give --ledger-id")
    case .founding(let path?): localized("; `zheng init \(ShellText.path(path)) …` founds a ledger")
    case .founding(nil): localized("; `zheng init` founds one in a new directory")
    case .verification: localized("; `zheng verify` looks for every fault")
    case .rebuilding(let reason): localized(", `zheng rebuild` mends it: \(reason)")
    case .requests(let ledger):
      localized("; `zheng share requests \(ShellText.path(ledger))` shows those that there are")
    case .objections(let ledger):
      localized("; `zheng share objections \(ShellText.path(ledger))` shows those that there are")
    case .waitingOffers(let ledger):
      localized("; `zheng share entries \(ShellText.path(ledger)) --waiting` shows what waits")
    case .vault: localized("; `zheng share deliver` and `zheng share receipt` make one with --vault DIR")
    case .outsideOfVault: localized("; where it was kept elsewhere, --elsewhere says so")
    case .handoverElsewhere: localized("; choose another --out")
    case .replacing: localized("; --force replaces it, --out names another place")
    case .freeManifest: localized(", choose another --manifest")
    case .otherManifest(nil): localized("; give another --manifest")
    case .otherManifest(let folder?):
      localized(
        "; give a --manifest beside it, for example \(folder == "." ? "../manifest" : "\(folder).manifest")")
    case .newKey(let reason): localized("; `zheng key new` makes one (\(reason))")
    case .passphrase: localized("; give it with --key-passphrase-fd N, or run this at a terminal")
    case .appending: localized("; `zheng append` adds to it")
    case nil: ""
    }
  }

  /// The problem object.
  var json: JSON {
    var fields: [(String, JSON)] = [
      ("type", .text("urn:zheng:\(code)")), ("title", .text(Problem.title(status))),
      ("detail", .text(detail)),
    ]
    if let httpStatus { fields.append(("status", .number(httpStatus))) }
    return .object(
      fields.map { ($0.0, $0.1) } + [
        ("code", .text(code)), ("exit", .number(UInt64(status.rawValue))),
      ])
  }

  private static func title(_ status: ExitStatus) -> String {
    switch status {
    case .good: localized("Done")
    case .notVerified: localized("It did not verify")
    case .refused: localized("Refused by the ledger's rules")
    case .usage: localized("Not how the command is used")
    case .noInput: localized("No such input")
    case .cannotCreate: localized("Cannot create")
    case .inputOutput: localized("Input or output failed")
    case .busy: localized("Busy: another process writes")
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

extension Refusal {
  /// `code: reason`, in the language of whoever reads.
  var shown: String {
    Language.current == .en ? description : Problem.told(reason, by: code.rawValue, of: .refused)
  }
}

extension Fault {
  /// `code at block b, entry e: detail`, in the language of whoever reads.
  var shown: String {
    guard Language.current == .zh else { return description }
    var place: [String] = []
    if let block { place.append(localized("block \(block)")) }
    if let entry { place.append(localized("entry \(entry)")) }
    let sentence = PageWords.chinese("verify.\(code.rawValue)") ?? ""
    let broken = refusal.flatMap { Catalogue.words["code.\($0.rawValue)"] }.map { "：\($0)" } ?? ""
    return "\((place + [sentence + broken]).joined(separator: "，"))（\(code.rawValue)）\n\(detail)"
  }
}
