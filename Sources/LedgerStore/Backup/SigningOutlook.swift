import Ledger
import LedgerCrypto
import TransparencyLog

/// What stands between this machine and the next block of a ledger.
public struct SigningOutlook: Sendable {
  /// Why the keys here do not suffice to sign; nil where they do.
  public let keys: Failure?
  /// What is kept of each validator that would sign here; of all where no keys are here.
  public let validators: [Validator]

  /// What this machine keeps of a validator.
  public struct Validator: Sendable {
    /// What the roster calls it.
    public let name: String
    /// Where it is kept what was signed last.
    public let path: String
    /// The height of the block that was signed last, where that is known.
    public let signed: UInt64?
    /// Why a writer would not sign: `last-signed-missing`, `behind-last-signed`, `beside-last-signed`; nil where it would.
    public let refusal: Refusal?
  }

  /// Whether a writer that is started now would sign.
  public var isReady: Bool { keys == nil && validators.allSatisfy { $0.refusal == nil } }
}

extension LedgerFolder {
  /// What stands between this machine and the next block of the ledger here; nothing is written.
  ///
  /// - Parameter state: the folder STATE; nil for the standard one.
  /// - Throws: `Failure`, or the `Fault` that keeps the ledger from being read.
  public func signingOutlook(state: String? = nil) throws -> SigningOutlook {
    let reader = try LedgerReader(self)
    let directory = try Directory(path)
    let terms = try reader.state().roster.terms
    let newest = try (reader.newestBlock().height, reader.size)
    var (names, failure): ([String], Failure?) = (terms.validators.map(\.name), nil)
    // With one of several validators' keys the others decide too.
    let own = terms.validators.filter {
      FileSystem.exists("\(keys)/\(NodeKeys.blockKeyName($0.name))")
    }
    let isShared = terms.hasVotes && own.count == 1
    do {
      let keys =
        try isShared
        ? NodeKeys(of: own[0].name, in: directory, terms) : NodeKeys(in: directory, terms, remedies)
      names = [keys.name]
    } catch {
      guard let error = error as? Failure else { throw error }
      failure = error
    }
    let validators = try names.map { name in
      let (path, signed) = try LastSigned.kept(reader.ledgerID, name, in: state)
      var refusal: Refusal?
      do {
        try LastSigned.requireFollowed(
          signed, at: path, by: newest, entry: { try reader.entry($0) },
          tail: { try tail(newest, directory) }, mayCatchUp: isShared, remedies)
      } catch let error as Refusal { refusal = error }
      return SigningOutlook.Validator(name: name, path: path, signed: signed?.height, refusal: refusal)
    }
    return SigningOutlook(keys: failure, validators: validators)
  }

  /// The height of the block that `validator` has signed last on this machine; nil where nothing is kept of it. Nothing is written.
  ///
  /// - Parameter state: the folder STATE; nil for the standard one.
  package func lastSignedHeight(of validator: String, state: String? = nil) throws -> UInt64? {
    try LastSigned.kept(Truth(self).ledgerID, validator, in: state).newest?.height
  }

  private func tail(_ newest: (height: UInt64, size: UInt64), _ directory: Directory) throws -> Tail {
    let log = try EntryLog(in: directory, writing: false)
    let position = try log.position(skipping: newest.size, from: 0)
    return try Tail.read(
      log, from: position, size: newest.size, block: newest.height + 1, hasTornCheckpoint: false)
  }
}
