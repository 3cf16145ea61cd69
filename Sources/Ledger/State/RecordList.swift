public import LedgerCrypto
import Statements

/// How many records there are about something, and which: the value at a `subject` or a `digest`.
///
/// ```cddl
/// record-list = { count: uint, first: uint, last: uint, chain: bstr .size 32 }
/// ```
///
/// `first` and `last` are entry indices, and `chain` is SHA-256(0x11 || chain before || statement id), from 32 zero
/// bytes on, over the records in the order of their entries. So a holder of `count` records with this chain has all
/// that there are.
public struct RecordList: StateValue, Hashable {
  /// The number of records, at least 1.
  public private(set) var count: UInt64
  /// The index of the first.
  public let first: UInt64
  /// The index of the last.
  public private(set) var last: UInt64
  /// The chain over their ids.
  public private(set) var chain: Digest

  /// The list of one record.
  public init(_ id: Digest, at index: UInt64, using hasher: inout StateHasher) {
    (count, first, last) = (1, index, index)
    chain = hasher.chain(after: .zero, id)
  }

  /// `list`, nil if there is none yet, with one more record, at `index`, which is greater than `last`, and the chain
  /// that this gives.
  init(_ list: RecordList?, adding index: UInt64, chain: Digest) {
    (count, first, last, self.chain) = ((list?.count ?? 0) + 1, list?.first ?? index, index, chain)
  }

  /// The list of `records`; nil if there are none, or where their indices do not ascend.
  public init?(_ records: [(id: Digest, index: UInt64)], using hasher: inout StateHasher) {
    guard let first = records.first else { return nil }
    self.init(first.id, at: first.index, using: &hasher)
    for record in records.dropFirst() {
      guard record.index > last else { return nil }
      add(record.id, at: record.index, using: &hasher)
    }
  }

  /// Adds the record at `index`, which is greater than `last`; traps otherwise.
  public mutating func add(_ id: Digest, at index: UInt64, using hasher: inout StateHasher) {
    precondition(index > last, "records are listed in the order of their entries")
    (count, last) = (count + 1, index)
    chain = hasher.chain(after: chain, id)
  }

  /// The list with this encoding.
  ///
  /// - Throws: `malformed`, also where so many records do not fit between `first` and `last`.
  public init(decoding encoded: [UInt8]) throws(Refusal) {
    do throws(StatementError) {
      var fields = try CBORFields(CBOR(decoding: encoded), of: "record list")
      count = try fields.unsigned("count", in: 1...UInt64.max)
      first = try fields.unsigned("first")
      last = try fields.unsigned("last")
      chain = try fields.digest("chain")
      try fields.finish()
      guard first <= last, count - 1 <= last - first, (count == 1) == (first == last) else {
        throw StatementError(.malformed, "record list: \(count) records from \(first) to \(last)")
      }
    } catch { throw Refusal(.malformed, error.description) }
  }

  /// The encoding.
  public var encoded: [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return bytes
  }

  /// Appends the encoding.
  func append(to bytes: inout [UInt8]) {
    // In the order of core deterministic encoding; a block writes thousands of them.
    CBORWriter.head(.map, 4, to: &bytes)
    CBORWriter.textString("last", to: &bytes)
    CBORWriter.head(.unsigned, last, to: &bytes)
    CBORWriter.textString("chain", to: &bytes)
    CBORWriter.head(.bytes, UInt64(Digest.byteCount), to: &bytes)
    chain.append(to: &bytes)
    CBORWriter.textString("count", to: &bytes)
    CBORWriter.head(.unsigned, count, to: &bytes)
    CBORWriter.textString("first", to: &bytes)
    CBORWriter.head(.unsigned, first, to: &bytes)
  }
}

/// Where a statement was recorded: the value at `statement`.
///
/// ```cddl
/// statement-place = { index: uint }
/// ```
public struct StatementPlace: StateValue, Hashable {
  /// The index of its entry.
  public let index: UInt64

  /// The place of the entry at `index`.
  public init(index: UInt64) { self.index = index }

  /// The place with this encoding.
  ///
  /// - Throws: `malformed`.
  public init(decoding encoded: [UInt8]) throws(Refusal) {
    do throws(StatementError) {
      var fields = try CBORFields(CBOR(decoding: encoded), of: "statement place")
      index = try fields.unsigned("index")
      try fields.finish()
    } catch { throw Refusal(.malformed, error.description) }
  }

  /// The encoding.
  public var encoded: [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return bytes
  }

  /// Appends the encoding.
  func append(to bytes: inout [UInt8]) {
    CBORWriter.head(.map, 1, to: &bytes)
    CBORWriter.textString("index", to: &bytes)
    CBORWriter.head(.unsigned, index, to: &bytes)
  }
}
