import Ledger
import LedgerCrypto
import Workflows

extension ProveCommand {
  /// Proves what is recorded of something, or that nothing is.
  func proveState(_ ledger: DirectoryLedger, _ output: Output) async throws {
    let proofs = try await ledger.stateProofs(try query().keys)
    if out == "-" { return try output.raw(proofs.bytes) }
    let path = out ?? (withRecords ? "state.proofs" : "state.tlog-proof")
    var count: Int?
    var outcome = Files.Put.written
    if withRecords {
      count = try await writeFolder(proofs, ledger, path)
    } else {
      outcome = try Files.put(path, proofs.bytes, replacing: force)
    }
    let block = try await ledger.block(of: proofs.proof.index).height
    try output.result(
      [
        "block": .number(block), "file": .text(path),
        "keys": .array(
          proofs.keys.map {
            ["key": .text(ProveCommand.name($0.key)), "recorded": .bool($0.value != nil)]
          }),
        "records": count.map { .number(UInt64($0)) } ?? .null,
        "written": .bool(outcome != .unchanged), "replaced": .bool(outcome == .replaced),
      ],
      text: """
        \(path)  \(outcome == .unchanged ? "was there already, the same" : outcome.rawValue)
        Check it: zheng check \(ShellText.path(path)) --policy \(ShellText.path(ledger.policy))
        """)
  }

  private func query() throws -> StateQuery {
    if let subject { return .subject(subject) }
    if let item { return .item(item) }
    if let request { return .request(request) }
    if let file { return .digest(try Files.digest(file).digest) }
    guard let digest = Digest(hex: digest?.lowercased() ?? "") else {
      throw CommandError.usage("--digest \(digest ?? ""): a SHA-256 has 64 hex digits")
    }
    return .digest(digest)
  }

  /// Writes the state proof and the records of its lists, each list's in a folder of its own.
  ///
  /// - Returns: how many records there are.
  private func writeFolder(
    _ proofs: StateProofs, _ ledger: DirectoryLedger, _ path: String
  ) async throws -> Int {
    let lists = try await ledger.records(of: proofs)
    try Files.makeFolder(path)
    try Files.create("\(path)/\(ProofFolder.stateName)", proofs.bytes)
    for (key, records) in lists {
      let folder = "\(path)/\(ProofFolder.name(of: key))"
      try Files.makeFolder(folder)
      for record in records {
        try Files.create("\(folder)/record-\(record.proof.index).tlog-proof", record.bytes)
      }
    }
    return lists.reduce(0) { $0 + $1.proofs.count }
  }

  /// A key as scripts read it: its parts with a slash between two, a digest in hex.
  static func name(_ key: StateKey) -> String {
    switch StateCheck.Subject(key) {
    case .digest(let digest): "digest/\(digest)"
    case .statement(let id): "statement/\(id)"
    case .proposal(let id): "proposal/\(id)"
    case .roster: "roster"
    case .subject(let subject, let owner): "subject/\(owner)/\(subject)"
    case .record(let parts): parts.joined(separator: "/")
    }
  }
}

/// What `--with-records` writes: a state proof, and beside it a folder for each list, with its records' proofs.
enum ProofFolder {
  static let stateName = "state.tlog-proof"

  /// The folder of the list at `key`: `file`, or the name of the scenario, or `plain`.
  static func name(of key: StateKey) -> String {
    if case .subject(_, let owner) = StateCheck.Subject(key) { owner } else { "file" }
  }

  /// The bytes of the state proof in the folder at `path`, and the records beside it.
  static func read(_ path: String) throws -> (path: String, bytes: [UInt8], records: StateCheck.Records) {
    let statePath = "\(path)/\(stateName)"
    let bytes = try Files.contents(statePath, of: "a proof", limit: maximumByteCount)
    let proofs: StateProofs
    do { proofs = try StateProofs(parsing: bytes.span) } catch {
      throw CommandError(.notVerified, error.code.rawValue, "\(statePath): \(error.description)")
    }
    var records: StateCheck.Records = []
    for key in proofs.keys.map(\.key) {
      let folder = "\(path)/\(name(of: key))"
      switch StateCheck.Subject(key) {
      case .digest, .subject: break
      case .statement, .roster, .proposal, .record: continue
      }
      var found: [(path: String, bytes: [UInt8])] = []
      if Files.isFolder(folder) {
        let walk = try FolderWalk(folder)
        if let other = walk.leftOut.first {
          throw CommandError.noInput("\(other.path): \(other.reason); a proof is an ordinary file")
        }
        for name in walk.files {
          let file = "\(folder)/\(name)"
          found.append((file, try Files.contents(file, of: "a proof", limit: maximumByteCount)))
        }
      }
      records.append((key, found))
    }
    return (statePath, bytes, records)
  }

  private static let maximumByteCount = 4 << 20
}
