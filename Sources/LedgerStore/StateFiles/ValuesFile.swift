import Ledger
import LedgerCrypto

/// The values of the state, one behind the other: `state/values`, each behind its length, a little-endian u32. A value's
/// place is where its length lies.
///
/// Append-only; what no leaf names any more stays until the state is made anew. Nothing read is believed: a value is
/// given only where it has the hash that its leaf names.
struct ValuesFile: Sendable {
  static let name = "values"
  private static let headByteCount = 4
  /// Most values are read in one go.
  private static let likelyByteCount = 252

  private let file: File
  /// Whether what is appended is written; not any more after a failure.
  private var isWriting: Bool
  /// Why nothing is written any more.
  private(set) var failure: Failure?
  /// Where the next value goes.
  private(set) var byteCount: UInt64
  /// Values behind the end of the file, held in memory because this process does not write or a write failed.
  private var tail: [UInt8] = []
  private var fileByteCount: UInt64 { byteCount - UInt64(tail.count) }

  /// An empty one, in the place of any other.
  init(makingIn directory: Directory) throws(Failure) {
    try directory.remove(ValuesFile.name)
    file = try File(ValuesFile.name, in: directory, .create)
    (isWriting, byteCount) = (true, 0)
  }

  /// The one that is stored; nil where there is none.
  init?(in directory: Directory, writing: Bool) throws(Failure) {
    guard directory.exists(ValuesFile.name) else { return nil }
    file = try File(ValuesFile.name, in: directory, writing ? .write : .read)
    (isWriting, byteCount) = (writing, try file.size())
  }

  /// The bytes that `values` take, and the place of each, 0 for one that is nil, when they are appended next.
  func laidOut(_ values: [[UInt8]?]) -> (bytes: [UInt8], places: [UInt64]) {
    var (bytes, places): ([UInt8], [UInt64]) = ([], [])
    places.reserveCapacity(values.count)
    for value in values {
      guard let value else {
        places.append(0)
        continue
      }
      places.append(byteCount + UInt64(bytes.count))
      bytes.appendNumber(UInt32(value.count))
      bytes += value
    }
    return (bytes, places)
  }

  /// Appends what `laidOut` gave; what can't be written stays in memory.
  mutating func append(_ bytes: [UInt8]) {
    if isWriting {
      do { try file.write(bytes, at: byteCount) } catch { (isWriting, failure) = (false, error) }
    }
    if !isWriting { tail += bytes }
    byteCount += UInt64(bytes.count)
  }

  /// Waits until what was written is on the disk.
  mutating func sync() {
    guard isWriting else { return }
    do { try file.sync() } catch { (isWriting, failure) = (false, error) }
  }

  /// The value at `place` with this hash.
  ///
  /// - Throws: `StateMismatch` where no such value lies there.
  func value(at place: UInt64, hash: Digest, using hasher: inout StateHasher) throws -> [UInt8] {
    var bytes = try read(at: place, upTo: ValuesFile.headByteCount + ValuesFile.likelyByteCount)
    guard bytes.count >= ValuesFile.headByteCount else { throw mismatch(place) }
    let count = Int(bytes.number(at: 0, as: UInt32.self))
    guard UInt64(count) <= byteCount - min(place, byteCount) else { throw mismatch(place) }
    if bytes.count < ValuesFile.headByteCount + count {
      bytes = try read(at: place, upTo: ValuesFile.headByteCount + count)
    }
    guard bytes.count >= ValuesFile.headByteCount + count else { throw mismatch(place) }
    let value = Array(bytes[ValuesFile.headByteCount..<ValuesFile.headByteCount + count])
    guard hasher.valueHash(value.span) == hash else { throw mismatch(place) }
    return value
  }

  private func read(at place: UInt64, upTo count: Int) throws(Failure) -> [UInt8] {
    guard !tail.isEmpty, place >= fileByteCount else { return try file.read(at: place, upTo: count) }
    let start = Int(clamping: place - fileByteCount)
    return Array(tail.dropFirst(start).prefix(count))
  }

  private func mismatch(_ place: UInt64) -> StateMismatch {
    StateMismatch(path: file.path, reason: "no value of the state lies at byte \(place)")
  }
}
