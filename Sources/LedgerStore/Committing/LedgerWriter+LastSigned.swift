import Ledger
import LedgerCrypto
import TransparencyLog

extension LedgerWriter {
  /// What `validator` has signed last on this machine; nil where nothing is kept of it.
  ///
  /// - Throws: `Failure` where that can't be kept and the options do not say to go on.
  static func lastSigned(
    _ options: Options, _ ledger: Digest, _ validator: String, of folder: LedgerFolder, notes: inout [String]
  ) throws -> LastSigned? {
    guard options.keepsLastSigned else { return nil }
    do { return try LastSigned(ledger, validator, in: options.stateFolder, of: folder) } catch let failure
      as Failure
    {
      guard !options.adoptsHead else {
        notes.append("what is signed now can't be kept outside of the directory: \(failure)")
        return nil
      }
      throw Failure(
        failure.call, failure.path, errorNumber: failure.errorNumber,
        reason: """
          \(failure.reason); what this machine signs last is kept here, apart from the ledger: set ZHENG_STATE to a folder that can \
          be written, or go on once with \(folder.remedies.adoptHead)
          """)
    }
  }

  /// Sees that the ledger here is the one that this machine has signed last, or goes on from it.
  ///
  /// - Throws: a refusal, unless the options say to go on.
  func requireLastSigned(_ lastSigned: LastSigned, _ tail: Tail) throws {
    do {
      try LastSigned.requireFollowed(
        lastSigned.newest, at: lastSigned.path, by: (state.height - 1, state.frontier.size),
        entry: { try self.reader().entry($0) }, tail: { tail }, mayCatchUp: isShared, folder.remedies)
    } catch let refusal as Refusal {
      guard isAdoptingHead else { throw refusal }
      note(
        "signing goes on from block \(state.height - 1), as \(folder.remedies.adoptHead) says: \(refusal.reason)"
      )
    }
  }
}

extension LastSigned {
  /// Sees that a ledger goes on from the block `signed` that this machine has signed last.
  ///
  /// - Parameters:
  ///   - path: where that is kept.
  ///   - newest: the height of the ledger's newest block, and the number of its entries.
  ///   - tail: what lies behind that block.
  ///   - mayCatchUp: whether others have what is missing here, and a journal tells what else was signed.
  /// - Throws: `last-signed-missing`, `behind-last-signed`, `beside-last-signed`; what reading throws.
  static func requireFollowed(
    _ signed: Block?, at path: String, by newest: (height: UInt64, size: UInt64),
    entry: (UInt64) throws -> [UInt8]?, tail: () throws -> Tail, mayCatchUp: Bool, _ remedies: Remedies
  ) throws {
    guard let signed else {
      guard newest.height > 0, !mayCatchUp else { return }
      throw Refusal(
        .lastSignedMissing,
        """
        it is not known what this machine has signed last: \(path) is not there, and the ledger ends at block \(newest.height). \
        If another machine signs this ledger, stop it for good; then, once, add \(remedies.adoptHead)
        """)
    }
    var hasher = TreeHasher()
    if signed.height <= newest.height {
      let entry = try signed.size <= newest.size ? entry(signed.size - 1) : nil
      guard let entry, hasher.leaf(entry.span) == signed.header else {
        throw beside(signed.height, remedies)
      }
      return
    }
    if mayCatchUp { return }
    // A block that was signed, and whose checkpoint a crash kept from the disk, is finished.
    if signed.height == newest.height + 1, case .block(let bytes, let ranges) = try tail(),
      let last = ranges.last, hasher.leaf(bytes.span.extracting(last)) == signed.header
    {
      return
    }
    throw Refusal(
      .behindLastSigned,
      """
      this machine has signed block \(signed.height), and the directory ends at block \(newest.height): it is an older copy, restored or \
      put back, and what it lacks was acknowledged. Put the newest directory here. If that is lost, members send again what is \
      missing; to sign a second history from block \(newest.height), which anyone with the first can prove, add \(remedies.adoptHead) once
      """)
  }

  /// The refusal of a ledger whose block at `height` is another than the one that this machine has signed.
  static func beside(_ height: UInt64, _ remedies: Remedies) -> Refusal {
    Refusal(
      .besideLastSigned,
      """
      this machine has signed another block \(height) than the one that is here: two histories exist, and whoever has both can prove \
      it. Put the directory here that this machine has signed; to go on with this one all the same, once, add \(remedies.adoptHead)
      """)
  }
}
