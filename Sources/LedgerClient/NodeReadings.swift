/// What keys have in the state after the newest block, with a page of the records of their lists: the answer to `GET /proof?…`.
///
/// Each page has a state proof of its own. Lists only grow, so that of the last page covers the records of all pages.
public struct NodeProofs: Codable, Hashable, Sendable {
  /// The state proof: a C2SP tlog-proof, as `StateProofs` reads it.
  public let state: String
  /// The records, in the order of their entries.
  public let records: [Record]
  /// What `after` is to be for the next page; nil on the last.
  public let next: UInt64?

  /// A record of a list.
  public struct Record: Codable, Hashable, Sendable {
    /// The index of its entry.
    public let index: UInt64
    /// The keys, in hex, of the lists that have it.
    public let lists: [String]
    /// Its proof: a C2SP tlog-proof, as `RecordProof` reads it.
    public let proof: String

    package init(index: UInt64, lists: [String], proof: String) {
      (self.index, self.lists, self.proof) = (index, lists, proof)
    }
  }

  package init(state: String, records: [Record], next: UInt64?) {
    (self.state, self.records, self.next) = (state, records, next)
  }
}
