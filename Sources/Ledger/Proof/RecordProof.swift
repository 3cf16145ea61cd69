public import LedgerCrypto
public import Statements
public import TransparencyLog

/// Why a proof does not prove, with the part that is at fault.
public struct ProofError: Error, Hashable, CustomStringConvertible, Sendable {
  /// The part at fault, as a stable name.
  public enum Code: String, Sendable {
    /// The file is not a C2SP tlog-proof with our `extra`.
    case malformed = "malformed-proof"
    /// The checkpoint does not meet the policy: no known log, a bad signature, too few cosignatures, or the policy is for other blocks.
    case policy
    /// The entry is not in the tree of the checkpoint.
    case inclusion
    /// The block's header is not in the tree, is not a header, or the entry is not of its block.
    case header
    /// The issuer's roster item is not in the roster that the header names.
    case roster
    /// The statement is not signed by a key of its issuer in force at that height.
    case signature
    /// A key's part of a state proof does not lead to the state root that the header names.
    case state
    /// The records given are not all that a proven list has.
    case records
    /// The record is of another ledger than the policy.
    case wrongLedger = "wrong-ledger"
  }

  /// The part at fault.
  public let code: Code
  /// A sentence that says what is wrong with it.
  public let description: String

  init(_ code: Code, _ description: String) { (self.code, self.description) = (code, description) }
}

/// One text with a record and what proves it, its block, its time and its signer, by the validators' word.
///
/// A C2SP tlog-proof (c2sp.org/tlog-proof@v1) whose `extra` is a CBOR sequence (RFC 8742):
///
/// ```cddl
/// extra = ( entry: any, header: any, header-path: [index: uint, [* digest]], issuer: member,
///           issuer-path: [index: uint, size: uint, [* digest]] )
/// ```
///
/// It has one spelling: the size of `issuer-path` is the greatest of a tree that has this path, and no key has two signature lines.
/// Nothing in `extra` is trusted until `check` has tied it to the checkpoint.
public struct RecordProof: Sendable {
  /// The C2SP proof.
  public let proof: TLogProof
  /// The record.
  public let statement: SignedStatement
  /// The header of its block.
  public let header: SignedStatement
  /// The path of the header in the checkpoint's tree.
  public let headerPath: InclusionProof
  /// The issuer's roster item.
  public let issuer: [UInt8]
  /// The path of that item in the roster that the header names.
  public let issuerPath: InclusionProof

  /// The proof of `statement`, assembled.
  ///
  /// - Parameters:
  ///   - path: of the statement, in the tree of `checkpoint`.
  ///   - headerPath: of its block's header, in the same tree.
  ///   - roster: the roster that the header names; it must hold the issuer.
  /// - Throws: `header` if that is no header, or names another roster; `roster` if that does not hold the issuer.
  public init(
    of statement: SignedStatement, path: InclusionProof, header: SignedStatement, headerPath: InclusionProof,
    roster: Roster, checkpoint: SignedNote
  ) throws(ProofError) {
    do throws(StatementError) {
      guard try BlockHeader(payload: header.payload).roster == roster.root else {
        throw StatementError(.malformed, "it names another roster")
      }
    } catch { throw ProofError(.header, "not the header of the record's block: \(error.description)") }
    guard let claims = statement.claims else {
      throw ProofError(.roster, "the roster does not hold the issuer")
    }
    var hasher = TreeHasher()
    (issuer, issuerPath) = try RosterTree(roster, using: &hasher).item(of: claims.issuer, using: &hasher)
    (self.statement, self.header, self.headerPath) = (statement, header, headerPath)
    let sequence =
      statement.entry + RecordProof.encode(header: header.entry, path: headerPath)
      + RecordProof.encode(issuer: issuer, path: issuerPath)
    do {
      proof = try TLogProof(extra: sequence, index: path.index, path: path.path, checkpoint: checkpoint)
    } catch {
      throw ProofError(.malformed, error.description)
    }
  }

  /// What `extra` says of the block.
  static func encode(header: [UInt8], path: InclusionProof) -> [UInt8] {
    header + CBOR.array([.unsigned(path.index), cbor(path.path)]).encoded
  }

  /// What `extra` says of the issuer.
  static func encode(issuer: [UInt8], path: InclusionProof) -> [UInt8] {
    issuer + CBOR.array([.unsigned(path.index), .unsigned(path.size), cbor(path.path)]).encoded
  }

  private static func cbor(_ path: [Digest]) -> CBOR { .array(path.map { .bytes($0.bytes) }) }

  /// The bytes of the proof file.
  public var bytes: [UInt8] { proof.bytes }

  /// The proof in these bytes; only its form is checked.
  ///
  /// - Throws: `malformed-proof`.
  public init(parsing bytes: Span<UInt8>) throws(ProofError) {
    do {
      proof = try TLogProof(parsing: bytes)
      if let signer = proof.checkpoint.repeatedSigner {
        throw ProofError(.malformed, "a signature line of \(signer) stands twice")
      }
      let size = try Checkpoint(parsing: proof.checkpoint.text).size
      guard let extra = proof.extra else { throw ProofError(.malformed, "the proof carries no record") }
      let items = try CBOR.decodeSequence(extra.span, maximum: 5)
      guard items.count == 5 else { throw ProofError(.malformed, "extra has \(items.count) items, not five") }
      statement = try SignedStatement(decoding: items[0].encoded)
      header = try SignedStatement(decoding: items[1].encoded)
      headerPath = try RecordProof.headerPath(items[2], size: size)
      issuer = items[3].encoded
      issuerPath = try RecordProof.issuerPath(items[4])
    } catch let error as ProofError {
      throw error
    } catch {
      throw ProofError(.malformed, "\(error)")
    }
  }

  /// The path of a header in a tree of `size` entries.
  static func headerPath(_ cbor: CBOR, size: UInt64) throws(ProofError) -> InclusionProof {
    guard case .array(let parts) = cbor, parts.count == 2, case .unsigned(let index) = parts[0] else {
      throw ProofError(.malformed, "extra's paths are not as they must be")
    }
    return InclusionProof(index: index, size: size, path: try path(parts[1]))
  }

  /// The path of an item in a roster, in its one spelling.
  static func issuerPath(_ cbor: CBOR) throws(ProofError) -> InclusionProof {
    guard case .array(let parts) = cbor, parts.count == 3, case .unsigned(let index) = parts[0],
      case .unsigned(let size) = parts[1]
    else { throw ProofError(.malformed, "extra's paths are not as they must be") }
    let proof = InclusionProof(index: index, size: size, path: try path(parts[2]))
    guard index < size, proof == proof.withGreatestSize else {
      throw ProofError(.malformed, "the size of issuer-path is not spelled as it must be")
    }
    return proof
  }

  private static func path(_ cbor: CBOR) throws(ProofError) -> [Digest] {
    guard case .array(let hashes) = cbor, hashes.count <= 64 else {
      throw ProofError(.malformed, "a path too long")
    }
    var path: [Digest] = []
    for hash in hashes {
      guard case .bytes(let bytes) = hash, let digest = Digest(bytes) else {
        throw ProofError(.malformed, "a path holds something else than hashes")
      }
      path.append(digest)
    }
    return path
  }
}

/// What a record's proof proves, and by whose word.
public struct ProvenRecord: Sendable {
  /// The record.
  public let statement: SignedStatement
  /// Its index in the log.
  public let index: UInt64
  /// The header of its block.
  public let header: BlockHeader
  /// The issuer, as the roster of its block describes it.
  public let issuer: Member
  /// The checkpoint to which everything is tied.
  public let checkpoint: Checkpoint
  /// What the policy found: the log key, who witnessed when, and the bound in time.
  public let verdict: Policy.Verdict
}

extension RecordProof {
  /// The id of the ledger that the record says it is of; the founding statement, which names none, is that of its own.
  public var ledger: Digest? {
    guard let claims = statement.claims, claims.audience == nil, proof.index == 0 else {
      return statement.claims?.audience
    }
    var hasher = TreeHasher()
    return hasher.leaf(statement.entry.span)
  }

  /// Checks everything under `policy` alone.
  ///
  /// It proves that the entry is in the checkpoint's tree and one of the header's block, since `first <= index < size`, and
  /// that its issuer's key was in force at that height, all by the validators' word. Whose block key signed the header is
  /// for an audit to judge: the validators judged it when they signed the checkpoint.
  ///
  /// - Throws: the first part that is at fault.
  public func check(_ policy: Policy) throws(ProofError) -> ProvenRecord {
    var hasher = TreeHasher()
    let checkpoint: Checkpoint
    let verdict: Policy.Verdict
    do { (checkpoint, verdict) = try policy.evaluate(proof.checkpoint) } catch {
      let other = anotherLedger(policy).map { "; \($0)" } ?? ""
      throw ProofError(.policy, error.description + other)
    }
    do {
      try InclusionProof(index: proof.index, size: checkpoint.size, path: proof.path)
        .verify(leaf: hasher.leaf(statement.entry.span), root: checkpoint.root, using: &hasher)
    } catch { throw ProofError(.inclusion, "the entry is not in the tree of the checkpoint: \(error)") }
    let header = try checkHeader(checkpoint, using: &hasher)
    let issuer = try checkIssuer(header, using: &hasher)
    try checkSignature(issuer, at: header.height)
    if let other = anotherLedger(policy) { throw ProofError(.wrongLedger, other) }
    if let other = policy.refusal(ofBlock: header.height) { throw ProofError(.policy, other) }
    return ProvenRecord(
      statement: statement, index: proof.index, header: header, issuer: issuer, checkpoint: checkpoint,
      verdict: verdict)
  }

  /// What to say where `policy` is of another ledger than the record says that it is of.
  private func anotherLedger(_ policy: Policy) -> String? {
    guard let asked = policy.ledger, asked != ledger else { return nil }
    return "another ledger: asked for \(asked), this is \(ledger?.hex ?? "one that it does not name")"
  }

  private func checkHeader(
    _ checkpoint: Checkpoint, using hasher: inout TreeHasher
  ) throws(ProofError) -> BlockHeader {
    do {
      try headerPath.verify(leaf: hasher.leaf(header.entry.span), root: checkpoint.root, using: &hasher)
      let read = try BlockHeader.proven(header, at: headerPath.index)
      guard read.first <= proof.index, proof.index < read.size else {
        throw ProofError(
          .header,
          "entry \(proof.index) is not of block \(read.height), which begins with entry \(read.first) and ends with its header, entry \(read.size)"
        )
      }
      return read
    } catch let error as ProofError {
      throw error
    } catch {
      throw ProofError(.header, "\(error)")
    }
  }

  private func checkIssuer(_ header: BlockHeader, using hasher: inout TreeHasher) throws(ProofError) -> Member
  {
    do {
      try issuerPath.verify(leaf: hasher.leaf(issuer.span), root: header.roster, using: &hasher)
      // Item 0 holds the terms; it parses as no member, so no index needs to be looked at.
      return try Member(CBOR(decoding: issuer))
    } catch {
      throw ProofError(.roster, "the issuer's item is not in the roster that the header names: \(error)")
    }
  }

  private func checkSignature(_ issuer: Member, at height: UInt64) throws(ProofError) {
    guard let claims = statement.claims, claims.issuer == issuer.id else {
      throw ProofError(.roster, "the roster item is another member's than the issuer's")
    }
    guard let key = issuer.keys.first(where: { $0.id == statement.keyID }), key.isInForce(at: height) else {
      throw ProofError(.signature, "the key is not one of \(issuer.id)'s in force at block \(height)")
    }
    guard statement.isSigned(by: key.key) else {
      throw ProofError(.signature, "the signature of \(issuer.id) does not verify")
    }
  }
}
