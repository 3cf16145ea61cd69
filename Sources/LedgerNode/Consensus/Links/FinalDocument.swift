import LedgerCrypto
import Statements
import TransparencyLog

/// A final block as a validator's node shows it to the others: the answer to `GET /final/{height}` and `GET /final/newest`.
///
/// ```cddl
/// final = { height: uint, block: digest,     ; the leaf hash of its header's entry: GET /block/{block} has the body
///           checkpoint: bstr,                ; its checkpoint, a signed note
///           ? decision: bstr,                ; a cosignature of that height with its DC, a message, where it is at hand
///           ? certificate: bstr,             ; of the newest: a message of the height above that carries a certificate, where there is one
///           ? amnesic: true }                ; of the newest: the validator has lost its journal, and so shows nothing by this
/// ```
///
/// Checkpoint and messages prove themselves. A validator without its journal asks for the newest to learn from which height on it may
/// sign (`Amnesia`).
struct FinalDocument: Sendable {
  var height: UInt64
  var block: Digest
  var checkpoint: SignedNote
  var decision: [UInt8]?
  var certificate: [UInt8]?
  var isAmnesic = false

  /// No document is longer, in bytes.
  static let maximumByteCount = SignedNote.maximumByteCount + 16_384

  init(height: UInt64, block: Digest, checkpoint: SignedNote) {
    (self.height, self.block, self.checkpoint) = (height, block, checkpoint)
  }

  /// The encoding.
  var bytes: [UInt8] {
    var pairs: [(CBOR, CBOR)] = [
      ("height", .unsigned(height)), ("block", .bytes(block.bytes)), ("checkpoint", .bytes(checkpoint.bytes)),
    ]
    if let decision { pairs.append(("decision", .bytes(decision))) }
    if let certificate { pairs.append(("certificate", .bytes(certificate))) }
    if isAmnesic { pairs.append(("amnesic", true)) }
    return CBOR.map(CBORMap(pairs)).encoded
  }

  /// The document in these bytes; whether anything in it holds is another matter.
  ///
  /// - Throws: `malformed`, `malformed-note`.
  init(decoding bytes: [UInt8]) throws {
    guard bytes.count <= FinalDocument.maximumByteCount else {
      throw StatementError(.malformed, "a final block of more than \(FinalDocument.maximumByteCount) bytes")
    }
    var fields = try CBORFields(CBOR(decoding: bytes), of: "final block")
    let height = try fields.unsigned("height", in: 0...UInt64(Int64.max))
    let block = try fields.digest("block")
    let note = try fields.bytes("checkpoint", count: 1...SignedNote.maximumByteCount)
    let decision = try fields.optionalBytes("decision", count: 1...4096)
    let certificate = try fields.optionalBytes("certificate", count: 1...4096)
    let isAmnesic = try fields.optionalBool("amnesic") ?? false
    try fields.finish()
    self.init(height: height, block: block, checkpoint: try SignedNote(parsing: note.span))
    (self.decision, self.certificate, self.isAmnesic) = (decision, certificate, isAmnesic)
  }
}
