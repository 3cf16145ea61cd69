import Ledger

extension LedgerWriter {
  /// A statement that may become a record.
  public struct Candidate: Sendable {
    /// What the entry lies in, shared with those that came with it.
    let bytes: [UInt8]
    /// Where it lies there.
    let range: Range<Int>
    /// What `EntryChecker` says of it.
    public let checked: CheckedEntry

    /// The candidate that lies at `range` of `bytes`.
    public init(_ bytes: [UInt8], at range: Range<Int>, checked: CheckedEntry) {
      (self.bytes, self.range, self.checked) = (bytes, range, checked)
    }

    /// A candidate that came alone.
    public init(entry: [UInt8], checked: CheckedEntry) {
      self.init(entry, at: 0..<entry.count, checked: checked)
    }

    /// The entry.
    public var entry: [UInt8] { Array(bytes[range]) }

    /// The number of bytes of the entry.
    public var byteCount: Int { range.count }
  }
}
