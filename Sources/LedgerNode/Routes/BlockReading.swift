import Foundation
import Hummingbird
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerStore
import Statements
import TransparencyLog

/// Blocks, checkpoints and rosters.
extension LedgerSnapshot {
  /// `GET /entries?index=N…`: some entries, a CBOR sequence of byte strings in the order in which they were asked for.
  func entries(_ indices: [UInt64]) throws -> Answer {
    var sequence: [UInt8] = []
    for index in indices {
      guard let entry = try reader.entry(index) else { throw beyond(index) }
      CBORWriter.byteString(entry.span, to: &sequence)
    }
    return Answer(.ok, "application/cbor-seq", .immutable, sequence)
  }

  /// `GET /checkpoint`: the newest checkpoint; with `?since=SIZE` also the path from a tree of that size to it.
  func checkpoint(since size: UInt64?) throws -> Answer {
    guard let size else { return .text(reader.checkpoint.bytes, .none) }
    return try Answer(
      .ok,
      json: NodeCheckpoint(
        checkpoint: String(decoding: reader.checkpoint.bytes, as: UTF8.self),
        consistency: reader.consistency(from: size).map(\.hex)), .none)
  }

  // MARK: Blocks

  /// What `GET /blocks` asks for.
  static let blockParameters = [
    QueryParameter("after", .number, "only blocks higher than this"),
    QueryParameter("limit", .count(1...256), "the most of a page; \(pageLength) where it is not given"),
    QueryParameter("entry", .number, "alone: the block that holds this entry"),
  ]

  /// How many there are on a page where nothing is said of it.
  static let pageLength = 100

  static func limit(_ query: Query) -> Int { query.number("limit").map { Int($0) } ?? pageLength }

  /// The first index or height behind what `after` names; nil where there can be none.
  static func first(_ query: Query) -> UInt64? {
    guard let after = query.number("after") else { return 0 }
    return after == .max ? nil : after + 1
  }

  /// `GET /blocks`: a page of blocks, or the one that holds an entry.
  func blocks(_ query: Query) throws -> Answer {
    if let entry = query.number("entry") {
      guard !query.has("after"), !query.has("limit") else {
        throw Query.wrong("entry goes with nothing else")
      }
      guard entry < reader.size else { throw beyond(entry) }
      return try whole(reader.block(of: entry))
    }
    let limit = LedgerSnapshot.limit(query)
    var (height, blocks) = (LedgerSnapshot.first(query), [NodeBlock]())
    while blocks.count <= limit, let next = height, let block = try reader.block(at: next) {
      blocks.append(try nodeBlock(block))
      height = next + 1
    }
    let page = Array(blocks.prefix(limit))
    return try Answer(
      .ok, json: NodeBlocks(blocks: page, next: blocks.count > limit ? page.last?.height : nil), .none)
  }

  /// `GET /blocks/{height}`: a block with its header's entry and its checkpoint, which never change.
  func block(_ height: UInt64) throws -> Answer { try whole(row(at: height)) }

  func row(at height: UInt64) throws -> BlockRow {
    guard let block = try reader.block(at: height) else {
      throw NodeProblem.notFound("the ledger has no block \(height)")
    }
    return block
  }

  private func whole(_ block: BlockRow) throws -> Answer {
    try Answer(.ok, json: nodeBlock(block, isWhole: true), .immutable)
  }

  /// What is told of a block; with `isWhole` its header and its checkpoint too.
  func nodeBlock(_ block: BlockRow, isWhole: Bool = false) throws -> NodeBlock {
    let (entry, note) = (try reader.header(of: block), try reader.checkpoint(of: block))
    let header = try BlockHeader(payload: entry.payload)
    return NodeBlock(
      height: block.height, first: block.first, header: block.size - 1, time: block.time,
      records: block.size - 1 - block.first, root: try Checkpoint(parsing: note.text).root.hex,
      state: header.state.hex, roster: header.roster.hex,
      entry: isWhole ? Data(entry.entry).base64EncodedString() : nil,
      checkpoint: isWhole ? String(decoding: note.bytes, as: UTF8.self) : nil)
  }

  // MARK: Rosters

  /// `GET /roster`: the items of the roster by which the next block is judged.
  func roster() throws -> Answer {
    let root = try reader.state().roster.root
    return Answer(.ok, "application/cbor", .none, try rosterItems(root))
  }

  /// `GET /roster/{root}`: the items of the roster with this root, which never change.
  ///
  /// - Parameter height: of a block that must name it.
  func roster(_ root: Digest, at height: UInt64?) throws -> Answer {
    if let height, try rosterRoot(at: height) != root {
      throw NodeProblem.notFound("block \(height) names another roster")
    }
    return Answer(.ok, "application/cbor", .immutable, try rosterItems(root))
  }

  private func rosterItems(_ root: Digest) throws -> [UInt8] {
    guard let items = try reader.rosterItems(root) else {
      throw NodeProblem.notFound("the ledger never had a roster with the root \(root)")
    }
    return items
  }

  private func rosterRoot(at height: UInt64) throws -> Digest {
    try BlockHeader(payload: reader.header(of: row(at: height)).payload).roster
  }

  /// `GET /members`: the roster by which the next block is judged, or that of the block at a height.
  func members(at height: UInt64?) throws -> Answer {
    let state = try reader.state()
    guard let height, height != state.height else { return try members(state.roster, at: state.height) }
    return try members(reader.roster(rosterRoot(at: height), at: height), at: height)
  }

  private func members(_ roster: Roster, at height: UInt64) throws -> Answer {
    let members = roster.members.map { member in
      NodeMembers.Member(
        id: member.id, zh: member.name.zh, en: member.name.en, roles: member.roles,
        isInForce: member.isInForce(at: height),
        keys: member.keys.map { key in
          NodeMembers.Key(
            kid: key.id.hex, algorithm: key.key.algorithm.rawValue, from: key.from, until: key.until,
            isInForce: key.isInForce(at: height))
        })
    }
    return try Answer(
      .ok,
      json: NodeMembers(
        ledger: reader.ledgerID.hex, height: height, roster: roster.root.hex,
        entryLimit: EntryView.maximumEntryByteCount, administrators: roster.terms.administrators,
        members: members),
      .none)
  }
}
