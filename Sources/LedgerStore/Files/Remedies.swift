/// How messages name what mends a problem: a command line gives its commands. By default they are the calls of this module.
public struct Remedies: Hashable, Sendable {
  /// Founds a ledger.
  public var founding = "`LedgerFolder.found`"
  /// Makes everything derived anew from the truth.
  public var rebuild = "`LedgerFolder.rebuild`"
  /// Looks for every fault.
  public var audit = "`LedgerAudit`"
  /// Goes on from the newest block here, whatever this machine has signed last.
  public var adoptHead = "`adoptsHead`"
  /// Confirms that the clock is right, and where.
  public var clockIsRight = "`isClockConfirmed` when the ledger is opened"
  /// Reaches the ledger through the node that writes to it.
  public var node = "a client"
  /// Starts the node of one of several validators.
  public var validatorNode = "with `Options.validator`"
  /// Tells a node by which name it is reached.
  public var hostName = "`hostNames`"

  /// The ordinary words.
  public init() {}
}
