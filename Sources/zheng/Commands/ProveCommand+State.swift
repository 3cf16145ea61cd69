import Ledger
import LedgerCrypto
import Scenarios
import Workflows

extension ProveCommand {
  /// Proves what is recorded of something, or that nothing is.
  func proveState(_ ledger: any LedgerAccess, _ output: Output) async throws {
    var earlier: UInt64?
    if case .height(let height) = at { earlier = height }
    let proofs = try await ledger.stateProofs(try query().keys(asOf: earlier), asOf: earlier)
    let block = try await ledger.block(of: proofs.proof.index).height
    if let earlier, earlier > block {
      throw CommandError.noInput(
        localized("\(ledger.place): there is no block \(earlier) yet; the newest is \(block)"))
    }
    if out == "-" { return try output.raw(proofs.bytes) }
    let path = out ?? (withRecords ? "state.proofs" : "state.tlog-proof")
    var count: Int?
    var outcome = Files.Put.written
    if withRecords {
      count = try await writeFolder(proofs, ledger, path)
    } else {
      outcome = try Files.put(path, proofs.bytes, replacing: force)
    }
    try output.result(
      [
        "block": .number(block), "asOf": .number(earlier ?? block), "file": .text(path),
        "keys": .array(
          try proofs.keys.map {
            [
              "key": .text(StateCheck.Subject($0.key)?.name ?? ""),
              "recorded": .bool(try proofs.isRecorded($0)),
            ]
          }),
        "records": count.map { .number(UInt64($0)) } ?? .null,
        "written": .bool(outcome != .unchanged), "replaced": .bool(outcome == .replaced),
      ],
      text: localized(
        """
        \(path)  \(outcome.text)
        Check it: zheng check \(ShellText.path(path)) --policy \(ShellText.path(try self.ledger.policyFile))
        """))
  }

  private func query() throws -> StateQuery {
    if let subject { return .subject(subject) }
    if let item { return .item(item) }
    if let request { return .request(request) }
    if let file { return .digest(try Files.digest(file).digest) }
    guard let digest = digest.flatMap({ Digest(hex: $0.lowercased()) }) else {
      preconditionFailure("the arguments were looked at before")
    }
    return .digest(digest)
  }

  /// Writes the state proof and the records of its lists, each list's in a folder of its own; all of them, or nothing.
  ///
  /// - Returns: how many records there are.
  private func writeFolder(
    _ proofs: StateProofs, _ ledger: any LedgerAccess, _ path: String
  ) async throws -> Int {
    let lists = try await ledger.records(of: proofs)
    try Files.makeFolder(path, doing: "proofs", note: Diagnostics.note(told:)) { place in
      for (key, records) in lists {
        let folder = "\(place)/\(ProofFolder.name(of: StateCheck.Subject(key)))"
        try Files.makeFolder(folder)
        for record in records {
          try Files.create("\(folder)/record-\(record.proof.index).tlog-proof", record.bytes)
        }
      }
      try Files.create("\(place)/\(ProofFolder.stateName)", proofs.bytes)
    }
    return lists.reduce(0) { $0 + $1.proofs.count }
  }
}

extension StateProofs {
  /// Whether what a key is about was recorded as of the block in question.
  fileprivate func isRecorded(_ key: StateProof) throws -> Bool {
    guard let value = key.value else { return false }
    guard let earlier else { return true }
    return try RecordList(decoding: value).first < earlier.path.index
  }
}

/// What `--with-records` writes: a state proof, and beside it a folder for each list, with its records' proofs.
enum ProofFolder {
  static let stateName = "state.tlog-proof"

  /// The folder of a list: `file`, or the name of the scenario, or `plain`.
  static func name(of list: StateCheck.Subject?) -> String {
    if case .subject(_, let owner) = list { owner } else { "file" }
  }

  /// What the folder at `path` proves: the state proof in it, and for each of its lists the records beside it.
  ///
  /// - Parameter check: checks the bytes of the state proof, which lies at the path that it is given.
  static func check(
    _ path: String, by check: ([UInt8], String, StateCheck.Records) throws -> StateCheck
  ) throws -> StateCheck {
    let statePath = "\(path)/\(stateName)"
    let bytes = try Files.contents(statePath, of: "a proof", limit: maximumByteCount)
    return try check(bytes, statePath) { list, count in
      let folder = "\(path)/\(name(of: list))"
      guard Files.exists(folder) else { return [] }
      guard Files.isFolder(folder) else {
        throw CommandError.noInput(
          localized("\(folder): not a directory; it should hold the proofs of the list's records"))
      }
      let walk = try FolderWalk(folder)
      if let other = walk.leftOut.first {
        throw CommandError.noInput(localized("\(other.path): \(other.reason); a proof is an ordinary file"))
      }
      guard UInt64(walk.files.count) <= count else {
        throw CommandError(
          .notVerified, ProofError.Code.records.rawValue,
          localized("\(folder): holds \(walk.files.count) proofs; the list has only \(count) records"))
      }
      return try walk.files.map { name in
        let file = "\(folder)/\(name)"
        guard let bytes = try Files.contents(file, limit: maximumByteCount) else {
          throw CommandError(
            .notVerified, ProofError.Code.malformed.rawValue, localized("\(file): too large for a proof"))
        }
        return (file, bytes)
      }
    }
  }

  private static let maximumByteCount = 4 << 20
}
