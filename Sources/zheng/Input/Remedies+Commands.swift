import Workflows

extension WorkContext.Remedies {
  /// The commands and options.
  static let commands = {
    var remedies = WorkContext.Remedies()
    (remedies.founding, remedies.rebuild, remedies.audit) = (
      "`zheng init`", "`zheng rebuild`", "`zheng verify`"
    )
    (remedies.adoptHead, remedies.hostName) = ("--adopt-head", "zheng node --host-name")
    remedies.node = "its URL in the place of the directory"
    remedies.validatorNode = "`zheng node LEDGER --validator NAME`"
    remedies.clockIsRight = "--clock-is-right when the node, or the command that writes here, is started"
    return remedies
  }()
}
