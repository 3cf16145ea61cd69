import LedgerCrypto
import Statements

/// A restart with the signatures that it has so far: it is passed from operator to operator, and in force once all have signed.
///
/// ```cddl
/// file = { zheng: "restart", restart: restart, signatures: [* [validator: uint, signature: bstr .size 64]] }   ; validators ascending
/// ```
public struct RestartFile: Hashable, Sendable {
  /// What is signed.
  public let restart: Restart
  /// The signatures by vote keys, by the validators' places in the roster. They are not checked yet.
  public private(set) var signatures: [Int: [UInt8]] = [:]

  /// No file is longer, in bytes.
  public static let maximumByteCount = 4096
  private static let mark = "restart"

  /// A file that nobody has signed.
  public init(_ restart: Restart) { self.restart = restart }

  /// Adds the signature of the validator at `place`.
  public mutating func add(_ signature: [UInt8], of place: Int) {
    precondition(signature.count == signatureByteCount, "a signature of 64 bytes")
    signatures[place] = signature
  }

  /// The names of those of `committee` that have yet to sign.
  public func missing(in committee: Committee) -> [String] {
    committee.seats.indices.filter { signatures[$0] == nil }.map { committee.seats[$0].name }
  }

  /// The names of those of `committee` that have yet to sign, after a look at the signatures that are there.
  ///
  /// - Throws: `wrong-ledger` for another ledger or roster; `unknown-validator`; `bad-signature`.
  public func unsigned(in committee: Committee) throws(ConsortiumError) -> [String] {
    try committee.verifyPlace(of: restart)
    let bytes = restart.bytes
    for (place, signature) in signatures.sorted(by: { $0.key < $1.key }) {
      let seat = try committee.seat(place)
      guard seat.voteKey.isValid(signature: signature.span, over: bytes.span) else {
        throw ConsortiumError(.badSignature, "the signature of \(seat.name) under the restart file")
      }
    }
    return missing(in: committee)
  }

  /// Sees that all validators of `committee` have signed: those that decide above the restart's height.
  ///
  /// - Throws: as `unsigned`, and `quorum` while one is missing, whose name the error has.
  public func verify(by committee: Committee) throws(ConsortiumError) {
    let missing = try unsigned(in: committee)
    guard missing.isEmpty else {
      throw ConsortiumError(
        .quorum, "all validators sign a restart file; missing: \(missing.joined(separator: ", "))")
    }
  }

  // MARK: Encoding

  /// The file's content.
  public var bytes: [UInt8] {
    let pairs = signatures.sorted { $0.key < $1.key }
    return CBOR.map([
      "zheng": .text(RestartFile.mark), "restart": restart.cbor,
      "signatures": .array(pairs.map { [CBOR($0.key), .bytes($0.value)] }),
    ]).encoded
  }

  /// The file in these bytes; whether its signatures hold is another matter.
  ///
  /// - Throws: `malformed`.
  public init(decoding bytes: [UInt8]) throws(ConsortiumError) {
    guard bytes.count <= RestartFile.maximumByteCount else {
      throw ConsortiumError(.malformed, "a file of more than \(RestartFile.maximumByteCount) bytes")
    }
    do throws(StatementError) {
      var fields = try CBORFields(CBOR(decoding: bytes), of: "restart file")
      guard try fields.text("zheng", bytes: 1...32) == RestartFile.mark else {
        throw StatementError(.malformed, "restart file: another sort of file")
      }
      restart = try Restart(fields.fields("restart"))
      for endorsement in try Certificate.endorsements(&fields, count: 0...Committee.maximumCount) {
        signatures[endorsement.validator] = endorsement.signature
      }
      try fields.finish()
    } catch {
      throw ConsortiumError(.malformed, "\(error)")
    }
  }
}

extension Committee {
  /// Sees that a restart is of this ledger and roster.
  func verifyPlace(of restart: Restart) throws(ConsortiumError) {
    guard restart.ledger == ledger else {
      throw ConsortiumError(.wrongLedger, "the restart is of the ledger \(restart.ledger), not \(ledger)")
    }
    guard restart.roster == roster else {
      throw ConsortiumError(.wrongLedger, "the restart is of the roster \(restart.roster), not \(roster)")
    }
  }
}
