import Ledger
import Statements
import TransparencyLog

extension NodeVerdict {
  /// Whether it says where the record stands, or else why it is none.
  var isWhole: Bool {
    let isPlaced = index != nil && block != nil && time != nil
    return problem == nil ? isPlaced && (200...201).contains(status) : !isPlaced && status >= 400
  }
}

extension NodeReceipt {
  /// Checks that this is a receipt of `statement`, and what it says of its place by its own proof; with `policy` also who says so.
  ///
  /// - Throws: `ProofError`, `LogError` or `StatementError` of the first part that does not hold.
  public func check(is statement: SignedStatement, _ policy: Policy? = nil) throws {
    let proof = try RecordProof(parsing: Array(proof.utf8).span)
    guard id == statement.id.hex, proof.statement.id == statement.id else {
      throw NodeClientError(.untrue, "it is of another statement")
    }
    let header = try BlockHeader(payload: proof.header.payload)
    guard proof.proof.index == index, header.height == block, header.time == time else {
      throw NodeClientError(.untrue, "its proof is of another place or time")
    }
    if let policy {
      _ = try proof.check(policy)
      return
    }
    guard header.size == proof.headerPath.index, index < header.size else {
      throw NodeClientError(.untrue, "its header does not come after it")
    }
    let checkpoint = try Checkpoint(parsing: proof.proof.checkpoint.text)
    var hasher = TreeHasher()
    try InclusionProof(index: index, size: checkpoint.size, path: proof.proof.path)
      .verify(leaf: hasher.leaf(proof.statement.entry.span), root: checkpoint.root, using: &hasher)
    try proof.headerPath.verify(
      leaf: hasher.leaf(proof.header.entry.span), root: checkpoint.root, using: &hasher)
  }
}

extension NodeClientError {
  /// The node says where a record is, and what it gives for a proof shows nothing of it.
  static func notProven(_ url: String, _ index: UInt64, _ block: UInt64, _ error: any Error)
    -> NodeClientError
  {
    NodeClientError(
      .notProven,
      "not proven: by the node's word it is entry \(index) in block \(block); the proof that \(url) gives does not hold: \(error)"
    )
  }
}
