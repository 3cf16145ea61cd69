/// Why a committer did not commit a statement, the statement itself apart. Sending it again later is safe.
public enum CommitterUnavailable: Error, CustomStringConvertible {
  /// Too much is under way.
  case busy(statementCount: Int)
  /// It is being stopped.
  case stopping
  /// The validators have not decided in time: it may become a record all the same.
  case undecided
  /// The disk, or something else beneath, has failed; nothing is written any more.
  case failed(any Error)

  /// What it is, and what to do.
  public var description: String {
    switch self {
    case .busy(let count): "\(count) statements are under way; send it again in a moment"
    case .stopping: "the node is being stopped; send it again when it has been started again"
    case .undecided:
      """
      the validators have not decided on it in time, and it may still become a record; send it again, to this node or another one
      """
    case .failed(let error):
      """
      the ledger can't be written any more (\(error)); nothing is acknowledged until the cause is mended and the node has been \
      started again; then send it again
      """
    }
  }
}
