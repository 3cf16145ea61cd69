import Ledger
import LedgerCrypto
import TransparencyLog

/// Copies the truth of a ledger up to the newest block that it had when it was opened, whoever writes to it meanwhile.
struct TruthCopy {
  let truth: Truth

  /// - Throws: `Failure`, or the `Fault` that keeps the ledger from being read.
  init(_ folder: LedgerFolder) throws {
    do { truth = try Truth(folder) } catch is Fault {
      // A checkpoint that is being written may be seen in part, and whole at the next look.
      truth = try Truth(folder)
    }
  }

  /// Copies entries and checkpoints into `out`, and makes tiles and offsets from the entries; nothing is synced.
  ///
  /// - Parameter withTiles: whether tiles and offsets are made.
  /// - Returns: the number of bytes of entries.
  /// - Throws: `Fault.missing` where the entries end before the newest block does.
  func write(
    to out: Directory, withTiles: Bool, segmentLimit: UInt64 = EntryLog.standardSegmentLimit,
    progress: (_ done: UInt64, _ total: UInt64) -> Void
  ) throws -> UInt64 {
    _ = try out.makeFolder("entries")
    var log = try EntryLog(in: out, writing: true, segmentLimit: segmentLimit)
    var offsets = withTiles ? try OffsetsFile(in: out, writing: true) : OffsetsFile()
    var tiles = withTiles ? try TileFiles(in: out, writing: true) : TileFiles()
    var hasher = TreeHasher()
    var (position, index) = (UInt64(0), UInt64(0))
    while index < truth.head.size {
      let bytes = try truth.log.read(at: position, upTo: 4 << 20)
      let frames = EntryFrames.split(bytes.span, limit: Int(clamping: truth.head.size - index))
      guard frames.end > 0 else { throw Fault(.missing, entry: index, "the entries end at byte \(position)") }
      let starts = frames.ranges.map { $0.lowerBound - 2 }
      try log.append(Array(bytes[..<frames.end]), frames: starts, index: index)
      if withTiles {
        offsets.append(
          starts.indices.filter { (index + UInt64($0)).isMultiple(of: 256) }.map {
            position + UInt64(starts[$0])
          })
        try tiles.append(
          leaves: frames.ranges.map { hasher.leaf(bytes.span.extracting($0)) }, using: &hasher)
        if let failure = offsets.failure ?? tiles.failure { throw failure }
      }
      position += UInt64(frames.end)
      index += UInt64(frames.ranges.count)
      progress(index, truth.head.size)
    }
    try writeCheckpoints(to: out)
    return position
  }

  private func writeCheckpoints(to out: Directory) throws(Failure) {
    let file = try File("checkpoints", in: out, .create)
    var offset: UInt64 = 0
    while offset < truth.head.end {
      let count = Int(min(1 << 20, truth.head.end - offset))
      try file.write(try truth.checkpoints.file.read(at: offset, exactly: count), at: offset)
      offset += UInt64(count)
    }
  }

  /// Copies the ledger's policy, where it has one, and gives its SHA-256.
  func writePolicy(to out: Directory) throws(Failure) -> Digest? {
    guard truth.directory.exists("policy") else { return nil }
    let bytes = try truth.directory.read("policy", limit: 1 << 20)
    try out.create("policy", bytes)
    return SHA256.digest(of: bytes)
  }

  /// Copies the private keys, each readable by its owner alone.
  ///
  /// - Returns: how many there are.
  func writeKeys(to out: Directory) throws(Failure) -> Int {
    guard truth.directory.exists("keys") else { return 0 }
    let (keys, copies) = (try truth.directory.folder("keys"), try out.makeFolder("keys", permissions: 0o700))
    let names = try keys.names()
    for name in names { try copies.create(name, try keys.read(name, limit: 65_536), permissions: 0o600) }
    return names.count
  }
}

extension Directory {
  /// Puts all that is in it on the disk.
  func syncAll() throws(Failure) {
    for name in try names() {
      if isFolder(name) { try folder(name).syncAll() } else { try File(name, in: self, .write).sync() }
    }
    try sync()
  }
}
