import Ledger
import LedgerCrypto
import LedgerStore
import TransparencyLog

/// A validator that joins a ledger, or has new keys.
package struct ValidatorJoining {
  private let file: JoinFile

  /// What it signed.
  package var join: ValidatorJoin { file.join }

  /// Verifies the whole ledger in `folder` and signs its newest checkpoint as the validator called `name`, whose keys lie in `keys`.
  ///
  /// - Throws: the first fault of the ledger; `Failure` of a key.
  package init(
    _ name: String, keys: String, at folder: DirectoryLedger.Folder, _ context: WorkContext
  ) throws {
    let report = try LedgerAudit.run(folder, LedgerAudit.Options())
    if let fault = report.faults.first { throw fault }
    guard let ledger = report.ledger else { throw WorkflowError.noInput("\(folder.path): no ledger is here") }
    let reader = try LedgerReader(folder)
    let checkpoint = try Checkpoint(parsing: reader.checkpoint.text)
    guard checkpoint.size == report.entries, checkpoint.root == report.root else {
      throw WorkflowError(
        .busy, "busy",
        "\(folder.path): the ledger grew while it was verified; stop what writes to it, or try again")
    }
    file = try JoinFile(
      signedBy: name, with: ValidatorKeyFolder(keys), at: checkpoint, of: ledger,
      time: (context.now + 999) / 1000)
  }

  /// Reads what a validator has handed over.
  package init(reading path: String, origin: String) throws {
    let bytes = try Files.contents(
      path, of: "a file of a joining validator", limit: JoinFile.maximumByteCount)
    do { file = try JoinFile(parsing: bytes, origin: origin) } catch let refusal as Refusal {
      throw Refusal(refusal.code, "\(path): \(refusal.reason)")
    }
  }

  /// Writes it to a new file.
  package func write(to path: String) throws { try Files.create(path, file.bytes) }

  /// The change of `terms` by which these join and those leave. Validators stay in their order; those that join come last, unless they
  /// have the name of one that stays.
  ///
  /// - Throws: `unknown-member` where one that leaves is no validator.
  package static func change(
    of terms: Terms, joining: [ValidatorJoining], leaving: [String], quorum: Int, isCrashFaultsOnly: Bool
  ) throws -> RosterChange.Action {
    var validators = terms.validators
    for name in leaving {
      guard validators.contains(where: { $0.name == name }) else {
        throw Refusal(
          .unknownMember,
          "\(name.quoted) is no validator; there are \(terms.validators.map(\.name).joined(separator: ", "))")
      }
      validators.removeAll { $0.name == name }
    }
    for file in joining.map(\.file) {
      if let place = validators.firstIndex(where: { $0.name == file.join.name }) {
        validators[place] = file.validator
      } else {
        validators.append(file.validator)
      }
    }
    if validators.count == 1 {
      // Nobody votes any more.
      validators = validators.map {
        Validator(name: $0.name, blockKey: $0.blockKey, cosignerKey: $0.cosignerKey)
      }
    }
    let joins = validators.compactMap { validator in
      joining.first { $0.join.name == validator.name }?.join
    }
    return .setValidators(validators, quorum: quorum, isCrashFaultsOnly: isCrashFaultsOnly, joins: joins)
  }
}
