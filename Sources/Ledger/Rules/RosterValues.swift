public import LedgerCrypto
import Statements

/// The roster by which the next block is judged: the value at `roster`.
///
/// ```cddl
/// roster-in-force = { root: bstr .size 32, open: [*256 bstr .size 32] }
/// ```
///
/// `open` has the statement ids of the proposals that are open, ascending, so that a reader of the value knows all of
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
