import Consortium
import Ledger
import LedgerCrypto
import LedgerStore
import Workflows

/// A validator whose node does not run: its operator has it sign a restart file, and take one that all have signed as in force.
///
/// While it is open the node can't be started, and while the node runs it can't be opened.
package struct StoppedValidator {
  private let office: ValidatorOffice
  private let head: ChainHead
  private let name: String
  /// Who decides above the newest block.
  private let committee: Committee

  /// The validator called `name` of the ledger in `folder`.
  ///
  /// - Parameters:
  ///   - state: STATE; nil for the place that the environment names.
  ///   - note: told what a person should know.
  /// - Throws: `unknown-member` where the roster in force has no such validator; `Failure` for its keys; `ConsortiumError`:
  ///   `journal-failed`, also while its node runs, `journal-damaged`.
  package init(
    _ name: String, of folder: DirectoryLedger.Folder, state: String?, note: (String) -> Void
  ) throws {
    // As it is before anything is opened.
    let signed = try folder.lastSignedHeight(of: name, state: state)
    let reader = try LedgerReader(folder)
    let ledger = try reader.state()
    let validators = ledger.roster.terms.validators.map(\.name)
    guard validators.contains(name) else {
      throw Refusal(
        .unknownMember, "\(name.quoted) is no validator; there are \(validators.joined(separator: ", "))")
    }
    let place = try StateFolder.path(of: reader.ledgerID, validator: name, in: state)
    try StateFolder.make(place)
    office = try ValidatorOffice.open(name, reader, in: place, signed: signed, note: note)
    head = ChainHead(height: ledger.height - 1, block: ledger.parent, size: reader.size)
    committee = try Committee(rosterInForce: ledger.roster, of: reader.ledgerID)
    self.name = name
  }

  /// A restart, which nobody has signed, above the newest block that this validator knows to be decided.
  package func proposal() throws -> RestartFile {
    let agreement = office.participant.agreement
    let (height, block) =
      agreement.decision?.digest.map { (agreement.height, $0) } ?? (head.height, head.block)
    return RestartFile(
      Restart(of: committee, height: height, block: block, nonce: try randomBytes(Restart.nonceByteCount)))
  }

  /// Signs a restart; the validator signs nothing else from then on, until that is in force.
  ///
  /// - Throws: `ConsortiumError`: `wrong-ledger`, `wrong-height`, `forbidden`, `bad-signature` where somebody else's does not hold.
  package func sign(_ file: inout RestartFile) throws {
    _ = try file.unsigned(in: committee)
    let signature = try office.participant.sign(file.restart, head: head, committee: committee)
    guard let place = committee.seats.firstIndex(where: { $0.name == name }) else { return }
    file.add(signature, of: place)
  }

  /// Takes a restart as in force, which all have signed. What follows from it is sent when the node is started.
  ///
  /// - Throws: `ConsortiumError`, as `Participant.adopt`.
  package func adopt(_ file: RestartFile) throws {
    _ = try office.participant.adopt(file, head: head, committee: committee)
  }
}
