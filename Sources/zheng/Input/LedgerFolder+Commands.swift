import LedgerIndex
import LedgerStore
import Scenarios

extension LedgerFolder {
  /// The ledger in the directory `path`, whose messages name this command line's ways out.
  init(_ path: String) { self.init(path, rules: Scenarios.rules, waysOut: .commands) }
}

extension WaysOut {
  /// The commands and options.
  static let commands = {
    var ways = WaysOut()
    (ways.founding, ways.rebuild, ways.audit) = ("`zheng init`", "`zheng rebuild`", "`zheng verify`")
    (ways.adoptHead, ways.node, ways.hostName) = ("--adopt-head", "--node", "zheng node --host-name")
    ways.clockIsRight = "--clock-is-right when the node, or the command that writes here, is started"
    return ways
  }()
}
