import Consortium
import Foundation
import Ledger
import LedgerCrypto
import LedgerStore

/// What a validator has open while it is one of a ledger's: its journal, by way of the `Participant` that owns it, and its keys.
final class ValidatorOffice {
  var participant: Participant<ValidatorKeys, Journal>
  var keys: ValidatorKeyFiles

  private init(_ participant: consuming Participant<ValidatorKeys, Journal>, _ keys: ValidatorKeyFiles) {
    self.participant = participant
    self.keys = keys
  }

  /// Opens the office of `validator`, at the height above the newest block of `reader`.
  ///
  /// A journal that is missing is begun anew. Only where the ledger ends with its founding, and nothing else was signed here, is it
  /// known that nothing was; otherwise, and where the ledger has a header or a cosignature of this validator that the journal lacks, it
  /// signs nothing before the others have shown how far they are.
  ///
  /// - Parameters:
  ///   - place: the validator's folder in STATE.
  ///   - signed: the height of the block that was signed last on this machine, as it was before the ledger was opened.
  ///   - note: told what a person should know.
  /// - Throws: `Failure` for keys that are missing or not the roster's; `ConsortiumError`: `journal-failed`, also where another process
  ///   has the journal, `journal-damaged`.
  static func open(
    _ validator: String, _ reader: LedgerReader, in place: String, signed: UInt64?, note: (String) -> Void
  ) throws -> ValidatorOffice {
    let state = try reader.state()
    let keys = try ValidatorKeyFiles(in: reader.folder, validator: validator, terms: state.roster.terms)
    let committee = try Committee(rosterInForce: state.roster, of: reader.ledgerID)
    let path = place + "/votes"
    let (journal, records): (Journal, [JournalRecord])
    if try isMissing(path) {
      let isFirst = state.height == 1 && (signed ?? 0) == 0
      let first = JournalRecord.begin(height: isFirst ? 1 : JournalRecord.nothing, cosigned: reader.size)
      (journal, records) = (try Journal.create(path, at: state.height, beginning: first), [first])
      note(
        isFirst
          ? "\(path) is begun: it keeps what this validator signs, and is never restored from a copy"
          : "\(path) is missing and is begun anew: what this validator has signed before is not known")
    } else {
      (journal, records) = try Journal.open(path)
    }
    var signer = try Signer(
      name: validator, keys: ValidatorKeys(voteKey: keys.voteKey, cosigner: keys.cosigner), store: journal,
      records: records)
    if !signer.isAmnesic, let block = try blockUnknown(to: signer, reader, state) {
      note("\(path) lacks what this validator has signed in block \(block): it is an older copy")
      try signer.lose()
    }
    return ValidatorOffice(
      try Participant(
        signer: signer, committee: committee, height: state.height,
        blockByteCount: blockByteCount(state.roster)), keys)
  }

  /// The most bytes of a block by a roster.
  static func blockByteCount(_ roster: Roster) -> Int {
    min(Int(clamping: roster.terms.parameters[Parameters.blockBytes]), Message.maximumBlockByteCount)
  }

  /// Whether no journal is at `path`. What a crash left of one that was never begun is none.
  private static func isMissing(_ path: String) throws -> Bool {
    guard FileManager.default.fileExists(atPath: path) else { return true }
    return try FileManager.default.contentsOfDirectory(atPath: path).allSatisfy {
      $0.hasPrefix(".") || $0.hasSuffix(".new")
    }
  }

  /// How many of the newest blocks are compared with the journal: in one of so many this validator has a part.
  private static let comparedCount: UInt64 = 100

  /// The height of the newest block with a part of this validator that its journal does not know; nil where it knows all.
  private static func blockUnknown(
    to signer: borrowing Signer<ValidatorKeys, Journal>, _ reader: LedgerReader, _ state: LedgerState
  ) throws -> UInt64? {
    let newest = state.height - 1
    let oldest = max(1, newest - min(newest, comparedCount))
    guard oldest <= newest else { return nil }
    for height in (oldest...newest).reversed() {
      guard let block = try reader.block(at: height) else { continue }
      let entry = try reader.header(of: block)
      let roster = try reader.roster(BlockHeader(payload: entry.payload).roster, at: height)
      guard let seat = roster.terms.validators.first(where: { $0.name == signer.name }) else { continue }
      let hasProposed = entry.keyID == seat.blockKey.thumbprint
      if hasProposed, signer.start <= height, signer.messages(height: height).isEmpty { return height }
      let note = try reader.checkpoint(of: block)
      guard note.signatures.contains(where: { $0.names(seat.cosignerKey) }) else { continue }
      return block.size > signer.cosigned ? height : nil
    }
    return nil
  }
}
