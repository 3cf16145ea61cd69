public import LedgerCrypto
import Statements

/// One record of a validator's journal.
///
/// ```cddl
/// record   = message / standing
/// standing = { kind: "begin", height: uint, size: uint, ? restart: epoch, ? stopped: epoch }
/// epoch    = [height: uint, digest]
/// ```
public enum JournalRecord: Hashable, Sendable {
  /// What was signed, as it was sent.
  case message(Message)
  /// From where on this validator signs. The first record of each journal and of each of its segments is one.
  case standing(Standing)

  /// The height of a standing in which nothing is signed.
  public static let nothing = UInt64.max

  /// That from here on votes are signed from `height` on, and trees of more leaves than `cosigned` are cosigned.
  public static func begin(height: UInt64, cosigned: UInt64) -> JournalRecord {
    .standing(Standing(start: height, cosigned: cosigned))
  }

  /// The encoding.
  public var bytes: [UInt8] {
    switch self {
    case .message(let message): message.bytes
    case .standing(let standing): standing.cbor.encoded
    }
  }

  /// The record in these bytes. Its signatures are not checked: it is this validator's own journal.
  ///
  /// - Throws: `malformed`.
  public init(decoding bytes: [UInt8]) throws(ConsortiumError) {
    do throws(StatementError) {
      let cbor = try CBOR(decoding: bytes)
      if case .map(let map) = cbor, map["kind"] == "begin" {
        self = .standing(try Standing(cbor))
      } else {
        self = .message(try UnverifiedMessage.message(cbor))
      }
    } catch {
      throw ConsortiumError(.malformed, "\(error)")
    }
  }
}

/// From where on a validator signs.
public struct Standing: Hashable, Sendable {
  /// A restart file: its height, above which it is in force, and its digest.
  public struct Epoch: Hashable, Sendable {
    /// The height of the newest block that the file takes as decided.
    public let height: UInt64
    /// `Restart.digest` of the file.
    public let file: Digest

    package init(height: UInt64, file: Digest) { (self.height, self.file) = (height, file) }
  }

  /// Votes are signed from this height on. `JournalRecord.nothing` where nothing may be signed, until another standing says otherwise.
  public internal(set) var start: UInt64
  /// Only trees of more leaves are cosigned.
  public internal(set) var cosigned: UInt64
  /// The newest restart that is in force; nil where there never was one.
  public internal(set) var restart: Epoch?
  /// The restart file that this validator has signed, and that is not in force yet: nothing else is signed meanwhile.
  public internal(set) var stopped: Epoch?

  /// A standing.
  public init(start: UInt64, cosigned: UInt64) { (self.start, self.cosigned) = (start, cosigned) }

  var cbor: CBOR {
    var pairs: [(CBOR, CBOR)] = [
      ("kind", "begin"), ("height", .unsigned(start)), ("size", .unsigned(cosigned)),
    ]
    if let restart { pairs.append(("restart", restart.cbor)) }
    if let stopped { pairs.append(("stopped", stopped.cbor)) }
    return .map(CBORMap(pairs))
  }

  init(_ cbor: CBOR) throws(StatementError) {
    var fields = try CBORFields(cbor, of: "record")
    _ = try fields.text("kind", bytes: 1...16)
    start = try fields.unsigned("height")
    cosigned = try fields.unsigned("size")
    restart = try Standing.epoch(fields.optionalArray("restart", count: 2...2))
    stopped = try Standing.epoch(fields.optionalArray("stopped", count: 2...2))
    try fields.finish()
  }

  private static func epoch(_ items: [CBOR]?) throws(StatementError) -> Epoch? {
    guard let items else { return nil }
    guard case .unsigned(let height) = items[0], case .bytes(let bytes) = items[1], let file = Digest(bytes)
    else { throw StatementError(.malformed, "record: an epoch is not a height and a digest") }
    return Epoch(height: height, file: file)
  }
}

extension Standing.Epoch {
  fileprivate var cbor: CBOR { [.unsigned(height), .bytes(file.bytes)] }
}
