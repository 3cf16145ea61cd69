import Workflows

extension WorkContext.WaysOut {
  /// The commands and options.
  static let commands = {
    var ways = WorkContext.WaysOut()
    (ways.founding, ways.rebuild, ways.audit) = ("`zheng init`", "`zheng rebuild`", "`zheng verify`")
    (ways.adoptHead, ways.node, ways.hostName) = ("--adopt-head", "--node", "zheng node --host-name")
    ways.clockIsRight = "--clock-is-right when the node, or the command that writes here, is started"
    return ways
  }()
}
