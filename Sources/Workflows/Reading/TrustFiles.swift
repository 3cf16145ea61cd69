import Ledger
import LedgerCrypto
import TransparencyLog

extension LineEnds {
  /// `bytes`, read from `path`, as they were before mail or an editor changed their line ends.
  ///
  /// - Parameter note: told where they were changed.
  package static func read(_ bytes: [UInt8], _ path: String, note: (String) -> Void) -> [UInt8] {
    guard let restored = restored(bytes) else { return bytes }
    note("\(path): \(restored.hint); it is read as it was before")
    return restored.bytes
  }
}

/// Policies in files.
package enum PolicyFile {
  /// The policy in the file at `path`.
  ///
  /// - Parameter note: told where its line ends were changed.
  package static func read(_ path: String, note: (String) -> Void = { _ in }) throws -> Policy {
    guard let bytes = try Files.contents(path, limit: Policy.maximumByteCount) else {
      throw malformed("\(path): too large for a policy")
    }
    let text = LineEnds.read(bytes, path, note: note)
    do { return try Policy(parsing: text.span) } catch {
      throw malformed("\(path): \(error.description)\(LineEnds.advice(text))")
    }
  }

  /// The id of the ledger that the policy in the file at `path` is of, by the line that is written into it at founding.
  ///
  /// - Throws: usage, where no such line is in it.
  package static func ledgerID(_ path: String, note: (String) -> Void = { _ in }) throws -> Digest {
    guard let ledger = try read(path, note: note).ledger else {
      throw WorkflowError(
        .usage, "usage",
        "\(path): no line of it says which ledger it is of, `# ledger ID`, as in one that zheng wrote",
        lead: .ledgerID)
    }
    return ledger
  }

  private static func malformed(_ detail: String) -> WorkflowError {
    WorkflowError(.noInput, LogError.Code.malformedPolicy.rawValue, detail)
  }
}

/// Saved checkpoints.
package enum CheckpointFile {
  /// The signed note in the file at `path`.
  ///
  /// - Parameter note: told where its line ends were changed.
  package static func read(_ path: String, note: (String) -> Void) throws -> SignedNote {
    let code = LogError.Code.malformedCheckpoint.rawValue
    guard let bytes = try Files.contents(path, limit: SignedNote.maximumByteCount) else {
      throw WorkflowError(.notVerified, code, "\(path): too large for a checkpoint")
    }
    let text = LineEnds.read(bytes, path, note: note)
    do {
      let checkpoint = try SignedNote(parsing: text.span)
      _ = try Checkpoint(parsing: checkpoint.text)
      return checkpoint
    } catch {
      throw WorkflowError(
        .notVerified, code, "\(path): not a checkpoint; \(error.description)\(LineEnds.advice(text))")
    }
  }
}

/// A checkpoint that was kept elsewhere, to which a node is held where what this machine has seen of its ledger is lost.
package struct SavedCheckpoint: Sendable {
  /// Where it is.
  package let path: String
  let note: SignedNote

  /// The one in the file at `path`.
  ///
  /// - Parameter note: told where its line ends were changed.
  package init(_ path: String, note: (String) -> Void) throws {
    (self.path, self.note) = (path, try CheckpointFile.read(path, note: note))
  }

  /// Sees that it is signed as `policy` asks: what anybody could have written holds a node to nothing.
  ///
  /// - Throws: `policy`.
  func requireSigned(as policy: Policy) throws {
    do { _ = try policy.evaluate(note) } catch {
      throw WorkflowError(
        .notVerified, ProofError.Code.policy.rawValue,
        "\(path): this checkpoint does not meet the policy: \(error.description); give one of this ledger, as its validators signed it"
      )
    }
  }
}

/// What a node is held to: which ledger it must serve, and by whose signatures a record is proven.
package struct NodeTrust: Sendable {
  /// The id of the ledger.
  package let ledgerID: Digest
  /// The policy of the ledger; nil where only its id is known.
  package let policy: Policy?

  /// By a ledger id alone.
  package init(ledgerID: Digest) { (self.ledgerID, policy) = (ledgerID, nil) }

  /// By the policy file at `path`. One that others wrote may not say which ledger it is of: then `ledgerID` does.
  ///
  /// - Throws: usage, where neither does.
  package init(policy path: String, ledgerID id: Digest?, note: (String) -> Void) throws {
    let policy = try PolicyFile.read(path, note: note)
    self.policy = policy
    ledgerID = try policy.ledger ?? id ?? PolicyFile.ledgerID(path)
  }
}
