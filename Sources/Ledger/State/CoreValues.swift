public import LedgerCrypto
import Statements

/// How many records there are about something, and which: the value at a `subject` or a `digest`.
///
/// ```cddl
/// record-list = { count: uint, first: uint, last: uint, chain: bstr .size 32 }
/// ```
///
/// `first` and `last` are entry indices, and `chain` is SHA-256(0x11 || chain before || statement id), from 32 zero
/// bytes on, over the records in the order of their entries. So whoever has `count` records with this chain has all
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

  /// `list`, nil where there is none yet, with one more record, at `index`, which is greater than `last`, and the chain
  /// that this gives.
  init(_ list: RecordList?, adding index: UInt64, chain: Digest) {
    (count, first, last, self.chain) = ((list?.count ?? 0) + 1, list?.first ?? index, index, chain)
  }

  /// The list of `records`; nil where there are none, or where their indices do not ascend.
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

/// The roster by which the next block is judged: the value at `roster`.
///
/// ```cddl
/// roster-in-force = { root: bstr .size 32, open: [*256 bstr .size 32] }
/// ```
///
/// `open` has the statement ids of the proposals that are open, ascending, so that whoever knows the value knows all of
/// them.
public struct RosterInForce: StateValue, Hashable {
  /// The RFC 6962 root over its items.
  public let root: Digest
  /// The ids of the open proposals, ascending.
  public let open: [Digest]

  /// The roster with this root, and the proposals that are open.
  public init(root: Digest, open: [Digest]) { (self.root, self.open) = (root, open) }

  /// The roster with this encoding.
  ///
  /// - Throws: `malformed`.
  public init(decoding encoded: [UInt8]) throws(Refusal) {
    do throws(StatementError) {
      var fields = try CBORFields(CBOR(decoding: encoded), of: "roster in force")
      root = try fields.digest("root")
      var open: [Digest] = []
      for item in try fields.array("open", count: 0...Proposals.mostPending) {
        guard case .bytes(let bytes) = item, let id = Digest(bytes), open.last.map({ $0 < id }) ?? true else {
          throw StatementError(.malformed, "roster in force: open is not ids in ascending order")
        }
        open.append(id)
      }
      self.open = open
      try fields.finish()
    } catch { throw Refusal(.malformed, error.description) }
  }

  /// The encoding.
  public var encoded: [UInt8] {
    CBOR.map(["root": .bytes(root.bytes), "open": .array(open.map { .bytes($0.bytes) })]).encoded
  }
}

/// A change of the roster that waits for approvals: the value at `proposal`.
///
/// ```cddl
/// open-proposal = { change: [kind: tstr, payload: bstr, proposed: uint], approvals: [* id] }
/// ```
///
/// `kind` and `payload` are those of the statement that proposed it, `proposed` the time of its block in ms, and
/// `approvals` the administrators that approve it, in the order in which they did.
public struct OpenProposal: StateValue, Hashable {
  /// What it changes.
  public let change: RosterChange
  /// The time of the block in which it was proposed, in ms since the epoch.
  public let proposed: UInt64
  /// The ids of those that approve it.
  public let approvals: [String]

  /// A proposal.
  public init(_ change: RosterChange, proposed: UInt64, approvals: [String]) {
    (self.change, self.proposed, self.approvals) = (change, proposed, approvals)
  }

  /// The proposal as the judgement has it.
  public init(_ pending: Proposals.Pending) {
    self.init(pending.change, proposed: pending.proposed, approvals: pending.approvals)
  }

  /// The proposal with this encoding.
  ///
  /// - Throws: `malformed`.
  public init(decoding encoded: [UInt8]) throws(Refusal) {
    do throws(StatementError) {
      var fields = try CBORFields(CBOR(decoding: encoded), of: "open proposal")
      let parts = try fields.array("change", count: 3...3)
      guard case .text(let kind) = parts[0], case .bytes(let payload) = parts[1],
        case .unsigned(let proposed) = parts[2], proposed <= BlockHeader.maximumTime
      else { throw StatementError(.malformed, "open proposal: change is not a kind, a payload and a time") }
      do throws(Refusal) {
        guard let change = try RosterChange(contentType: kind, payload: payload) else {
          throw Refusal(.malformed, "open proposal: a kind that proposes nothing")
        }
        self.change = change
      } catch { throw StatementError(.malformed, error.reason) }
      self.proposed = proposed
      var approvals: [String] = []
      for item in try fields.array("approvals", count: 0...Roster.maximumMemberCount) {
        guard case .text(let id) = item, Member.isID(id), !approvals.contains(id) else {
          throw StatementError(.malformed, "open proposal: an approval is not an id, or stands twice")
        }
        approvals.append(id)
      }
      self.approvals = approvals
      try fields.finish()
    } catch { throw Refusal(.malformed, error.description) }
  }

  /// The encoding.
  public var encoded: [UInt8] {
    CBOR.map([
      "change": .array([.text(change.contentType), .bytes(change.payload), .unsigned(proposed)]),
      "approvals": .array(approvals.map(CBOR.text)),
    ]).encoded
  }
}
