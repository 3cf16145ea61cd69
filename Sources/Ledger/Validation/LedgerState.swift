public import LedgerCrypto
import Statements
public import TransparencyLog

/// Everything that the next block is judged by, apart from the ids of earlier statements.
public struct LedgerState: Sendable {
  /// The leaf hash of the founding statement.
  public let ledgerID: Digest
  /// The height of the next block.
  public internal(set) var height: UInt64
  /// The leaf hash of the last header.
  public internal(set) var parent: Digest
  /// The time of the last header, in ms; nil before the founding block. Where that header can't be read, which only an
  /// audit goes beyond, it is that of the last one before.
  public internal(set) var parentTime: UInt64?
  /// The roster in force for the next block.
  public internal(set) var roster: Roster
  /// The proposals to change it.
  public internal(set) var proposals: Proposals
  /// The tree so far.
  public internal(set) var frontier: Frontier

  /// The state before the founding block, with the roster that the founding statement sets.
  init(founding ledgerID: Digest, roster: Roster) {
    self.ledgerID = ledgerID
    self.roster = roster
    height = 0
    parent = .zero
    parentTime = nil
    proposals = Proposals()
    frontier = Frontier()
  }
}

/// The ids of earlier statements, for the rule against duplicates.
public protocol StatementRegistry {
  /// The index of the statement with this id, or nil where there is none within the statement window.
  mutating func index(of id: Digest) -> UInt64?
  /// Remembers an accepted statement; `issuedAt` in s since the epoch.
  mutating func remember(_ id: Digest, index: UInt64, issuedAt: UInt64)
}

extension LedgerState {
  /// The snapshot's format.
  private static let snapshotVersion: UInt64 = 2

  /// All but the frontier as canonical CBOR, to be read again by `init(snapshot:frontier:)`.
  public var snapshot: [UInt8] {
    let pending = proposals.pending.map { id, proposal in
      let change = proposal.change
      return (
        CBOR.bytes(id.bytes),
        CBOR.array([
          .text(change.contentType), .bytes(change.payload), .array(proposal.approvals.map(CBOR.text)),
          .unsigned(proposal.proposed),
        ])
      )
    }
    let items = roster.items.map(CBOR.bytes)
    return CBOR.map([
      .text("version"): .unsigned(LedgerState.snapshotVersion), .text("ledger"): .bytes(ledgerID.bytes),
      .text("height"): .unsigned(height), .text("parent"): .bytes(parent.bytes),
      .text("time"): parentTime.map(CBOR.unsigned) ?? .null, .text("roster"): .array(items),
      .text("pending"): .map(CBORMap(pending)),
      .text("settled"): .array(proposals.settled.sorted().map { .bytes($0.bytes) }),
    ]).encoded
  }

  /// The leaf hash of the header that a snapshot's state comes after.
  ///
  /// - Throws: `malformed`.
  public static func parent(ofSnapshot snapshot: [UInt8]) throws(Refusal) -> Digest {
    do {
      var fields = try CBORFields(CBOR(decoding: snapshot), of: "snapshot")
      return try fields.digest("parent")
    } catch { throw Refusal(error) }
  }

  /// The state of a snapshot and the tree that belongs to it.
  ///
  /// Whether `frontier` is the snapshot's is for the caller to see to, by the header that both end with.
  ///
  /// - Throws: `malformed`, also where there are more blocks than entries; a snapshot is derived, so whoever stores it
  ///   can make it anew.
  public init(snapshot: [UInt8], frontier: Frontier) throws(Refusal) {
    do {
      var fields = try CBORFields(CBOR(decoding: snapshot), of: "snapshot")
      guard try fields.unsigned("version") == LedgerState.snapshotVersion else {
        throw StatementError(.malformed, "a snapshot of another version")
      }
      ledgerID = try fields.digest("ledger")
      height = try fields.unsigned("height")
      parent = try fields.digest("parent")
      guard height <= frontier.size, (height == 0) == (frontier.size == 0) else {
        throw StatementError(.malformed, "\(height) blocks of \(frontier.size) entries")
      }
      switch try fields.value("time") {
      case .null where height == 0: parentTime = nil
      case .unsigned(let time) where height > 0 && time <= BlockHeader.maximumTime: parentTime = time
      default: throw StatementError(.malformed, "the time of a snapshot")
      }
      var items: [CBOR] = []
      for item in try fields.array("roster", count: 1...Roster.maximumMemberCount + 1) {
        guard case .bytes(let bytes) = item else { throw StatementError(.malformed, "an item is not bytes") }
        items.append(try CBOR(decoding: bytes))
      }
      roster = try Roster(items: items, inForceFrom: height)
      proposals = Proposals()
      guard case .map(let pending) = try fields.value("pending") else {
        throw StatementError(.malformed, "pending is not a map")
      }
      for (key, value) in pending.pairs {
        guard case .bytes(let bytes) = key, let id = Digest(bytes) else {
          throw StatementError(.malformed, "the id of a pending proposal")
        }
        proposals.pending[id] = try LedgerState.proposal(value, roster)
      }
      var last: Digest?
      for item in try fields.array("settled", count: 0...Int.max) {
        guard case .bytes(let bytes) = item, let id = Digest(bytes), last.map({ $0 < id }) ?? true else {
          throw StatementError(.malformed, "a settled proposal")
        }
        proposals.settled.insert(id)
        last = id
      }
      try fields.finish()
      self.frontier = frontier
    } catch {
      throw Refusal(.malformed, "\(error)")
    }
  }

  /// A pending proposal, which has been approved by some of its administrators.
  private static func proposal(_ cbor: CBOR, _ roster: Roster) throws -> Proposals.Pending {
    guard case .array(let parts) = cbor, parts.count == 4, case .text(let type) = parts[0],
      case .bytes(let payload) = parts[1], case .array(let names) = parts[2],
      case .unsigned(let proposed) = parts[3], proposed <= BlockHeader.maximumTime,
      let change = try RosterChange(contentType: type, payload: payload)
    else { throw StatementError(.malformed, "a pending proposal") }
    var approvals: [String] = []
    for name in names {
      guard case .text(let name) = name, roster.isAdministrator(name), !approvals.contains(name) else {
        throw StatementError(.malformed, "the approvals of a pending proposal")
      }
      approvals.append(name)
    }
    guard !approvals.isEmpty else { throw StatementError(.malformed, "a proposal that nobody approves") }
    return Proposals.Pending(change: change, proposed: proposed, approvals: approvals)
  }
}
