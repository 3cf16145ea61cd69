import LedgerCrypto
import Statements

/// A restart with the signatures that it has so far: it is passed from operator to operator, and in force once all have signed.
///
/// ```cddl
/// file = { zheng: "restart", restart: restart, ? decision: certificate,                    ; the DC of its block
///          signatures: [* [validator: uint, signature: bstr .size 64]] }                    ; validators ascending
/// ```
///
/// A block that was decided may lack cosignatures. Who has cosigned it signs no restart below it, and who has lost its journal may not have
/// heard of it: so the file shows the decision. It is not signed, since it proves itself.
public struct RestartFile: Hashable, Sendable {
  /// What is signed.
  public let restart: Restart
  /// The signatures by vote keys, by the validators' places in the roster. They are not checked yet.
  public private(set) var signatures: [Int: [UInt8]] = [:]
  /// The DC of the restart's block; nil where that is final with everybody. It is not checked yet.
  public let decision: Certificate?

  /// No file is longer, in bytes.
  public static let maximumByteCount = 8192
  private static let mark = "restart"

  /// A file that nobody has signed.
  ///
  /// - Parameter decision: a DC of the restart's height and block.
  public init(_ restart: Restart, decision: Certificate? = nil) {
    precondition(decision.map(restart.isOf) ?? true, "another block's decision")
    (self.restart, self.decision) = (restart, decision)
  }

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
    var fields: [(CBOR, CBOR)] = [
      ("zheng", .text(RestartFile.mark)), ("restart", restart.cbor),
      ("signatures", .array(pairs.map { [CBOR($0.key), .bytes($0.value)] })),
    ]
    if let decision { fields.append(("decision", decision.cbor)) }
    return CBOR.map(CBORMap(fields)).encoded
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
      decision = try fields.optionalValue("decision").map { (value) throws(StatementError) in
        try Certificate(value)
      }
      guard decision.map(restart.isOf) ?? true else {
        throw StatementError(.malformed, "restart file: its decision is of another block")
      }
      for endorsement in try Certificate.endorsements(&fields, count: 0...Committee.maximumCount) {
        signatures[endorsement.validator] = endorsement.signature
      }
      try fields.finish()
    } catch {
      throw ConsortiumError(.malformed, "\(error)")
    }
  }
}

extension Restart {
  /// Whether `certificate` is a DC of its block.
  fileprivate func isOf(_ certificate: Certificate) -> Bool {
    certificate.kind == .confirm && certificate.height == height && certificate.digest == block
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
