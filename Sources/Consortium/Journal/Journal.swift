import Glibc

/// A validator's journal on the disk, the folder `votes/`: segments of a thousand heights, each named by its first height in 20 digits.
///
/// Each segment begins with a standing, which says all that must be remembered of those before. So a start reads the newest two, and the
/// older ones are an archive: their certificates are evidence where two decisions meet. An archive that is moved away is not missed here.
/// Only one process has the folder open.
public final class Journal: JournalStore {
  private let path: String
  private let folder: Int32
  private var segment: JournalFile
  private var firstHeight: UInt64

  /// How many heights a segment has at least; what is signed at one height is never in two.
  public static let heightCount: UInt64 = 1_000
  /// With so many bytes a segment ends at the next height: 2,000 rounds take a tenth.
  public static let byteCount = 64 << 20

  private init(path: String, folder: Int32, segment: JournalFile, firstHeight: UInt64) {
    (self.path, self.folder) = (path, folder)
    (self.segment, self.firstHeight) = (segment, firstHeight)
  }

  deinit { close(folder) }

  /// A new journal at `path`, which begins with `first`.
  ///
  /// - Parameter height: that from which on it is, for its first segment's name.
  /// - Throws: `journal-failed`, also where there is a journal already.
  public static func create(
    _ path: String, at height: UInt64, beginning first: JournalRecord
  ) throws(ConsortiumError) -> Journal {
    let folder = try Files.openFolder(path, isMade: true)
    do throws(ConsortiumError) {
      try Files.lock(folder, path)
      guard try segments(in: path).isEmpty else {
        throw ConsortiumError(.journalFailed, "\(path) holds a journal already")
      }
      try place(first, at: height, path, folder)
      let segment = try JournalFile.open(Journal.path(height, in: path)).file
      return Journal(path: path, folder: folder, segment: segment, firstHeight: height)
    } catch {
      close(folder)
      throw error
    }
  }

  /// The journal at `path`, and the records of its newest two segments.
  ///
  /// - Throws: `journal-failed`, also where another process has it or there is none; `journal-damaged` for what no crash can have left.
  public static func open(
    _ path: String
  ) throws(ConsortiumError) -> (journal: Journal, records: [JournalRecord]) {
    let folder = try Files.openFolder(path, isMade: false)
    do throws(ConsortiumError) {
      try Files.lock(folder, path)
      let segments = try segments(in: path)
      guard let newest = segments.last else {
        throw ConsortiumError(.journalFailed, "\(path) holds no journal")
      }
      var records: [JournalRecord] = []
      for height in segments.dropLast().suffix(1) {
        records = try JournalFile.open(Journal.path(height, in: path), isNewest: false).records
      }
      let (segment, last) = try JournalFile.open(Journal.path(newest, in: path))
      guard case .standing? = last.first else {
        throw ConsortiumError(
          .journalDamaged,
          "\(Journal.path(newest, in: path)) does not begin by saying from which height it is")
      }
      return (Journal(path: path, folder: folder, segment: segment, firstHeight: newest), records + last)
    } catch {
      close(folder)
      throw error
    }
  }

  /// Appends a record and syncs.
  ///
  /// - Throws: `journal-failed`; nothing is appended after that until the journal is opened again.
  public func append(_ record: JournalRecord) throws(ConsortiumError) { try segment.append(record) }

  /// Whether the segment has its thousand heights, or its bytes.
  public func wantsSegment(at height: UInt64) -> Bool {
    guard height > firstHeight else { return false }
    return height - firstHeight >= Journal.heightCount || segment.byteCount >= Journal.byteCount
  }

  /// Begins the segment of `height`.
  public func beginSegment(at height: UInt64, with first: JournalRecord) throws(ConsortiumError) {
    try Journal.place(first, at: height, path, folder)
    segment = try JournalFile.open(Journal.path(height, in: path)).file
    firstHeight = height
  }

  // MARK: Names

  private static func place(
    _ first: JournalRecord, at height: UInt64, _ path: String, _ folder: Int32
  ) throws(ConsortiumError) {
    try Files.place(JournalFrames.frame(first), at: Journal.path(height, in: path), in: folder)
  }

  private static func path(_ height: UInt64, in path: String) -> String {
    path + "/" + BoardKey.number(height, digits: 20)
  }

  /// The first heights of the segments in the folder, ascending.
  private static func segments(in path: String) throws(ConsortiumError) -> [UInt64] {
    var heights: [UInt64] = []
    for name in try Files.names(in: path) where !name.hasSuffix(Files.unfinishedSuffix) {
      guard name.utf8.count == 20, let height = UInt64(name), BoardKey.number(height, digits: 20) == name
      else { throw ConsortiumError(.journalDamaged, "\(path)/\(name) is no segment of a journal") }
      heights.append(height)
    }
    return heights
  }
}
