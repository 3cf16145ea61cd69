import Certificates
import Ledger
import LedgerCrypto
import Scenarios
import Statements
import TransparencyLog

/// A state proof that holds by a policy, and what the records beside it make complete.
package struct StateCheck {
  package let proven: ProvenState
  package let policy: Policy
  package let findings: [Finding]

  /// What is proven of one key.
  package struct Finding {
    package let key: StateKey
    package let subject: Subject
    /// The value; nil where the key has none, which is proven.
    package let value: [UInt8]?
    /// The value of a list that has one.
    package let list: RecordList?
    /// The index of a statement that has one.
    fileprivate let index: UInt64?
    /// The list's records, where all of them are here, also those behind the block in question.
    fileprivate let all: [ProvenRecord]?
    /// The header of an earlier block, as of which the list is asked for.
    private let earlier: BlockHeader?
    /// The item of evidence that the list is about, as its records up to an earlier block leave it by the rules of this program.
    package let item: Evidence.Item?

    /// The list's records as of the block in question, where all of them are here.
    package var complete: [ProvenRecord]? {
      guard let earlier else { return all }
      return all?.filter { $0.index < earlier.size }
    }

    /// Whether something was recorded as of the block in question: what `list` is about, or else the key.
    package var isRecorded: Bool {
      guard let earlier else { return value != nil }
      if subject.isList { return (list?.first).map { $0 < earlier.size } ?? false }
      return index.map { $0 < earlier.size } ?? false
    }

    /// How many records the list had as of the block in question; nil where its records are needed to tell.
    package var count: UInt64? {
      guard let list, isRecorded else { return 0 }
      guard let earlier, list.last >= earlier.size else { return list.count }
      return complete.map { UInt64($0.count) }
    }
  }

  /// What a key is about.
  package enum Subject: Equatable {
    case digest(Digest)
    case subject(String, owner: String)
    case statement(Digest)
    case roster
    case proposal(Digest)
    case record([String])
  }

  /// The proofs of a list's records that lie beside a state proof, at most as many as the list says; nil where there are
  /// none.
  package typealias Records = (_ list: Subject, _ count: UInt64) throws -> [(path: String, bytes: [UInt8])]?

  /// Checks the proof in `bytes`, read from `path`, by `policy`; the records beside it are read when it holds.
  ///
  /// - Throws: not verified, with what does not hold.
  package init(
    _ bytes: [UInt8], _ path: String, _ policy: Policy, note: (String) -> Void,
    records: Records = { _, _ in nil }
  ) throws {
    self.policy = policy
    let text = LineEnds.read(bytes, path, note: note)
    func holds<Value>(_ body: () throws -> Value) throws -> Value {
      do { return try body() } catch let error as ProofError {
        throw WorkflowError(
          .notVerified, error.code.rawValue, "\(path): \(error.description)\(LineEnds.advice(text))")
      } catch let refusal as Refusal {
        throw WorkflowError(.notVerified, ProofError.Code.state.rawValue, "\(path): \(refusal.reason)")
      }
    }
    let proven = try holds { try StateProofs(parsing: text.span).check(policy) }
    self.proven = proven
    let earlier = proven.earlier
    findings = try proven.values.map { proven in
      guard let subject = Subject(proven.key) else {
        throw WorkflowError(
          .notVerified, ProofError.Code.state.rawValue,
          "\(path): it is about a key of the state that this program does not know")
      }
      if let earlier, !subject.hasHistory {
        throw WorkflowError(
          .notVerified, ProofError.Code.state.rawValue,
          "\(path): what \(Printable.text(subject.name)) had as of block \(earlier.height) is not proven: only lists and statements are, as of an earlier block"
        )
      }
      return try holds { try Finding(proven, subject, asOf: earlier) }
    }.map { finding in
      guard finding.subject.isList else { return finding }
      guard let beside = try records(finding.subject, finding.list?.count ?? 0) else { return finding }
      let checked = try beside.map { try ProofCheck($0.bytes, $0.path, policy, note: note) }
        .sorted { $0.proven.index < $1.proven.index }
      try holds { try proven.requireAll(checked.map(\.proven), of: finding.key) }
      return finding.with(checked)
    }
  }

  /// Whether a proof file is of the state rather than of a record.
  package static func isStateProof(_ bytes: [UInt8]) -> Bool {
    let text = LineEnds.restored(bytes)?.bytes ?? bytes
    return StateProofs.isOne(text.span)
  }

  /// By whose word the block's time holds.
  package var word: CosignatureSummary { CosignatureSummary(policy, proven.verdict) }

  /// The block as of which lists are asked for.
  package var asOf: BlockHeader { proven.earlier ?? proven.header }

  /// The sentence that a finding proves, and no more than it does.
  package func sentence(_ finding: Finding) -> String {
    let now = "as of block \(proven.header.height)"
    let asOf = "as of block \(asOf.height)"
    func records(_ about: String) -> String {
      guard let list = finding.list else { return "no record \(about), \(now)" }
      guard finding.isRecorded else {
        return "no record \(about), \(asOf): the first is entry \(list.first), of a later block"
      }
      if let complete = finding.complete {
        let later = list.count - UInt64(complete.count)
        let rest =
          later == 0
          ? ""
          : "; \(Printable.count(later, "record")) of later blocks beside \(complete.count == 1 ? "it" : "them")"
        return
          (complete.count == 1
          ? "the record here is the only one \(about), \(asOf)"
          : "the \(complete.count) records here are all \(about), \(asOf)") + rest
      }
      guard finding.count != nil else {
        return
          "at least one record \(about), \(asOf), the first entry \(list.first), and \(list.count) \(now); how many there were then is seen with all of them"
      }
      let count = Printable.count(list.count, "record")
      let places = list.count == 1 ? "entry \(list.first)" : "from entry \(list.first) to entry \(list.last)"
      return "\(count) \(about), \(places), \(asOf)"
    }
    switch finding.subject {
    case .digest(let digest):
      guard finding.value != nil else {
        return
          "SHA-256 \(digest): never recorded, \(now): no plain record is such a file, and no statement of a kind names it"
      }
      return records(
        "of the file with SHA-256 \(digest) (plain records that are it, and statements of a kind that name it)"
      )
    case .subject(let subject, let owner):
      return records("about \(Printable.text(subject)) (\(owner))")
    case .statement(let id):
      guard let index = finding.index else { return "statement \(id): never recorded, \(now)" }
      return finding.isRecorded
        ? "statement \(id): entry \(index)"
        : "statement \(id): not recorded \(asOf): it is entry \(index), of a later block"
    case .roster:
      return "the roster and the open proposals by which block \(proven.header.height + 1) is judged"
    case .proposal(let id):
      return "the proposal \(id): \(finding.value == nil ? "not open" : "open"), \(now)"
    case .record:
      let name = Printable.text(finding.subject.name)
      return "\(name): \(finding.value == nil ? "has no value" : "has this value"), \(now)"
    }
  }
}

extension StateCheck.Finding {
  /// - Throws: `malformed` where a value of the core does not read as one.
  fileprivate init(
    _ proven: ProvenValue, _ subject: StateCheck.Subject, asOf earlier: BlockHeader?
  ) throws(Refusal) {
    (key, value, self.subject, self.earlier) = (proven.key, proven.value, subject, earlier)
    (all, item) = (nil, nil)
    var (list, index): (RecordList?, UInt64?) = (nil, nil)
    if let value = proven.value {
      if subject.isList { list = try RecordList(decoding: value) }
      if case .statement = subject { index = try StatementPlace(decoding: value).index }
    }
    (self.list, self.index) = (list, index)
  }

  private init(_ other: Self, _ records: [ProofCheck]) {
    (key, subject, value, list, index) = (other.key, other.subject, other.value, other.list, other.index)
    (earlier, all) = (other.earlier, records.map(\.proven))
    if let earlier, case .subject(_, Evidence.scenario.name) = subject {
      item = Evidence.Item(
        replaying: records.filter { $0.proven.index < earlier.size }.map { ($0.proof, $0.proven) })
    } else {
      item = nil
    }
  }

  fileprivate func with(_ records: [ProofCheck]) -> Self { Self(self, records) }
}

extension StateCheck.Subject {
  /// What `key` is about; nil for a key that no ledger of this program has, however much it looks like one.
  package init?(_ key: StateKey) {
    func rest(_ owner: String) -> Digest? {
      let prefix = Array(owner.utf8) + [0]
      guard key.bytes.starts(with: prefix) else { return nil }
      return Digest(Array(key.bytes.dropFirst(prefix.count)))
    }
    let parts = key.parts
    if let digest = rest("digest") {
      self = .digest(digest)
    } else if let id = rest("statement") {
      self = .statement(id)
    } else if let id = rest("proposal") {
      self = .proposal(id)
    } else if key == .roster {
      self = .roster
    } else if parts.count == 3, StateQuery.owners.contains(parts[1]),
      key == .subject(parts[2], of: parts[1])
    {
      self = .subject(parts[2], owner: parts[1])
    } else if parts.count > 1, Scenarios.all.contains(where: { $0.name == parts[0] }),
      Array(parts.joined(separator: "\0").utf8) == key.bytes
    {
      self = .record(parts)
    } else {
      return nil
    }
  }

  /// Whether the value as of the newest block tells what was there as of an earlier one.
  fileprivate var hasHistory: Bool { if case .statement = self { true } else { isList } }

  /// Whether the key's value is a list of records.
  package var isList: Bool {
    switch self {
    case .digest, .subject: true
    case .statement, .roster, .proposal, .record: false
    }
  }

  /// The key as scripts read it: its parts with a slash between two, `%2F` and `%25` for `/` and `%` within them, and digests
  /// in hex.
  package var name: String {
    switch self {
    case .digest(let digest): "digest/\(digest)"
    case .statement(let id): "statement/\(id)"
    case .proposal(let id): "proposal/\(id)"
    case .roster: "roster"
    case .subject(let subject, let owner): StateKey.subject(subject, of: owner).name
    case .record(let parts): StateKey(bytes: Array(parts.joined(separator: "\0").utf8)).name
    }
  }
}

extension LedgerAccess {
  /// The proofs of the records that each list of `proofs` has.
  package func records(of proofs: StateProofs) async throws -> [(key: StateKey, proofs: [RecordProof])] {
    var all: [(key: StateKey, proofs: [RecordProof])] = []
    for key in proofs.keys where StateCheck.Subject(key.key)?.isList == true {
      guard let list = try key.value.map({ try RecordList(decoding: $0) }) else { continue }
      var proofs: [RecordProof] = []
      // The ledger may have gone on, and lists only grow.
      for index in try await records(listedAt: key.key) where index <= list.last {
        proofs.append(try await proof(of: index, atHead: false))
      }
      all.append((key.key, proofs))
    }
    return all
  }

  /// Sees that `records` are all that the list at `key` has, as of the newest block.
  ///
  /// - Throws: a `Fault` where they are not: then the index has lost some.
  package func requireAll(_ records: [(id: Digest, index: UInt64)], of key: StateKey) async throws {
    let list = try await value(key).map { try RecordList(decoding: $0) }
    var hasher = StateHasher()
    let given = RecordList(records, using: &hasher)
    if list == given, given != nil || records.isEmpty { return }
    let about = StateCheck.Subject(key).map { Printable.text($0.name) } ?? "this"
    throw Fault(
      .derivedMismatch, entry: list?.last,
      "\(place): the index has \(records.count) records of \(about), and the state lists \(list?.count ?? 0), or others; rebuild the derived files"
    )
  }

  /// Sees that a search by `digest` finds all records that the state lists at it.
  ///
  /// - Throws: a `Fault` where it does not.
  func requireAllFound(by digest: Digest) async throws {
    var query = RecordQuery()
    query.digest = digest
    let found = try await allRecords(query).filter { $0.isListed(at: digest) }
    try await requireAll(found.map { ($0.id, $0.index) }, of: .digest(digest))
  }
}
