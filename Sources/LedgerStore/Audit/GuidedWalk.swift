import Ledger
import LedgerCrypto

/// Finds where entries lie when a length prefix can't be believed, by the leaf hashes that were stored for them.
enum GuidedWalk {
  /// The entries from byte `start` on; `leaves` are the stored hashes of the first and the following ones.
  ///
  /// An entry whose own bytes were altered still has its place: the next one is where its hash says.
  /// - Returns: the walk ends where neither prefixes nor hashes lead on, or where it can't be told without more bytes.
  static func split(
    _ bytes: Span<UInt8>, from start: Int, leaves: ArraySlice<Digest>, isLast: Bool
  ) -> (ranges: [Range<Int>], end: Int) {
    var checker = EntryChecker()
    var ranges: [Range<Int>] = []
    var at = start
    for (number, leaf) in leaves.enumerated() {
      let next = leaves.dropFirst(number + 1).first
      // Without the bytes of the next entry at hand nothing can be told; the next chunk has them.
      if !isLast, bytes.count - at < 2 * 65_537 { break }
      guard at + 2 < bytes.count else { break }
      if let natural = frame(bytes, at) {
        if checker.leaf(bytes.extracting(natural)) == leaf || leads(natural.upperBound, bytes, next, &checker)
        {
          ranges.append(natural)
          at = natural.upperBound
          continue
        }
      }
      guard let end = nextFrame(bytes, behind: at, next, &checker) else {
        // Two in a row: where this one still has the shape of an entry, its prefix is believed.
        guard let natural = frame(bytes, at), bytes[natural.lowerBound] == 0xd2 else { break }
        ranges.append(natural)
        at = natural.upperBound
        continue
      }
      ranges.append(at + 2..<end)
      at = end
    }
    return (ranges, at)
  }

  private static func frame(_ bytes: Span<UInt8>, _ at: Int) -> Range<Int>? {
    guard at + 2 <= bytes.count else { return nil }
    let count = Int(bytes[at]) << 8 | Int(bytes[at + 1])
    guard count > 0, at + 2 + count <= bytes.count else { return nil }
    return at + 2..<at + 2 + count
  }

  /// Whether the entry with hash `next` begins at `at`; where there is none, whether the bytes end there.
  private static func leads(
    _ at: Int, _ bytes: Span<UInt8>, _ next: Digest?, _ checker: inout EntryChecker
  ) -> Bool {
    guard let next else { return at == bytes.count }
    guard let range = frame(bytes, at) else { return false }
    return checker.leaf(bytes.extracting(range)) == next
  }

  private static func nextFrame(
    _ bytes: Span<UInt8>, behind at: Int, _ next: Digest?, _ checker: inout EntryChecker
  ) -> Int? {
    let limit = min(bytes.count, at + 2 + 65_535)
    guard at + 3 <= limit else { return nil }
    for end in at + 3...limit {
      // Every entry begins with the same two bytes: few places need to be hashed.
      let begins = end + 3 < bytes.count && bytes[end + 2] == 0xd2 && bytes[end + 3] == 0x84
      if begins || end == bytes.count, leads(end, bytes, next, &checker) { return end }
    }
    return nil
  }
}
