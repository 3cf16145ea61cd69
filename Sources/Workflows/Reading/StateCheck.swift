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
    /// How many of the list's records are here, all of them; nil where none are here.
    package let complete: [ProvenRecord]?
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

  /// The records beside a state proof, by the list that they are said to be of.
  package typealias Records = [(key: StateKey, proofs: [(path: String, bytes: [UInt8])])]

  /// Checks the proof in `bytes`, read from `path`, by `policy`.
  ///
  /// - Throws: not verified, with what does not hold.
  package init(
    _ bytes: [UInt8], _ path: String, _ policy: Policy, records: Records = [], note: (String) -> Void
  ) throws {
    self.policy = policy
    let text = LineEnds.read(bytes, path, note: note)
    do { proven = try StateProofs(parsing: text.span).check(policy) } catch {
      throw WorkflowError(
        .notVerified, error.code.rawValue, "\(path): \(error.description)\(LineEnds.advice(text))")
    }
    var complete: [StateKey: [ProvenRecord]] = [:]
    for (key, proofs) in records {
      let checked = try proofs.map { try ProofCheck($0.bytes, $0.path, policy, note: note).proven }
        .sorted { $0.index < $1.index }
      do { try proven.requireAll(checked, of: key) } catch {
        throw WorkflowError(.notVerified, error.code.rawValue, "\(path): \(error.description)")
      }
      complete[key] = checked
    }
    findings = proven.values.map {
      Finding(key: $0.key, subject: Subject($0.key), value: $0.value, complete: complete[$0.key])
    }
  }

  /// By whose word the block's time holds.
  package var word: CosignerWord { CosignerWord(policy, proven.verdict) }

  /// The sentence that a finding proves, and no more than it does.
  package func sentence(_ finding: Finding) -> String {
    let asOf = "as of block \(proven.header.height)"
    let list = finding.list
    func records(_ about: String) -> String {
      guard let list else { return "no record \(about), \(asOf)" }
      let count = Printable.count(list.count, "record")
      if let complete = finding.complete {
        return "the \(Printable.count(UInt64(complete.count), "record")) here are all \(about), \(asOf)"
      }
      let places = list.count == 1 ? "entry \(list.first)" : "from entry \(list.first) to entry \(list.last)"
      return "\(count) \(about), \(places), \(asOf)"
    }
    switch finding.subject {
    case .digest(let digest):
      guard list != nil else { return "SHA-256 \(digest): never recorded, \(asOf)" }
      return records("of or naming SHA-256 \(digest)")
    case .subject(let subject, let owner):
      return records("about \(Printable.text(subject)) (\(owner))")
    case .statement(let id):
      guard let index = finding.index else { return "statement \(id): never recorded, \(asOf)" }
      return "statement \(id): entry \(index)"
    case .roster:
      return "the roster and the open proposals by which block \(proven.header.height + 1) is judged"
    case .proposal(let id):
      return "the proposal \(id): \(finding.value == nil ? "not open" : "open"), \(asOf)"
    case .record(let parts):
      let name = Printable.text(parts.joined(separator: "/"))
      return finding.value == nil ? "\(name): not there, \(asOf)" : "\(name): stands so, \(asOf)"
    }
  }
}

extension StateCheck.Finding {
  /// The list, where the key is one's and it has a value that reads as one.
  package var list: RecordList? {
    switch subject {
    case .digest, .subject:
      value.flatMap { bytes in do { return try RecordList(decoding: bytes) } catch { return nil } }
    case .statement, .roster, .proposal, .record: nil
    }
  }

  fileprivate var index: UInt64? {
    value.flatMap { bytes in do { return try StatementPlace(decoding: bytes).index } catch { return nil } }
  }
}

extension StateCheck.Subject {
  /// What `key` is about.
  package init(_ key: StateKey) {
    func rest(_ owner: String) -> Digest? {
      let prefix = Array(owner.utf8) + [0]
      guard key.bytes.starts(with: prefix) else { return nil }
      return Digest(Array(key.bytes.dropFirst(prefix.count)))
    }
    if let digest = rest("digest") {
      self = .digest(digest)
    } else if let id = rest("statement") {
      self = .statement(id)
    } else if let id = rest("proposal") {
      self = .proposal(id)
    } else if key == .roster {
      self = .roster
    } else if key.parts.count == 3, key.parts[0] == "subject" {
      self = .subject(key.parts[2], owner: key.parts[1])
    } else {
      self = .record(key.parts)
    }
  }
}

/// What somebody wants proven of the state.
package enum StateQuery {
  /// All that is recorded about a subject: by each scenario, and as plain records.
  case subject(String)
  /// What records there are of a file, or that there is none.
  case digest(Digest)
  /// An item of evidence: its records, and how it stands.
  case item(String)
  /// A request of data sharing: its records, and how it stands.
  case request(String)

  /// The keys.
  package var keys: [StateKey] {
    switch self {
    case .subject(let subject):
      return StateQuery.owners.map { .subject(subject, of: $0) }
    case .digest(let digest): return [.digest(digest)]
    case .item(let item): return [.subject(item, of: Evidence.scenario.name), Evidence.Item.key(item)]
    case .request(let request):
      return [.subject(request, of: DataSharing.scenario.name), RequestRecord.key(request)]
    }
  }

  /// Under which names records are listed by their subject.
  package static let owners = [StateKey.plain] + Scenarios.all.map(\.name)
}

extension LedgerAccess {
  /// The proofs of the records that each list of `proofs` has.
  package func records(of proofs: StateProofs) async throws -> [(key: StateKey, proofs: [RecordProof])] {
    var all: [(key: StateKey, proofs: [RecordProof])] = []
    for key in proofs.keys where key.value != nil {
      switch StateCheck.Subject(key.key) {
      case .digest, .subject: break
      case .statement, .roster, .proposal, .record: continue
      }
      var proofs: [RecordProof] = []
      for index in try await records(listedAt: key.key) {
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
    guard list != RecordList(records, using: &hasher) else { return }
    let about = key.parts.last.map { Printable.text($0) } ?? "this"
    throw Fault(
      .derivedMismatch, entry: list?.last,
      "\(place): the index does not know the \(list?.count ?? 0) records about \(about); rebuild the derived files"
    )
  }
}
