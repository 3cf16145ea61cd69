import LedgerCrypto
public import Statements
public import TransparencyLog

/// One text with the values of keys in the state after a block, or their absence, and what proves it.
///
/// A C2SP tlog-proof (c2sp.org/tlog-proof@v1) of a header's own index against the checkpoint that ends with it, so that
/// index + 1 is the checkpoint's size. Its `extra` is a CBOR sequence (RFC 8742): the header's entry; if the question is
/// about an earlier block, that block's header with its place in the same tree; then a proof for each key, at least one.
///
/// ```cddl
/// extra = ( header: any, ? earlier, 1*64 state-proof )   ; state-proof: see StateProof
/// earlier = ( header: any, header-path: [index: uint, [* digest]] )
/// ```
///
/// It proves the state after that block, not after any later one; "no later than T" says nothing of what was there at T. As of
/// an earlier block lists are proven too, since they only grow: what they have behind that block's header was not there.
/// Nothing in it is trusted until `check` has tied it to the checkpoint.
public struct StateProofs: Sendable {
  /// The C2SP proof.
  public let proof: TLogProof
  /// The block's header.
  public let header: SignedStatement
  /// The header of an earlier block, as of which lists are asked for.
  public let earlier: Earlier?
  /// The proofs, each for another key.
  public let keys: [StateProof]

  /// The header of a block before the one whose state is proven.
  public struct Earlier: Sendable {
    /// The header.
    public let header: SignedStatement
    /// Its path in the tree of the checkpoint.
    public let path: InclusionProof

    /// A header and its place.
    public init(header: SignedStatement, path: InclusionProof) { (self.header, self.path) = (header, path) }
  }

  /// The most keys in one text.
  public static let maximumKeyCount = 64

  /// The proofs of a block, assembled.
  ///
  /// - Parameters:
  ///   - keys: of the state that the header names, at least one.
  ///   - path: of the header, in the tree of `checkpoint`, which ends with it.
  ///   - earlier: the header of the block as of which lists are asked for, where that is not this one.
  /// - Throws: `malformed-proof` if there are too many keys, none, or one twice, or the whole would be too large.
  public init(
    _ keys: [StateProof], header: SignedStatement, path: InclusionProof, earlier: Earlier? = nil,
    checkpoint: SignedNote
  ) throws(ProofError) {
    guard (1...StateProofs.maximumKeyCount).contains(keys.count), Set(keys.map(\.key)).count == keys.count
    else {
      throw ProofError(.malformed, "1 to \(StateProofs.maximumKeyCount) keys, each once")
    }
    guard keys.allSatisfy({ $0.key.bytes.count <= StateProof.maximumKeyByteCount }) else {
      throw ProofError(.malformed, "a key of more than \(StateProof.maximumKeyByteCount) bytes")
    }
    (self.keys, self.header, self.earlier) = (keys, header, earlier)
    var extra = header.entry
    if let earlier { extra += RecordProof.encode(header: earlier.header.entry, path: earlier.path) }
    for key in keys { key.append(to: &extra) }
    do {
      proof = try TLogProof(extra: extra, index: path.index, path: path.path, checkpoint: checkpoint)
    } catch { throw ProofError(.malformed, error.description) }
  }

  /// The bytes of the proof file.
  public var bytes: [UInt8] { proof.bytes }

  /// Whether a proof file is one of these rather than a record's: its entry is a header.
  public static func isOne(_ bytes: Span<UInt8>) -> Bool {
    do {
      guard let extra = try TLogProof(parsing: bytes).extra else { return false }
      let entry = Array(extra[try CBOR.firstItem(of: extra.span)])
      return BlockHeader.isHeader(try EntryView(decoding: entry.span), of: entry.span)
    } catch { return false }
  }

  /// The proofs in these bytes; only their form is checked.
  ///
  /// - Throws: `malformed-proof`.
  public init(parsing bytes: Span<UInt8>) throws(ProofError) {
    do {
      proof = try TLogProof(parsing: bytes)
      if let signer = proof.checkpoint.repeatedSigner {
        throw ProofError(.malformed, "a signature line of \(signer) stands twice")
      }
      guard let extra = proof.extra else { throw ProofError(.malformed, "the proof carries no header") }
      var rest = 0..<extra.count
      func next() throws(StatementError) -> [UInt8] {
        let end = rest.lowerBound + (try CBOR.firstItem(of: extra.span.extracting(rest)).upperBound)
        defer { rest = end..<rest.upperBound }
        return Array(extra[rest.lowerBound..<end])
      }
      header = try SignedStatement(decoding: next())
      // A header is tagged; a proof for a key is an array.
      if let first = rest.first, extra[first] >> 5 == 6 {
        let header = try SignedStatement(decoding: next())
        let size = try Checkpoint(parsing: proof.checkpoint.text).size
        earlier = Earlier(
          header: header, path: try RecordProof.headerPath(CBOR(decoding: next()), size: size))
      } else {
        earlier = nil
      }
      keys = try StateProof.decodeSequence(
        extra.span.extracting(rest), maximum: StateProofs.maximumKeyCount)
    } catch let error as ProofError {
      throw error
    } catch {
      throw ProofError(.malformed, "\(error)")
    }
  }

  /// Checks everything under `policy` alone. It does not say of which ledger the state is: `policy.ledger` is not compared, and
  /// ledgers that share their keys are not distinguished.
  ///
  /// - Throws: the first part that is at fault: `policy`, `inclusion`, `header`, `state`.
  public func check(_ policy: Policy) throws(ProofError) -> ProvenState {
    var hasher = TreeHasher()
    let checkpoint: Checkpoint
    let verdict: Policy.Verdict
    do { (checkpoint, verdict) = try policy.evaluate(proof.checkpoint) } catch {
      throw ProofError(.policy, error.description)
    }
    guard proof.index < UInt64.max, checkpoint.size == proof.index + 1 else {
      throw ProofError(.header, "the checkpoint does not end with the header")
    }
    do {
      try InclusionProof(index: proof.index, size: checkpoint.size, path: proof.path)
        .verify(leaf: hasher.leaf(header.entry.span), root: checkpoint.root, using: &hasher)
    } catch { throw ProofError(.inclusion, "the header is not in the tree of the checkpoint: \(error)") }
    let read = try BlockHeader.proven(header, at: proof.index)
    if let other = policy.refusal(ofBlock: read.height) { throw ProofError(.policy, other) }
    let asOf = try earlier.map { earlier throws(ProofError) in
      do {
        try earlier.path.verify(
          leaf: hasher.leaf(earlier.header.entry.span), root: checkpoint.root, using: &hasher)
      } catch {
        throw ProofError(.inclusion, "the earlier header is not in the tree of the checkpoint: \(error)")
      }
      let before = try BlockHeader.proven(earlier.header, at: earlier.path.index)
      guard before.height < read.height else {
        throw ProofError(.header, "the header given as an earlier one is of block \(before.height)")
      }
      return before
    }
    var stateHasher = StateHasher()
    var values: [ProvenValue] = []
    for key in keys {
      do throws(StateProofError) { values.append(try key.check(root: read.state, using: &stateHasher)) } catch
      {
        throw ProofError(.state, error.description)
      }
    }
    return ProvenState(header: read, earlier: asOf, values: values, checkpoint: checkpoint, verdict: verdict)
  }
}

/// The proven values of keys in the state after a block, or their absence, and by whose word.
public struct ProvenState: Sendable {
  /// The header of the block.
  public let header: BlockHeader
  /// The header of an earlier block, as of which lists are asked for.
  public let earlier: BlockHeader?
  /// The keys with their values; nil if a key has none, which is proven too.
  public let values: [ProvenValue]
  /// The checkpoint to which everything is tied.
  public let checkpoint: Checkpoint
  /// What the policy found.
  public let verdict: Policy.Verdict

  /// The proven value of `key`; nil if nothing is proven of it.
  public func value(of key: StateKey) -> ProvenValue? { values.first { $0.key == key } }

  /// Checks that `records` are exactly the records of the list at `key`, each of this block or an earlier one.
  ///
  /// - Parameter records: proven ones, in the order of their entries.
  /// - Throws: `records` if they are not all of them; `malformed-proof` if nothing is proven of the list.
  public func requireAll(_ records: [ProvenRecord], of key: StateKey) throws(ProofError) {
    guard let proven = value(of: key) else {
      throw ProofError(.malformed, "nothing is proven of the list of these records")
    }
    var hasher = StateHasher()
    let given = RecordList(records.map { ($0.statement.id, $0.index) }, using: &hasher)
    guard given != nil || records.isEmpty else {
      throw ProofError(
        .records, "the records are out of order, or one is given twice")
    }
    let list: RecordList?
    do { list = try proven.value.map(RecordList.init(decoding:)) } catch {
      throw ProofError(.state, "the value is not a record list: \(error)")
    }
    guard list == given else {
      throw ProofError(
        .records,
        "the list has \(list?.count ?? 0) records as of block \(header.height); the \(records.count) given are not these"
      )
    }
  }
}

extension BlockHeader {
  /// The header in a proven entry, whose place is `index`.
  ///
  /// Whose block key signed it is the auditor's to check: the validators vouch for it with the checkpoint.
  static func proven(_ entry: SignedStatement, at index: UInt64) throws(ProofError) -> BlockHeader {
    guard entry.contentType == Kind.block, entry.claims == nil, entry.algorithm == .edDSA else {
      throw ProofError(.header, "the entry given as the header is not a header: \(entry.contentType)")
    }
    do throws(StatementError) {
      let header = try BlockHeader(payload: entry.payload)
      guard header.size == index else {
        throw StatementError(.malformed, "the header gives its index as \(header.size); it is entry \(index)")
      }
      return header
    } catch { throw ProofError(.header, error.description) }
  }
}
