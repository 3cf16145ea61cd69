import Foundation
import Hummingbird
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerStore
import Scenarios

/// What is proven of the state: values, and lists with all their records.
extension LedgerSnapshot {
  /// As of which block lists are asked for.
  private static let earlier = QueryParameter(
    "at", .number,
    "the height of an earlier block, as of which the lists are asked for: its header comes along")

  /// What `GET /state/…` asks for by name.
  static let namedStateParameters = [earlier]

  /// What `GET /state` asks for.
  static let stateParameters = [
    earlier,
    QueryParameter(
      "key", .bytes(most: StateProof.maximumKeyByteCount), isRequired: true,
      most: StateProofs.maximumKeyCount,
      "a key of the state in hex; 1 to \(StateProofs.maximumKeyCount) of them"),
  ]

  /// The keys of `GET /state?key=…`.
  static func keys(_ query: Query) throws(NodeProblem) -> [StateKey] {
    let keys = query.bytes("key").map { StateKey(bytes: $0) }
    guard Set(keys).count == keys.count else { throw Query.wrong("a key comes twice") }
    return keys
  }

  /// A subject, or the id of an item or a request.
  static func nameParameter(_ name: String, _ meaning: String) -> QueryParameter {
    QueryParameter(name, .text(most: StateProof.maximumKeyByteCount), meaning)
  }

  /// `name`, of one who owns subjects.
  static func owner(_ name: String) throws(NodeProblem) -> String {
    guard StateQuery.owners.contains(name) else {
      throw NodeProblem.notFound(
        "\(name) owns no subjects here; these do: \(StateQuery.owners.joined(separator: ", "))")
    }
    return name
  }

  static func bounded(_ keys: [StateKey]) throws(NodeProblem) -> [StateKey] {
    guard keys.allSatisfy({ $0.bytes.count <= StateProof.maximumKeyByteCount }) else {
      throw Query.wrong("the name is longer than a key of the state can be")
    }
    return keys
  }

  /// What was found, which this reads of a ledger that reaches so far.
  ///
  /// - Parameter earlier: the height of the block as of which lists are asked for, where that is an earlier one.
  func proofs(_ found: LedgerReader.FoundProofs, asOf earlier: UInt64?) throws -> StateProofs {
    do {
      guard let proofs = try reader.stateProofs(found, asOf: earlier) else {
        throw Failure("read", "the state", reason: "not there yet")
      }
      return proofs
    } catch let error as ProofError where error.code == .malformed {
      throw NodeProblem(.contentTooLarge, "too-large", "\(error.description); ask for fewer keys at once")
    }
  }

  /// What keys have in the state, as `GET /state` gives it.
  func state(_ proofs: StateProofs?) throws -> Answer {
    .text(try LedgerSnapshot.required(proofs).bytes, .none)
  }

  private static func required(_ proofs: StateProofs?) throws(NodeProblem) -> StateProofs {
    guard let proofs else { throw Query.wrong("nothing is asked for") }
    return proofs
  }

  // MARK: How an item stands

  /// The size of a tree that is known.
  static let since = QueryParameter("since", .number, "the size of a tree that is known")

  /// What `GET /status` asks for.
  static let statusParameters = [
    QueryParameter(
      "item", .text(most: StateProof.maximumKeyByteCount), isRequired: true, "an item of evidence"), since,
  ]

  /// `GET /status`: how an item stands, and what proves all that is shown of it.
  static let status = Route.Work.prove(
    keys: { try LedgerSnapshot.bounded(ItemStanding.keys(Ask.required($0.query.text("item")))) },
    further: { ask, found in
      try ItemStanding.further(ask.query.text("item") ?? "") { key in
        found.first { $0.key == key }?.value
      }
    }
  ) { try $0.status(LedgerSnapshot.required($1), since: $2.query.number("since")) }

  private func status(_ proofs: StateProofs, since size: UInt64?) throws -> Answer {
    func value(_ key: StateKey) -> [UInt8]? { proofs.keys.first { $0.key == key }?.value }
    let records = try proofs.keys.filter { StateQuery.isPlace($0.key) }.compactMap { key in
      try key.value.map {
        try reader.proof(of: StatementPlace(decoding: $0).index, against: proofs.proof.checkpoint).bytes
      }
    }
    let items = try value(.roster).flatMap { try reader.rosterItems(RosterInForce(decoding: $0).root) }
    let path = try size.map { try reader.consistency(from: $0, to: proofs.proof.index + 1) } ?? []
    return try Answer(
      .ok,
      json: NodeStatus(
        state: String(decoding: proofs.bytes, as: UTF8.self), consistency: path.map(\.hex),
        records: records.map { String(decoding: $0, as: UTF8.self) },
        roster: items.map { Data($0).base64EncodedString() }), .none)
  }

  // MARK: Lists with their records

  /// What `GET /proof` asks for.
  static let proofParameters = [
    nameParameter("subject", "all records about this subject"),
    QueryParameter(
      "owner", .word(StateQuery.owners), "beside subject: only those of this owner; of each otherwise"),
    QueryParameter("digest", .digest, "all records of the file with this SHA-256"),
    nameParameter("item", "an item of evidence: its records and its state"),
    nameParameter("request", "a request of data sharing: its records and its state"),
    earlier, QueryParameter("after", .number, "only records behind this entry"),
  ]

  /// The keys of `GET /proof?…`.
  static func proofKeys(_ query: Query) throws(NodeProblem) -> [StateKey] {
    var asked: [StateQuery] = []
    if let subject = query.text("subject") { asked.append(.subject(subject)) }
    if let digest = query.digest("digest") { asked.append(.digest(digest)) }
    if let item = query.text("item") { asked.append(.item(item)) }
    if let request = query.text("request") { asked.append(.request(request)) }
    guard asked.count == 1 else {
      throw Query.wrong("name one of subject, digest, item and request")
    }
    guard let owner = query.text("owner") else { return try bounded(asked[0].keys(asOf: query.number("at"))) }
    guard let subject = query.text("subject") else { throw Query.wrong("owner goes with subject") }
    return try bounded([.subject(subject, of: owner)])
  }

  /// The most records of a page, and the bytes of their proofs after which it ends.
  private static let (mostRecords, mostBytes) = (256, 4 << 20)

  /// What keys have in the state, and of those that are lists a page of their records.
  func proofs(_ proofs: StateProofs?, _ ask: Ask) throws -> Answer {
    let (proofs, first) = (try LedgerSnapshot.required(proofs), LedgerSnapshot.first(ask.query) ?? .max)
    var lists: [UInt64: [String]] = [:]
    var isMore = false
    for proof in proofs.keys where StateQuery.isList(proof.key) {
      guard let value = proof.value else { continue }
      let found = try reader.records(
        listedAt: proof.key, as: RecordList(decoding: value), from: first,
        limit: LedgerSnapshot.mostRecords + 1)
      for index in found { lists[index, default: []].append(Hex.encode(proof.key.bytes)) }
    }
    var records: [NodeProofs.Record] = []
    var byteCount = 0
    for (index, keys) in lists.sorted(by: { $0.key < $1.key }) {
      guard records.count < LedgerSnapshot.mostRecords, byteCount < LedgerSnapshot.mostBytes else {
        isMore = true
        break
      }
      let proof = try reader.proof(of: index).bytes
      byteCount += proof.count
      records.append(.init(index: index, lists: keys, proof: String(decoding: proof, as: UTF8.self)))
    }
    let page = NodeProofs(
      state: String(decoding: proofs.bytes, as: UTF8.self), records: records,
      next: isMore ? records.last?.index : nil)
    return try Answer(.ok, json: page, .none)
  }
}
