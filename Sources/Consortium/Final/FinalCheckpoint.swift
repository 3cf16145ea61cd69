public import LedgerCrypto
public import TransparencyLog

/// The checkpoint of a final block, put together from cosignatures. Those of different nodes may differ in whose lines they carry, and
/// so in T; never in size and root.
public struct FinalCheckpoint: Sendable {
  /// Origin, size and root.
  public let checkpoint: Checkpoint
  /// Each validator's cosignature, by its place; a quorum or more.
  public let cosignatures: [Int: Cosignature]
  private let committee: Committee

  /// The checkpoint that `messages` make, which are cosignatures of one tree: those that `AgreementAction.finalise` hands on.
  ///
  /// - Throws: `malformed` where they are not all of one tree; `quorum` where too few validators cosigned.
  public init(_ messages: [Message], of committee: Committee) throws(ConsortiumError) {
    var cosignatures: [Int: Cosignature] = [:]
    var tree: CosignedTree?
    for message in messages {
      guard case .cosign(let other) = message.ballot.content, let cosignature = message.cosignature else {
        throw ConsortiumError(.malformed, "a \(message.ballot.kind.rawValue) is no cosignature")
      }
      guard tree.map({ $0.size == other.size && $0.root == other.root }) ?? true else {
        throw ConsortiumError(.malformed, "the cosignatures are not of one tree")
      }
      tree = other
      cosignatures[message.sender] = cosignature
    }
    guard let tree, cosignatures.count >= committee.quorum else {
      throw ConsortiumError(
        .quorum, "\(cosignatures.count) validators cosigned, and \(committee.quorum) are needed")
    }
    checkpoint = try committee.checkpoint(size: tree.size, root: tree.root)
    (self.cosignatures, self.committee) = (cosignatures, committee)
  }

  /// The checkpoint that a stored note is, with its signatures checked: what a validator that is behind gets from another.
  ///
  /// - Throws: `malformed`, `unknown-validator`, `bad-signature`, `quorum`.
  public init(
    _ note: SignedNote, logKey: NoteVerifierKey, of committee: Committee
  ) throws(ConsortiumError) {
    var cosignatures: [Int: Cosignature] = [:]
    let body: Checkpoint
    do {
      body = try Checkpoint(parsing: note.text)
    } catch {
      throw ConsortiumError(.malformed, "\(error)")
    }
    guard body == (try committee.checkpoint(size: body.size, root: body.root)) else {
      throw ConsortiumError(
        .malformed, "the checkpoint has another origin than \(committee.origin), or more lines than three")
    }
    var last = -1
    for (number, line) in note.signatures.enumerated() {
      if number == 0 {
        guard logKey.verify(line, over: note.text) != nil else {
          throw ConsortiumError(.badSignature, "the first line of the checkpoint is not the log key's")
        }
        continue
      }
      guard let place = committee.seats.firstIndex(where: { line.names($0.cosignerKey) }), place > last else {
        throw ConsortiumError(
          .unknownValidator, "a line of the checkpoint is no validator's, or out of order")
      }
      last = place
      guard let cosignature = try? Cosignature(parsing: line.signature.span),
        cosignature.isValid(over: note.text, by: committee.seats[place].cosignerKey.publicKey)
      else { throw ConsortiumError(.badSignature, "the cosignature of \(committee.seats[place].name)") }
      cosignatures[place] = cosignature
    }
    guard cosignatures.count >= committee.quorum else {
      throw ConsortiumError(
        .quorum, "\(cosignatures.count) validators cosigned, and \(committee.quorum) are needed")
    }
    (checkpoint, self.cosignatures, self.committee) = (body, cosignatures, committee)
  }

  /// T, in s since the epoch: no later than this the block existed, by the word of a quorum. The k-th smallest of the cosignatures'
  /// times, k being the quorum, as the ledger's policy reckons it.
  public var time: UInt64 {
    cosignatures.values.map(\.timestamp).sorted()[committee.quorum - 1]
  }

  /// The note: the log key's line, then the validators' in roster order.
  ///
  /// - Parameter logKey: the ledger's one log key. It is deterministic, so that every node writes the same line.
  /// - Throws: `signing`.
  public func note(signedBy logKey: NoteSigner) throws(ConsortiumError) -> SignedNote {
    do {
      var lines = [try logKey.sign(checkpoint.text)]
      for (place, cosignature) in cosignatures.sorted(by: { $0.key < $1.key }) {
        let key = committee.seats[place].cosignerKey
        lines.append(try NoteSignature(name: key.name, keyID: key.keyID, signature: cosignature.bytes))
      }
      return try SignedNote(text: checkpoint.text, signatures: lines)
    } catch {
      throw ConsortiumError(.signing, "\(error)")
    }
  }

  /// Sees that this is the checkpoint of a block that this validator's own core has judged, while catching up.
  ///
  /// - Parameters:
  ///   - size: the leaves of the tree that ends with the block's header, and `root` its root, by the core.
  /// - Throws: `refused-final`: this software, or a quorum of the others, is wrong.
  public func check(size: UInt64, root: Digest, height: UInt64) throws(ConsortiumError) {
    guard checkpoint.size == size, checkpoint.root == root else {
      throw ConsortiumError(
        .refusedFinal,
        """
        block \(height) leads to \(size) leaves with the root \(root) here, and \(cosignatures.count) validators have cosigned \
        \(checkpoint.size) with the root \(checkpoint.root)
        """)
    }
  }
}
