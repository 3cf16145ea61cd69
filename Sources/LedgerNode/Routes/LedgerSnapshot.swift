import Foundation
import Hummingbird
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerStore
import Statements
import TransparencyLog

/// What is read of a ledger as it stands at one moment.
struct LedgerSnapshot: Sendable {
  let reader: LedgerReader
  let condition: Committer.Condition
  let version: String
  /// The audits that people asked for.
  let audits: NodeAudits.Standing
  /// How the validators are doing, where this node is one of several.
  var consensus: NodeConsensus?
  /// Why it takes no statements although its ledger could be written; nil where nothing of the sort is.
  var obstacle: (code: String, reason: String)?

  /// `GET /entries/{index or id}`: the entry's bytes, or in words where `Accept` prefers JSON. It never changes.
  func entry(_ name: String, accept: String?) throws -> Answer {
    let index = try index(name)
    guard let entry = try reader.entry(index) else { throw beyond(index) }
    let vary: HTTPFields = [.vary: "Accept"]
    // A browser is a person, who reads JSON more easily than CBOR.
    let isForPerson = accept?.contains("text/html") == true
    guard
      isForPerson || Accept.best(of: ["application/cose", "application/json"], accept) == "application/json"
    else {
      return Answer(
        .ok, "application/cose; cose-type=\"cose-sign1\"", .immutable, entry,
        headers: [.vary: "Accept", .contentLocation: "/entries/\(index)"])
    }
    let statement = try SignedStatement(decoding: entry)
    let block = try reader.block(of: index)
    let claims = statement.claims
    return try Answer(
      .ok,
      json: NodeEntry(
        index: index, block: block.height, time: block.time, id: statement.id.hex,
        type: statement.contentType,
        kid: statement.keyID.hex, issuer: claims?.issuer, subject: claims?.subject,
        issuedAt: claims?.issuedAt,
        bytes: statement.payload.count, payload: Data(statement.payload).base64EncodedString()),
      .immutable, headers: vary)
  }

  /// `GET /proof/{index or id}`: the record's C2SP proof against its block's checkpoint, which never changes; with `?at=head`
  /// against the newest.
  func proof(_ name: String, atHead isAtHead: Bool) throws -> Answer {
    let index = try index(name)
    guard index < reader.size else { throw beyond(index) }
    do {
      return .text(try reader.proof(of: index, atHead: isAtHead).bytes, isAtHead ? .none : .immutable)
    } catch let refusal as Refusal {
      throw NodeProblem.notFound(refusal.reason)
    }
  }

  /// `GET /tile/…`: a tile or an entry bundle (C2SP tlog-tiles), which never changes; 404 for what the tree does not have, or
  /// for any other spelling of a path.
  func tile(_ path: String) throws -> Answer {
    let tilePath: TilePath
    do { tilePath = try TilePath(path) } catch { throw NodeProblem.notFound(error.description) }
    guard let tile = try reader.tileBytes(tilePath) else {
      throw NodeProblem.notFound("a tree of \(reader.size) entries has no \(path)")
    }
    let next = { @Sendable (number: Int) throws -> [UInt8]? in
      number < tile.pieceCount ? try tile.piece(number) : nil
    }
    return Answer(
      .ok, "application/octet-stream", .immutable, .pieces(count: tile.byteCount, next: next))
  }

  /// `GET /policy`: the trust file, a C2SP tlog-policy. To be trusted as far as the way that it came by.
  func policy() throws -> Answer {
    .text(Array(try reader.state().roster.policyText(ledger: reader.ledgerID).utf8), .none)
  }

  /// `GET /health`: 200, or 503 where the node takes no statements.
  func health() throws -> Answer {
    let state = try reader.state()
    let checkpoint = try Checkpoint(parsing: reader.checkpoint.text)
    let doubt = condition.clockDoubt
    let obstacles = condition.obstacles + [obstacle].compactMap(\.self)
    let statuses: [String: NodeHealth.Status] = [
      "failed": .failed, "halted": .consensus, "no-validator": .consensus, "stopping": .stopping,
      "low-space": .space,
    ]
    let status = obstacles.first.map { statuses[$0.code] ?? .clock } ?? .ok
    let health = NodeHealth(
      status: status, reasons: obstacles.map { .init(code: $0.code, detail: $0.reason) },
      ledger: reader.ledgerID.hex,
      origin: checkpoint.origin, size: checkpoint.size, height: state.height - 1,
      root: Data(checkpoint.root.bytes).base64EncodedString(), time: state.parentTime,
      clock: doubt != nil ? .doubted : condition.isClockSynchronised ? .synchronised : .unsynchronised,
      indexLag: reader.unindexed,
      waiting: condition.statementCount, version: version)
    return try Answer(status == .ok ? .ok : .serviceUnavailable, json: health, .forbidden)
  }

  // MARK: Names

  /// The index that `name` is, or of the statement whose id it is.
  private func index(_ name: String) throws -> UInt64 {
    if name.utf8.count == 2 * Digest.byteCount {
      guard let id = Digest(hex: name) else {
        throw NodeProblem(.badRequest, "malformed", "an id is 64 lowercase hex digits")
      }
      guard let index = try reader.entryIndex(of: id) else {
        throw NodeProblem.notFound("no record has the id \(id)")
      }
      return index
    }
    guard let index = Query.number(name) else {
      throw NodeProblem(.badRequest, "malformed", "neither an index nor an id of 64 lowercase hex digits")
    }
    return index
  }

  func beyond(_ index: UInt64) -> NodeProblem {
    .notFound("the ledger has \(reader.size) entries; there is no entry \(index)")
  }
}
