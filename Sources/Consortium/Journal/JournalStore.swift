/// Where a `Signer` writes down what it signs, before it leaves.
public protocol JournalStore {
  /// Appends a record. On return it is on the disk: a power cut does not lose it.
  ///
  /// - Throws: `journal-failed`. The store may then hold the record, a part of it, or nothing.
  mutating func append(_ record: JournalRecord) throws(ConsortiumError)

  /// Whether it is time for a new segment, before anything of `height` is signed.
  func wantsSegment(at height: UInt64) -> Bool

  /// Begins a new segment with `first`, so that older segments need not be read at a start.
  ///
  /// - Parameter height: no less than that of any record before.
  /// - Throws: `journal-failed`. The store may then hold the segment, or not.
  mutating func beginSegment(at height: UInt64, with first: JournalRecord) throws(ConsortiumError)
}

extension JournalStore {
  /// A store of one segment.
  public func wantsSegment(at height: UInt64) -> Bool { false }

  /// A store of one segment appends the record.
  public mutating func beginSegment(
    at height: UInt64, with first: JournalRecord
  ) throws(ConsortiumError) {
    try append(first)
  }
}
