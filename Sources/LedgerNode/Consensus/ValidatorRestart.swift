import Consortium
import Ledger
import LedgerCrypto
import LedgerStore

/// What an operator does with a restart file on a validator's machine, while its node is stopped: where so many have lost their journals,
/// or have none yet, that nothing moves.
///
/// All validators sign one file, one after the other; then each adopts it, and the nodes are started again.
public enum ValidatorRestart {
  /// Signs a restart with the validator's vote key. From then on it signs nothing else until that restart is adopted.
  ///
  /// - Parameters:
  ///   - file: what the others have signed; nil to begin one, of the newest block that is known here to be decided.
  ///   - state: the folder STATE; nil for the standard one.
  ///   - note: told what a person should know.
  /// - Returns: the file with the signature.
  /// - Throws: what `Participant.sign` and opening the validator's keys and journal throw.
  public static func sign(
    _ file: RestartFile?, as validator: String, in folder: LedgerFolder, state: String? = nil,
    note: (String) -> Void = { _ in }
  ) throws -> RestartFile {
    let (office, head, committee) = try open(validator, folder, state, note)
    let agreement = office.participant.agreement
    let (height, block) =
      agreement.decision?.digest.map { (agreement.height, $0) } ?? (head.height, head.block)
    var file =
      try file
      ?? RestartFile(
        Restart(
          of: committee, height: height, block: block, nonce: randomBytes(Restart.nonceByteCount)))
    let signature = try office.participant.sign(file.restart, head: head, committee: committee)
    file.add(signature, of: office.participant.agreement.place)
    return file
  }

  /// Takes a file that all have signed as in force: above its height the validator signs again.
  ///
  /// - Parameters: as of `sign`.
  /// - Throws: what `Participant.adopt` and opening the validator's keys and journal throw.
  public static func adopt(
    _ file: RestartFile, as validator: String, in folder: LedgerFolder, state: String? = nil,
    note: (String) -> Void = { _ in }
  ) throws {
    let (office, head, committee) = try open(validator, folder, state, note)
    // What is to be sent is sent when the node is started.
    _ = try office.participant.adopt(file, head: head, committee: committee)
  }

  private static func open(
    _ validator: String, _ folder: LedgerFolder, _ state: String?, _ note: (String) -> Void
  ) throws -> (ValidatorOffice, ChainHead, Committee) {
    let reader = try LedgerReader(folder)
    let ledger = try reader.state()
    let place = try StateFolder.path(of: reader.ledgerID, validator: validator, in: state)
    try StateFolder.make(place)
    let office = try ValidatorOffice.open(
      validator, reader, in: place, signed: folder.lastSignedHeight(of: validator, state: state), note: note)
    let head = ChainHead(height: ledger.height - 1, block: ledger.parent, size: reader.size)
    return (office, head, try Committee(rosterInForce: ledger.roster, of: reader.ledgerID))
  }
}
