/// How records lie in a journal: `u32 big-endian n || record || u32 big-endian n`.
package enum JournalFrames {
  /// The frame of a record.
  package static func frame(_ record: JournalRecord) -> [UInt8] {
    let bytes = record.bytes
    let count = (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) }
    return count + bytes + count
  }

  /// The records in `bytes`, and how many bytes their whole frames take: behind those may be the beginning of one more.
  ///
  /// - Throws: `journal-damaged` where a frame is whole and wrong, or too long to be one.
  package static func records(
    in bytes: [UInt8], of path: String
  ) throws(ConsortiumError) -> (records: [JournalRecord], byteCount: Int) {
    var records: [JournalRecord] = []
    var offset = 0
    while bytes.count - offset >= 4 {
      let count = number(bytes, offset)
      guard (1...Message.maximumByteCount).contains(count) else {
        throw damaged(path, offset, "its length is \(count)")
      }
      let end = offset + 4 + count
      guard end + 4 <= bytes.count else { break }
      guard number(bytes, end) == count else { throw damaged(path, offset, "its two lengths differ") }
      do {
        records.append(try JournalRecord(decoding: Array(bytes[offset + 4..<end])))
      } catch {
        throw damaged(path, offset, error.description)
      }
      offset = end + 4
    }
    return (records, offset)
  }

  private static func number(_ bytes: [UInt8], _ offset: Int) -> Int {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
  }

  private static func damaged(_ path: String, _ offset: Int, _ what: String) -> ConsortiumError {
    ConsortiumError(.journalDamaged, "\(path), record at byte \(offset): \(what)")
  }
}
