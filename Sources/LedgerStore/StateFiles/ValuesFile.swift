import Ledger
import LedgerCrypto

/// The values of the state, one behind the other: `state/values`, each behind its length, a little-endian u32. A value's
/// place is where its length lies.
///
/// Append-only; what no leaf names any more stays until the state is made anew. Nothing read is believed: a value is
/// given only where it has the hash that its leaf names.
struct ValuesFile: Sendable {
  static let name = "values"
  /// Most values are read in one go.
  private static let likelyByteCount = 252
  /// So much is read at once where many values are wanted.
  private static let windowByteCount = 1 << 14

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

  /// The place of each of `values`, 0 for one that is nil, when these are appended next.
  func places(of values: StateValues) -> [UInt64] {
    values.ranges.map { $0.map { byteCount + UInt64($0.lowerBound - StateValues.headByteCount) } ?? 0 }
  }

  /// Appends the bytes of `StateValues`; what can't be written stays in memory.
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
    var bytes = try read(at: place, upTo: StateValues.headByteCount + ValuesFile.likelyByteCount)
    guard bytes.count >= StateValues.headByteCount else { throw mismatch(place) }
    let count = Int(bytes.number(at: 0, as: UInt32.self))
    guard UInt64(count) <= byteCount - min(place, byteCount) else { throw mismatch(place) }
    if bytes.count < StateValues.headByteCount + count {
      bytes = try read(at: place, upTo: StateValues.headByteCount + count)
    }
    guard bytes.count >= StateValues.headByteCount + count else { throw mismatch(place) }
    let value = Array(bytes[StateValues.headByteCount..<StateValues.headByteCount + count])
    guard hasher.valueHash(value.span) == hash else { throw mismatch(place) }
    return value
  }

  /// Sees that each of `leaves` has its value here. Values that lie near each other are read together.
  ///
  /// - Throws: `StateMismatch` where one has not.
  func check(_ leaves: [StateFiles.OldLeaf], using hasher: inout StateHasher) throws {
    let leaves = leaves.sorted { $0.place < $1.place }
    var next = 0
    while next < leaves.count {
      let (first, start) = (next, leaves[next].place)
      let window = try read(at: start, upTo: ValuesFile.windowByteCount)
      var ranges: [Range<Int>] = []
      while next < leaves.count, let range = ValuesFile.range(in: window, at: leaves[next].place - start) {
        ranges.append(range)
        next += 1
      }
      guard next > first else {
        // Larger than the window, or not there.
        _ = try value(at: start, hash: leaves[next].valueHash, using: &hasher)
        next += 1
        continue
      }
      var hashes: [Digest] = []
      hasher.appendValueHashes(window.span, at: ranges[...], to: &hashes)
      for (leaf, hash) in zip(leaves[first..<next], hashes) where hash != leaf.valueHash {
        throw mismatch(leaf.place)
      }
    }
  }

  /// Where the value lies in `bytes` whose length lies at `place` there; nil where it is not whole.
  private static func range(in bytes: [UInt8], at place: UInt64) -> Range<Int>? {
    guard place + UInt64(StateValues.headByteCount) <= bytes.count else { return nil }
    let start = Int(place) + StateValues.headByteCount
    let count = Int(bytes.number(at: Int(place), as: UInt32.self))
    return count <= bytes.count - start ? start..<start + count : nil
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
