import Workflows

extension CheckCommand {
  /// Says what a file about a validator's misconduct proves.
  func report(_ check: MisconductCheck, _ output: Output) throws {
    guard file == nil, manifest == nil, !entry else {
      throw CommandError.usage(
        localized("\(proof): a file about misconduct; --file, --manifest and --entry go with other proofs"))
    }
    let report = MisconductReport(check: check)
    try output.result(report.json, text: report.text)
    guard check.ground == .open else { return }
    if !output.isJSON {
      Diagnostics.note(
        localized(
          "\(proof): both signatures hold, but whose vote key made them is not known; give a copy of the ledger with --ledger"
        ))
    }
    throw ExitStatus.notVerified.asError
  }
}
