import Workflows

extension WorkContext.WaysOut {
  /// The commands and options.
  static let commands = {
    var ways = WorkContext.WaysOut()
    (ways.founding, ways.rebuild, ways.audit) = ("`zheng init`", "`zheng rebuild`", "`zheng verify`")
    (ways.adoptHead, ways.hostName) = ("--adopt-head", "zheng node --host-name")
    ways.node = "its URL in the place of the directory"
    ways.clockIsRight = "--clock-is-right when the node, or the command that writes here, is started"
    return ways
  }()
}
