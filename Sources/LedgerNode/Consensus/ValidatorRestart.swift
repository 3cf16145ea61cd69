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
    var file = try file ?? begun(office, head, committee)
    try show(file, to: office)
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
    try show(file, to: office)
    // What is to be sent is sent when the node is started.
    _ = try office.participant.adopt(file, head: head, committee: committee)
  }

  /// A restart of the newest block that this validator knows to be decided, which may not be final yet.
  private static func begun(
    _ office: ValidatorOffice, _ head: ChainHead, _ committee: Committee
  ) throws -> RestartFile {
    let agreement = office.participant.agreement
    let nonce = try randomBytes(Restart.nonceByteCount)
    guard let decision = agreement.decision, let block = decision.digest else {
      return RestartFile(Restart(of: committee, height: head.height, block: head.block, nonce: nonce))
    }
    return RestartFile(
      Restart(of: committee, height: agreement.height, block: block, nonce: nonce), decision: decision)
  }

  /// Has the validator know of the decision that `file` shows.
  private static func show(_ file: RestartFile, to office: ValidatorOffice) throws {
    guard let decision = file.decision, decision.height == office.participant.height else { return }
    try office.participant.agreement.committee.verify(decision)
    // What is to be done for it is done when the node is started.
    _ = try office.participant.handle(.certificate(decision), time: 0)
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
