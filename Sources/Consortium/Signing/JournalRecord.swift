import Statements

/// One record of a validator's journal.
///
/// ```cddl
/// record = message / { kind: "begin", height: uint, size: uint }
/// ```
public enum JournalRecord: Hashable, Sendable {
  /// What was signed, as it was sent.
  case message(Message)
  /// That from here on votes are signed from this height on, and trees of more leaves than `cosigned` are cosigned. The first record
  /// of each journal is one. `height` is `nothing` where nothing may be signed, until another such record says otherwise.
  case begin(height: UInt64, cosigned: UInt64)

  /// The height of a `begin` from which on nothing is signed.
  public static let nothing = UInt64.max

  /// The encoding.
  public var bytes: [UInt8] {
    switch self {
    case .message(let message): message.bytes
    case .begin(let height, let cosigned):
      CBOR.map(["kind": "begin", "height": .unsigned(height), "size": .unsigned(cosigned)]).encoded
    }
  }

  /// The record in these bytes. Its signatures are not checked: it is this validator's own journal.
  ///
  /// - Throws: `malformed`.
  public init(decoding bytes: [UInt8]) throws(ConsortiumError) {
    do throws(StatementError) {
      let cbor = try CBOR(decoding: bytes)
      if case .map(let map) = cbor, map["kind"] == "begin" {
        var fields = try CBORFields(cbor, of: "record")
        _ = try fields.text("kind", bytes: 1...16)
        let height = try fields.unsigned("height")
        let size = try fields.unsigned("size")
        try fields.finish()
        self = .begin(height: height, cosigned: size)
      } else {
        self = .message(try UnverifiedMessage.message(cbor))
      }
    } catch {
      throw ConsortiumError(.malformed, "\(error)")
    }
  }
}

/// Where a `Signer` writes down what it signs, before it leaves.
public protocol JournalStore {
  /// Appends a record. On return it is on the disk: a power cut does not lose it.
  ///
  /// - Throws: `journal-failed`. The store may then hold the record, a part of it, or nothing.
  mutating func append(_ record: JournalRecord) throws(ConsortiumError)
}
