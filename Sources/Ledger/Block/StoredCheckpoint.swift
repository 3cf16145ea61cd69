public import TransparencyLog

/// What the validators signed for one block, as the ledger stores it: stricter than notes at large.
///
/// Exactly three body lines; exactly the line of the ledger's log key, then validators' lines in roster order, each known and
/// each valid; as many as the quorum or more.
public struct StoredCheckpoint: Sendable {
  /// The note.
  public let note: SignedNote
  /// Its body.
  public let checkpoint: Checkpoint

  /// The checkpoint in these bytes.
  ///
  /// - Throws: `malformed-checkpoint`, or `malformed-note`.
  public init(parsing bytes: Span<UInt8>) throws(LogError) {
    note = try SignedNote(parsing: bytes)
    checkpoint = try Checkpoint(parsing: note.text)
    guard checkpoint.extensions.isEmpty else {
      throw LogError(.malformedCheckpoint, "a stored checkpoint has exactly three lines")
    }
  }

  /// When a validator cosigned.
  public struct CosignedTime: Hashable, Sendable {
    /// The validator's name.
    public let validator: String
    /// The cosignature's timestamp, in s since the epoch.
    public let seconds: UInt64
  }

  /// What the signatures are worth.
  public struct Signatures: Sendable {
    /// Every fault of them.
    public var faults: [Fault] = []
    /// Who cosigned when, in roster order.
    public var cosigned: [CosignedTime] = []
  }

  /// Checks the signatures under the roster of block `height`.
  public func check(_ roster: Roster, height: UInt64) -> Signatures {
    var found = Signatures()
    if !checkpoint.origin.hasSameBytes(as: roster.terms.origin) {
      found.faults.append(
        Fault(.wrongLedger, block: height, "the checkpoint's origin is \(checkpoint.origin.quoted)"))
    }
    var next = 0
    for (number, line) in note.signatures.enumerated() {
      if number == 0 {
        let key = roster.terms.logKey
        if !line.names(key) {
          found.faults.append(
            Fault(.unknownSigner, block: height, "the checkpoint's first line is not the ledger's log key's"))
        } else if key.verify(line, over: note.text) == nil {
          found.faults.append(
            Fault(.badSignature, block: height, "the log key's signature under the checkpoint"))
        }
        continue
      }
      guard let place = roster.terms.validators.firstIndex(where: { line.names($0.cosignerKey) }) else {
        found.faults.append(
          Fault(.unknownSigner, block: height, "the cosignature of \(line.name.quoted), who is no validator"))
        continue
      }
      let validator = roster.terms.validators[place]
      guard place >= next else {
        found.faults.append(
          Fault(.malformedCheckpoint, block: height, "cosignatures out of roster order or repeated"))
        continue
      }
      next = place + 1
      guard let seconds = validator.cosignerKey.verify(line, over: note.text)?.timestamp else {
        found.faults.append(Fault(.badSignature, block: height, "the cosignature of \(validator.name)"))
        continue
      }
      found.cosigned.append(CosignedTime(validator: validator.name, seconds: seconds))
    }
    let (count, needed) = (found.cosigned.count, roster.terms.quorum)
    if count < needed {
      found.faults.append(
        Fault(.quorum, block: height, "\(count) valid cosignatures, and \(needed) are needed"))
    }
    return found
  }
}
