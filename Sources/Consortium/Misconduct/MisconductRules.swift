public import Ledger
import LedgerCrypto
import Statements

/// The rules of records that a validator has contradicted itself: any member may record what proves it, and nothing else.
///
/// The payload is the file (`MisconductFile`), judged by every validator as by whoever reads the record: both signatures hold, and they are
/// by the keys of a validator in office. Nothing follows from it by itself; administrators may replace the validator.
public struct MisconductRules: RuleSet {
  /// The content type.
  public static let kind = Kind.prefix + "consortium.misconduct+cbor"
  private static let type = Array(kind.utf8)

  /// The rule set.
  public init() {}

  /// Those records alone.
  public func covers(_ contentType: Span<UInt8>, isReserved: Bool) -> Bool {
    guard isReserved, contentType.count == MisconductRules.type.count else { return false }
    return MisconductRules.type.indices.allSatisfy { contentType[$0] == MisconductRules.type[$0] }
  }

  /// Accepts what proves something against a validator of the roster in force, and keeps nothing.
  ///
  /// - Throws: `malformed`, also for what an honest validator may sign; `bad-signature`; `wrong-ledger`; `unknown-member` where no
  ///   validator in office has these keys.
  public func judge(
    _ statement: JudgedStatement, entry: Span<UInt8>, reading state: StateReader
  ) throws(Refusal) -> [StateChange] {
    let payload = entry.extracting(statement.view.payload)
    let file: MisconductFile
    do throws(ConsortiumError) {
      file = try MisconductFile(decoding: payload.indices.map { payload[$0] })
    } catch {
      throw Refusal(error.code == .badSignature ? .badSignature : .malformed, error.description)
    }
    let terms = statement.roster.terms
    guard file.ledger == statement.claims.audience, file.origin == terms.origin else {
      throw Refusal(.wrongLedger, "the evidence is of the ledger \(file.ledger), \(file.origin)")
    }
    let isInOffice = terms.validators.contains {
      $0.name == file.seat.name && $0.voteKey == file.seat.voteKey && $0.cosignerKey == file.seat.cosignerKey
    }
    guard isInOffice else {
      throw Refusal(
        .unknownMember, "the roster in force has no validator \(file.seat.name) with the keys that signed")
    }
    return []
  }
}
