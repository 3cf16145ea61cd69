import Consortium
import Ledger
import LedgerCrypto
import LedgerStore
import TransparencyLog

/// What two checkpoints of one ledger prove against those that cosigned both: where they have one size and different roots, or are of one
/// height and not one tree.
///
/// Two quorums share more than a third of the validators, so two final checkpoints name as many.
package enum ForkEvidence {
  /// A cosigned tree, and the header that ends it where that is at hand.
  private struct Tree {
    let path: String
    let note: SignedNote
    let checkpoint: Checkpoint
    let header: HeaderProof?

    /// The tree of a checkpoint, or of a state proof, which has the header beside its checkpoint.
    init(_ path: String) throws {
      guard let bytes = try Files.contents(path, limit: TLogProof.maximumByteCount) else {
        throw ForkEvidence.failure("malformed-checkpoint", "\(path): too large for a checkpoint or a proof")
      }
      self.path = path
      do {
        let proofs = StateProofs.isOne(bytes.span) ? try StateProofs(parsing: bytes.span) : nil
        note = try proofs?.proof.checkpoint ?? SignedNote(parsing: bytes.span)
        let checkpoint = try Checkpoint(parsing: note.text)
        header = try proofs.map {
          try HeaderProof(
            entry: $0.header.entry, path: $0.proof.path, size: checkpoint.size, root: checkpoint.root)
        }
        self.checkpoint = checkpoint
      } catch {
        throw ForkEvidence.failure(
          "malformed-checkpoint", "\(path): neither a checkpoint nor a state proof; \(error)")
      }
      guard checkpoint.size > 0 else {
        throw ForkEvidence.failure("malformed-checkpoint", "\(path): a checkpoint of an empty tree")
      }
    }

    /// What the validator in `seat` has signed of it; nil where it has not.
    func testimony(of seat: Committee.Seat) -> Misconduct.Testimony? {
      for line in note.signatures where line.names(seat.cosignerKey) {
        return .init(
          .tree(size: checkpoint.size, root: checkpoint.root, header: header), signature: line.signature)
      }
      return nil
    }
  }

  /// What is proven against those that cosigned what lies at `first` and what lies at `second`: checkpoints, or state proofs.
  ///
  /// - Parameter ledger: a copy, whose roster names the validators.
  /// - Throws: not verified where the two can both be of one ledger, or nothing shows that they can't.
  package static func checks(
    between first: String, and second: String, on ledger: DirectoryLedger
  ) throws -> [KeptMisconduct.Judged] {
    let (one, other) = try (Tree(first), Tree(second))
    for tree in [one, other] where try tree.checkpoint.origin != ledger.current.roster.terms.origin {
      throw failure("wrong-origin", "\(tree.path): of another log, \(tree.checkpoint.origin)")
    }
    let sizes = (one.checkpoint.size, other.checkpoint.size)
    guard sizes.0 != sizes.1 || one.checkpoint.root != other.checkpoint.root else {
      throw failure("no-misconduct", "both are of one tree: \(sizes.0) entries, root \(one.checkpoint.root)")
    }
    if sizes.0 != sizes.1 {
      guard let heights = one.header.flatMap({ one in other.header.map { (one.height, $0.height) } }) else {
        throw failure(
          "no-misconduct",
          "they are of \(sizes.0) and \(sizes.1) entries; only state proofs, which hold the header, show whether that is one height"
        )
      }
      guard heights.0 == heights.1 else {
        throw failure("no-misconduct", "they are of blocks \(heights.0) and \(heights.1), not of one height")
      }
    }
    let height = try one.header?.height ?? ledger.height(ofTree: min(sizes.0, sizes.1))
    guard let committee = try ledger.committee(of: height) else {
      throw failure(
        "wrong-height",
        "they are of block \(height), of which \(ledger.place) knows no validators; take a newer copy"
      )
    }
    var files: [KeptMisconduct.Judged] = []
    for (place, seat) in committee.seats.enumerated() {
      guard let mine = one.testimony(of: seat), let also = other.testimony(of: seat),
        let misconduct = Misconduct(validator: place, mine, also)
      else { continue }
      do {
        let file = try MisconductFile(misconduct, in: committee)
        var check = try MisconductCheck(file.bytes, seat.name, policy: nil, ledger: ledger)
        check.path = nil
        files.append(.good(check))
      } catch let error as ConsortiumError where error.code == .badSignature {
        // What somebody has written under its name is no evidence against it.
        continue
      }
    }
    return files
  }

  private static func failure(_ code: String, _ reason: String) -> WorkflowError {
    WorkflowError(.notVerified, code, reason)
  }
}
