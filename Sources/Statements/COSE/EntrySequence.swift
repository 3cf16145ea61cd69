import LedgerCrypto

/// Entries one after the other as a CBOR sequence (RFC 8742): how many statements travel in one file or request.
///
/// A sequence is nothing but its items' encodings laid end to end (§2), so sequences are joined by laying them end to end,
/// and there is nothing to encode. Each item here is an entry as `EntryView` has it. That CBOR items delimit themselves is
/// what a sequence rests on: after an item that can't be read nobody knows where the next begins, so all of it is refused.
public enum EntrySequence {
  /// The range of each entry in `bytes`; no bytes are no entries.
  ///
  /// Allocates only the ranges. The content of the entries is not copied, and their signatures are not verified.
  ///
  /// - Throws: `SequenceError` unless every byte belongs to an entry that `EntryView.init(decoding:)` takes.
  /// - Complexity: one pass.
  public static func split(_ bytes: Span<UInt8>) throws(SequenceError) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    while start < bytes.count {
      let rest = bytes.extracting(start..<bytes.count)
      do {
        let count = try byteCount(atStartOf: rest)
        _ = try EntryView(decoding: rest.extracting(0..<count))
        ranges.append(start..<start + count)
        start += count
      } catch {
        throw SequenceError(number: ranges.count + 1, offset: start, reason: error)
      }
    }
    return ranges
  }

  /// `bytes`, with each high s of an ES256 signature replaced by n − s: what other signers made, in the form that the ledger takes.
  /// Statement ids and places stay. Bytes from the first that is not an entry on are returned unchanged.
  public static func withLowS(_ bytes: [UInt8]) -> [UInt8] {
    var low = bytes
    var start = 0
    while start < bytes.count {
      let rest = bytes.span.extracting(start..<bytes.count)
      do throws(StatementError) {
        let count = try byteCount(atStartOf: rest)
        let entry = rest.extracting(0..<count)
        let view = try EntryView(withEitherS: entry)
        if view.hasHighS(in: entry) {
          let place = start + view.signature.lowerBound..<start + view.signature.upperBound
          low.replaceSubrange(place, with: ECDSASignature.lowS(Array(bytes[place])))
        }
        start += count
      } catch { break }
    }
    return low
  }

  /// The number of bytes of the COSE_Sign1 that `bytes` begin with, by its heads alone.
  ///
  /// It may be more than an entry may have, which `EntryView` refuses by its right name.
  private static func byteCount(atStartOf bytes: Span<UInt8>) throws(StatementError) -> Int {
    var cursor = CBORCursor(0..<bytes.count)
    try cursor.expect(.tag, 18, "the tag of a COSE_Sign1", in: bytes)
    try cursor.expect(.array, 4, "an array of four", in: bytes)
    _ = try cursor.byteString(0...bytes.count, "the protected header", in: bytes)
    try cursor.expect(.map, 0, "an empty unprotected header", in: bytes)
    _ = try cursor.byteString(0...bytes.count, "the payload", in: bytes)
    _ = try cursor.byteString(0...bytes.count, "the signature", in: bytes)
    return cursor.offset
  }
}

/// Where bytes cease to be a sequence of entries, and why.
public struct SequenceError: Error, Hashable, CustomStringConvertible {
  /// Which item it is, from 1 on; those before it are whole.
  public let number: Int
  /// The byte at which it begins, from 0 on.
  public let offset: Int
  /// What is wrong with it. Bytes that its sentence names count from the item's first.
  public let reason: StatementError

  /// A sentence for a person.
  public var description: String {
    "statement \(number), which begins at byte \(offset), can't be read: \(reason.description)"
  }
}
